// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Augmentation.h"
#include "tests/support/support.h"

#include <opencv2/imgproc.hpp>

using namespace masque;

namespace {

/// Blobs whose mask id is written into the image's colour, a bit a channel.
void makeSample(cv::Size size, cv::Mat &image, cv::Mat1b &mask)
{
    mask = cv::Mat1b(size, uchar{0});
    cv::circle(mask, {size.width / 3, size.height / 3}, size.height / 5, 1, cv::FILLED);
    cv::rectangle(mask, cv::Rect(size.width / 2, size.height / 2, size.width / 3, size.height / 4), 2, cv::FILLED);
    cv::circle(mask, {size.width * 3 / 4, size.height / 5}, size.height / 8, 3, cv::FILLED);
    image = cv::Mat(size, CV_8UC3);
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x)
            image.at<cv::Vec3b>(y, x) = {static_cast<uchar>(mask(y, x) & 1 ? 200 : 0),
                                         static_cast<uchar>(mask(y, x) & 2 ? 200 : 0), 99};
}
int idOf(const cv::Vec3b &color)
{
    return (color[0] >= 100) + 2 * (color[1] >= 100);
}

} // namespace

class TestAugmentation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void maskMovesWithImage_data()
    {
        QTest::addColumn<AugmentationOptions>("options");
        QTest::addColumn<QSize>("source");
        const auto row = [](const char *name, auto change) {
            AugmentationOptions options;
            change(options);
            QTest::newRow(name) << options << QSize(150, 120);
            QTest::newRow(qPrintable(QString("%1, much larger").arg(name))) << options << QSize(1200, 700);
            QTest::newRow(qPrintable(QString("%1, smaller").arg(name))) << options << QSize(70, 90);
        };
        row("nothing", [](auto &) {});
        row("flips", [](auto &o) { o.flipHorizontal = o.flipVertical = true; });
        row("rotation", [](auto &o) { o.rotationDegrees = 180; });
        row("zoom", [](auto &o) { o.scale = 0.5; });
        row("shift", [](auto &o) { o.crop = 0.3; });
        row("all", [](auto &o) {
            o.flipHorizontal = o.flipVertical = true;
            o.rotationDegrees = 90;
            o.scale = 0.4;
            o.crop = 0.2;
        });
    }
    void maskMovesWithImage()
    {
        QFETCH(AugmentationOptions, options);
        QFETCH(QSize, source);
        cv::Mat image, imageOut;
        cv::Mat1b mask, maskOut;
        makeSample({source.width(), source.height()}, image, mask);
        Random random(3);
        for (int round = 0; round < 8; ++round) {
            resampleSample(image, mask, {96, 80}, options, random, imageOut, maskOut);
            QCOMPARE(imageOut.size(), cv::Size(96, 80));
            QCOMPARE(maskOut.size(), cv::Size(96, 80));
            int wrong = 0, known = 0;
            for (int y = 0; y < 80; ++y)
                for (int x = 0; x < 96; ++x) {
                    if (maskOut(y, x) == 255)
                        continue;
                    ++known;
                    wrong += idOf(imageOut.at<cv::Vec3b>(y, x)) != maskOut(y, x);
                }
            QVERIFY(known > 0);
            // Smooth and hard edges differ in a few pixels; half a pixel beside would be two in a hundred.
            QVERIFY2(wrong * (source.width() < 96 ? 60 : 100) < known,
                     qPrintable(QString("round %1: %2 of %3").arg(round).arg(wrong).arg(known)));
        }
    }

    void offIsPlainResize()
    {
        cv::Mat image, expected, out;
        cv::Mat1b mask, expectedMask, maskOut;
        makeSample({131, 77}, image, mask);
        for (const Size size : {Size{131, 77}, {64, 64}, {200, 150}}) {
            Random random(1);
            resampleSample(image, mask, size, {}, random, out, maskOut);
            resizeSample(image, mask, size, expected, expectedMask);
            QCOMPARE(cv::norm(out, expected, cv::NORM_INF), 0.0);
            QCOMPARE(cv::norm(maskOut, expectedMask, cv::NORM_INF), 0.0);
        }
        resizeSample(image, mask, {131, 77}, out, maskOut);
        QCOMPARE(cv::norm(out, image, cv::NORM_INF), 0.0);
        QCOMPARE(cv::norm(maskOut, mask, cv::NORM_INF), 0.0);
    }

    void sameSeedSameSample()
    {
        AugmentationOptions options;
        options.flipHorizontal = true;
        options.rotationDegrees = 30;
        options.brightness = options.contrast = options.saturation = 0.3;
        cv::Mat image, a, b;
        cv::Mat1b mask, maskA, maskB;
        makeSample({100, 100}, image, mask);
        Random first(9), second(9), other(10);
        resampleSample(image, mask, {64, 64}, options, first, a, maskA);
        resampleSample(image, mask, {64, 64}, options, second, b, maskB);
        QCOMPARE(cv::norm(a, b, cv::NORM_INF), 0.0);
        QCOMPARE(cv::norm(maskA, maskB, cv::NORM_INF), 0.0);
        resampleSample(image, mask, {64, 64}, options, other, b, maskB);
        QVERIFY(cv::norm(a, b, cv::NORM_INF) > 0);
    }

    void outsideIsIgnored()
    {
        AugmentationOptions options;
        options.rotationDegrees = 45;
        cv::Mat image, out;
        cv::Mat1b mask, maskOut;
        makeSample({100, 100}, image, mask);
        bool seen = false;
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            Random random(seed);
            resampleSample(image, mask, {64, 64}, options, random, out, maskOut);
            seen = seen || cv::countNonZero(maskOut == 255) > 0;
        }
        QVERIFY(seen);
    }

    void colorLeavesTheMask()
    {
        AugmentationOptions options;
        options.brightness = options.contrast = options.saturation = 0.5;
        cv::Mat image, out;
        cv::Mat1b mask, maskOut, noMask, noMaskOut;
        makeSample({64, 64}, image, mask);
        Random random(2);
        resampleSample(image, mask, {64, 64}, options, random, out, maskOut);
        QCOMPARE(cv::norm(maskOut, mask, cv::NORM_INF), 0.0);
        QVERIFY(cv::norm(out, image, cv::NORM_INF) > 0);
        resampleSample(image, noMask, {32, 32}, options, random, out, noMaskOut);
        QVERIFY(noMaskOut.empty());
    }

    void table()
    {
        AugmentationOptions options;
        const auto json = Json::parse(R"({"flip_horizontal": true, "rotation_degrees": 20, "scale": 0.25})");
        MASQUE_VERIFY(json);
        MASQUE_VERIFY(augmentationTable().apply(*json, options));
        QVERIFY(options.flipHorizontal);
        QCOMPARE(options.rotationDegrees, 20.0);
        QCOMPARE(options.scale, 0.25);
        for (const auto *bad : {R"({"scale": 1})", R"({"crop": -0.1})", R"({"rotate": 3})", R"({"flip_vertical": 3})"})
            QVERIFY2(!augmentationTable().apply(*Json::parse(bad), options), bad);
    }
};

QTEST_GUILESS_MAIN(TestAugmentation)
#include "test_augmentation.moc"
