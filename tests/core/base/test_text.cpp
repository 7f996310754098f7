// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/base/geometry.h"
#include "core/base/text.h"

#include "tests/support/support.h"

#include <QObject>

#include <algorithm>
#include <numeric>

using namespace masque;

class TextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void naturalOrder()
    {
        const std::vector<std::string> sorted{"",        "a",       "a2",       "a02b", "a10",   "A11",
                                              "b/1.png", "b/2.png", "b/10.png", "img9", "img10", "img010x"};
        auto shuffled = sorted;
        std::reverse(shuffled.begin(), shuffled.end());
        std::sort(shuffled.begin(), shuffled.end(), naturalLess);
        QCOMPARE(shuffled, sorted);
    }

    void naturalOrderIsAnOrder()
    {
        const std::vector<std::string> names{"a1", "a01",  "A1", "a001", "a",   "1",
                                             "01", "001a", "1a", "",     "a1b", "a01b"};
        for (const auto &a : names)
            for (const auto &b : names) {
                QCOMPARE(naturalLess(a, b) + naturalLess(b, a), a == b ? 0 : 1);
                for (const auto &c : names)
                    if (naturalLess(a, b) && naturalLess(b, c))
                        QVERIFY(naturalLess(a, c));
            }
    }

    void splitsJoinsTrims()
    {
        QCOMPARE(splitText("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
        QCOMPARE(splitText("", ','), std::vector<std::string>{""});
        QCOMPARE(joinText({"a", "", "b"}, ", "), std::string("a, , b"));
        QCOMPARE(trimmed(" \t a b\r\n"), std::string("a b"));
        QCOMPARE(trimmed(" \n"), std::string());
        QCOMPARE(toLowerAscii("JPeG\xc3\x9c"), std::string("jpeg\xc3\x9c"));
    }

    void suggestsNearWordsOnly()
    {
        const std::vector<std::string> words{"epochs", "batch", "learning_rate"};
        QCOMPARE(nearestWord("epoch", words), std::string("epochs"));
        QCOMPARE(nearestWord("Bacth", words), std::string("batch"));
        QCOMPARE(nearestWord("learing_rat", words), std::string("learning_rate"));
        QCOMPARE(nearestWord("colour", words), std::string());
        QCOMPARE(nearestWord("x", {}), std::string());
    }

    void durations_data()
    {
        QTest::addColumn<double>("seconds");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("zero") << 0.0 << QByteArray("0:00");
        QTest::newRow("negative") << -5.0 << QByteArray("0:00");
        QTest::newRow("rounded") << 59.6 << QByteArray("1:00");
        QTest::newRow("minutes") << 187.0 << QByteArray("3:07");
        QTest::newRow("hours") << 3723.0 << QByteArray("1:02:03");
        QTest::newRow("endless") << HUGE_VAL << QByteArray("277777:46:40");
    }
    void durations()
    {
        QFETCH(double, seconds);
        QFETCH(QByteArray, text);
        QCOMPARE(QByteArray::fromStdString(formatDuration(seconds)), text);
    }

    void base64BothWays()
    {
        for (int length = 0; length < 70; ++length) {
            QByteArray bytes;
            for (int i = 0; i < length; ++i)
                bytes += static_cast<char>(i * 37 + length);
            const auto text = base64Encode(bytes.toStdString());
            QCOMPARE(QByteArray::fromStdString(text), bytes.toBase64());
            QCOMPARE(QByteArray::fromStdString(base64Decode(text)), bytes);
        }
        QCOMPARE(base64Decode("YW\nJj "), std::string("abc"));
        for (const char *bad : {"a", "ab!c", "ab=c", "=", "abcde", "YWJj====", "\xff\xff"})
            QCOMPARE(base64Decode(bad), std::string());
    }

    void randomNumbersAreTheSameEverywhere()
    {
        Random random(1);
        QCOMPARE(random.next(), std::uint64_t{0x910a2dec89025cc1ull}); // SplitMix64's published sequence for seed 1
        QVERIFY(Random::of(1, 2).next() != Random::of(2, 1).next());
        std::vector<int> items(10);
        std::iota(items.begin(), items.end(), 0);
        auto again = items;
        Random(7).shuffle(items);
        Random(7).shuffle(again);
        QCOMPARE(items, again);
        double sum = 0, squares = 0;
        for (int i = 0; i < 20000; ++i) {
            const double v = random.normal();
            sum += v;
            squares += v * v;
        }
        QVERIFY(std::abs(sum / 20000) < 0.03 && std::abs(squares / 20000 - 1) < 0.05);
        for (const double a : {0.2, 1.0, 4.0}) { // Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1))
            double middle = 0, spread = 0;
            for (int i = 0; i < 20000; ++i) {
                const double v = random.beta(a, a);
                QVERIFY(v >= 0 && v <= 1);
                middle += v / 20000;
                spread += (v - 0.5) * (v - 0.5) / 20000;
            }
            QVERIFY(std::abs(middle - 0.5) < 0.01 && std::abs(spread * 4 * (2 * a + 1) - 1) < 0.05);
        }
    }

    void rectangles()
    {
        const Rect a{0, 0, 10, 10}, b{5, 5, 10, 10}, far{20, 20, 1, 1};
        QCOMPARE(a.intersected(b), (Rect{5, 5, 5, 5}));
        QVERIFY(a.intersected(far).isEmpty());
        QCOMPARE(a.united(b), (Rect{0, 0, 15, 15}));
        QCOMPARE(Rect{}.united(b), b);
        QCOMPARE(b.united(Rect{}), b);
        QVERIFY(a.contains(9, 9) && !a.contains(10, 9));
    }
};

QTEST_GUILESS_MAIN(TextTest)
#include "test_text.moc"
