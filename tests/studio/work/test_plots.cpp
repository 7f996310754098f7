// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "studio/plots/Curve.h"
#include "studio/plots/CurvePlot.h"
#include "studio/theme/Theme.h"
#include "tests/support/support.h"

#include <QSignalSpy>
#include <QSlider>
#include <QToolButton>

#include <cmath>
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
