// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/training/weights/safetensors.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QtTest/QTest>

#include <cmath>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>

using namespace masque;

namespace {

constexpr int kLongestMs = 120000;

/// Processes that are started as a launcher does.
class Launched {
public:
    Launched(int ranks, const std::vector<QStringList> &arguments)
    {
        const int port = freePort();
        for (int rank = 0; rank < ranks; ++rank) {
            auto environment = QProcessEnvironment::systemEnvironment();
            environment.insert("RANK", QString::number(rank));
            environment.insert("WORLD_SIZE", QString::number(ranks));
            environment.insert("LOCAL_RANK", QString::number(rank));
            environment.insert("MASTER_ADDR", "127.0.0.1");
            environment.insert("MASTER_PORT", QString::number(port));
            auto &process = m_processes.emplace_back(std::make_unique<QProcess>());
            process->setProcessEnvironment(environment);
            process->setReadChannel(QProcess::StandardError); // what waitForReadyRead waits for
            process->start(QStringLiteral(MASQUE_PROGRAM),
                           arguments[std::min(static_cast<std::size_t>(rank), arguments.size() - 1)]);
        }
    }
    ~Launched()
    {
        for (auto &process : m_processes)
            process->kill();
        for (auto &process : m_processes)
            process->waitForFinished();
    }
    QProcess &operator[](int rank) { return *m_processes[static_cast<std::size_t>(rank)]; }
    /// Waits until rank 0 has said it.
    bool hasSaid(const char *text)
    {
        while (!m_said.contains(text))
            if (!m_processes[0]->waitForReadyRead(kLongestMs))
                return false;
            else
                m_said += m_processes[0]->readAllStandardError();
        return true;
    }
    /// Waits for all, and says what went wrong: the exit codes and errors.
    std::string end()
    {
        std::string out;
        for (auto &process : m_processes) {
            if (!process->waitForFinished(kLongestMs))
                return "does not end";
            for (const auto &line : splitText(process->readAllStandardError().toStdString(), '\n'))
                if (line.starts_with("masque: error"))
                    out += line + "\n";
            if (process->exitStatus() != QProcess::NormalExit)
                out += "killed\n";
            else if (process->exitCode() != 0)
                out += "exit " + std::to_string(process->exitCode()) + "\n";
        }
        return out;
    }

private:
    std::vector<std::unique_ptr<QProcess>> m_processes;
    QByteArray m_said;
};

std::string runAlone(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(MASQUE_PROGRAM), arguments);
    if (!process.waitForFinished(kLongestMs) || process.exitCode() != 0)
        return "failed: " + process.readAllStandardError().toStdString();
    return {};
}

std::map<std::string, std::vector<float>> floats(const std::string &path, const std::string &prefix)
{
    std::map<std::string, std::vector<float>> out;
    if (const auto file = readSafetensors(path, SafetensorsPart::All))
        for (const auto &tensor : (*file)->tensors)
            if (tensor.name.starts_with(prefix) && tensor.type == "F32") {
                auto &values = out[tensor.name];
                values.resize(tensor.bytes.size() / sizeof(float));
                std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
            }
    return out;
}

std::vector<Json> lines(const std::string &path)
{
    std::vector<Json> out;
    for (const auto &text : splitText(readFile(path).value_or(""), '\n'))
        if (auto line = Json::parse(text); line && line->isObject())
            out.push_back(std::move(*line));
    return out;
}

std::vector<double> losses(const std::string &run)
{
    std::vector<double> out;
    for (const auto &line : lines(run + "/steps.jsonl"))
        out.push_back(line["loss"].toDouble());
    return out;
}

} // namespace

/// Trainings of several processes.
class TestRanksCli : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    QString path(const std::string &relative) const { return QString::fromStdString(m_folder.file(relative)); }
    QStringList command(const std::string &run, int batch, const QStringList &more = {},
                        const char *norm = "group") const
    {
        return QStringList{"train",     path("data"), "--run",       path(run), "--base",  "8",
                           "--size",    "32",         "--norm",      norm,      "--batch", QString::number(batch),
                           "--threads", "1",          "--precision", "exact"}
               + more;
    }

private Q_SLOTS:
    void initTestCase() { QCOMPARE(runAlone({"demo", "shapes", path("data"), "--count", "50", "--size", "64"}), ""); }

    /// What SGD's momentum holds after one step is the gradient.
    void theFirstGradientIsThatOfTheDoubledBatch()
    {
        const QStringList once = {"--epochs", "1", "--optimizer", "sgd", "--val-ratio", "0.68", "--flip-horizontal"};
        QCOMPARE(Launched(2, {command("gradient2", 8, once)}).end(), "");
        QCOMPARE(runAlone(command("gradient1", 16, once)), "");
        QCOMPARE(losses(m_folder.file("gradient1")).size(), std::size_t{1});
        const auto two = floats(m_folder.file("gradient2/last.ckpt"), "optimizer.momentum.");
        const auto one = floats(m_folder.file("gradient1/last.ckpt"), "optimizer.momentum.");
        QVERIFY(!one.empty());
        QCOMPARE(two.size(), one.size());
        double difference = 0, all = 0, worst = 0;
        for (const auto &[name, values] : one) {
            double apart = 0, length = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                apart += std::pow(values[i] - two.at(name)[i], 2);
                length += std::pow(values[i], 2);
            }
            worst = std::max(worst, std::sqrt(apart / length));
            difference += apart;
            all += length;
        }
        qInfo("gradients differ by %.2e of their length, those of one layer by %.2e at most",
              std::sqrt(difference / all), worst);
        QVERIFY(all > 0 && worst <= 1e-5);
    }

    /// With a last batch that is smaller, augmentation and Adam.
    void lossesAreThoseOfTheDoubledBatch()
    {
        const QStringList longer = {"--epochs", "4", "--flip-horizontal"};
        QCOMPARE(Launched(2, {command("two", 8, longer)}).end(), "");
        QCOMPARE(runAlone(command("one", 16, longer)), "");
        const auto two = losses(m_folder.file("two")), one = losses(m_folder.file("one"));
        QVERIFY(one.size() >= 10);
        QCOMPARE(two.size(), one.size());
        double worst = 0;
        for (std::size_t i = 0; i < 10; ++i)
            worst = std::max(worst, std::abs(two[i] / one[i] - 1));
        qInfo("ten losses differ by %.2e at most", worst);
        QVERIFY(worst <= 1e-3);
        const auto steps = lines(m_folder.file("two/steps.jsonl")), alone = lines(m_folder.file("one/steps.jsonl"));
        QCOMPARE(steps[0]["samples"].dump(), alone[0]["samples"].dump());
        QVERIFY(std::abs(steps[0]["losses"].items()[15].toDouble() / alone[0]["losses"].items()[15].toDouble() - 1)
                < 1e-3);
        const auto log = lines(m_folder.file("two/log.jsonl")), other = lines(m_folder.file("one/log.jsonl"));
        QCOMPARE(log[0]["ranks"].toInt(), 2);
        const auto judged = [](const std::vector<Json> &all) {
            double figure = 0;
            for (const auto &line : all)
                if (line["event"].toString() == "epoch" && line["epoch"].toInt() == 1
                    && line["split"].toString() == "val")
                    figure = line["pixel_accuracy"].toDouble();
            return figure;
        };
        QVERIFY(judged(other) > 0 && std::abs(judged(log) - judged(other)) < 1e-3);
    }

    void aKilledRankEndsAll_data()
    {
        QTest::addColumn<int>("killed");
        QTest::newRow("the first") << 0;
        QTest::newRow("the last") << 1;
    }
    void aKilledRankEndsAll()
    {
        QFETCH(int, killed);
        const auto run = "killed" + std::to_string(killed);
        Launched ranks(2, {command(run, 4, {"--epochs", "100000"}, "batch")});
        QVERIFY(ranks.hasSaid("epoch   2"));
        ranks[killed].kill();
        QElapsedTimer clock;
        clock.start();
        const auto said = ranks.end();
        qInfo("ended after %.1f s", static_cast<double>(clock.elapsed()) / 1000);
        QVERIFY(clock.elapsed() < 20000);
        const auto wanted = "rank " + std::to_string(killed) + " of 2 is gone";
        QVERIFY2(said.find(wanted) != std::string::npos && said.find("exit 1") != std::string::npos, said.c_str());
        QCOMPARE(said.find("last.ckpt is whole") != std::string::npos, killed == 1);
        const auto file = readSafetensors(m_folder.file(run + "/last.ckpt"), SafetensorsPart::All);
        MASQUE_VERIFY(file);
        QCOMPARE(runAlone({"evaluate", path(run + "/last.ckpt")}), "");
    }

    /// A stop that one rank alone hears of, in the middle of an epoch: what goes on ends as if nothing had been.
    void aStopStopsAllAndTheRunGoesOn()
    {
        const QStringList longer = {"--epochs", "12", "--ema", "0.9"};
        QCOMPARE(Launched(2, {command("whole", 2, longer, "batch")}).end(), "");
        {
            Launched ranks(2, {command("stopped", 2, longer, "batch")});
            QVERIFY(ranks.hasSaid("epoch   1"));
            ::kill(static_cast<pid_t>(ranks[1].processId()), SIGINT);
            QCOMPARE(ranks.end(), "");
        }
        QCOMPARE(readJsonFile(m_folder.file("stopped/run.json")).value()["state"].toString(), "stopped");
        QVERIFY(losses(m_folder.file("stopped")).size() < losses(m_folder.file("whole")).size());
        QCOMPARE(Launched(2, {{"train", "--resume", path("stopped")}}).end(), "");
        QCOMPARE(readFile(m_folder.file("stopped/steps.jsonl")).value(),
                 readFile(m_folder.file("whole/steps.jsonl")).value());
        QVERIFY(floats(m_folder.file("stopped/last.ckpt"), "") == floats(m_folder.file("whole/last.ckpt"), ""));
    }

    void anotherNumberOfRanksGoesOn()
    {
        {
            Launched ranks(2, {command("fewer", 2, {"--epochs", "6"})});
            QVERIFY(ranks.hasSaid("epoch   1"));
            ::kill(static_cast<pid_t>(ranks[0].processId()), SIGTERM);
            QCOMPARE(ranks.end(), "");
        }
        QCOMPARE(runAlone({"train", "--resume", path("fewer")}), "");
        const auto log = lines(m_folder.file("fewer/log.jsonl"));
        QCOMPARE(log.back()["epoch"].toInt(), 6);
        std::map<int, std::size_t> images;
        for (const auto &line : lines(m_folder.file("fewer/steps.jsonl")))
            images[static_cast<int>(line["epoch"].toInt())] += line["samples"].size();
        for (const auto &[epoch, count] : images)
            QCOMPARE(count, images[6]);
    }

    void otherOptionsAreRefused()
    {
        const auto said = Launched(2, {command("other", 4), command("other", 4, {"--lr", "0.5"})}).end();
        QVERIFY2(said.find("options or images of rank 1 are not those of rank 0: lr") != std::string::npos,
                 said.c_str());
        QVERIFY(!readFile(m_folder.file("other/run.json")));
    }

    /// Whose data are not there, or whose launcher is half one.
    void whatIsWrongWithOneRankIsSaidByAll()
    {
        auto elsewhere = command("nowhere", 4);
        elsewhere[1] = path("no such folder");
        const auto said = Launched(2, {command("nowhere", 4), elsewhere}).end();
        QVERIFY2(said.find("rank 0: rank 1 of 2 ended: " + m_folder.file("no such folder")) != std::string::npos,
                 said.c_str());
    }
};

QTEST_GUILESS_MAIN(TestRanksCli)
#include "test_ranks_cli.moc"
