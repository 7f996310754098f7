// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/datasets/statistics.h"
#include "tests/plugins/formats.h"

#include <QProcess>

#include <cmath>

using namespace masque;

/// What a dataset holds, counted.
class TestStatistics : public QObject {
    Q_OBJECT

    static IndexedDataset indexed(const std::string &path)
    {
        auto dataset = openDataset(path, builtinFormats());
        return dataset ? indexDataset(std::move(*dataset)) : IndexedDataset();
    }

private Q_SLOTS:
    void small()
    {
        const TestFolder folder;
        for (const auto &[name, side] : {std::pair("train/a", 10), std::pair("train/b", 20), std::pair("val/c", 10)}) {
            folder.write(std::string(name) + ".png",
                         encodeGreyPng(cv::Mat1b(side, side, std::uint8_t{9})).value_or(""));
            if (std::string(name) == "train/b")
                continue; // not labelled
            Annotation annotation;
            annotation.imageSize = Size{side, side};
            for (const char *label : {"=car", "__ignore__"}) {
                Shape shape{.label = label, .type = ShapeType::Mask};
                const int x = label[0] == '=' ? 0 : 5;
                shape.mask = std::make_shared<const Mask>(Mask{{x, 0, 2, 5}, cv::Mat1b(5, 2, std::uint8_t{1})});
                annotation.shapes.push_back(std::move(shape));
            }
            MASQUE_VERIFY(writeLabelMe(folder.file(std::string(name) + ".json"), annotation));
        }
        const auto all = datasetStatistics(indexed(folder.path()), {});
        QCOMPARE(all.figures.images, 3);
        QCOMPARE(all.figures.annotated, 2);
        QCOMPARE(all.pixels, std::int64_t{200}); // of those that are labelled
        QCOMPARE(all.ignoredPixels(), std::int64_t{20});
        QCOMPARE(all.sizes, (std::vector<std::pair<Size, int>>{{{10, 10}, 2}, {{20, 20}, 1}}));
        QCOMPARE(all.shapesAnImage, (std::vector<std::pair<int, int>>{{2, 2}}));
        const auto train = datasetStatistics(indexed(folder.path()), Split::Train);
        QCOMPARE(train.figures.images, 2);
        QCOMPARE(train.pixels, std::int64_t{100});
        QCOMPARE(train.figures.classes.back().name, std::string("=car"));
        QCOMPARE(train.share(train.figures.classes.back().pixels), 0.1);
        QVERIFY(train.toCsv().find("=car,1,1,10,0.1") != std::string::npos);
        QVERIFY(train.toCsv().find("\r\n10,10,1\r\n") != std::string::npos);
    }

    /// The same as a few lines of Python with Pillow count in CamVid's training masks.
    void camvid()
    {
        const auto path = sharedData("camvid");
        if (path.empty())
            QSKIP("the real data is not there");
        const auto statistics = datasetStatistics(indexed(path), Split::Train);
        QCOMPARE(statistics.figures.images, 367);
        if (QProcess::execute("/usr/bin/python3", {"-c", "import PIL, numpy"}) != 0)
            QSKIP("python3 with PIL and numpy is not installed");
        QProcess python;
        python.start("/usr/bin/python3", {"-c", QStringLiteral(R"(
import sys, glob, numpy, PIL.Image
counts = numpy.zeros(256, numpy.int64)
for path in glob.glob(sys.argv[1] + '/trainannot/*.png') or glob.glob(sys.argv[1] + '/**/train*/**/*.png', recursive=True):
    counts += numpy.bincount(numpy.array(PIL.Image.open(path)).ravel(), minlength=256)
print(*counts[:12])
)"),
                                          QString::fromStdString(path)});
        QVERIFY(python.waitForFinished(120000));
        const auto counts = QString::fromLatin1(python.readAllStandardOutput()).trimmed().split(' ');
        QCOMPARE(counts.size(), 12);
        QCOMPARE(statistics.figures.classes.size(), std::size_t{11});
        std::int64_t sum = 0;
        for (std::size_t id = 0; id < 11; ++id) {
            QCOMPARE(statistics.figures.classes[id].pixels,
                     std::int64_t{counts[static_cast<qsizetype>(id)].toLongLong()});
            sum += counts[static_cast<qsizetype>(id)].toLongLong();
        }
        QCOMPARE(statistics.ignoredPixels(), std::int64_t{counts[11].toLongLong()});
        QCOMPARE(statistics.pixels, sum + counts[11].toLongLong());
    }
};

QTEST_GUILESS_MAIN(TestStatistics)
#include "test_statistics.moc"
