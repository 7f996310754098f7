// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/training/ranks/launch.h"

#include <QObject>
#include <QtTest/QTest>

#include <map>

using namespace masque;

namespace {

/// "A=1 B=2" as an environment.
Variables environment(const std::string &text)
{
    std::map<std::string, std::string> all;
    for (const auto &entry : splitText(text, ' '))
        if (const auto at = entry.find('='); at != entry.npos)
            all[entry.substr(0, at)] = entry.substr(at + 1);
    return [all](const char *name) {
        const auto found = all.find(name);
        return found == all.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
}

/// "rank/size on local at address:port", "alone", or the error.
std::string told(const Result<std::optional<Launch>> &launch)
{
    if (!launch)
        return launch.error().message;
    if (!*launch)
        return "alone";
    const auto &one = **launch;
    return std::to_string(one.rank) + "/" + std::to_string(one.size) + " on " + std::to_string(one.localRank) + " at "
           + one.address + ":" + std::to_string(one.port);
}

} // namespace

class TestLaunch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void launchersAreRead_data()
    {
        QTest::addColumn<QString>("variables");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char *name, const char *variables, const char *expected) {
            QTest::newRow(name) << QString(variables) << QString(expected);
        };
        row("none", "HOME=/root", "alone");
        row("torchrun", "RANK=3 WORLD_SIZE=8 LOCAL_RANK=1 MASTER_ADDR=n1 MASTER_PORT=1234", "3/8 on 1 at n1:1234");
        row("one process", "RANK=0 WORLD_SIZE=1", "alone");
        row("without local rank", "RANK=1 WORLD_SIZE=2 MASTER_ADDR=n1 MASTER_PORT=1", "1/2 on 0 at n1:1");
        row("Open MPI on one machine",
            "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2",
            "1/2 on 1 at 127.0.0.1:29500");
        row("Open MPI on two",
            "OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2",
            "MASTER_ADDR is not set: the name or address of the machine of rank 0 was expected");
        row("MPICH", "PMI_RANK=0 PMI_SIZE=2 MPI_LOCALRANKID=0 MPI_LOCALNRANKS=2", "0/2 on 0 at 127.0.0.1:29500");
        row("Slurm's step",
            "SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=8 SLURM_LOCALID=1 SLURM_STEP_NODELIST=n[03-06] SLURM_JOB_ID=1234567",
            "5/8 on 1 at n03:24567");
        row("Slurm's step with an address",
            "SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2 SLURM_STEP_NODELIST=n[3-4] MASTER_ADDR=ib0 MASTER_PORT=99",
            "1/2 on 0 at ib0:99");
        row("Slurm without a step", "SLURM_PROCID=0 SLURM_NTASKS=8 SLURM_JOB_NODELIST=n[03-06]", "alone");
        row("torchrun within Slurm's step",
            "RANK=1 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=5 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1", "1/2 on 0 at a:5");
        row("rank alone", "RANK=1", "RANK is set and WORLD_SIZE is not; a launcher sets both");
        row("size alone", "WORLD_SIZE=2", "WORLD_SIZE is set and RANK is not; a launcher sets both");
        row("rank beyond", "RANK=2 WORLD_SIZE=2", "RANK: '2' is not one of 0 to 1");
        row("size no number", "RANK=0 WORLD_SIZE=two", "WORLD_SIZE: 'two' is not one of 1 to 65536");
        row("size with a tail", "RANK=0 WORLD_SIZE=2x", "WORLD_SIZE: '2x' is not one of 1 to 65536");
        row("local rank beyond", "RANK=0 WORLD_SIZE=2 LOCAL_RANK=-1", "LOCAL_RANK: '-1' is not one of 0 to 1");
        row("no address", "RANK=0 WORLD_SIZE=2",
            "MASTER_ADDR is not set: the name or address of the machine of rank 0 was expected");
        row("port beyond", "RANK=0 WORLD_SIZE=2 MASTER_ADDR=a MASTER_PORT=70000",
            "MASTER_PORT: '70000' is not one of 1 to 65535");
    }
    void launchersAreRead()
    {
        QFETCH(QString, variables);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(told(readLaunch(environment(variables.toStdString())))), expected);
    }

    void hostsAreRead_data()
    {
        QTest::addColumn<QString>("nodes");
        QTest::addColumn<QString>("first");
        const auto row = [](const char *nodes, const char *first) { QTest::newRow(nodes) << nodes << first; };
        row("n1", "n1");
        row("n1,n2", "n1");
        row("n[01-04,7]", "n01");
        row("n[7,1-3],m1", "n7");
        row("rack[1-2]n[3-4]-ib.cluster", "rack1n3-ib.cluster");
        row("a-b[10]", "a-b10");
        row("", "");
        row("n[1-3", "");
        row("n1]", "");
        row(",n1", "");
    }
    void hostsAreRead()
    {
        QFETCH(QString, nodes);
        QFETCH(QString, first);
        const auto host = firstHost(nodes.toStdString());
        QCOMPARE(QString::fromStdString(host ? *host : ""), first);
        QVERIFY(host || host.error().message.find("is no list of hosts") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestLaunch)
#include "test_launch.moc"
