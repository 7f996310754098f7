// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"
#include "tests/support/support.h"

#include <QObject>
#include <QProcess>
#include <QtTest/QTest>

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;

/// The templates of plugins/templates as a stranger builds them: against an installation alone, ten lines of CMake
/// each, found in each of the three places.
class TestExternalPlugins : public QObject {
    Q_OBJECT

    TestFolder m_folder;
    QProcessEnvironment m_environment = QProcessEnvironment::systemEnvironment();

    QString path(const std::string &relative) const { return QString::fromStdString(m_folder.file(relative)); }
    QByteArray run(const QString &program, const QStringList &arguments)
    {
        QProcess process;
        process.setProcessEnvironment(m_environment);
        process.start(program, arguments);
        if (!process.waitForFinished(400000) || process.exitCode() != 0)
            QTest::qFail((process.readAllStandardOutput() + process.readAllStandardError()).constData(), __FILE__,
                         __LINE__);
        return process.readAllStandardOutput();
    }
    Json masque_(QStringList arguments, bool isJson = true)
    {
        if (isJson)
            arguments << QStringLiteral("--json");
        const auto out = run(path("prefix/bin/masque"), arguments);
        return isJson ? Json::parse(out.toStdString()).value_or(Json()) : Json();
    }

private Q_SLOTS:
    void initTestCase()
    {
        run(QStringLiteral(CMAKE_PROGRAM), {"--install", MASQUE_BUILD_DIR, "--prefix", path("prefix")});
        fs::create_directories(m_folder.file("path"));
        m_environment.insert("MASQUE_PLUGIN_PATH", path("path") + ":/nowhere");
        m_environment.insert("XDG_DATA_HOME", path("data-home"));
        for (const char *kind : {"format", "model", "tool"}) {
            const QString source = QStringLiteral(MASQUE_TEMPLATES "/") + kind, build = path("build/") + kind;
            run(QStringLiteral(CMAKE_PROGRAM),
                {"-S", source, "-B", build, "-G", "Ninja", "-DCMAKE_PREFIX_PATH=" + path("prefix"),
                 "-DCMAKE_CXX_COMPILER=" MASQUE_COMPILER, "-DCMAKE_INSTALL_PREFIX=" + path("prefix")});
            run(QStringLiteral(CMAKE_PROGRAM), {"--build", build});
        }
        run(QStringLiteral(CMAKE_PROGRAM), {"--install", path("build/format")});
        fs::create_directories(m_folder.file("data-home/masque/plugins"));
        fs::copy(m_folder.file("build/model/tiny_fcn.so"), m_folder.file("data-home/masque/plugins/tiny_fcn.so"));
        fs::copy(m_folder.file("build/tool/stamp.so"), m_folder.file("path/stamp.so"));
    }

    void listed()
    {
        const Json plugins = masque_({"plugins"});
        std::map<std::string, Json> byId;
        for (const auto &plugin : plugins.items())
            byId[plugin["id"].toString()] = plugin;
        for (const auto &[id, offer] : {std::pair("pair-list", "format pair-list"),
                                        std::pair("tiny-fcn", "model tiny-fcn"), std::pair("stamp", "tool stamp")}) {
            QVERIFY2(byId.contains(id), plugins.dump(2).c_str());
            QCOMPARE(byId[id]["refused"].toString(), std::string());
            QCOMPARE(byId[id]["version"].toString(), std::string("1.0"));
            QCOMPARE(byId[id]["offers"].items().size(), std::size_t{1});
            QCOMPARE(byId[id]["offers"].items()[0].toString(), std::string(offer));
            QVERIFY(byId[id]["origin"].toString().starts_with(m_folder.path()));
        }
    }

    void theFormat()
    {
        masque_({"demo", "shapes", path("shapes"), "--count", "6", "--size", "64"}, false);
        masque_({"convert", path("shapes"), path("pairs"), "--to", "pair-list"}, false);
        const Json there = masque_({"info", path("shapes")}), back = masque_({"info", path("pairs")});
        QCOMPARE(back["format"].toString(), std::string("pair-list"));
        QCOMPARE(back["images"].toInt(), 6);
        QCOMPARE(back["annotated"].toInt(), 6);
        QCOMPARE(back["classes"].size(), there["classes"].size());
    }

    void theNetwork()
    {
        const Json layers = masque_({"models", "tiny-fcn", "--size", "32", "--set", "width=8"});
        QCOMPARE(layers["parameters"].toInt(), 3 * 8 * 25 + 8 + 8 * 8 * 25 + 8 + 8 * 2 + 2);
        masque_({"train", path("shapes"), "--run", path("run"), "--model", "tiny-fcn", "--width", "8", "--size", "32",
                 "--epochs", "1", "--batch", "2"},
                false);
        QVERIFY(masque_({"evaluate", path("run")})["mean_iou"].isNumber());
    }
};

QTEST_GUILESS_MAIN(TestExternalPlugins)
#include "test_external_plugins.moc"
