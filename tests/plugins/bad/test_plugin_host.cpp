// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/PluginHost.h"
#include "core/plugins/guards.h"
#include "tests/support/support.h"

#include <QElapsedTimer>

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;

/// Plugins of others: those that misbehave are refused by a reason, or their calls are, and nothing else suffers.
class TestPluginHost : public QObject {
    Q_OBJECT

    static const PluginInfo &infoOf(const PluginHost &host, const std::string &id)
    {
        for (const auto &plugin : host.registry().plugins)
            if (plugin.id == id)
                return plugin;
        static const PluginInfo none{{}, {}, {}, {}, {}, {}, "not listed", {}};
        return none;
    }
    static std::string fileOf(const std::string &kind) { return std::string(MASQUE_BAD_PLUGINS) + "/" + kind + ".so"; }
    /// A folder with these kinds.
    static std::string folderWith(const TestFolder &folder, const std::vector<std::string> &kinds)
    {
        fs::create_directories(folder.file("plugins"));
        for (const auto &kind : kinds)
            fs::copy_file(fileOf(kind), folder.file("plugins/" + kind + ".so"));
        return folder.file("plugins");
    }

private Q_SLOTS:
    void refused_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("reason");
        QTest::newRow("throws") << "throws"
                                << "it failed while loading: half way";
        QTest::newRow("constructor") << "constructor"
                                     << "it failed while loading: not today";
        QTest::newRow("duplicate") << "duplicate"
                                   << "offers the format 'coco', which is there already";
        QTest::newRow("library") << "library"
                                 << "libbad_gone.so";
        QTest::newRow("version") << "version"
                                 << "made for plugin API 99, this program has 1";
        QTest::newRow("foreign") << "foreign"
                                 << "a plugin for another program (org.example.Other/1)";
    }
    void refused()
    {
        QFETCH(QString, kind);
        QFETCH(QString, reason);
        const TestFolder folder;
        const PluginHost host({folderWith(folder, {kind.toStdString()})}), alone(std::vector<std::string>{});
        const auto &info = infoOf(host, kind.toStdString());
        QVERIFY2(info.refused.find(reason.toStdString()) != std::string::npos, info.refused.c_str());
        QVERIFY(info.offers.empty());
        QCOMPARE(info.origin, folder.file("plugins/") + kind.toStdString() + ".so");
        QCOMPARE(info.version, std::string("2.1"));
        QCOMPARE(info.license, std::string("MIT"));
        for (const auto &other : host.registry().plugins)
            QVERIFY(other.id == info.id || other.refused.empty());
        QCOMPARE(host.registry().formats.size(), alone.registry().formats.size());
        QCOMPARE(host.registry().tools.size(), alone.registry().tools.size());
        QCOMPARE(host.registry().models.size(), alone.registry().models.size());
    }

    void noPlugin()
    {
        const TestFolder folder;
        folder.write("plugins/text.so", "hello");
        folder.write("plugins/readme.txt", "no library");
        const PluginHost host({folder.file("plugins"), folder.file("absent")});
        QVERIFY(infoOf(host, "text").refused.starts_with("it is no plugin: "));
        QCOMPARE(infoOf(host, "readme").refused, std::string("not listed"));
    }

    void theFirstOfTwoCounts()
    {
        const TestFolder one, two;
        const auto first = folderWith(one, {"good"}), second = folderWith(two, {"good"});
        fs::create_symlink(first + "/good.so", first + "/link.so");
        const PluginHost host({first, second});
        std::vector<std::string> reasons;
        for (const auto &plugin : host.registry().plugins)
            if (plugin.id == "good")
                reasons.push_back(plugin.refused);
        QCOMPARE(reasons.size(), std::size_t{2}); // the link is the same file
        QVERIFY(reasons[0].empty());
        QCOMPARE(reasons[1], "a plugin with this id is loaded already: " + first + "/good.so");
        QCOMPARE(infoOf(host, "good").offers,
                 (std::vector<std::string>{"format bad-format", "model bad-model", "tool bad-tool"}));
    }

    void callsThatThrow()
    {
        const TestFolder folder;
        const PluginHost host({folderWith(folder, {"misbehaves"})});
        const auto &info = infoOf(host, "misbehaves");
        QCOMPARE(info.refused, std::string());
        QVERIFY(info.troubles().empty());
        // Every other format still opens what it knows.
        folder.write("data/a.png", encodeGreyPng(cv::Mat1b(6, 8, std::uint8_t{9})).value_or(""));
        const auto dataset = openDataset(folder.file("data"), host.registry().formats);
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->items.size(), std::size_t{1});
        QCOMPARE(info.troubles().size(), std::size_t{1});
        QVERIFY2(info.troubles()[0].find("'bad-format' failed: no idea") != std::string::npos,
                 info.troubles()[0].c_str());
        const auto named = openDataset(folder.file("data"), host.registry().formats, "bad-format");
        QVERIFY(!named);
        QVERIFY2(named.error().message.find("failed and does not say why") != std::string::npos,
                 named.error().message.c_str());
        for (const auto &format : host.registry().formats)
            if (format->id() == "bad-format") {
                const auto written = format->write(*dataset, folder.file("out"), {}, {});
                QVERIFY(!written && written.error().message.find("out of ink") != std::string::npos);
            }
        const auto model = findModel(host.registry().models, "bad-model");
        MASQUE_VERIFY(model);
        const auto network = (*model)->build({.model = "bad-model"}, 1);
        QVERIFY(!network && network.error().message.find("no bricks") != std::string::npos);
        for (const auto &factory : host.registry().tools)
            if (factory->description().id == "bad-tool") {
                const auto tool = factory->create();
                const Annotation annotation;
                const ToolContext context{.annotation = annotation, .imageSize = {8, 6}, .label = "a"};
                QVERIFY(tool->press(context, {}).problem.find("'bad-tool' failed: ouch") != std::string::npos);
                QVERIFY(!tool->isBusy());
                QVERIFY(tool->preview(context).outline.empty());
            }
        QCOMPARE(info.troubles().size(), std::size_t{7});
    }

    /// A plugin whose look at folders takes seconds is not asked again.
    void slow()
    {
        const TestFolder folder;
        const PluginHost host({folderWith(folder, {"misbehaves"})});
        folder.write("slow/a.png", encodeGreyPng(cv::Mat1b(6, 8, std::uint8_t{9})).value_or(""));
        MASQUE_VERIFY(openDataset(folder.file("slow"), host.registry().formats));
        const auto troubles = infoOf(host, "misbehaves").troubles();
        QCOMPARE(troubles.size(), std::size_t{1});
        QVERIFY2(troubles[0].find("more than two seconds") != std::string::npos, troubles[0].c_str());
        QElapsedTimer timer;
        timer.start();
        MASQUE_VERIFY(openDataset(folder.file("slow"), host.registry().formats));
        QVERIFY(timer.elapsed() < 2000);
    }
};

QTEST_GUILESS_MAIN(TestPluginHost)
#include "test_plugin_host.moc"
