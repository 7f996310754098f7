// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/image/image_file.h"
#include "plugins/formats/CocoFile.h"
#include "plugins/formats/coco_rle.h"
#include "tests/plugins/formats.h"

#include <opencv2/imgproc.hpp>

#include <filesystem>

using namespace masque;

namespace {

Json parsed(const std::string &text)
{
    auto json = Json::parse(text);
    if (!json)
        qFatal("%s", json.error().message.c_str());
    return *json;
}

/// Two photos of 8 x 6: a cat of two polygons and a crowd of dogs; a dog by a box, a cat by runs.
const char *const kInstances = R"({
 "info": {"year": 2017, "images": [{"id": 5}]},
 "images": [{"id": 900, "file_name": "b.png", "width": 8, "height": 6, "license": 1},
            {"id": 31, "file_name": "a.png", "width": 8.0, "height": 6}],
 "annotations": [
  {"id": 1, "image_id": 31, "category_id": 18, "iscrowd": 0, "bbox": [1, 1, 2, 2], "area": 4.5,
   "segmentation": [[1, 1, 3, 1, 3, 3, 1, 3], [5, 1, 7, 1, 7, 4]], "keypoints": [1, 2, 2]},
  {"id": 2, "image_id": 900, "category_id": 17, "bbox": [2, 1, 4, 3], "segmentation": []},
  {"id": 3, "image_id": 31, "category_id": 17, "iscrowd": 1,
   "segmentation": {"counts": [0, 6, 42], "size": [6, 8]}},
  {"id": 4, "image_id": 900, "category_id": 18, "segmentation": {"counts": "01_1", "size": [6, 8]}},
  {"id": 5, "image_id": 77, "category_id": 18, "segmentation": []}],
 "categories": [{"id": 18, "name": "cat", "supercategory": "animal"}, {"id": 17, "name": "dog"}]})";

/// The text coding a second time, after its description (cocoapi's maskApi.c says it in comments): numbers of 5 bits a
/// letter, the least first, the sixth bit for "more follows", the sign in the last one's fifth; from the fourth number
/// on the difference to the one before the last; runs down the columns, 0 and 1 in turn.
cv::Mat1b decodedAgain(const std::string &text, int rows, int columns)
{
    std::vector<long> counts;
    for (std::size_t at = 0; at < text.size();) {
        long number = 0;
        int shift = 0, letter = 0;
        do {
            letter = text.at(at++) - '0';
            number += static_cast<long>(letter % 32) << shift;
            shift += 5;
        } while (letter >= 32);
        if (letter % 32 >= 16)
            number -= 1L << shift;
        counts.push_back(counts.size() > 2 ? number + counts[counts.size() - 2] : number);
    }
    cv::Mat1b mask(rows, columns, std::uint8_t{0});
    long at = 0;
    for (std::size_t run = 0; run < counts.size(); ++run)
        for (long k = 0; k < counts[run]; ++k, ++at)
            mask(static_cast<int>(at % rows), static_cast<int>(at / rows)) = run % 2;
    return mask;
}

} // namespace

/// COCO's annotations, by content and as a stream.
class TestCoco : public QObject {
    Q_OBJECT

    std::unique_ptr<TestFolder> m_folder;

    Result<Dataset> opened() const { return openDataset(m_folder->path(), builtinFormats()); }
    void writePhotos(const std::string &folder)
    {
        std::filesystem::create_directories(m_folder->file(folder));
        for (const char *name : {"a.png", "b.png"})
            MASQUE_VERIFY(writeImage(m_folder->file(folder + "/" + name), cv::Mat(6, 8, CV_8UC3, cv::Scalar::all(50))));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TestFolder>(); }

    void runs_data()
    {
        QTest::addColumn<QString>("counts");
        QTest::addColumn<QString>("rows"); ///< of 3 x 5 pixels, from above
        QTest::newRow("nothing") << "[15]"
                                 << "..... ..... .....";
        QTest::newRow("all") << "[0, 15]"
                             << "##### ##### #####";
        QTest::newRow("columns go down") << "[1, 2, 12]"
                                         << "..... #.... #....";
        QTest::newRow("pycocotools' text") << "\"5321O\""
                                           << "..#.# ..### .#.#.";
        QTest::newRow("text of all") << "\"0?\""
                                     << "##### ##### #####";
    }
    void runs()
    {
        QFETCH(QString, counts);
        QFETCH(QString, rows);
        const auto mask = maskFromRle(parsed("{\"size\": [3, 5], \"counts\": " + counts.toStdString() + "}"), {5, 3});
        MASQUE_VERIFY(mask);
        QStringList found;
        for (int y = 0; y < 3; ++y) {
            QString row;
            for (int x = 0; x < 5; ++x)
                row += (*mask)(y, x) ? '#' : '.';
            found << row;
        }
        QCOMPARE(found.join(' '), rows);
    }

    /// Both implementations say the same of random masks, sparse, dense and even.
    void secondImplementation()
    {
        cv::RNG dice(7);
        for (int round = 0; round < 200; ++round) {
            cv::Mat1b mask(dice.uniform(1, 60), dice.uniform(1, 60)), smooth;
            dice.fill(mask, cv::RNG::UNIFORM, 0, 256);
            cv::blur(mask, smooth, {1 + 2 * (round % 4), 1 + 2 * (round % 3)});
            mask = (smooth > dice.uniform(0, 256)) / 255;
            const Json rle = rleFromMask(mask);
            const auto again = decodedAgain(rle["counts"].toString(), mask.rows, mask.cols);
            QCOMPARE(cv::norm(again, mask, cv::NORM_INF), 0.0);
        }
    }

    /// pycocotools' own example of results: read by both alike, and written again letter by letter.
    void givenResults()
    {
        const auto path = sharedData("layouts/coco/results_rle_strings/instances_val2014_fakesegm100_results.json");
        if (path.empty())
            QSKIP("the real data is not there");
        const auto results = readJsonFile(path);
        MASQUE_VERIFY(results);
        QCOMPARE(results->size(), std::size_t{734});
        for (const auto &result : results->items()) {
            const Json &rle = result["segmentation"];
            const int rows = static_cast<int>(rle["size"][std::size_t{0}].toInt());
            const int columns = static_cast<int>(rle["size"][std::size_t{1}].toInt());
            const auto mask = maskFromRle(rle, {columns, rows});
            MASQUE_VERIFY(mask);
            const std::string text = rle["counts"].toString();
            QCOMPARE(cv::norm(decodedAgain(text, rows, columns), *mask, cv::NORM_INF), 0.0);
            QCOMPARE(rleFromMask(*mask)["counts"].toString(), text);
        }
    }

    void brokenRuns_data()
    {
        QTest::addColumn<QString>("rle");
        for (const char *rle :
             {R"({"size": [5, 3], "counts": [15]})", R"({"size": [3, 5], "counts": [14]})",
              R"({"size": [3, 5], "counts": [16]})", R"({"size": [3, 5], "counts": [10, -1, 6]})",
              R"({"size": [3, 5], "counts": [10, 1e300]})", R"({"size": [3, 5], "counts": [8, 8]})",
              R"({"size": [3, 5], "counts": "oooooooooo"})", R"({"size": [3, 5], "counts": "\u0001"})",
              R"({"size": [3, 5], "counts": "5o"})", R"({"size": [3, 5], "counts": "OOOO"})", R"({"size": [3, 5]})",
              R"({"counts": [15]})", "{}", "[]"})
            QTest::newRow(rle) << rle;
    }
    void brokenRuns()
    {
        QFETCH(QString, rle);
        QVERIFY(!maskFromRle(parsed(rle.toStdString()), {5, 3}));
    }

    void readsShapes()
    {
        writePhotos("train2017");
        m_folder->write("annotations/instances_train2017.json", kInstances);
        m_folder->write(
            "annotations/captions_train2017.json",
            R"({"images": [{"id": 31, "file_name": "a.png"}], "annotations": [{"id": 1, "image_id": 31}]})");
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("coco"));
        QCOMPARE(dataset->labels.names(), (std::vector<std::string>{std::string(kBackgroundName), "dog", "cat"}));
        QVERIFY(dataset->problems.empty());
        QCOMPARE(dataset->items.size(), std::size_t{2});
        QCOMPARE(dataset->items[0].image, std::string("train2017/a.png"));
        QVERIFY(dataset->items[0].split == Split::Train);
        const auto a = readAnnotation(*dataset, dataset->items[0]), b = readAnnotation(*dataset, dataset->items[1]);
        MASQUE_VERIFY(a);
        MASQUE_VERIFY(b);
        QCOMPARE(a->shapes.size(), std::size_t{3});
        QVERIFY(a->shapes[0].points == (std::vector<Point>{{1, 1}, {3, 1}, {3, 3}, {1, 3}}));
        QCOMPARE(a->shapes[0].groupId, a->shapes[1].groupId); // one cat
        QVERIFY(a->shapes[0].groupId && a->shapes[0].id != a->shapes[1].id);
        QCOMPARE((*a->shapes[0].source)["coco"]["area"].toDouble(), 4.5);
        QVERIFY((*a->shapes[0].source)["coco"].contains("keypoints"));
        QCOMPARE(a->shapes[2].label, std::string(kIgnoreName)); // a crowd
        QCOMPARE(a->shapes[2].mask->box, (Rect{0, 0, 1, 6}));
        QVERIFY(b->shapes[0].type == ShapeType::Rectangle);
        QVERIFY(b->shapes[0].points == (std::vector<Point>{{2, 1}, {6, 4}}));
        QCOMPARE(b->shapes[0].label, std::string("dog"));
        QVERIFY(b->shapes[1].type == ShapeType::Mask);

        const auto ids = readLabelMap(*dataset, dataset->items[0]);
        MASQUE_VERIFY(ids);
        QCOMPARE(int((*ids)(3, 0)), kIgnoreId);
        QCOMPARE(int((*ids)(2, 2)), 2);
        const auto indexed = indexDataset(*dataset);
        QVERIFY(indexed.summaries[0].status == ItemStatus::Labelled);
        QVERIFY(indexed.dataset.problems.empty());

        // What is edited lies beside the image as LabelMe and counts more.
        m_folder->write("train2017/a.json", R"({"version": "5.0.1", "shapes": [], "flags": {"seen": true},
            "imagePath": "a.png", "imageData": null, "imageHeight": 6, "imageWidth": 8})");
        const auto again = opened();
        MASQUE_VERIFY(again);
        QCOMPARE(again->format, std::string("coco"));
        QVERIFY(readAnnotation(*again, again->items[0]).value().shapes.empty());
    }

    void findsImages_data()
    {
        QTest::addColumn<QString>("photos");
        QTest::addColumn<QString>("list");
        QTest::newRow("images") << "images"
                                << "annotations/instances_default.json";
        QTest::newRow("images by split") << "images/val"
                                         << "annotations/instances_val.json";
        QTest::newRow("Roboflow") << "valid"
                                  << "valid/_annotations.coco.json";
        QTest::newRow("one folder") << "."
                                    << "coco.json";
        QTest::newRow("elsewhere") << "data/photos"
                                   << "annotations/all.json";
    }
    void findsImages()
    {
        QFETCH(QString, photos);
        QFETCH(QString, list);
        writePhotos(photos.toStdString());
        m_folder->write(list.toStdString(), "\xef\xbb\xbf" + std::string(kInstances));
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("coco"));
        QCOMPARE(dataset->items.size(), std::size_t{2});
        QVERIFY((dataset->items[0].split == Split::Val) == list.contains("val"));
        QCOMPARE(readAnnotation(*dataset, dataset->items[0]).value().shapes.size(), std::size_t{3});
    }

    /// One image's broken annotation is its own problem; the rest of the dataset is usable.
    void brokenAnnotations_data()
    {
        QTest::addColumn<QString>("annotation");
        QTest::addColumn<QString>("field");
        QTest::newRow("category") << R"("category_id": 99, "segmentation": [[1, 1, 3, 1, 3, 3]])"
                                  << "category_id";
        QTest::newRow("two points") << R"("category_id": 18, "segmentation": [[1, 1, 3, 1]])"
                                    << "segmentation";
        QTest::newRow("odd") << R"("category_id": 18, "segmentation": [[1, 1, 3, 1, 3, 3, 4]])"
                             << "segmentation";
        QTest::newRow("far") << R"("category_id": 18, "segmentation": [[1, 1, 3, 1e99, 3, 3]])"
                             << "segmentation";
        QTest::newRow("NaN") << R"("category_id": 18, "segmentation": [[1, 1, NaN, 1, 3, 3]])"
                             << "segmentation";
        QTest::newRow("texts") << R"("category_id": 18, "segmentation": [["a", 1, "b", 1, 3, 3]])"
                               << "segmentation";
        QTest::newRow("box") << R"("category_id": 18, "bbox": [0, 0, 1e30, 4])"
                             << "bbox";
        QTest::newRow("runs") << R"("category_id": 18, "segmentation": {"size": [99999, 99999], "counts": "9"})"
                              << "size";
    }
    void brokenAnnotations()
    {
        QFETCH(QString, annotation);
        QFETCH(QString, field);
        writePhotos("images");
        m_folder->write("annotations/instances.json",
                        R"({"images": [{"id": 1, "file_name": "a.png", "width": 8, "height": 6},
                                       {"id": 2, "file_name": "b.png", "width": 8, "height": 6},
                                       {"id": 3, "file_name": "../../etc/passwd"}],
                            "categories": [{"id": 18, "name": "cat"}],
                            "annotations": [{"id": 7, "image_id": 1, )"
                            + annotation.toStdString() + R"(},
                                {"id": 8, "image_id": 2, "category_id": 18, "segmentation": [[1, 1, 3, 1, 3, 3]]}]})");
        const auto dataset = opened();
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->items.size(), std::size_t{2});
        QCOMPARE(dataset->problems.size(), std::size_t{1}); // the image that climbs out
        const auto indexed = indexDataset(*dataset);
        QVERIFY(indexed.summaries[0].status == ItemStatus::Problem);
        QVERIFY2(indexed.summaries[0].problem.find(field.toStdString()) != std::string::npos
                     && indexed.summaries[0].problem.find("annotation 7") != std::string::npos,
                 indexed.summaries[0].problem.c_str());
        QVERIFY(indexed.summaries[1].status == ItemStatus::Labelled);
    }

    void brokenFiles()
    {
        writePhotos("images");
        for (const std::string &text :
             {std::string("{\"images\": [{\"id\": 1"), std::string("{\"images\": []}"), std::string("[]"),
              std::string(), std::string(100000, '['), "{\"images\": " + std::string(100000, '['),
              std::string("{\"images\": [\xff]}"),
              std::string("{\"images\": [{\"id\": 1, \"file_name\": \"a.png\"}], \"x\": \"\xb9\xb7\"}"),
              std::string(R"({"images": [{"id": "x", "file_name": 3}], "annotations": [3, {"image_id": 1e99}]})")}) {
            m_folder->write("annotations/instances.json", text);
            const auto dataset = opened();
            QVERIFY(!dataset || dataset->items.empty() || dataset->format != "coco");
        }
    }
};

QTEST_GUILESS_MAIN(TestCoco)
#include "test_coco.moc"
