// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/Augmentation.h"
#include "tests/support/support.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <set>

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
        row("perspective", [](auto &o) { o.perspective = 0.5; });
        row("elastic", [](auto &o) { o.elasticAlpha = 0.03; });
        row("balanced crops", [](auto &o) {
            o.balancedCrop = 1;
            o.crop = 0.3;
            o.scale = 0.3;
        });
        row("all", [](auto &o) {
            o.flipHorizontal = o.flipVertical = true;
            o.perspective = 0.3;
            o.elasticAlpha = 0.02;
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
        options.brightness = options.contrast = options.saturation = options.hue = 0.3;
        options.perspective = options.cutout = 0.4;
        options.elasticAlpha = 0.02;
        options.noise = 0.1;
        options.blur = 2;
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

    void everyOptionHasAnEffect()
    {
        cv::Mat image, plain, out;
        cv::Mat1b mask, plainMask, maskOut;
        makeSample({120, 100}, image, mask);
        mask(cv::Rect(0, 0, 20, 20)).setTo(255);
        const std::vector<std::string> needOthers = {"elastic_sigma", "balanced_crop", "cutout_ignore"};
        const std::vector<std::string> colours = {"brightness", "contrast", "saturation", "hue",
                                                  "blur",       "noise",    "cutout"};
        for (const auto &spec : augmentationTable().specs()) {
            if (spec.key == "mixup") // needs a batch: test_train_options
                continue;
            const bool needsOthers = std::ranges::count(needOthers, spec.key) > 0;
            AugmentationOptions base, options;
            if (needsOthers) {
                base.elasticAlpha = 0.03;
                base.crop = base.cutout = 0.4;
            }
            Json json = Json::object();
            json.set(spec.key, spec.type == OptionType::Bool ? Json(true) : Json(spec.maximum / 2));
            options = base;
            MASQUE_VERIFY(augmentationTable().apply(json, options));
            double change = 0, maskChange = 0;
            for (std::uint64_t seed = 0; seed < 8; ++seed) {
                Random first(seed), second(seed);
                resampleSample(image, mask, {96, 80}, base, first, plain, plainMask);
                resampleSample(image, mask, {96, 80}, options, second, out, maskOut);
                change += cv::norm(plain, out, cv::NORM_INF);
                maskChange += cv::norm(plainMask, maskOut, cv::NORM_INF);
                for (const auto id : maskOut)
                    QVERIFY2(id <= 3 || id == 255, "an id that was in no mask");
                QCOMPARE(first.next(), second.next()); // the same numbers are drawn whatever is switched on
            }
            QVERIFY2(change > 0 || spec.key == "cutout_ignore", spec.key.c_str());
            QVERIFY2((maskChange > 0) == (std::ranges::count(colours, spec.key) == 0), spec.key.c_str());
        }
    }

    void hueKeepsGrey()
    {
        AugmentationOptions options;
        options.hue = 0.5;
        cv::Mat image(40, 40, CV_8UC3, cv::Scalar(90, 90, 90)), out;
        image(cv::Rect(0, 0, 20, 40)).setTo(cv::Scalar(160, 90, 60));
        cv::Mat1b none, noneOut;
        Random random(4);
        resampleSample(image, none, {40, 40}, options, random, out, noneOut);
        const auto grey = out.at<cv::Vec3b>(20, 30), color = out.at<cv::Vec3b>(20, 10);
        QCOMPARE(grey, cv::Vec3b(90, 90, 90));
        QVERIFY(std::abs(color[0] - 160) + std::abs(color[1] - 90) + std::abs(color[2] - 60) > 20);
        const auto luminance = [](double r, double g, double b) { return 0.299 * r + 0.587 * g + 0.114 * b; };
        QVERIFY(std::abs(luminance(color[0], color[1], color[2]) - luminance(160, 90, 60)) < 2);
    }

    void elasticBendsByAlpha()
    {
        // a ramp in x: what a pixel shows says where it came from
        cv::Mat image(128, 128, CV_8UC3), out;
        for (int x = 0; x < 128; ++x)
            image.col(x).setTo(cv::Scalar::all(2 * x));
        cv::Mat1b none, noneOut;
        double sum = 0;
        int count = 0;
        AugmentationOptions options;
        options.elasticAlpha = 0.03;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            Random random(seed);
            resampleSample(image, none, {128, 128}, options, random, out, noneOut);
            for (int x = 30; x < 98; ++x) {
                const double moved = out.at<cv::Vec3b>(64, x)[0] / 2.0 - x;
                sum += moved * moved;
                ++count;
            }
        }
        const double deviation = std::sqrt(sum / count) / 128;
        QVERIFY2(deviation > 0.02 && deviation < 0.04, qPrintable(QString::number(deviation)));
    }

    void perspectiveStaysWithinTheFrame()
    {
        AugmentationOptions options;
        options.perspective = 0.5;
        cv::Mat image(100, 100, CV_8UC3, cv::Scalar::all(9)), out;
        cv::Mat1b mask(100, 100, uchar{1}), maskOut;
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            Random random(seed);
            resampleSample(image, mask, {64, 64}, options, random, out, maskOut);
            QCOMPARE(maskOut(32, 32), uchar{1});
            const int inside = cv::countNonZero(maskOut == 1);
            QVERIFY(inside < 64 * 64 && inside > 64 * 64 / 4); // corners move inwards, by a quarter of a side at most
        }
    }

    void balancedCropsGoToEveryClass()
    {
        cv::Mat image(100, 100, CV_8UC3, cv::Scalar::all(0)), out;
        cv::Mat1b mask(100, 100, uchar{0}), maskOut;
        mask(cv::Rect(88, 10, 6, 6)).setTo(1); // a third of a percent
        AugmentationOptions options;
        const auto share = [&](Framing framing) {
            int seen = 0;
            for (std::uint64_t seed = 0; seed < 200; ++seed) {
                Random random(seed);
                resampleSample(image, mask, {20, 20}, options, random, out, maskOut, framing);
                seen += cv::countNonZero(maskOut == 1) > 0;
            }
            return seen / 200.0;
        };
        QVERIFY(share(Framing::Window) < 0.2);
        options.balancedCrop = 1;
        const double balanced = share(Framing::Window);
        QVERIFY2(balanced > 0.4 && balanced < 0.65, qPrintable(QString::number(balanced)));
        mask.setTo(255);
        QCOMPARE(share(Framing::Window), 0.0); // nothing to go to
    }

    void windowsAreCutAtTheImagesOwnScale()
    {
        cv::Mat image, out;
        cv::Mat1b mask, maskOut;
        makeSample({300, 200}, image, mask);
        std::set<std::pair<int, int>> places;
        for (std::uint64_t seed = 0; seed < 40; ++seed) {
            Random random(seed);
            resampleSample(image, mask, {64, 48}, {}, random, out, maskOut, Framing::Window);
            cv::Mat match;
            cv::matchTemplate(image, out, match, cv::TM_SQDIFF);
            double best = 1;
            cv::Point at;
            cv::minMaxLoc(match, &best, nullptr, &at);
            QVERIFY(cv::norm(image(cv::Rect(at, out.size())), out, cv::NORM_INF) == 0);
            QCOMPARE(cv::countNonZero(maskOut == 255), 0);
            places.insert({at.x, at.y});
        }
        QVERIFY(places.size() > 10);
        Random random(1); // an image smaller than the window lies in its middle
        resampleSample(image(cv::Rect(0, 0, 40, 200)), mask(cv::Rect(0, 0, 40, 200)), {64, 48}, {}, random, out,
                       maskOut, Framing::Window);
        QCOMPARE(cv::countNonZero(maskOut == 255), 24 * 48);
        QCOMPARE(cv::countNonZero(maskOut.colRange(12, 52) == 255), 0);
    }

    void cutOutHidesASquare()
    {
        AugmentationOptions options;
        options.cutout = 0.5;
        cv::Mat image, out;
        cv::Mat1b mask, maskOut;
        makeSample({80, 64}, image, mask);
        int most = 0;
        for (const bool isIgnored : {false, true}) {
            options.cutoutIgnore = isIgnored;
            for (std::uint64_t seed = 0; seed < 10; ++seed) {
                Random random(seed);
                resampleSample(image, mask, {80, 64}, options, random, out, maskOut);
                const cv::Scalar mean = cv::mean(image);
                cv::Mat hidden;
                cv::inRange(out, mean - cv::Scalar::all(1), mean + cv::Scalar::all(1), hidden);
                const int count = cv::countNonZero(hidden);
                most = std::max(most, count);
                QVERIFY(count > 0 && count <= 32 * 32);
                QCOMPARE(cv::countNonZero(maskOut == 255), isIgnored ? count : 0);
            }
        }
        QCOMPARE(most, 32 * 32);
    }

    void outsideIsIgnored_data()
    {
        QTest::addColumn<AugmentationOptions>("options");
        QTest::newRow("rotation") << AugmentationOptions{.rotationDegrees = 45};
        QTest::newRow("perspective") << AugmentationOptions{.perspective = 0.5};
        QTest::newRow("elastic") << AugmentationOptions{.elasticAlpha = 0.05};
    }
    void outsideIsIgnored()
    {
        QFETCH(AugmentationOptions, options);
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
