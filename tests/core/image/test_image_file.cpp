// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"
#include "tests/core/image/image_maker.h"
#include "tests/support/support.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <limits>

using namespace masque;

namespace {

/// No two of its quarters are alike, and its sides differ.
cv::Mat quarters()
{
    cv::Mat image(32, 48, CV_8UC3, cv::Scalar(20, 30, 200));
    image(cv::Rect(24, 0, 24, 16)).setTo(cv::Scalar(220, 20, 20));
    image(cv::Rect(0, 16, 24, 16)).setTo(cv::Scalar(20, 200, 20));
    image(cv::Rect(24, 16, 24, 16)).setTo(cv::Scalar(240, 240, 30));
    return image;
}

double meanDifference(const cv::Mat &a, const cv::Mat &b)
{
    return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

} // namespace

class TestImageFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void appliesOrientationOnce_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("orientation");
        for (const auto *format : {"jpg", "jpg-big-endian", "png", "webp", "tif", "tif-big-endian"})
            for (int orientation = 1; orientation <= 8; ++orientation)
                QTest::newRow(qPrintable(QString("%1 %2").arg(format).arg(orientation)))
                    << QString(format) << orientation;
    }
    void appliesOrientationOnce()
    {
        QFETCH(QString, format);
        QFETCH(int, orientation);
        const bool big = format.endsWith("big-endian");
        const cv::Mat upright = quarters();
        const cv::Mat stored = storedFor(upright, orientation);
        const auto exif = exifBlock(orientation, big);
        const auto bytes =
            format.startsWith("jpg") ? jpegWithExif(encoded(stored, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 98}), exif)
            : format == "png"        ? pngWithExif(encoded(stored, ".png"), exif)
            : format == "webp"
                ? webpWithExif(encoded(stored, ".webp", {cv::IMWRITE_WEBP_QUALITY, 98}), exif, stored.cols, stored.rows)
                : makeTiff(stored, orientation, big);
        TestFolder folder;
        const auto path = folder.write(("a." + format.split("-").front()).toStdString(), bytes);

        const auto info = readImageInfo(path);
        MASQUE_VERIFY(info);
        QCOMPARE(info->orientation, orientation);
        QCOMPARE(info->size.width, 48);
        QCOMPARE(info->size.height, 32);
        for (const auto &image : {readImage(path), decodeImage(bytes, "a"), readThumbnail(path, 48)}) {
            MASQUE_VERIFY(image);
            QCOMPARE(image->size(), upright.size());
            QVERIFY2(meanDifference(*image, upright) < 4, qPrintable(QString::number(meanDifference(*image, upright))));
        }
    }

    void readsDepthsAndColorTypes_data()
    {
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("colorType");
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QList<int>>("expected"); // RGB of both pixels
        QTest::addColumn<int>("channels");
        const auto bytes = [](std::initializer_list<int> all) {
            QByteArray array;
            for (const int b : all)
                array += static_cast<char>(b);
            return array;
        };
        QTest::newRow("grey 1") << 1 << 0 << bytes({0x40}) << QList{0, 0, 0, 255, 255, 255} << 1;
        QTest::newRow("grey 2") << 2 << 0 << bytes({0x60}) << QList{85, 85, 85, 170, 170, 170} << 1;
        QTest::newRow("grey 4") << 4 << 0 << bytes({0x1f}) << QList{17, 17, 17, 255, 255, 255} << 1;
        QTest::newRow("grey 8") << 8 << 0 << bytes({7, 200}) << QList{7, 7, 7, 200, 200, 200} << 1;
        QTest::newRow("grey 16") << 16 << 0 << bytes({0x80, 0, 0xff, 0xff}) << QList{128, 128, 128, 255, 255, 255} << 1;
        QTest::newRow("grey 12 of 16") << 16 << 0 << bytes({0x08, 0, 0x0f, 0xff}) << QList{128, 128, 128, 255, 255, 255}
                                       << 1;
        QTest::newRow("grey 10 of 16") << 16 << 0 << bytes({0x02, 0, 0x03, 0xff}) << QList{128, 128, 128, 255, 255, 255}
                                       << 1;
        QTest::newRow("RGB 8") << 8 << 2 << bytes({1, 2, 3, 4, 5, 6}) << QList{1, 2, 3, 4, 5, 6} << 3;
        QTest::newRow("RGB 16") << 16 << 2 << bytes({0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x33, 0x33})
                                << QList{255, 0, 0, 0, 0, 51} << 3;
        QTest::newRow("palette 1") << 1 << 3 << bytes({0x40}) << QList{10, 20, 30, 40, 50, 60} << 1;
        QTest::newRow("palette 8") << 8 << 3 << bytes({1, 0}) << QList{40, 50, 60, 10, 20, 30} << 1;
        QTest::newRow("grey alpha") << 8 << 4 << bytes({9, 0, 99, 255}) << QList{9, 9, 9, 99, 99, 99} << 2;
        QTest::newRow("RGBA") << 8 << 6 << bytes({1, 2, 3, 0, 4, 5, 6, 128}) << QList{1, 2, 3, 4, 5, 6} << 4;
    }
    void readsDepthsAndColorTypes()
    {
        QFETCH(int, depth);
        QFETCH(int, colorType);
        QFETCH(QByteArray, row);
        QFETCH(QList<int>, expected);
        QFETCH(int, channels);
        const auto palette = colorType == 3 ? pngChunk("PLTE", "\x0a\x14\x1e\x28\x32\x3c") : std::string();
        TestFolder folder;
        const auto path = folder.write("a.png", makePng(2, 1, depth, colorType, {row.toStdString()}, palette));
        const auto info = readImageInfo(path);
        MASQUE_VERIFY(info);
        QCOMPARE(info->channels, channels);
        QCOMPARE(info->bitDepth, depth);
        const auto image = readImage(path);
        MASQUE_VERIFY(image);
        QCOMPARE(image->type(), CV_8UC3);
        QList<int> values;
        for (int x = 0; x < 2; ++x)
            for (int c = 0; c < 3; ++c)
                values += image->at<cv::Vec3b>(0, x)[c];
        QCOMPARE(values, expected);
    }

    void readsEveryFormat_data()
    {
        QTest::addColumn<QString>("extension");
        QTest::addColumn<int>("type");
        for (const auto *extension : {"jpg", "png", "tif", "bmp", "webp"})
            for (const int type : {CV_8UC3, CV_8UC1})
                QTest::newRow(qPrintable(QString("%1 %2").arg(extension).arg(CV_MAT_CN(type))))
                    << QString(extension) << type;
        QTest::newRow("tif 16 bit") << "tif" << CV_16UC3;
        QTest::newRow("tif 16 bit grey") << "tif" << CV_16UC1;
        QTest::newRow("png rgba") << "png" << CV_8UC4;
        QTest::newRow("webp rgba") << "webp" << CV_8UC4;
        QTest::newRow("tif rgba") << "tif" << CV_8UC4;
    }
    void readsEveryFormat()
    {
        QFETCH(QString, extension);
        QFETCH(int, type);
        cv::Mat expected = quarters(), source = expected;
        if (CV_MAT_CN(type) == 1)
            cv::cvtColor(source, source, cv::COLOR_RGB2GRAY);
        if (CV_MAT_CN(type) == 4)
            cv::cvtColor(source, source, cv::COLOR_RGB2RGBA);
        if (CV_MAT_CN(type) == 1)
            cv::cvtColor(source, expected, cv::COLOR_GRAY2RGB);
        if (CV_MAT_DEPTH(type) == CV_16U) {
            source.convertTo(source, CV_16U, 257);
            source.at<ushort>(0, 0) = 65535; // its greatest value tells the depth
        }
        TestFolder folder;
        const auto path =
            folder.write(("image." + extension).toStdString(), encoded(source, ("." + extension).toStdString()));
        const auto image = readImage(path);
        MASQUE_VERIFY(image);
        QVERIFY2(meanDifference(*image, expected) < 6, qPrintable(QString::number(meanDifference(*image, expected))));
        const auto info = readImageInfo(path);
        MASQUE_VERIFY(info);
        QCOMPARE(info->size.width, 48);
        QCOMPARE(info->size.height, 32);
    }

    void numbersThatAreNoneAreSaid()
    {
        TestFolder folder;
        const std::vector<int> plain{cv::IMWRITE_TIFF_COMPRESSION, 1}; // the encoder's own choice knows no NaN
        cv::Mat3f values(8, 8, cv::Vec3f(0.25F, 0.5F, 1));
        const auto fine = readImage(folder.write("fine.tif", encoded(values, ".tif", plain)));
        MASQUE_VERIFY(fine);
        QCOMPARE(fine->at<cv::Vec3b>(0, 0), cv::Vec3b(64, 128, 255));
        for (const float none : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            values(3, 4)[1] = none;
            const auto image = readImage(folder.write("none.tif", encoded(values, ".tif", plain)));
            QVERIFY(!image);
            QVERIFY2(image.error().message.find("none.tif: has pixels that are no finite numbers") != std::string::npos,
                     image.error().message.c_str());
        }
    }

    void contentDecidesNotTheExtension()
    {
        TestFolder folder;
        const auto path = folder.write("really_a_png.jpg", encoded(quarters(), ".png"));
        const auto image = readImage(path);
        MASQUE_VERIFY(image);
        QCOMPARE(meanDifference(*image, quarters()), 0.0);
    }

    void readsIdsExactly_data()
    {
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("colorType");
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<QList<int>>("ids");
        QTest::newRow("grey 1") << 1 << 0 << QByteArray("\x40") << QList{0, 1};
        QTest::newRow("grey 2") << 2 << 0 << QByteArray("\xb0") << QList{2, 3};
        QTest::newRow("grey 4") << 4 << 0 << QByteArray("\x9f") << QList{9, 15};
        QTest::newRow("grey 8") << 8 << 0 << QByteArray("\x07\xff") << QList{7, 255};
        QTest::newRow("grey 16") << 16 << 0 << QByteArray("\x01\x02\xff\xff") << QList{258, 65535};
        QTest::newRow("grey alpha") << 8 << 4 << QByteArray("\x07\x01\xff\x02") << QList{7, 255};
        QTest::newRow("palette 1") << 1 << 3 << QByteArray("\x40") << QList{0, 1};
        QTest::newRow("palette 4") << 4 << 3 << QByteArray("\x10") << QList{1, 0};
        QTest::newRow("palette 8") << 8 << 3 << QByteArray("\x01\x01") << QList{1, 1};
        QTest::newRow("palette index without colour") << 8 << 3 << QByteArray("\x01\x0c") << QList{1, 12};
    }
    void readsIdsExactly()
    {
        QFETCH(int, depth);
        QFETCH(int, colorType);
        QFETCH(QByteArray, row);
        QFETCH(QList<int>, ids);
        const auto palette = colorType == 3 ? pngChunk("PLTE", "\x0a\x14\x1e\x28\x32\x3c") : std::string();
        TestFolder folder;
        const auto path = folder.write("a.png", makePng(2, 1, depth, colorType, {row.toStdString()}, palette));
        const auto mask = readIdImage(path);
        MASQUE_VERIFY(mask);
        QCOMPARE(mask->ids.type(), depth == 16 ? CV_16UC1 : CV_8UC1);
        cv::Mat wide;
        mask->ids.convertTo(wide, CV_32S);
        QCOMPARE((QList{wide.at<int>(0, 0), wide.at<int>(0, 1)}), ids);
        QCOMPARE(mask->palette.empty(), colorType != 3);
        if (colorType == 3)
            QCOMPARE(mask->palette[1], (Color{40, 50, 60}));
    }

    void idsOfOtherFiles()
    {
        TestFolder folder;
        cv::Mat1b grey(4, 4, uchar{0});
        grey(1, 2) = 3;
        for (const auto *extension : {".bmp", ".tif"}) {
            const auto mask = readIdImage(folder.write(std::string("g") + extension, encoded(grey, extension)));
            MASQUE_VERIFY(mask);
            QCOMPARE(mask->ids.channels(), 1);
            QCOMPARE(cv::norm(mask->ids, grey), 0.0);
        }
        const auto color = readIdImage(folder.write("c.png", encoded(quarters(), ".png")));
        MASQUE_VERIFY(color);
        QCOMPARE(color->ids.type(), CV_8UC3);
        QCOMPARE(color->ids.at<cv::Vec3b>(0, 40), cv::Vec3b(220, 20, 20));

        cv::Mat1b binary(32, 32, uchar{0});
        binary(cv::Rect(0, 0, 16, 32)) = 255;
        const auto lossy = readIdImage(folder.write("b.jpg", encoded(binary, ".jpg")));
        MASQUE_VERIFY(lossy);
        QCOMPARE(cv::norm(lossy->ids, binary), 0.0);
        QVERIFY(!readIdImage(folder.write("d.jpg", encoded(cv::Mat1b(32, 32, uchar{100}), ".jpg"))));
    }

    void writesIdPng()
    {
        cv::Mat1b ids(5, 7, uchar{0});
        ids(2, 3) = 2;
        ids(4, 6) = 255;
        const auto png = encodeIdPng(ids, {{0, 0, 0}, {1, 2, 3}, {200, 100, 50}});
        MASQUE_VERIFY(png);
        TestFolder folder;
        const auto mask = readIdImage(folder.write("ids.png", *png));
        MASQUE_VERIFY(mask);
        QCOMPARE(cv::norm(mask->ids, ids), 0.0);
        QCOMPARE(mask->palette.at(2), (Color{200, 100, 50}));
        const auto shown = readImage(folder.file("ids.png"));
        MASQUE_VERIFY(shown);
        QCOMPARE(shown->at<cv::Vec3b>(2, 3), cv::Vec3b(200, 100, 50));

        const auto grey = encodeGreyPng(ids);
        MASQUE_VERIFY(grey);
        const auto again = readIdImage(folder.write("grey.png", *grey));
        MASQUE_VERIFY(again);
        QVERIFY(again->palette.empty());
        QCOMPARE(cv::norm(again->ids, ids), 0.0);
        QVERIFY(!encodeIdPng(cv::Mat1b(), {}));
    }

    void writesImages()
    {
        TestFolder folder;
        for (const auto *name : {"a.png", "a.jpg"}) {
            MASQUE_VERIFY(writeImage(folder.file(name), quarters()));
            const auto image = readImage(folder.file(name));
            MASQUE_VERIFY(image);
            QVERIFY(meanDifference(*image, quarters()) < 4);
        }
        QVERIFY(!writeImage(folder.file("a.gif"), quarters()));
        QVERIFY(!writeImage(folder.file("missing/a.png"), quarters()));
        QVERIFY(!writeImage(folder.file("b.png"), cv::Mat()));
    }

    void thumbnails_data()
    {
        QTest::addColumn<QString>("extension");
        QTest::addColumn<int>("maxSide");
        QTest::addColumn<QSize>("expected");
        for (const auto *extension : {"jpg", "png"})
            for (const auto &[side, size] :
                 {std::pair(100, QSize(100, 50)), {333, QSize(333, 167)}, {5000, QSize(1200, 600)}})
                QTest::newRow(qPrintable(QString("%1 %2").arg(extension).arg(side)))
                    << QString(extension) << side << size;
    }
    void thumbnails()
    {
        QFETCH(QString, extension);
        QFETCH(int, maxSide);
        QFETCH(QSize, expected);
        cv::Mat image;
        cv::resize(quarters()(cv::Rect(0, 4, 48, 24)), image, {1200, 600});
        TestFolder folder;
        const auto path =
            folder.write(("a." + extension).toStdString(), encoded(image, ("." + extension).toStdString()));
        const auto thumbnail = readThumbnail(path, maxSide);
        MASQUE_VERIFY(thumbnail);
        QCOMPARE(QSize(thumbnail->cols, thumbnail->rows), expected);
        QVERIFY(thumbnail->at<cv::Vec3b>(2, 2)[2] > 150); // RGB: the first quarter is blue
    }

    void knowsExtensions()
    {
        for (const auto *name : {"a.jpg", "b.JPEG", "c/d.Png", "e.tif", "e.tiff", "f.bmp", "g.WEBP"})
            QVERIFY2(hasImageExtension(name), name);
        for (const auto *name : {"", "jpg", "a.gif", "a.json", "a.jpg/b", "dir.png/", "a.jpg.txt"})
            QVERIFY2(!hasImageExtension(name), name);
    }
};

QTEST_GUILESS_MAIN(TestImageFile)
#include "test_image_file.moc"
