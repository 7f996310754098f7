// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/training/weights/safetensors.h"
#include "tests/support/support.h"

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QtTest/QTest>

#include <cmath>
#include <filesystem>
#include <map>

using namespace masque;

namespace {

constexpr int kLongestMs = 240000;

/// The program's output, or nothing if it failed.
std::optional<QByteArray> masque_(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(MASQUE_PROGRAM), arguments);
    if (!process.waitForFinished(kLongestMs) || process.exitCode() != 0) {
        qWarning("%s", process.readAllStandardError().constData());
        return {};
    }
    return process.readAllStandardOutput();
}

/// The log's epochs without the times.
std::vector<std::string> curve(const std::string &folder)
{
    std::vector<std::string> lines;
    for (const auto &text : splitText(readFile(folder + "/log.jsonl").value_or(""), '\n')) {
        auto line = Json::parse(text).value_or(Json());
        if (line["event"].toString() != "epoch")
            continue;
        line.remove("seconds");
        line.remove("images_per_second");
        lines.push_back(line.dump());
    }
    return lines;
}

std::map<std::string, std::string> tensors(const std::string &path)
{
    std::map<std::string, std::string> out;
    if (const auto file = readSafetensors(path, SafetensorsPart::All))
        for (const auto &tensor : (*file)->tensors)
            out.emplace(tensor.name, tensor.bytes);
    return out;
}

} // namespace

/// Trainings as a script starts, kills and watches them.
class TestTrainingCli : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    QString path(const std::string &relative) const { return QString::fromStdString(m_folder.file(relative)); }
    QStringList trainCommand(const std::string &run) const
    {
        return {"train",   path("data"), "--run", path(run),  "--base",
                "8",       "--size",     "32",    "--epochs", "5",
                "--batch", "4",          "--ema", "0.9",      "--rotation-degrees",
                "30",      "--threads",  "1"};
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(masque_({"demo", "shapes", path("data"), "--count", "40", "--size", "64"}));
        QVERIFY(masque_(trainCommand("whole")));
    }

    /// SIGKILL at ten random moments: what is resumed ends as if nothing had been.
    void killedAndResumed()
    {
        QElapsedTimer clock;
        clock.start();
        QVERIFY(masque_(trainCommand("timed")));
        const auto whole = clock.elapsed();
        Random random(2026);
        int inTheMiddle = 0;
        for (int i = 0; i < 10; ++i) {
            const auto name = "killed" + std::to_string(i);
            QProcess process;
            process.start(QStringLiteral(MASQUE_PROGRAM), trainCommand(name));
            if (!process.waitForFinished(static_cast<int>(random.uniform(0.1, 1.0) * static_cast<double>(whole))))
                process.kill();
            process.waitForFinished(kLongestMs);
            const auto done = curve(m_folder.file(name)).size();
            inTheMiddle += done > 0 && done < 10;
            const bool isRun = std::filesystem::exists(m_folder.file(name + "/run.json"));
            QVERIFY(masque_(isRun ? QStringList{"train", "--resume", path(name)} : trainCommand(name)));
            QVERIFY2(curve(m_folder.file(name)) == curve(m_folder.file("whole")), name.c_str());
            QCOMPARE(readFile(m_folder.file(name + "/steps.jsonl")).value(),
                     readFile(m_folder.file("whole/steps.jsonl")).value());
            for (const char *checkpoint : {"/last.ckpt", "/best.ckpt"})
                QVERIFY(tensors(m_folder.file(name + checkpoint)) == tensors(m_folder.file("whole") + checkpoint));
        }
        qInfo("killed in the middle of the epochs: %d of 10", inTheMiddle);
    }

    /// TensorBoard's file, read by a program that knows nothing of this one.
    void eventsReadBack()
    {
        std::string events;
        for (const auto &entry : std::filesystem::directory_iterator(m_folder.file("whole")))
            if (entry.path().filename().string().starts_with("events.out.tfevents."))
                events = entry.path().string();
        QVERIFY(!events.empty());
        QProcess reader;
        reader.start(QStringLiteral("/usr/bin/python3"),
                     {QStringLiteral(MASQUE_READ_EVENTS), QString::fromStdString(events)});
        QVERIFY(reader.waitForFinished(kLongestMs));
        QVERIFY2(reader.exitCode() == 0, reader.readAllStandardError().constData());
        std::map<std::pair<std::string, std::int64_t>, double> scalars;
        for (const auto &text : splitText(reader.readAllStandardOutput().toStdString(), '\n'))
            if (const auto line = Json::parse(text); line && line->isObject())
                scalars[{(*line)["tag"].toString(), (*line)["step"].toInt()}] = (*line)["value"].toDouble();
        int compared = 0;
        const auto same = [&](const std::string &tag, std::int64_t step, double value) {
            ++compared;
            const auto found = scalars.find({tag, step});
            return found != scalars.end() && std::abs(found->second - value) <= 1e-6 * std::max(1.0, std::abs(value));
        };
        for (const auto &text : curve(m_folder.file("whole"))) {
            const auto line = Json::parse(text).value();
            for (const char *key : {"loss", "mean_iou", "foreground_dice", "pixel_accuracy"})
                QVERIFY(same(line["split"].toString() + "/" + key, line["epoch"].toInt(), line[key].toDouble()));
        }
        const auto steps = splitText(readFile(m_folder.file("whole/steps.jsonl")).value(), '\n');
        std::int64_t step = 0;
        for (const auto &text : steps)
            if (const auto line = Json::parse(text); line && line->isObject())
                QVERIFY(same("step/loss", ++step, (*line)["loss"].toDouble()));
        QVERIFY(compared > 60);
    }

    /// Runs are listed, searched, described and deleted; each look at the test split is kept.
    void runsAreKept()
    {
        const auto listed = [&](const QString &search) {
            const auto out = masque_({"runs", path("data"), "--json", "--search", search});
            return out ? Json::parse(out->toStdString()).value_or(Json()) : Json();
        };
        QCOMPARE(listed("").size(), std::size_t{0});
        const auto first = masque_({"train", path("data"), "--base", "8", "--size", "32", "--epochs", "1",
                                    "--test-ratio", "0.2", "--threads", "1"});
        QVERIFY(first);
        const QString run = QString::fromUtf8(*first).trimmed();
        QVERIFY(masque_({"evaluate", run}));
        QCOMPARE(listed("tests>0").size(), std::size_t{0}); // validation is no look at the test split
        for (int i = 0; i < 2; ++i)
            QVERIFY(masque_({"evaluate", run, "--split", "test", "--json"}));
        const auto found = listed("model:unet tests=2 metric>0 state:finished");
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found[0]["tests"][1]["images"].toInt(), 8);
        QCOMPARE(found[0]["tests"][1]["checkpoint"].toString(), std::string("best.ckpt"));
        QVERIFY(found[0]["tests"][1]["mean_iou"].toDouble() > 0);

        const QString name = QString::fromStdString(std::filesystem::path(run.toStdString()).filename().string());
        QVERIFY(masque_({"runs", path("data"), "--edit", name, "--name", "first try", "--tag", "small", "--tag", "old",
                         "--note", "for the test"}));
        QVERIFY(masque_({"runs", path("data"), "--edit", name, "--untag", "old"}));
        QCOMPARE(listed("\"first try\" tag:small -tag:old \"for the\"").size(), std::size_t{1});
        const auto second = masque_(
            {"train", path("data"), "--base", "8", "--size", "32", "--epochs", "1", "--threads", "1", "--init", run});
        QVERIFY(second);
        QCOMPARE(listed("parent:" + name)[0]["name"].toString(),
                 std::filesystem::path(QString::fromUtf8(*second).trimmed().toStdString()).filename().string());
        const auto csv = masque_({"runs", path("data"), "--csv", name});
        QVERIFY(csv && csv->startsWith("epoch,split,loss,") && csv->count('\n') == 3);

        QVERIFY(!masque_({"runs", path("data"), "--delete", name})); // nobody is there to answer
        QVERIFY(!masque_({"runs", path("data"), "--search", "metric>"}));
        QVERIFY(masque_({"runs", path("data"), "--delete", name, "--yes"}));
        QVERIFY(!std::filesystem::exists(run.toStdString()));
        QCOMPARE(listed("").size(), std::size_t{1});
    }

    /// A run leaves as a file for other programs, whose example runs, and comes back as weights to start from.
    void exportedAndStartedFrom()
    {
        for (const auto &[to, name] : {std::pair("torchscript", "net.pt"), std::pair("safetensors", "net.safetensors"),
                                       std::pair("state-dict", "net.pth"), std::pair("onnx", "net.onnx")}) {
            const auto out = masque_(
                {"export", path("whole"), path(std::string("out/") + name), "--to", to, "--json", "--overwrite"});
            QVERIFY(out);
            const auto report = Json::parse(out->toStdString()).value();
            QCOMPARE(report["images"].toInt(), 4);
            QVERIFY(report["difference"].toDouble() <= report["tolerance"].toDouble());
            for (const auto &file : report["files"].items())
                QVERIFY2(std::filesystem::exists(file.toString()), file.toString().c_str());
            QCOMPARE(report["files"].size(), std::size_t{4});
            const auto card = readFile(m_folder.file("out/net_card.md")).value();
            for (const char *said : {"## Classes", "1. ", "| epochs | 5 |", "| val | epoch ",
                                     "## Confusion in validation", "on 4 images of the dataset"})
                QVERIFY2(card.find(said) != std::string::npos, said);
            QVERIFY(!masque_({"export", path("whole"), path(std::string("out/") + name), "--to", to})); // it is there
            if (to == std::string("safetensors") || to == std::string("state-dict"))
                QVERIFY(
                    masque_({"train", path("data"), "--run", path(std::string("from-") + to), "--base", "8", "--size",
                             "32", "--epochs", "1", "--threads", "1", "--init", path(std::string("out/") + name)}));
        }
        for (const char *run : {"from-safetensors", "from-state-dict"}) {
            const auto about = Json::parse(readFile(m_folder.file(std::string(run) + "/run.json")).value()).value();
            const auto said = about["init_report"].toString();
            QVERIFY2(said.starts_with("started from ") && said.find("left as initialised") == std::string::npos
                         && said.find("not used") == std::string::npos,
                     said.c_str());
        }
        QVERIFY(!masque_({"export", path("whole"), path("out/net.h5"), "--to", "keras"}));
        QVERIFY(!masque_({"export", path("nowhere"), path("out/other.pt")}));
        QVERIFY(!masque_({"train", path("data"), "--init", path("out/net.pt")})); // a program is no state_dict

        if (QProcess::execute("/usr/bin/python3", {"-c", "import torch, numpy, PIL"}) != 0)
            QSKIP("python3 with torch and pillow is not installed");
        QVERIFY(masque_({"export", path("whole"), path("out/run.pt")}));
        QProcess python;
        python.start("/usr/bin/python3", {path("out/run_example.py"), path("data/000.png")});
        QVERIFY(python.waitForFinished(kLongestMs));
        QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
        double sum = 0;
        for (const auto &line : QString::fromUtf8(python.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts))
            sum += line.section(' ', -1).toDouble();
        QVERIFY2(std::abs(sum - 1) < 1e-6, std::to_string(sum).c_str()); // shares of the classes' pixels
    }

    void checkAndFindRate()
    {
        const auto check = masque_({"check", path("data"), "--base", "8", "--size", "32", "--seconds", "3", "--json"});
        QVERIFY(check);
        const auto report = Json::parse(check->toStdString()).value();
        QCOMPARE(report["train_images"].toInt(), 32);
        QCOMPARE(report["classes"].size(), std::size_t{7});
        const auto rates = masque_({"find-rate", path("data"), "--base", "8", "--size", "32", "--json"});
        QVERIFY(rates);
        QVERIFY(Json::parse(rates->toStdString()).value()["points"].size() > 30);
        const auto batches = masque_({"find-batch", path("data"), "--base", "8", "--size", "32", "--json"});
        QVERIFY(batches);
        QCOMPARE(Json::parse(batches->toStdString()).value()["largest"].toInt(), 32); // no more images than there are
        QVERIFY(!masque_({"check", path("nowhere")}));
    }
};

QTEST_GUILESS_MAIN(TestTrainingCli)
#include "test_training_cli.moc"
