// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/teach/lessons.h"
#include "tests/support/support.h"

#include <cmath>
#include <map>
#include <numbers>

using namespace masque;

class TestTeach : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twentyEpochsFindTheLine()
    {
        for (const std::uint64_t seed : {1, 2, 3}) {
            const auto fit = fitLine({.seed = seed});
            MASQUE_VERIFY(fit);
            QCOMPARE(fit->points.size(), std::size_t{60});
            QCOMPARE(fit->steps.size(), std::size_t{21});
            QCOMPARE(fit->steps.front().slope, 1.0);
            QCOMPARE(fit->steps.front().intercept, 0.0);
            const auto &last = fit->steps.back();
            QVERIFY2(std::abs(last.slope + 3) < 0.25, qPrintable(QString::number(last.slope)));
            QVERIFY2(std::abs(last.intercept - 4) < 0.25, qPrintable(QString::number(last.intercept)));
            QVERIFY(last.loss < 0.4); // the noise's variance is 0.25
        }
    }

    /// Descent by hand, from the formulas of the mean squared error's gradient.
    void everyEpochIsAStepAlongTheGradient()
    {
        const auto fit = fitLine({.points = 7, .epochs = 12, .lr = 0.1, .schedule = "cosine"});
        MASQUE_VERIFY(fit);
        double w = 1, b = 0;
        for (const auto &step : fit->steps) {
            double loss = 0, dw = 0, db = 0;
            for (const auto &point : fit->points) {
                const double error = w * point.x + b - point.y;
                loss += error * error / 7;
                dw += 2 * error * point.x / 7;
                db += 2 * error / 7;
            }
            const auto near = [](double is, double should) {
                return std::abs(is - should) < 1e-4 * (1 + std::abs(should));
            };
            QVERIFY(near(step.slope, w) && near(step.intercept, b) && near(step.loss, loss));
            QVERIFY(near(step.slopeGradient, dw) && near(step.interceptGradient, db));
            QVERIFY(near(step.lr, 0.05 * (1 + std::cos(std::numbers::pi * step.epoch / 12))));
            w -= step.lr * dw;
            b -= step.lr * db;
        }
    }

    void withoutNoiseTheLineIsExact()
    {
        const auto fit = fitLine({.noise = 0, .epochs = 200});
        MASQUE_VERIFY(fit);
        QVERIFY(std::abs(fit->steps.back().slope + 3) < 1e-4 && std::abs(fit->steps.back().intercept - 4) < 1e-4);
        QVERIFY(!fitLine({.points = 0}));
        QVERIFY(!fitLine({.schedule = "plateau"}));
    }

    void gradientsOfTheGraph_data()
    {
        QTest::addColumn<GraphOptions>("options");
        QTest::newRow("default") << GraphOptions{};
        QTest::newRow("negative") << GraphOptions{-1.5, 3, -2, 0.25, 0.5};
        QTest::newRow("zeros") << GraphOptions{0, 0, 0, 0, 0};
    }
    void gradientsOfTheGraph()
    {
        QFETCH(GraphOptions, options);
        const auto lesson = differentiateGraph(options);
        MASQUE_VERIFY(lesson);
        QVERIFY(lesson->difference() < 1e-12);
        const auto &[x, y, w, b, k] = options;
        const double error = w * x + b - y;
        const std::map<std::string, double> expected = {{"L", 1},
                                                        {"s", 1},
                                                        {"d", 1},
                                                        {"e", 2 * error},
                                                        {"p", 2 * error},
                                                        {"m", 2 * error},
                                                        {"b", 2 * error},
                                                        {"y", -2 * error},
                                                        {"r", k},
                                                        {"k", w * w},
                                                        {"x", 2 * error * w},
                                                        {"w", 2 * error * x + 2 * k * w}};
        QCOMPARE(lesson->nodes.size(), expected.size());
        for (const auto &node : lesson->nodes)
            QVERIFY2(std::abs(node.gradient - expected.at(node.name)) < 1e-12, node.name.c_str());
        QCOMPARE(lesson->nodes.back().value, error * error + k * w * w);
        QCOMPARE(lesson->steps.size(), std::size_t{7 + 12});
    }

    void chainRuleIsWrittenOut()
    {
        const auto lesson = differentiateGraph({});
        MASQUE_VERIFY(lesson);
        QStringList texts;
        for (const auto &step : lesson->steps)
            texts.append(QString::fromStdString(step.text));
        QVERIFY2(texts.contains("m = w * x = 1 * 2 = 2"), qPrintable(texts.join('\n')));
        QVERIFY2(texts.contains("e = p - y = 2.5 - (-2) = 4.5"), qPrintable(texts.join('\n')));
        QVERIFY2(texts.contains("s = e^2 = 4.5^2 = 20.25"), qPrintable(texts.join('\n')));
        QVERIFY2(texts.contains("dL/dL = 1"), qPrintable(texts.join('\n')));
        QVERIFY2(texts.contains("dL/dw = dL/dm * dm/dw + dL/dr * dr/dw = 9 * 2 + 0.1 * 2 = 18.2"),
                 qPrintable(texts.join('\n')));
    }

    void ratesTellApart()
    {
        const auto all = compareRates({});
        MASQUE_VERIFY(all);
        QCOMPARE(all->size(), std::size_t{3});
        const auto begins = [&](std::size_t i, const char *word) {
            return QString::fromStdString((*all)[i].verdict).startsWith(QLatin1String(word));
        };
        QVERIFY(begins(0, "Too small") && begins(1, "Right") && begins(2, "Too large"));
        QCOMPARE((*all)[0].fit.steps.front().loss, (*all)[2].fit.steps.front().loss);
        QVERIFY((*all)[2].fit.steps.back().loss > (*all)[2].fit.steps.front().loss);
        const auto wild = compareRates({.large = 10, .epochs = 200}); // not finite any more
        MASQUE_VERIFY(wild);
        QVERIFY(QString::fromStdString((*wild)[2].verdict).startsWith("Too large"));
    }
};

QTEST_GUILESS_MAIN(TestTeach)
#include "test_teach.moc"
