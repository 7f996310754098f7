// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/tiles.h"
#include "tests/support/support.h"

#include <algorithm>

using namespace masque;

class TestTiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPixelBelongsToOneTile_data()
    {
        QTest::addColumn<QSize>("image");
        QTest::addColumn<QSize>("window");
        QTest::addColumn<double>("overlap");
        QTest::addColumn<int>("count");
        QTest::newRow("as large") << QSize(64, 48) << QSize(64, 48) << 0.0 << 1;
        QTest::newRow("smaller") << QSize(20, 33) << QSize(64, 48) << 0.25 << 1;
        QTest::newRow("side by side") << QSize(128, 96) << QSize(64, 48) << 0.0 << 4;
        QTest::newRow("one pixel more") << QSize(129, 97) << QSize(64, 48) << 0.0 << 9;
        QTest::newRow("overlapping") << QSize(200, 100) << QSize(64, 64) << 0.25 << 8;
        QTest::newRow("narrow") << QSize(300, 10) << QSize(64, 64) << 0.5 << 9;
        QTest::newRow("one pixel steps") << QSize(5, 4) << QSize(2, 2) << 0.9 << 12;
    }
    void everyPixelBelongsToOneTile()
    {
        QFETCH(QSize, image);
        QFETCH(QSize, window);
        QFETCH(double, overlap);
        QFETCH(int, count);
        const auto tiles = tilesOf({image.width(), image.height()}, {window.width(), window.height()}, overlap);
        QCOMPARE(static_cast<int>(tiles.size()), count);
        cv::Mat1i owners(image.height(), image.width(), 0);
        std::vector<int> starts;
        for (const auto &[frame, own] : tiles) {
            QCOMPARE(frame.width, window.width());
            QCOMPARE(frame.height, window.height());
            QCOMPARE(frame.intersected(own), own);
            owners(cv::Rect(own.x, own.y, own.width, own.height)) += 1;
            if (own.y == 0)
                starts.push_back(frame.x);
        }
        QCOMPARE(cv::countNonZero(owners == 1), image.width() * image.height());
        for (std::size_t i = 1; i < starts.size(); ++i) // spaces are whole pixels
            QVERIFY(starts[i] - starts[i - 1] <= std::max(1.0, window.width() * (1 - overlap)) + 1);
    }

    void outsideIsMirroredAndIgnored()
    {
        cv::Mat image(3, 4, CV_8UC3);
        cv::Mat1b mask(3, 4);
        for (int y = 0; y < 3; ++y)
            for (int x = 0; x < 4; ++x) {
                image.at<cv::Vec3b>(y, x) = cv::Vec3b::all(static_cast<uchar>(10 * y + x));
                mask(y, x) = static_cast<uchar>(10 * y + x);
            }
        cv::Mat cut;
        cv::Mat1b cutMask;
        cutWindow(image, mask, {-1, 1, 4, 4}, cut, cutMask);
        const int expected[4][4] = {{10, 10, 11, 12}, {20, 20, 21, 22}, {20, 20, 21, 22}, {10, 10, 11, 12}};
        for (int y = 0; y < 4; ++y)
            for (int x = 0; x < 4; ++x) {
                QCOMPARE(static_cast<int>(cut.at<cv::Vec3b>(y, x)[0]), expected[y][x]);
                QCOMPARE(static_cast<int>(cutMask(y, x)), x == 0 || y > 1 ? 255 : expected[y][x]);
            }
        cutWindow(image, {}, {1, 1, 2, 2}, cut, cutMask);
        QVERIFY(cutMask.empty());
        cut.setTo(0); // a copy
        QCOMPARE(static_cast<int>(image.at<cv::Vec3b>(1, 1)[0]), 11);
    }
};

QTEST_GUILESS_MAIN(TestTiles)
#include "test_tiles.moc"
