// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/image/image_file.h"
#include "tests/core/image/image_maker.h"
#include "tests/support/support.h"

#include <fstream>
#include <sys/stat.h>

using namespace masque;

namespace {

cv::Mat noise(int width, int height)
{
    cv::Mat image(height, width, CV_8UC3);
    Random random(5);
    for (std::size_t i = 0; i < image.total() * 3; ++i)
        image.data[i] = static_cast<uchar>(random.next() & 0xff);
    return image;
}

std::string sample(const QString &format)
{
    const cv::Mat image = noise(37, 29);
    if (format == "jpg")
        return jpegWithExif(encoded(image, ".jpg"), exifBlock(6, true));
    if (format == "progressive jpg")
        return encoded(image, ".jpg", {2 /* IMWRITE_JPEG_PROGRESSIVE */, 1});
    if (format == "png palette") {
        cv::Mat1b ids(29, 37, uchar{0});
        ids(3, 3) = 2;
        return encodeIdPng(ids, {{0, 0, 0}, {9, 9, 9}, {8, 8, 8}}).value_or("");
    }
    if (format == "webp")
        return webpWithExif(encoded(image, ".webp"), exifBlock(1, false), 37, 29);
    if (format == "plain tif")
        return makeTiff(image, 3, false);
    return encoded(image, ("." + format).toStdString());
}

/// Without TestFolder::write's flush to disk: thousands of files are made here.
std::string put(const TestFolder &folder, const std::string &name, const std::string &bytes)
{
    std::ofstream(folder.file(name), std::ios::binary) << bytes;
    return folder.file(name);
}

/// Every reader on one file; each must come back with a value or with an error that names the file.
int failures(const std::string &path)
{
    int failed = 0;
    const auto check = [&](const auto &result) {
        if (result)
            return;
        ++failed;
        if (result.error().message.find(path) == std::string::npos)
            qFatal("the message does not name the file: %s", result.error().message.c_str());
    };
    check(readImage(path));
    check(readThumbnail(path, 8));
    check(readIdImage(path));
    (void)readImageInfo(path);
    (void)checkImageFile(path);
    return failed;
}

} // namespace

class TestMalformedImages : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Found by fuzzing: a TIFF whose orientation is a BYTE, which decoders take differently.
    void orientationOfAnotherType()
    {
        const TestFolder folder;
        for (const int orientation : {1, 6, 8}) {
            auto bytes = makeTiff(noise(37, 29), orientation, false);
            const auto entry = bytes.find(std::string("\x12\x01\x03\x00", 4));
            QVERIFY(entry != std::string::npos);
            bytes[entry + 2] = 1;
            const auto path = put(folder, "a.tif", bytes);
            const auto info = readImageInfo(path);
            const auto image = readImage(path);
            MASQUE_VERIFY(info);
            if (image)
                QCOMPARE(image->size(), cv::Size(info->size.width, info->size.height));
            else
                QVERIFY(image.error().message.find("disagree about its size") != std::string::npos);
        }
    }

    void truncated_data()
    {
        QTest::addColumn<QString>("format");
        for (const auto *format : {"jpg", "progressive jpg", "png", "png palette", "tif", "plain tif", "bmp", "webp"})
            QTest::newRow(format) << QString(format);
    }
    void truncated()
    {
        QFETCH(QString, format);
        const auto whole = sample(format);
        TestFolder folder;
        QVERIFY(!whole.empty());
        QVERIFY2(readImage(put(folder, "whole", whole)), "the whole file is fine");
        for (std::size_t length = 0; length < whole.size(); length += length < 200 ? 1 : whole.size() / 50 + 1) {
            const auto path = put(folder, "cut.img", whole.substr(0, length));
            QVERIFY2(failures(path) == 3, qPrintable(QString("%1 of %2 bytes").arg(length).arg(whole.size())));
        }
        for (std::size_t missing = 1; missing <= 2; ++missing) // the last bytes: the end marker, the last pixel
            QVERIFY2(failures(put(folder, "cut.img", whole.substr(0, whole.size() - missing))) == 3
                         || format.endsWith("tif"),
                     qPrintable(QString("%1 bytes missing").arg(missing)));
    }

    void damaged_data() { truncated_data(); }
    void damaged()
    {
        QFETCH(QString, format);
        const auto whole = sample(format);
        TestFolder folder;
        Random random(11);
        for (int round = 0; round < 150; ++round) {
            auto bytes = whole;
            for (int i = 0; i <= round % 4; ++i) {
                const auto reach = round % 2 ? bytes.size() : std::min<std::size_t>(bytes.size(), 120);
                bytes[random.next() % reach] = static_cast<char>(random.next() & 0xff);
            }
            failures(put(folder, "damaged.img", bytes)); // must come back
        }
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        const auto row = [](const char *name, const std::string &bytes, const char *says) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString(says);
        };
        row("empty", "", "empty");
        row("text", "hello, this is no image", "is not a JPEG, PNG, TIFF, BMP or WebP");
        row("gif", "GIF89a\1\0\1\0", "is not a JPEG, PNG, TIFF, BMP or WebP");
        row("png bomb", makePng(60000, 60000, 8, 0, {""}), "too large");
        row("png bomb of one row", makePng(0x7fffffff, 1, 1, 0, {""}), "too large");
        row("png of zero width", makePng(0, 10, 8, 0, {""}), "no pixels");
        row("bmp of zero height",
            "BM" + std::string(12, '\0') + littleEndian(40, 4) + littleEndian(10, 4) + std::string(40, '\0'),
            "no pixels");
        row("bmp of giant size",
            "BM" + std::string(12, '\0') + littleEndian(40, 4) + littleEndian(100000, 4) + littleEndian(0x80000001u, 4)
                + std::string(40, '\0'),
            "too large");
        row("jpeg of zero size",
            "\xff\xd8\xff\xc0" + std::string("\0\x0b\x08\0\0\0\0\1\1\x11\0", 11) + "\xff\xda" + std::string("\0\2", 2)
                + "\xff\xd9",
            "no pixels");
        row("jpeg without frame", std::string("\xff\xd8\xff\xda\0\2\xff\xd9", 8), "no frame header");
        row("jpeg without image", "\xff\xd8\xff\xd9", "without an image");
        row("tiff without directory", std::string("II*\0\xff\xff\xff\x7f", 8), "TIFF");
        row("webp of unknown kind", "RIFF" + littleEndian(30, 4) + "WEBPVP9 " + std::string(30, 'x'), "WebP");
    }
    void refused()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, says);
        TestFolder folder;
        const auto path = put(folder, "bad.png", bytes.toStdString());
        const auto image = readImage(path);
        QVERIFY(!image);
        QVERIFY2(QString::fromStdString(image.error().message).contains(says), image.error().message.c_str());
        QCOMPARE(image.error().context, path);
        QCOMPARE(failures(path), 3);
    }

    void notAFile()
    {
        TestFolder folder;
        const auto pipe = folder.file("pipe.png");
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        for (const auto &path : {folder.path(), folder.file("missing.png"), pipe}) {
            QCOMPARE(failures(path), 3);
            QVERIFY(!readImageInfo(path));
        }
    }

    void trailingBytesAreFine()
    {
        TestFolder folder;
        for (const auto *format : {"jpg", "png", "bmp", "webp"}) {
            const auto path = put(folder, "a", sample(format) + std::string(3000, 'x'));
            MASQUE_VERIFY(readImage(path));
            MASQUE_VERIFY(checkImageFile(path));
        }
    }
};

QTEST_GUILESS_MAIN(TestMalformedImages)
#include "test_malformed_images.moc"
