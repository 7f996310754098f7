// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/OptionSpec.h"

#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

struct Sample {
    int epochs = 20;
    double rate = 0.001;
    bool flip = true;
    std::string loss = "ce";
    std::optional<int> patience;
};

const OptionTable<Sample> &table()
{
    static const auto made = [] {
        OptionTable<Sample> options;
        options.add({.key = "epochs", .type = OptionType::Int, .minimum = 1, .maximum = 1000}, &Sample::epochs)
            .add({.key = "learning_rate", .type = OptionType::Real, .minimum = 0, .maximum = 1}, &Sample::rate)
            .add({.key = "flip", .type = OptionType::Bool}, &Sample::flip)
            .add({.key = "loss", .type = OptionType::Choice, .choices = {"ce", "dice"}}, &Sample::loss)
            .add({.key = "patience", .type = OptionType::Int, .minimum = 1}, &Sample::patience);
        return options;
    }();
    return made;
}

} // namespace

class OptionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void defaultsComeFromTheStruct()
    {
        QCOMPARE(
            table().toJson({}).dump(),
            std::string(R"({"epochs": 20, "learning_rate": 0.001, "flip": true, "loss": "ce", "patience": null})"));
        QCOMPARE(table().specs()[1].flag(), std::string("--learning-rate"));
        QCOMPARE(table().specs()[0].defaultValue.toInt(), 20);
    }

    void goesToJsonAndBack()
    {
        Sample sample{.epochs = 3, .rate = 0.5, .flip = false, .loss = "dice", .patience = 4};
        Sample again;
        MASQUE_VERIFY(table().apply(table().toJson(sample), again));
        QCOMPARE(table().toJson(again).dump(), table().toJson(sample).dump());
        MASQUE_VERIFY(table().apply(*Json::parse("{\"patience\": null}"), again));
        QVERIFY(!again.patience);
        QCOMPARE(again.epochs, 3); // what is not named stays
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char *name, const char *json, const char *says) {
            QTest::newRow(name) << QByteArray(json) << QByteArray(says);
        };
        row("slip of the key", R"({"epoch": 3})", "did you mean 'epochs'?");
        row("unknown key", R"({"zzzzzzzzz": 3})", "unknown option 'zzzzzzzzz'");
        row("too small", R"({"epochs": 0})", "epochs is 0, expected from 1 to 1000");
        row("too large", R"({"epochs": 1001})", "from 1 to 1000");
        row("fraction", R"({"epochs": 1.5})", "a whole number");
        row("not a number", R"({"learning_rate": NaN})", "from 0.0 to 1.0");
        row("text for a number", R"({"learning_rate": "0.1"})", "a number");
        row("number for a bool", R"({"flip": 1})", "true or false");
        row("no such choice", R"({"loss": "mse"})", "one of ce, dice");
        row("null where it means nothing", R"({"epochs": null})", "a whole number");
        row("one-sided range", R"({"patience": 0})", "at least 1");
    }
    void refuses()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, says);
        Sample sample;
        const auto result = table().apply(*Json::parse(json.toStdString()), sample);
        QVERIFY(!result);
        QVERIFY(result.error().code == ErrorCode::Option);
        QVERIFY2(QByteArray::fromStdString(result.error().message).contains(says), result.error().message.c_str());
        QCOMPARE(table().toJson(sample).dump(), table().toJson({}).dump()); // nothing set half
    }

    void wordsOfTheCommandLine()
    {
        const auto &specs = table().specs();
        QCOMPARE(specs[0].parseWord("12")->toInt(), 12);
        QCOMPARE(specs[1].parseWord(".5")->toDouble(), 0.5);
        QCOMPARE(specs[1].parseWord("1e-3")->toDouble(), 1e-3);
        QCOMPARE(specs[2].parseWord("Off")->toBool(true), false);
        QCOMPARE(specs[3].parseWord("dice")->toString(), std::string("dice"));
        for (const auto &[index, word] : std::vector<std::pair<std::size_t, const char *>>{
                 {0, "12x"}, {0, ""}, {0, "1e2"}, {1, "fast"}, {2, "maybe"}, {3, "DICE"}})
            QVERIFY2(!specs[index].parseWord(word), word);
    }
};

QTEST_GUILESS_MAIN(OptionsTest)
#include "test_options.moc"
