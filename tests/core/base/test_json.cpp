// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Json.h"

#include "tests/support/support.h"

#include <QObject>

#include <cmath>

using namespace masque;

class JsonTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void comesBackByteForByte_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty object") << QByteArray("{}");
        QTest::newRow("empty array in object") << QByteArray("{\n  \"a\": []\n}");
        QTest::newRow("nested") << QByteArray("{\n  \"a\": [\n    [\n      1.50,\n      -0.0\n    ],\n    {}\n  ]\n}");
        QTest::newRow("numbers as spelled")
            << QByteArray("[\n  80.0,\n  1e-05,\n  1e+16,\n  123456789012345678901234567890,\n  -7\n]");
        QTest::newRow("python's constants") << QByteArray("[\n  NaN,\n  Infinity,\n  -Infinity\n]");
        QTest::newRow("text kept as UTF-8") << QByteArray("[\n  \"Stra\xc3\x9f"
                                                          "e \xe6\xb1\xbd\xe8\xbd\xa6 \xf0\x9f\x98\x80\"\n]");
        QTest::newRow("escapes") << QByteArray("[\n  \"\\\"\\\\ \\n\\r\\t\\b\\f \\u0001 /\"\n]");
        QTest::newRow("delete is no control character here") << QByteArray("[\n  \"a\x7f"
                                                                           "b\"\n]");
        QTest::newRow("order of keys") << QByteArray("{\n  \"z\": 1,\n  \"a\": 2\n}");
        QTest::newRow("scalar") << QByteArray("null");
    }
    void comesBackByteForByte()
    {
        QFETCH(QByteArray, text);
        const auto json = Json::parse(text.toStdString());
        MASQUE_VERIFY(json);
        QCOMPARE(QByteArray::fromStdString(json->dump(2)), text);
    }

    void readsWhatPythonReads()
    {
        QCOMPARE(Json::parse("\xef\xbb\xbf [1]")->dump(), std::string("[1]"));
        QCOMPARE(Json::parse("{\"a\": 1, \"b\": 2, \"a\": 3}")->dump(), std::string("{\"a\": 3, \"b\": 2}"));
        QCOMPARE(Json::parse("\"\\u00fc\\ud83d\\ude00\\/\"")->toString(), std::string("\xc3\xbc\xf0\x9f\x98\x80/"));
        QCOMPARE(Json::parse("\"\\ud83d\"")->toString(), std::string("\xef\xbf\xbd")); // half a pair is no character
        QCOMPARE(Json::parse("\"\\ud83dx\\u0041\"")->toString(), std::string("\xef\xbf\xbdxA"));
        QCOMPARE(Json::parse("[1, {\"a\": null}]")->dump(-1), std::string("[1, {\"a\": null}]"));
    }

    void refusesWhatIsNoJson_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("place");
        const auto row = [](const char *name, const QByteArray &text, const char *place) {
            QTest::newRow(name) << text << QByteArray(place);
        };
        row("empty", "", "line 1, column 1");
        row("cut object", "{\n\"a\": ", "line 2");
        row("cut string", "\"abc", "does not end");
        row("cut escape", "\"abc\\", "does not end");
        row("bad escape", "\"\\x41\"", "unknown escape");
        row("bad unicode escape", "\"\\u12g4\"", "hexadecimal");
        row("cut unicode escape", "\"\\u12", "hexadecimal");
        row("comma at the end", "[1,]", "column 4");
        row("no comma", "[1 2]", "',' or ']'");
        row("no colon", "{\"a\" 1}", "':'");
        row("key without quotes", "{a: 1}", "a key in quotes");
        row("leading zero", "[01]", "',' or ']'");
        row("no digit after the point", "[1.]", "decimal point");
        row("empty exponent", "[1e]", "exponent");
        row("plus", "[+1]", "a value");
        row("raw control character", "\"a\nb\"", "control character");
        row("overlong UTF-8", "\"\xc0\xaf\"", "UTF-8");
        row("surrogate in UTF-8", "\"\xed\xa0\x80\"", "UTF-8");
        row("cut UTF-8", "\"\xe6\xb1", "UTF-8");
        row("beyond Unicode", "\"\xf4\x90\x80\x80\"", "UTF-8");
        row("two documents", "{} {}", "after the document");
        row("too deep", QByteArray(100000, '['), "too deeply");
        row("binary", QByteArray("\x89PNG\r\n\x1a\n\0\0", 10), "a value");
    }
    void refusesWhatIsNoJson()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, place);
        const auto json = Json::parse(text.toStdString());
        QVERIFY(!json);
        QVERIFY2(QByteArray::fromStdString(json.error().message).contains(place), json.error().message.c_str());
    }

    void anyCutOfADocumentIsAnErrorNotACrash()
    {
        const std::string text = "{\"a\": [1.5e-3, \"\\u00fc\xc3\xbc\", true, null], \"b\": {\"c\": -0}}";
        for (std::size_t length = 0; length < text.size(); ++length)
            QVERIFY(!Json::parse(std::string_view(text).substr(0, length)));
        QVERIFY(Json::parse(text));
    }

    void floatsAsPythonSpellsThem_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QByteArray>("text");
        const std::pair<double, const char *> rows[] = {
            {80, "80.0"},           {0, "0.0"},
            {-0.0, "-0.0"},         {0.1, "0.1"},
            {1e-4, "0.0001"},       {1e-5, "1e-05"},
            {1.5e-7, "1.5e-07"},    {1e15, "1000000000000000.0"},
            {1e16, "1e+16"},        {1.2345e22, "1.2345e+22"},
            {5e-324, "5e-324"},     {1.7976931348623157e308, "1.7976931348623157e+308"},
            {1e100, "1e+100"},      {123456789.123, "123456789.123"},
            {HUGE_VAL, "Infinity"}, {-HUGE_VAL, "-Infinity"},
            {std::nan(""), "NaN"},  {9007199254740993.0, "9007199254740992.0"},
        };
        for (const auto &[value, text] : rows)
            QTest::newRow(text) << value << QByteArray(text);
    }
    void floatsAsPythonSpellsThem()
    {
        QFETCH(double, value);
        QFETCH(QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(pythonFloat(value)), text);
    }

    void typedReading()
    {
        const auto json = *Json::parse("{\"i\": 12, \"f\": 1.75, \"t\": \"x\", \"b\": true, \"huge\": 1e999, "
                                       "\"tiny\": -1e-999, \"long\": 99999999999999999999}");
        QCOMPARE(json["i"].toInt(), 12);
        QCOMPARE(json["f"].toDouble(), 1.75);
        QCOMPARE(json["f"].toInt(), 1);
        QCOMPARE(json["t"].toString(), std::string("x"));
        QCOMPARE(json["t"].toInt(-3), -3);
        QCOMPARE(json["missing"].toInt(7), 7);
        QCOMPARE(json["i"][std::size_t{4}].isNull(), true);
        QVERIFY(json["b"].toBool());
        QVERIFY(std::isinf(json["huge"].toDouble()));
        QCOMPARE(json["tiny"].toDouble(), 0.0);
        QVERIFY(!json["long"].isInteger());
        QCOMPARE(json["long"].toInt(5), 5);
        QVERIFY(json["i"].isInteger() && !json["f"].isInteger());
    }

    void setKeepsThePlace()
    {
        Json json = *Json::parse("{\"a\": 1, \"b\": 2}");
        json.set("a", "new");
        json.set("c", nullptr);
        json.remove("b");
        QCOMPARE(json.dump(), std::string("{\"a\": \"new\", \"c\": null}"));
    }

    void filesAreNamedInErrors()
    {
        TestFolder folder;
        const auto path = folder.write("broken.json", "{");
        const auto broken = readJsonFile(path);
        QVERIFY(!broken && broken.error().message.find(path) == 0);
        const auto missing = readJsonFile(folder.file("none.json"));
        QVERIFY(!missing && missing.error().code == ErrorCode::Io);
    }
};

QTEST_GUILESS_MAIN(JsonTest)
#include "test_json.moc"
