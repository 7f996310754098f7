// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/cutout.h"
#include "core/inference/guided_filter.h"
#include "tests/support/support.h"

#include <opencv2/imgproc.hpp>

#include <QObject>
#include <QtTest/QTest>

#include <cmath>

using namespace masque;

namespace {

const cv::Vec3b kSubject(200, 20, 20), kBehind(20, 200, 20);

/// How much of each pixel a flower with soft petals covers.
cv::Mat1f flower(cv::Size size)
{
    cv::Mat1f alpha(size);
    const double unit = std::min(size.width, size.height) / 120.0;
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            const double dx = (x - size.width / 2.0) / unit, dy = (y - size.height / 2.0) / unit;
            const double edge = 38 + 5 * std::cos(7 * std::atan2(dy, dx));
            alpha(y, x) = static_cast<float>(std::clamp((edge - std::hypot(dx, dy)) / 3 + 0.5, 0.0, 1.0));
        }
    return alpha;
}

cv::Mat3b mixed(const cv::Mat1f &alpha)
{
    cv::Mat3b image(alpha.size());
    for (int y = 0; y < alpha.rows; ++y)
        for (int x = 0; x < alpha.cols; ++x)
            image(y, x) = kSubject * alpha(y, x) + kBehind * (1 - alpha(y, x));
    return image;
}

/// What a network of few pixels knows of it.
cv::Mat1f coarse(const cv::Mat1f &alpha)
{
    cv::Mat1f small, out;
    cv::resize(alpha, small, alpha.size() / 8, 0, 0, cv::INTER_AREA);
    cv::resize(small, out, alpha.size(), 0, 0, cv::INTER_LINEAR);
    return out;
}

double meanError(const cv::Mat1f &one, const cv::Mat1f &other)
{
    return cv::norm(one, other, cv::NORM_L1) / static_cast<double>(one.total());
}

Cutter cutter(const CutoutOptions &options)
{
    auto made = Cutter::make(options);
    if (!made)
        qFatal("%s", made.error().message.c_str());
    return *made;
}

} // namespace

class TestCutout : public QObject {
    Q_OBJECT

    TestFolder m_folder;

private Q_SLOTS:
    /// What is linear in the guide's colours stays, whatever the window; without edges it is a mean of means.
    void filterKeepsTheGuidesEdges()
    {
        const auto truth = flower({168, 120});
        const auto image = mixed(truth);
        cv::Mat3f guide;
        image.convertTo(guide, CV_32F, 1 / 255.0);
        for (const int radius : {1, 4, 16})
            QVERIFY(cv::norm(onLines(guidedLines(guide, truth, radius, 1e-5), image), truth, cv::NORM_INF) < 0.02);
        const cv::Mat3f plain(truth.size(), cv::Vec3f(0.2f, 0.4f, 0.8f));
        cv::Mat1f expected;
        cv::blur(truth, expected, {9, 9}, {-1, -1}, cv::BORDER_REFLECT);
        cv::blur(expected, expected, {9, 9}, {-1, -1}, cv::BORDER_REFLECT);
        const auto mean = onLines(guidedLines(plain, truth, 4, 1e-4), cv::Mat3b(truth.size(), cv::Vec3b(51, 102, 204)));
        QVERIFY(cv::norm(mean, expected, cv::NORM_INF) < 1e-4);
    }

    void edgeFollowsTheImage()
    {
        const auto truth = flower({168, 120});
        const auto said = coarse(truth);
        cv::Mat1f hard;
        cv::Mat(said >= 0.5f).convertTo(hard, CV_32F, 1 / 255.0);
        const auto alpha = softAlpha(mixed(truth), said, 4);
        const double error = meanError(alpha, truth);
        qInfo("mean error of alpha: %.4f filtered, %.4f as said, %.4f as a hard mask", error, meanError(said, truth),
              meanError(hard, truth));
        QVERIFY(error < 0.5 * meanError(hard, truth));
        QVERIFY(error < 0.5 * meanError(said, truth));
        QCOMPARE(meanError(softAlpha(mixed(truth), said, 0), said), 0.0);
    }

    void insideIsSolidAndOutsideIsClear()
    {
        const auto truth = flower({168, 120});
        cv::Mat3b image = mixed(truth), noise(image.size());
        cv::theRNG().state = 3;
        cv::randu(noise, 0, 40);
        image += noise;
        constexpr int kRadius = 2;
        const auto said = coarse(truth);
        const auto alpha = softAlpha(image, said, kRadius);
        const cv::Mat square = cv::Mat::ones(10 * kRadius + 1, 10 * kRadius + 1, CV_8U);
        cv::Mat1b inside, outside;
        cv::erode(cv::Mat(said >= 0.5f), inside, square);
        cv::erode(cv::Mat(said < 0.5f), outside, square);
        QVERIFY(cv::countNonZero(inside) > 500 && cv::countNonZero(outside) > 500);
        QCOMPARE(cv::countNonZero((alpha != 1) & inside), 0);
        QCOMPARE(cv::countNonZero((alpha != 0) & outside), 0);
    }

    /// A large image is cut out like a small one, without seams between the tiles that it is computed in.
    void sizeDoesNotMatter()
    {
        const auto truth = flower({1400, 1000});
        const auto image = mixed(truth);
        const auto said = coarse(coarse(truth));
        const auto alpha = softAlpha(image, said, 60);
        cv::Mat1f hard;
        cv::Mat(said >= 0.5f).convertTo(hard, CV_32F, 1 / 255.0);
        QVERIFY2(meanError(alpha, truth) < 0.5 * meanError(hard, truth),
                 qPrintable(QStringLiteral("%1 of %2").arg(meanError(alpha, truth)).arg(meanError(hard, truth))));
        const cv::Mat3b colors = foregroundColors(image, truth, 35);
        double most = 0, plain = 0; // error of a colour, as far as it is seen
        for (int y = 0; y < image.rows; ++y)
            for (int x = 0; x < image.cols; ++x) {
                most = std::max(most, truth(y, x) * cv::norm(colors(y, x), kSubject));
                plain = std::max(plain, truth(y, x) * cv::norm(image(y, x), kSubject));
            }
        QVERIFY2(most < plain / 3, qPrintable(QStringLiteral("%1 of %2").arg(most).arg(plain)));
    }

    void noHaloOfTheOldBackground()
    {
        const auto truth = flower({168, 120});
        const auto image = mixed(truth);
        /// Green beyond the subject's own, of all pixels together, over black.
        const auto glow = [](const cv::Mat3b &picture) {
            double sum = 0;
            for (const auto &color : picture)
                sum += std::max(0, color[1] - kSubject[1]);
            return sum;
        };
        const auto onBlack = [&](const cv::Mat1f &foreground, double edge) -> cv::Mat3b {
            return cutter({.edge = edge, .background = "#000000", .blur = 0, .crop = false})
                .cut(image, foreground)
                .picture;
        };
        const auto plain = [&](const cv::Mat1f &alpha) {
            cv::Mat3b out(image.size());
            std::transform(image.begin(), image.end(), alpha.begin(), out.begin(),
                           [](const cv::Vec3b &color, float share) { return color * share; });
            return out;
        };
        QVERIFY(glow(plain(truth)) > 10000);
        QVERIFY2(glow(onBlack(truth, 0)) < 100, qPrintable(QString::number(glow(onBlack(truth, 0)))));
        const double left = glow(onBlack(coarse(truth), 6)), naive = glow(plain(coarse(truth)));
        QVERIFY2(left < naive / 10, qPrintable(QStringLiteral("%1 of %2").arg(left).arg(naive)));
    }

    void nothingStaysHidden()
    {
        const auto truth = flower({168, 120});
        const cv::Mat out = cutter({}).cut(mixed(truth), coarse(truth)).picture;
        QCOMPARE(out.type(), CV_8UC4);
        for (int y = 0; y < out.rows; ++y)
            for (int x = 0; x < out.cols; ++x)
                if (const auto &pixel = out.at<cv::Vec4b>(y, x); pixel[3] == 0)
                    QCOMPARE(pixel, cv::Vec4b(0, 0, 0, 0));
                else if (pixel[3] == 255)
                    QVERIFY(cv::norm(cv::Vec3b(pixel[0], pixel[1], pixel[2]), mixed(truth)(y, x)) < 2);
    }

    void backgrounds()
    {
        const auto truth = flower({168, 120});
        const auto image = mixed(truth);
        const auto out =
            cutter({.edge = 0, .background = "#0A14fF", .blur = 0, .crop = false}).cut(image, truth).picture;
        QCOMPARE(out.type(), CV_8UC3);
        QCOMPARE(out.at<cv::Vec3b>(1, 1), cv::Vec3b(10, 20, 255));
        QCOMPARE(out.at<cv::Vec3b>(60, 84), kSubject);

        cv::Mat3b stripes(50, 300, cv::Vec3b(9, 9, 9)); // wider than the frame: its middle is seen
        stripes.colRange(100, 200) = cv::Vec3b(90, 90, 90);
        MASQUE_VERIFY(writeImage(m_folder.file("stripes.png"), stripes));
        const auto before = cutter({.edge = 0, .background = m_folder.file("stripes.png"), .blur = 0, .crop = false})
                                .cut(image, truth)
                                .picture;
        QCOMPARE(before.at<cv::Vec3b>(1, 84), cv::Vec3b(90, 90, 90));
        QCOMPARE(before.at<cv::Vec3b>(1, 2), cv::Vec3b(90, 90, 90)); // 168 of 240 px are wide as the frame

        const auto blurred =
            cutter({.edge = 0, .background = "blur", .blur = 5, .crop = false}).cut(image, truth).picture;
        QCOMPARE(blurred.at<cv::Vec3b>(60, 84), kSubject);
        for (int y = 0; y < out.rows; ++y)
            for (int x = 0; x < out.cols; ++x)
                if (truth(y, x) <= 0) // the subject does not glow into it
                    QVERIFY(cv::norm(blurred.at<cv::Vec3b>(y, x), kBehind) < 24);
    }

    void cropsToWhatIsThere()
    {
        cv::Mat1f foreground(40, 60, 0.f);
        foreground(cv::Rect(10, 5, 20, 30)) = 1.f;
        const cv::Mat image(40, 60, CV_8UC3, cv::Scalar::all(7));
        const auto cropped = cutter({.edge = 0, .background = "transparent", .blur = 0, .crop = true});
        const auto cutout = cropped.cut(image, foreground);
        QCOMPARE(cutout.picture.size(), cv::Size(20, 30));
        QCOMPARE(cutout.box, (Rect{10, 5, 20, 30}));
        QCOMPARE(cropped.cut(image, cv::Mat1f(40, 60, 0.f)).picture.size(), image.size()); // nothing to crop to
    }

    void anyImage_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<float>("value"); ///< everywhere; negative: half and half
        for (const auto &[width, height] : {std::pair(1, 1), {1, 9}, {2, 1}, {7, 3}, {33, 21}, {515, 5}})
            for (const float value : {0.f, 0.5f, 1.f, -1.f})
                QTest::addRow("%dx%d of %g", width, height, double(value)) << width << height << value;
    }
    void anyImage()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(float, value);
        cv::Mat1f foreground(height, width, std::max(value, 0.f));
        if (value < 0)
            foreground.colRange(width / 2, width) = 1.f;
        const cv::Mat image(height, width, CV_8UC3, cv::Scalar::all(128)); // grey
        for (const char *background : {"transparent", "blur", "#ff0000"})
            for (const double edge : {0.0, 2.0, 10.0}) {
                const auto out = cutter({.edge = edge, .background = background, .blur = 20, .crop = false})
                                     .cut(image, foreground)
                                     .picture;
                QCOMPARE(out.size(), image.size());
                if (out.channels() != 4)
                    continue;
                QCOMPARE(out.type(), CV_8UC4);
                if (value == 0)
                    QCOMPARE(cv::countNonZero(out.reshape(1)), 0);
                if (value == 1)
                    QCOMPARE(out.at<cv::Vec4b>(0, 0), cv::Vec4b(128, 128, 128, 255));
            }
    }

    /// A network's specks are left out, by their share of the greatest part; touching corners join parts.
    void specksAreLeftOut()
    {
        cv::Mat1f sure(40, 60, 0.1f);
        sure(cv::Rect(5, 5, 20, 20)) = 0.9f;  // 400
        sure(cv::Rect(25, 25, 2, 2)) = 0.8f;  // joins it
        sure(cv::Rect(40, 5, 4, 10)) = 0.7f;  // 40
        sure(cv::Rect(50, 30, 3, 3)) = 0.95f; // 9
        const Prediction prediction{.labels = {}, .probabilities = {cv::Mat1f(1 - sure), sure}, .confidence = {}};
        const auto partsAt = [&](double smallest) {
            const auto said = foregroundOf(prediction, smallest);
            return std::vector<float>{said(10, 10), said(26, 26), said(8, 42), said(31, 51), said(0, 0)};
        };
        const auto near = [](const std::vector<float> &one, const std::vector<float> &other) {
            return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                              [](float a, float b) { return std::abs(a - b) < 1e-5f; });
        };
        QVERIFY(near(partsAt(0), {0.9f, 0.8f, 0.7f, 0.95f, 0.1f}));
        QVERIFY(near(partsAt(5), {0.9f, 0.8f, 0.7f, 0, 0.1f}));
        QVERIFY(near(partsAt(100), {0.9f, 0.8f, 0, 0, 0.1f}));
    }

    void masksAreForeground()
    {
        const cv::Mat1b ids = (cv::Mat1b(1, 4) << 0, 1, 7, kIgnoreId);
        QCOMPARE(cv::norm(foregroundOf(ids), cv::Mat1f((cv::Mat1f(1, 4) << 0, 1, 1, 0)), cv::NORM_INF), 0.0);
    }

    void optionsAreChecked_data()
    {
        QTest::addColumn<QString>("background");
        QTest::addColumn<double>("edge");
        QTest::addColumn<QString>("says");
        QTest::newRow("no such file") << "beach.jpg" << 2.0 << "beach.jpg";
        QTest::newRow("not a colour") << "#12345" << 2.0 << "#12345";
        QTest::newRow("no image") << QString::fromStdString(m_folder.write("a.txt", "hello")) << 2.0 << "a.txt";
        QTest::newRow("edge") << "blur" << 11.0 << "edge";
    }
    void optionsAreChecked()
    {
        QFETCH(QString, background);
        QFETCH(double, edge);
        QFETCH(QString, says);
        const auto made =
            Cutter::make({.edge = edge, .background = background.toStdString(), .blur = 3, .crop = false});
        QVERIFY(!made);
        QVERIFY2(made.error().message.find(says.toStdString()) != std::string::npos, made.error().message.c_str());
        QCOMPARE(made.error().code, ErrorCode::Option);
    }
};

QTEST_GUILESS_MAIN(TestCutout)
#include "test_cutout.moc"
