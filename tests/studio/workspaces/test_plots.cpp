// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "studio/plots/Curve.h"
#include "studio/plots/CurvePlot.h"
#include "studio/theme/Theme.h"
#include "tests/support/support.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QMouseEvent>
#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

using namespace masque;

class TestPlots : public QObject {
    Q_OBJECT

    static const QString kLoss;

private Q_SLOTS:
    void keepsValuesAsTheyCame()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.setCurve(kLoss, 0, CurvePlot::Line::Thin);
        for (int i = 0; i < 5; ++i)
            plot.append(kLoss, {i * 0.5, 1.0 / (i + 1)});
        QCOMPARE(plot.values(kLoss).size(), 5);
        QCOMPARE(plot.values(kLoss)[4], QPointF(2, 0.2));
        QCOMPARE(plot.drawn(kLoss), plot.values(kLoss));
        plot.setValues(kLoss, {{1, 2}});
        QCOMPARE(plot.values(kLoss), QVector<QPointF>({{1, 2}}));
        plot.append(QStringLiteral("unknown"), {0, 0});
        QCOMPARE(plot.curveNames(), QStringList{kLoss});
        plot.removeCurve(kLoss);
        QVERIFY(plot.curveNames().isEmpty());
    }

    void smoothingIsAnUnbiasedRunningAverage()
    {
        Curve constant;
        constant.setSmoothing(0.9);
        for (int i = 0; i < 20; ++i)
            constant.append({static_cast<double>(i), 3.0});
        for (const QPointF value : constant.smoothed())
            QVERIFY(std::abs(value.y() - 3.0) < 1e-12);

        Curve two;
        two.append({0, 0});
        two.append({1, 1});
        two.setSmoothing(0.5);
        QCOMPARE(two.smoothed()[0].y(), 0.0);
        QVERIFY(std::abs(two.smoothed()[1].y() - 2.0 / 3) < 1e-12); // (0.5 * 0 * 0.5 + 0.5 * 1) / 0.75
        QCOMPARE(two.raw()[1].y(), 1.0);

        Curve appended;
        appended.setSmoothing(0.5);
        appended.append({0, 0});
        appended.append({1, 1});
        QCOMPARE(appended.smoothed(), two.smoothed());
    }

    void valuesThatAreNotFiniteAreGaps()
    {
        Curve curve;
        curve.setSmoothing(0.8);
        curve.append({0, 1});
        curve.append({1, std::numeric_limits<double>::quiet_NaN()});
        curve.append({2, 1});
        QVERIFY(std::isnan(curve.smoothed()[1].y()));
        QVERIFY(std::abs(curve.smoothed()[2].y() - 1.0) < 1e-12);
        QCOMPARE(curve.nearest(1.0, 0.5), qsizetype{-1});
    }

    void theSliderSmoothsWhatIsDrawn()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.setCurve(kLoss, 0, CurvePlot::Line::Thin);
        for (int i = 0; i < 50; ++i)
            plot.append(kLoss, {static_cast<double>(i), i % 2 ? 1.0 : 0.0});
        plot.findChild<QSlider *>(QStringLiteral("p-smoothing"))->setValue(95);
        QCOMPARE(plot.smoothing(), 0.95);
        QVERIFY(std::abs(plot.drawn(kLoss).back().y() - 0.5) < 0.1);
        QCOMPARE(plot.values(kLoss).back().y(), 1.0);
    }

    void logarithmicAxisCanBeSwitched()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.findChild<QToolButton *>(QStringLiteral("p-log"))->click();
        QCOMPARE(plot.scale(), CurvePlot::Scale::Logarithmic);
        plot.setScale(CurvePlot::Scale::Linear);
        QVERIFY(!plot.findChild<QToolButton *>(QStringLiteral("p-log"))->isChecked());
    }

    void readsTheNearestValueOfEachCurve()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.setCurve(QStringLiteral("train"), 0, CurvePlot::Line::Thin);
        plot.setCurve(QStringLiteral("val"), 1, CurvePlot::Line::Dotted);
        plot.setValues(QStringLiteral("train"), {{0, 1}, {1, 0.5}, {2, 0.25}});
        plot.setValues(QStringLiteral("val"), {{2, 0.75}});
        QCOMPARE(plot.reading(1.9), QStringList({QStringLiteral("train: 0.25"), QStringLiteral("val: 0.75")}));
        QCOMPARE(plot.reading(1.0), QStringList{QStringLiteral("train: 0.5")});
        QVERIFY(plot.reading(0.5).isEmpty() || plot.reading(0.5).size() == 1);
    }

    void paintsCurvesInBothThemes()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.resize(400, 300);
        plot.setCurve(kLoss, 0, CurvePlot::Line::Dotted);
        for (int i = 0; i < 20; ++i)
            plot.append(kLoss, {static_cast<double>(i), std::exp(-i * 0.2)});
        plot.setMarker(kLoss, 7, QStringLiteral("best"));
        for (const auto mode : {ThemeMode::Light, ThemeMode::Dark}) {
            Theme::instance().setMode(mode);
            plot.show();
            const QColor ink = Theme::instance().series(0);
            const auto inked = [&] {
                const QImage image = plot.grab().toImage();
                int count = 0;
                for (int y = 0; y < image.height(); ++y) {
                    for (int x = 0; x < image.width(); ++x)
                        count += image.pixelColor(x, y) == ink ? 1 : 0;
                }
                return count;
            };
            QTRY_VERIFY(inked() > 100);
        }
    }

    void savesPicturesAndValues()
    {
        TestFolder folder;
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.resize(400, 300);
        plot.show();
        plot.setCurve(kLoss, 0, CurvePlot::Line::Thin);
        plot.setValues(kLoss, {{0, 1}, {0.5, 0.25}});
        plot.setEvents({{0.5, QStringLiteral("rescued"), QStringLiteral("back to the last checkpoint")}});
        for (const char *name : {"plot.csv", "plot.svg", "plot.png"}) {
            const auto saved = plot.save(QString::fromStdString(folder.file(name)));
            MASQUE_VERIFY(saved);
        }
        QCOMPARE(readFile(folder.file("plot.csv")).value(),
                 std::string("curve,x,y\n\"loss\",0,1\n\"loss\",0.5,0.25\n"));
        QVERIFY(readFile(folder.file("plot.svg")).value().find("rescued") != std::string::npos);
        const QImage picture(QString::fromStdString(folder.file("plot.png")));
        QVERIFY(picture.width() > 400); // at twice the size
        QVERIFY(!plot.save(QString::fromStdString(folder.file("absent/plot.png"))));
        QVERIFY(!plot.save(QString::fromStdString(folder.file("absent/plot.svg"))));
    }

    void ofManyValuesTheExtremesAreSeen()
    {
        CurveValues values;
        QVector<QPointF> all;
        for (int i = 0; i < 100000; ++i)
            all.append({i * 0.01, std::sin(i * 0.001) + (i == 77777 ? 50 : 0) - (i == 33333 ? 50 : 0)});
        values.set(all);
        QCOMPARE(values.range().least, all[33333].y());
        QCOMPARE(values.range().greatest, all[77777].y());
        QVERIFY(values.seen(0, 1000, 500).isReduced);
        const auto seen = values.seen(0, 1000, 500).values;
        QVERIFY(seen.size() <= 3 * 500);
        QVERIFY(seen.size() >= 500);
        QVERIFY(seen.contains(all[33333]) && seen.contains(all[77777]));
        QVERIFY(std::is_sorted(seen.begin(), seen.end(), [](QPointF a, QPointF b) { return a.x() < b.x(); }));
        // near enough, every value is there, and one beyond each end
        QVERIFY(!values.seen(777.0, 778.0, 500).isReduced);
        const auto near = values.seen(777.0, 778.0, 500).values;
        QCOMPARE(near, all.mid(77699, near.size()));
        QVERIFY(near.first().x() < 777.0 && near.last().x() > 778.0 && near.size() <= 104);
        QVERIFY(values.seen(2000, 3000, 500).values.size() <= 1);
        CurveValues appended;
        for (const QPointF &value : std::as_const(all))
            appended.append(value);
        QCOMPARE(appended.seen(0, 1000, 500).values, seen);
    }

    void gapsAndLogarithmsOfManyValues()
    {
        CurveValues values;
        for (int i = 0; i < 10000; ++i)
            values.append({static_cast<double>(i), i > 4000 && i < 6000 ? std::nan("") : i - 100.0});
        const auto seen = values.seen(0, 10000, 10).values;
        QVERIFY(std::any_of(seen.begin(), seen.end(), [](QPointF v) { return std::isnan(v.y()); }));
        QCOMPARE(values.range().least, -100.0);
        QCOMPARE(values.range().leastPositive, 1.0);
    }

    void aMillionPointsStayFluent()
    {
        constexpr int kPoints = 1000000, kTimes = 200;
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.resize(1600, 600);
        plot.show();
        plot.setCurve(kLoss, 0, CurvePlot::Line::Thin);
        QVector<QPointF> values;
        unsigned noise = 1;
        for (int i = 0; i < kPoints; ++i) {
            noise = noise * 1664525 + 1013904223;
            values.append({i * 1e-4, std::exp(-i * 4e-6) + 0.3 * (noise >> 8) / double(1 << 24)});
        }
        plot.setValues(kLoss, values);
        auto *curves = plot.findChild<QWidget *>(QStringLiteral("p-curves"));
        QSignalSpy replotted(curves, SIGNAL(afterReplot()));
        QTRY_VERIFY(!replotted.isEmpty());
        const auto measure = [&](const char *what, const std::function<void(int)> &change) {
            std::vector<double> ms;
            for (int i = 0; i < kTimes; ++i) {
                QElapsedTimer clock;
                clock.start();
                change(i);
                QMetaObject::invokeMethod(curves, "replot");
                curves->repaint();
                ms.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
            }
            std::sort(ms.begin(), ms.end());
            qInfo("%s: median %.1f ms, p99 %.1f ms", what, ms[kTimes / 2], ms[kTimes * 99 / 100]);
            return ms[kTimes / 2];
        };
        const QPointF middle = curves->rect().center();
        const auto wheel = [&](int i) {
            QWheelEvent event(middle, curves->mapToGlobal(middle), {}, {0, i % 40 < 20 ? 120 : -120}, Qt::NoButton,
                              Qt::NoModifier, Qt::NoScrollPhase, false);
            QApplication::sendEvent(curves, &event);
        };
        const auto append = [&](int i) { plot.append(kLoss, {100 + i * 1e-4, 0.4}); };
        const auto drag = [&](int i) {
            if (i == 0)
                QTest::mousePress(curves, Qt::LeftButton, {}, middle.toPoint());
            QMouseEvent move(QEvent::MouseMove, middle + QPointF(i, 0), curves->mapToGlobal(middle), Qt::NoButton,
                             Qt::LeftButton, {});
            QApplication::sendEvent(curves, &move);
        };
        double slowest = measure("a new value", append);
        slowest = std::max(slowest, measure("zoom", wheel));
        slowest = std::max(slowest, measure("pan", drag));
        QTest::mouseRelease(curves, Qt::LeftButton, {}, middle.toPoint());
        plot.setSmoothing(0.9);
        slowest = std::max(slowest, measure("a new value, smoothed", append));
        QVERIFY2(slowest < 40, qPrintable(QString::number(slowest))); // half of a crowded machine's time is others'
    }

    void aClickIsNoDrag()
    {
        CurvePlot plot(QStringLiteral("p"), QStringLiteral("Loss"));
        plot.resize(400, 300);
        plot.show();
        plot.setCurve(kLoss, 0, CurvePlot::Line::Thin);
        plot.setValues(kLoss, {{0, 1}, {10, 0}});
        auto *curves = plot.findChild<QWidget *>(QStringLiteral("p-curves"));
        QSignalSpy clicked(&plot, &CurvePlot::clicked);
        const QPoint middle = curves->rect().center();
        QTest::mouseClick(curves, Qt::LeftButton, {}, middle);
        QTRY_COMPARE(clicked.count(), 1);
        QTest::mousePress(curves, Qt::LeftButton, {}, middle);
        QTest::mouseMove(curves, middle + QPoint(30, 0));
        QTest::mouseRelease(curves, Qt::LeftButton, {}, middle + QPoint(30, 0));
        QCOMPARE(clicked.count(), 1);
    }
};

const QString TestPlots::kLoss = QStringLiteral("loss");

QTEST_MAIN(TestPlots)
#include "test_plots.moc"
