// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "tests/plugins/formats.h"

#include <QElapsedTimer>

#include <filesystem>

using namespace masque;

/// The built-in formats on real data that the project does not contain.
class TestFormatData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("format");
        QTest::addColumn<QList<int>>("figures"); // images, annotated, classes, train, val, problems
        const auto row = [](const char *folder, const char *format, QList<int> figures) {
            QTest::newRow(folder) << QString(folder) << QString(format) << figures;
        };
        row("camvid", "camvid", {468, 468, 11, 367, 101, 0});
        row("portrait/human290", "image-mask", {240, 240, 2, 0, 0, 0});
        row("portrait/human290_size_mismatch", "image-mask", {6, 0, 2, 0, 0, 6});
        row("emotion/fer2013", "class-folders", {7256, 7256, 7, 6316, 940, 0});
        row("mnist", "mnist-idx", {70000, 70000, 10, 60000, 0, 0});
        row("layouts/voc/ccp_voc", "image-mask", {30, 30, 59, 20, 10, 0});
        row("labelme/fruits_nuts", "labelme", {6, 6, 4, 0, 0, 0});
        row("labelme/examples/semantic_segmentation", "labelme", {3, 3, 21, 0, 0, 0});
        row("labelme/examples/instance_segmentation", "labelme", {3, 3, 21, 0, 0, 0});
        row("labelme/examples/instance_segmentation/data_annotated", "labelme", {3, 3, 21, 0, 0, 0});
        row("labelme/examples/bbox_detection", "labelme", {3, 3, 21, 0, 0, 0});
        row("labelme/examples/video_annotation", "labelme", {5, 5, 3, 0, 0, 0});
        row("labelme/examples/primitives", "labelme", {1, 1, 8, 0, 0, 0});
        row("labelme/examples/tutorial", "labelme", {1, 1, 5, 0, 0, 0});
        row("labelme/examples/classification", "labelme", {2, 2, 1, 0, 0, 0});
    }
    void reads()
    {
        QFETCH(QString, folder);
        QFETCH(QString, format);
        QFETCH(QList<int>, figures);
        const auto path = sharedData(folder.toStdString());
        if (path.empty())
            QSKIP("the real data is not here");
        QElapsedTimer timer;
        timer.start();
        auto dataset = openDataset(path, builtinFormats());
        MASQUE_VERIFY(dataset);
        const auto opened = timer.restart();
        const auto indexed = indexDataset(std::move(*dataset));
        const auto counted = datasetFigures(indexed);
        qInfo("opened in %lld ms, indexed and counted in %lld ms", static_cast<long long>(opened),
              static_cast<long long>(timer.elapsed()));
        QCOMPARE(QString::fromStdString(indexed.dataset.format), format);
        QCOMPARE(
            (QList{counted.images, counted.annotated, static_cast<int>(counted.classes.size()),
                   counted.splits[static_cast<std::size_t>(Split::Train)],
                   counted.splits[static_cast<std::size_t>(Split::Val)], static_cast<int>(counted.problems.size())}),
            figures);
    }

    void camVidShares()
    {
        const auto path = sharedData("camvid");
        if (path.empty())
            QSKIP("the real data is not here");
        const auto dataset = openDataset(path, builtinFormats());
        MASQUE_VERIFY(dataset);
        std::array<double, 256> pixels{};
        double all = 0;
        for (const auto &item : dataset->items)
            if (item.split == Split::Train) {
                const auto ids = readLabelMap(*dataset, item);
                MASQUE_VERIFY(ids);
                for (const auto id : *ids)
                    ++pixels[id];
                all += static_cast<double>(ids->total());
            }
        const double shares[] = {.169, .233, .010, .317, .045, .097, .012, .011, .059, .006, .003};
        for (std::size_t i = 0; i < std::size(shares); ++i)
            QVERIFY2(std::abs(pixels[i] / all - shares[i]) < 0.001, qPrintable(QString::number(pixels[i] / all)));
        QVERIFY(std::abs(pixels[kIgnoreId] / all - 0.040) < 0.001);
    }

    void sizeMismatchNamesFileAndSizes()
    {
        const auto path = sharedData("portrait/human290_size_mismatch");
        if (path.empty())
            QSKIP("the real data is not here");
        auto dataset = openDataset(path, builtinFormats());
        MASQUE_VERIFY(dataset);
        const auto indexed = indexDataset(std::move(*dataset));
        const auto &problem = indexed.dataset.problems.front();
        QCOMPARE(problem.file, std::string("masks/53.png"));
        QVERIFY(problem.message.find("612 x 408") != std::string::npos);
        QVERIFY(problem.message.find("1100 x 734") != std::string::npos);
        for (const auto &item : indexed.dataset.items)
            QVERIFY(!readLabelMap(indexed.dataset, item));
    }

    /// Whatever JSON is in Python's form stays as it is, byte for byte.
    void convertKeepsRealFiles()
    {
        const auto path = sharedData("labelme/examples");
        if (path.empty())
            QSKIP("the real data is not here");
        const auto dataset = openDataset(path, builtinFormats(), "labelme");
        MASQUE_VERIFY(dataset);
        TestFolder folder;
        MASQUE_VERIFY(LabelMeFormat().write(*dataset, folder.file("out"), {}, {}));
        int compared = 0;
        for (const auto &item : dataset->items) {
            const auto text = readFile(dataset->absolute(item.json));
            const auto document = text ? Json::parse(*text) : Result<Json>(Json());
            if (!text || !document || document->dump(2) != *text)
                continue;
            ++compared;
            QCOMPARE(readFile(folder.file("out/" + item.json)).value_or(""), *text);
        }
        qInfo("%d files compared", compared);
        QVERIFY(compared > 0);
    }
};

QTEST_GUILESS_MAIN(TestFormatData)
#include "test_format_data.moc"
