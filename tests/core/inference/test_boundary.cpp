// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/LabelSet.h"
#include "core/inference/boundary.h"

#include <QObject>
#include <QtTest/QTest>

#include <cmath>

using namespace masque;

namespace {

/// 100 x 100 pixels with a rectangle of class 1; its tolerance is 2 px.
cv::Mat1b withRectangle(const cv::Rect &where)
{
    cv::Mat1b ids(100, 100, uchar(0));
    ids(where).setTo(1);
    return ids;
}

double f1(const cv::Mat1b &truth, const cv::Mat1b &said, int id = 1)
{
    BoundaryScore score(2);
    score.add(truth, said);
    return score.f1(id);
}

const cv::Rect kSquare(20, 20, 40, 40); // its border: 156 pixels

} // namespace

class TestBoundary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void toleranceGrowsWithTheImage()
    {
        QCOMPARE(boundaryTolerancePx({100, 100}), 2); // 1.06
        QCOMPARE(boundaryTolerancePx({854, 480}), 8); // 7.35, as Perazzi et al. have it
        QCOMPARE(boundaryTolerancePx({64, 64}), 1);
    }

    void countedByHand()
    {
        const auto truth = withRectangle(kSquare);
        QCOMPARE(f1(truth, truth), 1.0);
        QCOMPARE(f1(truth, withRectangle(kSquare + cv::Point(2, 0))), 1.0); // within the tolerance
        // 3 px aside: of the left side all but the 3 pixels at each end are too far, and all of the right side: 34 + 40
        QVERIFY(std::abs(f1(truth, withRectangle(kSquare + cv::Point(3, 0))) - 82.0 / 156) < 1e-9);
        QCOMPARE(f1(truth, withRectangle({80, 80, 5, 5})), 0.0);
        // 10 px lower at the bottom: too far are the new bottom row and the sides beyond the tolerance
        const auto longer = withRectangle({20, 20, 40, 50});
        const double precision = 1 - (40 + 2 * 7) / 176.0; // sides: rows 62 to 68 are more than 2 px below row 59
        const double recall = 1 - 34 / 156.0;              // the old bottom row but the 3 pixels next to each side
        QVERIFY(std::abs(f1(truth, longer) - 2 * precision * recall / (precision + recall)) < 1e-9);
    }

    void noBorderAtTheEdgeNorBesideIgnored()
    {
        const auto half = withRectangle({0, 0, 50, 100});
        QCOMPARE(f1(half, withRectangle({0, 0, 52, 100})), 1.0);
        QCOMPARE(f1(half, withRectangle({0, 0, 53, 100})), 0.0); // 3 px from all of it
        auto ignored = withRectangle(kSquare);
        ignored(cv::Rect(60, 0, 40, 100)).setTo(kIgnoreId);
        // the right side is no border in the truth, so that a prediction which goes on there is right
        QCOMPARE(f1(ignored, withRectangle({20, 20, 70, 40})), 1.0);
    }

    void aClassThatFillsTheImage()
    {
        const auto all = withRectangle({0, 0, 100, 100}), none = withRectangle({});
        QCOMPARE(f1(all, all), 1.0);
        QCOMPARE(f1(all, none), 0.0);
        QCOMPARE(f1(all, withRectangle(kSquare)), 0.0);
        BoundaryScore score(2);
        score.add(none, none);
        QVERIFY(score.occurs(0) && !score.occurs(1));
        QCOMPARE(score.meanF1(), 1.0);
        QCOMPARE(score.meanF1(1), 0.0);
    }

    void meanOverTheImagesThatHaveTheClass()
    {
        const auto truth = withRectangle(kSquare), none = withRectangle({});
        BoundaryScore first(2), second(2);
        first.add(truth, truth);
        first.add(none, none); // does not have it
        second.add(truth, none);
        first.add(second);
        QCOMPARE(first.f1(1), 0.5);
        BoundaryScore one(2);
        one.add(1, truth, truth);
        QVERIFY(!one.occurs(0));
        QCOMPARE(one.f1(1), 1.0);
    }
};

QTEST_GUILESS_MAIN(TestBoundary)
#include "test_boundary.moc"
