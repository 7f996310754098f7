// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/datasets/DatasetFormat.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/datasets/listing.h"
#include "tests/support/support.h"

#include <filesystem>

using namespace masque;

namespace {

/// A folder under test, described by hand.
struct Made {
    TestFolder folder;
    Dataset dataset;

    Made() { dataset.root = folder.path(); }
    Item &image(const std::string &name, Size size)
    {
        const cv::Mat pixels(size.height, size.width, CV_8UC3, cv::Scalar(90, 120, 30));
        if (!makeFolder(std::filesystem::path(folder.file(name)).parent_path().string())
            || !writeImage(folder.file(name), pixels))
            qFatal("cannot write the image");
        dataset.items.push_back(itemFor(name));
        return dataset.items.back();
    }
    void mask(Item &item, const cv::Mat1b &ids)
    {
        item.mask = item.image + ".mask.png";
        folder.write(item.mask, encodeGreyPng(ids).value_or(""));
    }
    void rectangle(const Item &item, const std::string &label, Point a, Point b, Size declared)
    {
        Shape shape;
        shape.label = label;
        shape.type = ShapeType::Rectangle;
        shape.points = {a, b};
        Annotation annotation;
        annotation.shapes = {shape};
        annotation.imagePath = item.image;
        annotation.imageSize = declared;
        if (!writeLabelMe(folder.file(item.json), annotation))
            qFatal("cannot write the annotation");
    }
};

cv::Mat1b halves(int left, int right)
{
    cv::Mat1b ids(10, 20, static_cast<uchar>(left));
    ids(cv::Rect(10, 0, 10, 10)) = static_cast<uchar>(right);
    return ids;
}

} // namespace

class TestDataset : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonBecomesAMap()
    {
        Made made;
        made.dataset.labels = LabelSet({"_background_", "car"});
        const auto item = made.image("a.png", {20, 10});
        QVERIFY(!hasAnnotation(made.dataset, item));
        QVERIFY(!readLabelMap(made.dataset, item));
        made.rectangle(item, "car", {10, 0}, {19, 9}, {20, 10});
        QVERIFY(hasAnnotation(made.dataset, item));
        const auto ids = readLabelMap(made.dataset, item);
        MASQUE_VERIFY(ids);
        QCOMPARE(cv::norm(*ids, halves(0, 1)), 0.0);
    }

    void unlabelledIsIgnoredWithoutBackground()
    {
        Made made;
        made.dataset.labels = LabelSet({"sky", "car"});
        const auto item = made.image("a.png", {20, 10});
        made.rectangle(item, "car", {10, 0}, {19, 9}, {20, 10});
        const auto ids = readLabelMap(made.dataset, item);
        MASQUE_VERIFY(ids);
        QCOMPARE(cv::norm(*ids, halves(255, 1)), 0.0);
    }

    void maskValues_data()
    {
        QTest::addColumn<QStringList>("labels");
        QTest::addColumn<QList<int>>("maskIds"); // value, id, ...
        QTest::addColumn<QList<int>>("values");  // left and right half
        QTest::addColumn<QList<int>>("ids");     // empty: an error
        QTest::addColumn<QStringList>("shapes");
        const QStringList two{"_background_", "car"}, full{"sky", "car"};
        QTest::newRow("identity") << two << QList<int>{} << QList{0, 1} << QList{0, 1} << QStringList{"car"};
        QTest::newRow("ignored") << two << QList<int>{} << QList{1, 255} << QList{1, 255}
                                 << QStringList{"car", "__ignore__"};
        QTest::newRow("0 and 255") << two << QList{0, 0, 255, 1} << QList{0, 255} << QList{0, 1} << QStringList{"car"};
        QTest::newRow("no background") << full << QList{0, 0, 1, 1, 2, 255} << QList{0, 2} << QList{0, 255}
                                       << QStringList{"sky"};
        QTest::newRow("unknown value") << two << QList{0, 0, 255, 1} << QList{0, 7} << QList<int>{} << QStringList{};
    }
    void maskValues()
    {
        QFETCH(QStringList, labels);
        QFETCH(QList<int>, maskIds);
        QFETCH(QList<int>, values);
        QFETCH(QList<int>, ids);
        QFETCH(QStringList, shapes);
        Made made;
        for (const auto &label : labels)
            made.dataset.labels.add(label.toStdString());
        for (int i = 0; i + 1 < maskIds.size(); i += 2)
            made.dataset.maskIds[static_cast<std::uint32_t>(maskIds[i])] = static_cast<std::uint8_t>(maskIds[i + 1]);
        auto &item = made.image("a.png", {20, 10});
        made.mask(item, halves(values[0], values[1]));

        const auto map = readLabelMap(made.dataset, item);
        QCOMPARE(map.has_value(), !ids.isEmpty());
        const auto annotation = readAnnotation(made.dataset, item);
        QCOMPARE(annotation.has_value(), !ids.isEmpty());
        const auto summary = summarise(made.dataset, item);
        QCOMPARE(summary.status, ids.isEmpty() ? ItemStatus::Problem : ItemStatus::Labelled);
        if (ids.isEmpty()) {
            QVERIFY(map.error().message.find("7") != std::string::npos);
            QVERIFY(map.error().message.find(item.mask) != std::string::npos);
            return;
        }
        QCOMPARE(cv::norm(*map, halves(ids[0], ids[1])), 0.0);
        QStringList found;
        for (const auto &shape : annotation->shapes)
            found << QString::fromStdString(shape.label);
        QCOMPARE(found, shapes);

        // Saved as LabelMe, it says the same.
        MASQUE_VERIFY(writeLabelMe(made.folder.file(item.json), *annotation));
        const auto again = readLabelMap(made.dataset, item);
        MASQUE_VERIFY(again);
        QCOMPARE(cv::norm(*again, *map), 0.0);
    }

    void sizesThatDisagree()
    {
        Made made;
        made.dataset.labels = LabelSet({"_background_", "car"});
        const auto a = made.image("a.png", {20, 10});
        made.rectangle(a, "car", {1, 1}, {5, 5}, {640, 480});
        auto &b = made.image("b.png", {30, 10});
        made.mask(b, halves(0, 1));
        const auto indexed = indexDataset(made.dataset);
        QCOMPARE(indexed.dataset.problems.size(), std::size_t{2});
        QCOMPARE(indexed.dataset.problems[0].file, std::string("a.json"));
        QVERIFY(indexed.dataset.problems[0].message.find("640 x 480") != std::string::npos);
        QVERIFY(indexed.dataset.problems[0].message.find("20 x 10") != std::string::npos);
        QCOMPARE(indexed.dataset.problems[1].file, std::string("b.png.mask.png"));
        QVERIFY(indexed.dataset.problems[1].message.find("20 x 10") != std::string::npos);
        QVERIFY(indexed.dataset.problems[1].message.find("30 x 10") != std::string::npos);
        for (const auto &item : indexed.dataset.items)
            QVERIFY(!readLabelMap(indexed.dataset, item));
        QCOMPARE(datasetFigures(indexed).annotated, 0);
        QCOMPARE(indexDataset(indexed.dataset).dataset.problems.size(), std::size_t{2}); // not listed twice
    }

    void indexCompletesClasses()
    {
        Made made;
        made.dataset.labels = LabelSet({"_background_"});
        for (const auto *label : {"b10", "b2", "__ignore__", "A"}) {
            const auto item = made.image(std::string(label) + ".png", {20, 10});
            made.rectangle(item, label, {0, 0}, {9, 9}, {20, 10});
        }
        made.image("new.png", {20, 10});
        made.folder.write("broken.png", "\x89PNG\r\n\x1a\n");
        made.dataset.items.push_back(itemFor("broken.png"));
        const auto bad = made.image("badjson.png", {20, 10});
        made.folder.write(bad.json, "{\"version\": \"1\"}");

        std::size_t reported = 0;
        const auto indexed = indexDataset(made.dataset, {}, [&](std::size_t done, std::size_t) { reported = done; });
        QCOMPARE(reported, std::size_t{7});
        QCOMPARE(indexed.dataset.labels.names(), (std::vector<std::string>{"_background_", "A", "b2", "b10"}));
        std::vector<ItemStatus> statuses;
        for (const auto &summary : indexed.summaries)
            statuses.push_back(summary.status);
        const auto labelled = ItemStatus::Labelled, problem = ItemStatus::Problem;
        QCOMPARE(statuses, (std::vector{labelled, labelled, labelled, labelled, ItemStatus::New, problem, problem}));
        QCOMPARE(indexed.dataset.problems.size(), std::size_t{2});

        const auto figures = datasetFigures(indexed);
        QCOMPARE(figures.images, 7);
        QCOMPARE(figures.annotated, 4);
        QCOMPARE(figures.shapes, 4);
        QCOMPARE(figures.classes[1].name, std::string("A"));
        QCOMPARE(figures.classes[1].images, 1);
        QCOMPARE(figures.classes[1].shapes, 1);
        QCOMPARE(figures.classes[1].pixels, std::int64_t{100});
        QCOMPARE(figures.classes[0].pixels, std::int64_t{400}); // the ignored half is no class's
    }

    void indexStops()
    {
        Made made;
        for (int i = 0; i < 20; ++i)
            made.image(std::to_string(i) + ".png", {8, 8});
        std::stop_source stop;
        stop.request_stop();
        const auto indexed = indexDataset(made.dataset, stop.get_token());
        QCOMPARE(indexed.summaries.size(), std::size_t{20});
        QCOMPARE(indexed.summaries[19].status, ItemStatus::Unknown);
    }

    void tooManyClasses()
    {
        Made made;
        made.dataset.labels = LabelSet({"_background_"});
        const auto item = made.image("a.png", {20, 10});
        Annotation annotation;
        for (int i = 0; i < 300; ++i) {
            Shape shape;
            shape.label = "class " + std::to_string(i);
            shape.type = ShapeType::Rectangle;
            shape.points = {{0, 0}, {3, 3}};
            annotation.shapes.push_back(shape);
        }
        annotation.imagePath = "a.png";
        MASQUE_VERIFY(writeLabelMe(made.folder.file(item.json), annotation));
        const auto indexed = indexDataset(made.dataset);
        QCOMPARE(indexed.dataset.labels.size(), 255);
        QCOMPARE(indexed.dataset.problems.size(), std::size_t{1});
        QVERIFY(indexed.dataset.problems[0].message.find("255") != std::string::npos);
    }

    void reviewedAndFlags()
    {
        Made made;
        made.dataset.labels = LabelSet({"_background_"});
        const auto write = [&](const Item &item, const char *text) { made.folder.write(item.json, text); };
        write(made.image("a.png", {8, 8}),
              R"({"shapes": [], "imagePath": "a.png", "imageData": null, "checked": true})");
        write(made.image("b.png", {8, 8}),
              R"({"shapes": [], "imagePath": "b.png", "imageData": null, "flags": {"x": true}})");
        write(made.image("c.png", {8, 8}),
              R"({"shapes": [], "imagePath": "c.png", "imageData": null, "flags": {"x": false}})");
        const auto indexed = indexDataset(made.dataset);
        QCOMPARE(indexed.summaries[0].status, ItemStatus::Reviewed);
        QCOMPARE(indexed.summaries[1].status, ItemStatus::Labelled);
        QCOMPARE(indexed.summaries[2].status, ItemStatus::New);
    }
};

QTEST_GUILESS_MAIN(TestDataset)
#include "test_dataset.moc"
