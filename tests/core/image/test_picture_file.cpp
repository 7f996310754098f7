// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/memory.h"
#include "core/image/picture_file.h"
#include "tests/support/support.h"

#include <QObject>
#include <QtTest/QTest>

using namespace masque;

namespace {

std::string bigEndian(std::uint32_t value)
{
    return {char(value >> 24), char(value >> 16 & 0xff), char(value >> 8 & 0xff), char(value & 0xff)};
}

/// Two pictures of 2 rows and 3 columns, the bytes 0 to 11.
std::string idxPictures(std::uint32_t count = 2)
{
    std::string bytes = std::string("\0\0\x08\x03", 4) + bigEndian(count) + bigEndian(2) + bigEndian(3);
    for (char value = 0; value < 12; ++value)
        bytes += value;
    return bytes;
}

} // namespace

class TestPictureFile : public QObject {
    Q_OBJECT

    TestFolder m_folder;

private Q_SLOTS:
    /// Found by fuzzing: a header that says 587 million classes, and three bytes.
    void aHeaderAloneTakesNoMemory()
    {
        const auto path = m_folder.write("labels-idx1-ubyte", std::string("\0\0\x08\x01\x23\0\x02\0abc", 11));
        const auto before = resetPeakMemory();
        const auto classes = readIdxClasses(path);
        QVERIFY(!classes);
        QVERIFY(classes.error().message.find("ends before its last class") != std::string::npos);
        if (before >= 0)
            QVERIFY(peakMemory() - before < 64 << 20);
    }

    void names()
    {
        QVERIFY(!pictureName("a.png"));
        QVERIFY(!pictureName("a.png#3")); // a file may be called so
        QVERIFY(!pictureName("a.csv#"));
        QVERIFY(!pictureName("a.csv#-1"));
        QVERIFY(!pictureName("a.csv#3x"));
        QCOMPARE(pictureName("b#1/fer.CSV#12")->first, std::string("b#1/fer.CSV"));
        QCOMPARE(pictureName("x/train-images-idx3-ubyte.gz#0")->second, std::size_t{0});
    }

    void tableOfFaces()
    {
        const auto path = m_folder.write("fer.csv", "Usage,emotion,pixels\r\n"
                                                    "Training,3,\"0 1 2 255\"\r\n"
                                                    "PublicTest,x,4 5 6 7\r\n"
                                                    "PrivateTest,0,4 5 6\r\n"
                                                    "Training,0,4 5 6 256\r\n"
                                                    "\r\n"
                                                    "Training,0,1 2 3 4 5 6 7 8 9\r\n");
        QVERIFY(isPictureTable(path));
        const auto file = readPictureFile(path);
        MASQUE_VERIFY(file);
        const auto &table = **file;
        QCOMPARE(table.size, (Size{2, 2}));
        QCOMPARE(table.pictures.size(), std::size_t{5});
        QCOMPARE(table.classes, (std::vector<int>{3, -1, 0, 0, 0}));
        QCOMPARE(table.uses[2], std::string("PrivateTest"));
        QCOMPARE(int(table.pictures[0](1, 1)), 255);
        QCOMPARE(table.problems.size(), std::size_t{3}); // three numbers, one too large, another size
        const auto image = readImage(path + "#1");
        MASQUE_VERIFY(image);
        QCOMPARE(image->type(), CV_8UC3);
        QCOMPARE(int(image->at<cv::Vec3b>(0, 1)[2]), 5);
        const auto info = readImageInfo(path + "#1");
        MASQUE_VERIFY(info);
        QVERIFY(info->size == (Size{2, 2}) && info->channels == 1);
        MASQUE_VERIFY(readThumbnail(path + "#0", 64));
        for (const char *number : {"#2", "#5", "#99999999999999999999"}) {
            const auto none = readImage(path + number);
            QVERIFY(!none);
            QVERIFY2(none.error().message.find("fer.csv") != std::string::npos, none.error().message.c_str());
        }
        QVERIFY(!isPictureTable(m_folder.write("other.csv", "file,label\na.png,3\n")));
        QVERIFY(!isPictureTable(m_folder.file("nowhere.csv")));
    }

    void aChangedTableIsReadAnew()
    {
        const auto path = m_folder.write("changed.csv", "emotion,pixels\n1,7\n");
        QCOMPARE(int(readImage(path + "#0")->at<cv::Vec3b>(0, 0)[0]), 7);
        m_folder.write("changed.csv", "emotion,pixels\n1,207\n");
        QCOMPARE(int(readImage(path + "#0")->at<cv::Vec3b>(0, 0)[0]), 207);
    }

    void idxFiles()
    {
        const auto path = m_folder.write("train-images-idx3-ubyte", idxPictures());
        const auto file = readPictureFile(path);
        MASQUE_VERIFY(file);
        QCOMPARE((*file)->size, (Size{3, 2}));
        QCOMPARE((*file)->pictures.size(), std::size_t{2});
        QCOMPARE(int((*file)->pictures[1](1, 2)), 11);
        const auto classes = readIdxClasses(
            m_folder.write("train-labels-idx1-ubyte", std::string("\0\0\x08\x01", 4) + bigEndian(2) + "\x05\x09"));
        MASQUE_VERIFY(classes);
        QCOMPARE(*classes, (std::vector<std::uint8_t>{5, 9}));
    }

    void brokenOnesAreNamed_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("foreign") << QByteArray("PNG and more");
        QTest::newRow("cut in its header") << QByteArray(idxPictures().c_str(), 9);
        QTest::newRow("cut in a picture") << QByteArray::fromStdString(idxPictures()).left(20);
        QTest::newRow("more than a gigabyte") << QByteArray::fromStdString(idxPictures(0xffffffff));
        QTest::newRow("more pictures than there are") << QByteArray::fromStdString(idxPictures(3));
        QTest::newRow("none") << QByteArray::fromStdString(idxPictures(0));
        QTest::newRow("a gzip file that is none") << QByteArray("\x1f\x8b\x08garbage");
    }
    void brokenOnesAreNamed()
    {
        QFETCH(QByteArray, bytes);
        const auto path = m_folder.write("bad-images-idx3-ubyte.gz", bytes.toStdString());
        const auto file = readPictureFile(path);
        QVERIFY(!file);
        QVERIFY2(file.error().message.find("bad-images") != std::string::npos, file.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestPictureFile)
#include "test_picture_file.moc"
