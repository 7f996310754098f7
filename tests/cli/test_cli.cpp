// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "core/base/files.h"
#include "tests/support/support.h"

#include <QFile>
#include <QObject>
#include <QProcess>
#include <QtTest/QTest>

#include <algorithm>
#include <cmath>
#include <filesystem>

using namespace masque;

namespace {

struct Outcome {
    int code;
    QByteArray out, err;
};

Outcome masque_(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(MASQUE_PROGRAM), arguments);
    if (!process.waitForFinished(240000))
        return {-1, {}, "did not finish"};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace

#define VERIFY_CODE(outcome, expected) QVERIFY2((outcome).code == (expected), (outcome).err.constData())

/// The program as a script sees it.
class TestCli : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    QString path(const std::string &relative) const { return QString::fromStdString(m_folder.file(relative)); }

private Q_SLOTS:
    void theLoop()
    {
        VERIFY_CODE(masque_({"demo", "shapes", path("data"), "--count", "12", "--size", "64"}), 0);

        const auto info = masque_({"info", path("data"), "--json"});
        VERIFY_CODE(info, 0);
        const auto figures = Json::parse(info.out.toStdString());
        MASQUE_VERIFY(figures);
        QCOMPARE((*figures)["images"].toInt(), 12);
        QCOMPARE((*figures)["annotated"].toInt(), 12);
        QCOMPARE((*figures)["classes"].size(), std::size_t{7});
        QCOMPARE((*figures)["classes"][std::size_t{0}]["name"].toString(), std::string("_background_"));
        QCOMPARE((*figures)["task"].toString(), std::string("segmentation"));
        QCOMPARE((*figures)["problems"].size(), std::size_t{0});

        const auto train =
            masque_({"train", path("data"), "--run", path("run"), "--model", "unet", "--base", "8", "--size", "32",
                     "--epochs", "2", "--batch", "4", "--loss", "bce+dice", "--flip-horizontal"});
        VERIFY_CODE(train, 0);
        QCOMPARE(QString::fromUtf8(train.out).trimmed(), path("run"));
        const auto options = readJsonFile(m_folder.file("run/options.json"));
        MASQUE_VERIFY(options);
        QCOMPARE((*options)["loss"].toString(), std::string("bce+dice"));
        QCOMPARE((*options)["base"].toInt(), 8);
        QCOMPARE((*options)["flip_horizontal"].toBool(), true);

        const auto evaluate = masque_({"evaluate", path("run"), "--json"});
        VERIFY_CODE(evaluate, 0);
        const auto values = Json::parse(evaluate.out.toStdString());
        MASQUE_VERIFY(values);
        QCOMPARE((*values)["split"].toString(), std::string("val"));
        QVERIFY((*values)["mean_iou"].isNumber());
        QVERIFY((*values)["boundary_f1"].isNumber());
        QCOMPARE((*values)["confusion"].size(), (*values)["classes"].size());
        QVERIFY((*values)["worst"][0]["file"].isString() && (*values)["worst"][0]["iou"].isNumber());

        VERIFY_CODE(masque_({"predict", path("run"), path("data"), "--out", path("out"), "--write", "labelme,mask",
                             "--sheet", path("out/sheet.png")}),
                    0);
        int masks = 0, annotations = 0;
        for (const auto &entry : std::filesystem::directory_iterator(m_folder.file("out"))) {
            masks += entry.path().extension() == ".png";
            annotations += entry.path().extension() == ".json";
        }
        QCOMPARE(masks, 13); // and the sheet
        QCOMPARE(annotations, 12);

        VERIFY_CODE(masque_({"predict", path("run"), path("data"), "--out", path("arrays"), "--write", "probabilities",
                             "--probabilities", "npy"}),
                    0);
        int arrays = 0;
        for (const auto &entry : std::filesystem::directory_iterator(m_folder.file("arrays")))
            arrays += entry.path().extension() == ".npy";
        QCOMPARE(arrays, 12);

        for (const auto &[background, colorType] : {std::pair("transparent", 6), {"#ffffff", 2}, {"blur", 2}}) {
            VERIFY_CODE(masque_({"predict", path("run"), path("data"), "--out", path("cut"), "--write", "cutout",
                                 "--background", background, "--edge", "2.5", "--blur", "5", "--crop"}),
                        0);
            int cutouts = 0;
            for (const auto &entry : std::filesystem::directory_iterator(m_folder.file("cut"))) {
                QVERIFY(entry.path().filename().string().ends_with("_cutout.png"));
                const auto png = readFile(entry.path().string());
                MASQUE_VERIFY(png);
                QCOMPARE(int(png->at(25)), colorType); // of IHDR
                ++cutouts;
            }
            QCOMPARE(cutouts, 12);
        }

        const auto errors = masque_({"errors", path("run"), "--json"});
        VERIFY_CODE(errors, 0);
        const auto listed = Json::parse(errors.out.toStdString());
        MASQUE_VERIFY(listed);
        QCOMPARE((*listed)["images"].items().size(), std::size_t{12});
        const auto next = masque_({"next", path("data"), "--run", path("run"), "--json"});
        VERIFY_CODE(next, 0);
        const auto none = Json::parse(next.out.toStdString());
        MASQUE_VERIFY(none);
        QVERIFY(none->items().empty()); // all are labelled

        // Annotations in the way are not overwritten unasked, nor is anything beside the images.
        VERIFY_CODE(masque_({"predict", path("run"), path("data"), "--out", path("out"), "--write", "labelme"}), 1);
        VERIFY_CODE(masque_({"predict", path("run"), path("data"), "--out", path("data"), "--write", "mask"}), 2);
    }

    void resume()
    {
        VERIFY_CODE(
            masque_({"train", path("data"), "--run", path("short"), "--base", "8", "--size", "32", "--epochs", "1"}),
            0);
        const auto again = masque_({"train", "--resume", path("short")});
        VERIFY_CODE(again, 0);
    }

    /// A table as FER-2013's, with a bright row in another place for each class.
    void emotions()
    {
        std::string table = "emotion,pixels,Usage\n";
        for (int row = 0; row < 84; ++row) {
            std::string pixels;
            for (int i = 0; i < 16 * 16; ++i)
                pixels += std::to_string(i / 16 / 2 == row % 7 ? 220 : (i * 37 + row * 11) % 60) + " ";
            pixels.pop_back();
            const char *use = row < 56 ? "Training" : row < 70 ? "PublicTest" : "PrivateTest";
            table += std::to_string(row % 7) + "," + pixels + "," + use + "\n";
        }
        m_folder.write("faces/fer.csv", table);
        const auto train = masque_({"train", path("faces"), "--task", "emotion", "--model", "mlp", "--hidden", "32",
                                    "--run", path("emotions"), "--epochs", "12", "--batch", "8", "--lr", "0.01"});
        VERIFY_CODE(train, 0);
        QVERIFY2(train.err.contains("accuracy"), train.err.constData());
        const auto options = readJsonFile(m_folder.file("emotions/options.json"));
        MASQUE_VERIFY(options);
        QCOMPARE((*options)["size"].toString(), std::string("16x16")); // the pictures' own
        const auto evaluate = masque_({"evaluate", path("emotions"), "--split", "test", "--json"});
        VERIFY_CODE(evaluate, 0);
        const auto values = Json::parse(evaluate.out.toStdString());
        MASQUE_VERIFY(values);
        QCOMPARE((*values)["task"].toString(), std::string("emotion"));
        QCOMPARE((*values)["images"].toInt(), 14);
        QVERIFY((*values)["accuracy"].toDouble() > 0.8);
        for (const char *key : {"loss", "balanced_accuracy", "macro_f1", "ece"})
            QVERIFY2((*values)[key].isNumber(), key);
        QCOMPARE((*values)["classes"][std::size_t{3}]["name"].toString(), std::string("happy"));
        QCOMPARE((*values)["classes"][std::size_t{3}]["support"].toInt(), 2);
        QCOMPARE((*values)["confusion"].size(), std::size_t{7});
        VERIFY_CODE(masque_({"predict", path("emotions"), path("faces"), "--out", path("said")}), 0);
        const auto said = readFile(m_folder.file("said/classes.csv"));
        MASQUE_VERIFY(said);
        QVERIFY(said->starts_with("file,class,confidence,angry,disgust,fear,happy,sad,surprise,neutral\nfer.csv#0,"));
        QCOMPARE(std::count(said->begin(), said->end(), '\n'), 85);
        QVERIFY(masque_({"train", path("faces"), "--model", "unet", "--run", path("no")}).code != 0);
        Json corrected = Json::object(), flags = Json::object(); // it was angry
        flags.set("happy", true);
        corrected.set("flags", std::move(flags));
        corrected.set("shapes", Json::array());
        m_folder.write("faces/fer.csv#0.json", corrected.dump());
        for (const char *folds : {"0", "2"}) { // by the run, and by networks that never saw its label
            const auto errors = masque_({"errors", path("emotions"), "--folds", folds, "--json"});
            VERIFY_CODE(errors, 0);
            const auto listed = Json::parse(errors.out.toStdString());
            MASQUE_VERIFY(listed);
            QCOMPARE((*listed)["images"].size(), std::size_t{84});
            const Json &first = (*listed)["images"][std::size_t{0}];
            QCOMPARE(first["file"].toString(), std::string("fer.csv#0"));
            QCOMPARE(first["doubts"][std::size_t{0}]["kind"].toString(), std::string("class"));
            QCOMPARE(first["doubts"][std::size_t{0}]["given"].toString(), std::string("happy"));
            QCOMPARE(first["doubts"][std::size_t{0}]["seen"].toString(), std::string("angry"));
        }
        QVERIFY(readJsonFile(m_folder.file("emotions/folds/2-of-2/run.json")));
    }

    void convertKeepsBytes()
    {
        const auto dry = masque_({"convert", path("data"), path("copy"), "--to", "yolo", "--dry-run"});
        VERIFY_CODE(dry, 0);
        QVERIFY(dry.out.contains("data.yaml\n") && dry.err.contains("lost: "));
        QVERIFY(!QFile::exists(path("copy")));
        VERIFY_CODE(masque_({"convert", path("data"), path("copy"), "--to", "labelme"}), 0);
        int compared = 0;
        for (const auto &entry : std::filesystem::directory_iterator(m_folder.file("data"))) {
            if (entry.path().extension() != ".json" || entry.path().filename() == "masque.json")
                continue;
            const auto name = entry.path().filename().string();
            const auto before = readFile(entry.path().string()), after = readFile(m_folder.file("copy/" + name));
            MASQUE_VERIFY(after);
            QCOMPARE(QByteArray::fromStdString(*after), QByteArray::fromStdString(*before));
            ++compared;
        }
        QCOMPARE(compared, 12);
    }

    void failures_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        const auto empty = QString::fromStdString(m_folder.path()) + "/empty";
        std::filesystem::create_directories(empty.toStdString());
        m_folder.write("text/notes.txt", "hello");
        QTest::newRow("unknown command") << QStringList{"fly"} << 2 << "error";
        QTest::newRow("unknown option") << QStringList{"info", empty, "--jsno"} << 2 << "--jsno";
        QTest::newRow("missing argument") << QStringList{"info"} << 2 << "data";
        QTest::newRow("no such folder") << QStringList{"info", "/nowhere/at/all"} << 1 << "/nowhere/at/all";
        QTest::newRow("empty folder") << QStringList{"info", empty} << 1 << "empty";
        QTest::newRow("no images") << QStringList{"train", path("text")} << 1 << "text";
        QTest::newRow("bad size") << QStringList{"train", path("data"), "--size", "big"} << 2 << "size";
        QTest::newRow("bad loss") << QStringList{"train", path("data"), "--loss", "hinge"} << 2 << "loss";
        QTest::newRow("bad epochs") << QStringList{"train", path("data"), "--epochs", "many"} << 2 << "epochs";
        QTest::newRow("no run") << QStringList{"evaluate", empty} << 1 << "empty";
        QTest::newRow("no checkpoint") << QStringList{"predict", empty, path("data"), "--out", path("o")} << 1
                                       << "checkpoint";
        QTest::newRow("unknown output") << QStringList{"predict", path("run"), path("data"), "--out",
                                                       path("o"), "--write",   "gif"}
                                        << 2 << "gif";
        const auto cutout = [&](const QStringList &more) {
            return QStringList{"predict", path("run"), path("data"), "--out", path("o"), "--write", "cutout"} + more;
        };
        QTest::newRow("edge too wide") << cutout({"--edge", "30"}) << 2 << "edge";
        QTest::newRow("no such background") << cutout({"--background", "beach.jpg"}) << 2 << "beach.jpg";
        QTest::newRow("edge of nothing") << QStringList{"predict", path("run"), path("data"), "--out",
                                                        path("o"), "--edge",    "3"}
                                         << 2 << "--write";
        QTest::newRow("unknown format") << QStringList{"convert", path("data"), path("o"), "--to", "gif"} << 2 << "gif";
    }
    void failures()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        QFETCH(QString, says);
        const auto outcome = masque_(arguments);
        QCOMPARE(outcome.code, code);
        QVERIFY2(outcome.err.contains("masque: error: "), outcome.err.constData());
        QVERIFY2(outcome.err.contains(says.toUtf8()), outcome.err.constData());
    }

    void teaches()
    {
        const auto list = masque_({"teach"});
        VERIFY_CODE(list, 0);
        for (const char *lesson : {"line", "graph", "rates"}) {
            QVERIFY(list.out.contains(QByteArray("masque teach ") + lesson));
            VERIFY_CODE(masque_({"teach", lesson}), 0);
            const auto outcome = masque_({"teach", lesson, "--json"});
            VERIFY_CODE(outcome, 0);
            MASQUE_VERIFY(Json::parse(outcome.out.toStdString()));
        }
        const auto line = masque_({"teach", "line", "--epochs", "30", "--noise", "0.1", "--json"});
        const auto last = Json::parse(line.out.toStdString()).value()["epochs"].items().back();
        QCOMPARE(last["epoch"].toInt(), 30);
        QVERIFY(std::abs(last["slope"].toDouble() + 3) < 0.1 && std::abs(last["intercept"].toDouble() - 4) < 0.1);
        const auto graph = masque_({"teach", "graph", "--y", "-2", "--decay", "0"});
        VERIFY_CODE(graph, 0);
        QVERIFY2(graph.out.contains("dL/dw = dL/dm * dm/dw + dL/dr * dr/dw = 9 * 2 + 0 * 2 = 18"),
                 graph.out.constData());
        VERIFY_CODE(masque_({"teach", "line", "--epochs", "0"}), 2);
        VERIFY_CODE(masque_({"teach", "dancing"}), 2);
    }

    void listsAndHelp()
    {
        for (const char *list : {"formats", "models", "plugins"}) {
            const auto outcome = masque_({list, "--json"});
            VERIFY_CODE(outcome, 0);
            const auto rows = Json::parse(outcome.out.toStdString());
            MASQUE_VERIFY(rows);
            QVERIFY(rows->size() >= 2);
        }
        const auto layers = masque_({"models", "unet", "--size", "64x32", "--set", "base=8", "--json"});
        VERIFY_CODE(layers, 0);
        const auto network = Json::parse(layers.out.toStdString());
        MASQUE_VERIFY(network);
        QCOMPARE((*network)["network"]["options"]["base"].toInt(), 8);
        const auto &output = (*network)["layers"][0]["output"];
        QCOMPARE(output.size(), std::size_t{4});
        for (const auto &[at, side] : {std::pair(1, 8), {2, 32}, {3, 64}})
            QCOMPARE(output[static_cast<std::size_t>(at)].toInt(), side);
        QVERIFY((*network)["activation_bytes"].toInt() > 0);
        VERIFY_CODE(masque_({"models", "unet", "--set", "base"}), 2);
        const auto help = masque_({"train", "--help"});
        VERIFY_CODE(help, 0);
        QVERIFY(help.out.contains("--weight-decay"));
        QVERIFY(masque_({"--version"}).out.contains("0.1.0"));
        const auto about = masque_({"--version", "--verbose"});
        for (const char *said : {"LibTorch", "OpenCV", "fast path", "devices", "plugin       formats"})
            QVERIFY2(about.out.contains(said), said);
        const auto doctor = masque_({"doctor"});
        for (const char *said : {"fast path", "graphics card", "settings", "face detection", "disk"})
            QVERIFY2(doctor.out.contains(said), said);
    }

    /// The manual page has every command and flag, and the shell finishes their names.
    void manualAndCompletion()
    {
        const auto page = masque_({"manual", "man"});
        VERIFY_CODE(page, 0);
        QVERIFY(page.out.startsWith(".TH MASQUE 1"));
        for (const char *said : {".SS train\n", ".SS bench predict\n", "\\-\\-weight\\-decay", ".SH OPTIONS", "128"})
            QVERIFY2(page.out.contains(said), said);
        const auto path = m_folder.write("masque.1", page.out.toStdString());
        QProcess groff;
        groff.start("groff", {"-man", "-Tutf8", "-ww", "-z", QString::fromStdString(path)});
        if (groff.waitForStarted())
            QVERIFY(groff.waitForFinished() && groff.exitCode() == 0 && groff.readAllStandardError().isEmpty());

        const auto script = m_folder.write("masque.bash", masque_({"manual", "bash"}).out.toStdString());
        const auto finished = [&](const char *words, int at) {
            QProcess bash;
            bash.start("bash",
                       {"-c",
                        QStringLiteral("source \"$0\"; COMP_WORDS=(%1); COMP_CWORD=%2; _masque; echo ${COMPREPLY[@]}")
                            .arg(QLatin1String(words))
                            .arg(at),
                        QString::fromStdString(script)});
            return bash.waitForFinished() ? QString::fromUtf8(bash.readAllStandardOutput()).trimmed() : QString();
        };
        QCOMPARE(finished("masque tra", 1), QStringLiteral("train"));
        QCOMPARE(finished("masque train data --weight-d", 3), QStringLiteral("--weight-decay"));
        QCOMPARE(finished("masque bench pre", 2), QStringLiteral("predict"));
        QCOMPARE(finished("masque bench predict --ini", 3), QStringLiteral("--init"));
    }
};

QTEST_GUILESS_MAIN(TestCli)
#include "test_cli.moc"
