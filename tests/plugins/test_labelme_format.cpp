// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "tests/plugins/formats.h"

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;
using Names = std::vector<std::string>;

namespace {

/// As Python's json.dumps(indent=2, ensure_ascii=False) writes it; with foreign keys and numbers of every spelling.
std::string canonicalJson()
{
    return Json::parse(R"({"version": "4.2.9", "flags": {"night": false}, "shapes": [
        {"line_color": null, "label": "é car", "points": [[1e-05, 2], [3.50, 1E2], [0.1, 7]], "group_id": null,
         "shape_type": "polygon", "flags": {}, "score": 0.25},
        {"label": "dog", "points": [[5, 5], [6.0, 5.0]], "group_id": 3, "description": "", "shape_type": "circle",
         "flags": {}}], "imagePath": "..\\x\\a.png", "imageData": null, "imageHeight": 6, "imageWidth": 8,
        "checked": true, "tags": [1, 2.0, {"a": []}]})")
        .value_or(Json())
        .dump(2);
}

Result<void> convert(const Dataset &dataset, const std::string &folder)
{
    return LabelMeFormat().write(dataset, folder, {}, {});
}

} // namespace

class TestLabelMeFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void classesFromLabelsTxt()
    {
        TestFolder folder;
        folder.write("data/a.png", tinyPng());
        folder.write("labels.txt", "__ignore__\n_background_\npotted plant\ncar\n");
        const auto parent = openDataset(folder.file("data"), builtinFormats());
        MASQUE_VERIFY(parent);
        QVERIFY(parent->labelsFixed);
        QCOMPARE(parent->labels.names(), (Names{"_background_", "potted plant", "car"}));
        folder.write("data/labels.txt", "dog\n_background_\n");
        const auto own = openDataset(folder.file("data"), builtinFormats());
        MASQUE_VERIFY(own);
        QCOMPARE(own->labels.names(), (Names{"_background_", "dog"}));
    }

    void splitsByFolder()
    {
        TestFolder folder;
        for (const auto *file : {"Train/a.png", "valid/b.png", "validation/deep/c.png", "test/d.png", "other/e.png"})
            folder.write(file, tinyPng());
        const auto dataset = openDataset(folder.path(), builtinFormats(), "labelme");
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->splitCounts(), (std::array<int, 4>{1, 1, 2, 1}));
    }

    void strangeNeighbours()
    {
        TestFolder folder;
        for (const auto *file : {"a.png", "A.PNG", "b.png", "b.jpg", ".masque/x.png"})
            folder.write(file, tinyPng());
        folder.write("orphan.json", R"({"shapes": [], "imagePath": "gone.png", "imageData": null})");
        folder.write("package.json", R"({"name": "not ours"})");
        folder.write("broken.json", "{");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->items.size(), std::size_t{3});
        QCOMPARE(dataset->problems.size(), std::size_t{2});
        QCOMPARE(dataset->problems[0].file, std::string("b.png"));
        QCOMPARE(dataset->problems[1].file, std::string("orphan.json"));
        QVERIFY(dataset->problems[1].message.find("gone.png") != std::string::npos);
    }

    void convertKeepsBytes()
    {
        TestFolder folder;
        const auto text = canonicalJson();
        folder.write("in/sub/a.png", tinyPng());
        folder.write("in/sub/a.json", text);
        folder.write("in/b.png", tinyPng());
        const auto dataset = openDataset(folder.file("in"), builtinFormats());
        MASQUE_VERIFY(dataset);
        const auto indexed = indexDataset(*dataset);
        MASQUE_VERIFY(convert(indexed.dataset, folder.file("out")));
        QCOMPARE(readFile(folder.file("out/sub/a.json")).value_or(""), text);
        QCOMPARE(readFile(folder.file("out/sub/a.png")).value_or(""), tinyPng());
        QVERIFY(!fs::exists(folder.file("out/b.json")));
        QVERIFY(!fs::exists(folder.file("out/masque.json")));
        QCOMPARE(readFile(folder.file("out/labels.txt")).value_or(""),
                 std::string("__ignore__\n_background_\ndog\né car\n"));
        for (const auto &file : LabelMeFormat().outputFiles(indexed.dataset))
            QVERIFY2(fs::exists(folder.file("out/" + file)), file.c_str());

        QVERIFY(!convert(indexed.dataset, folder.file("out"))); // never over what is there
        QVERIFY(!convert(indexed.dataset, folder.file("in")));
        QCOMPARE(readFile(folder.file("in/sub/a.json")).value_or(""), text);
    }

    void convertsMasksAndSplits()
    {
        TestFolder folder;
        for (const auto *name : {"a", "b"}) {
            folder.write(std::string("in/seq/") + name + ".png", tinyPng());
            folder.write(std::string("in/ann/") + name + ".png", maskPng({0, 1, 2}));
        }
        folder.write("in/train.txt", "seq/a.png ann/a.png\n");
        folder.write("in/val.txt", "seq/b.png ann/b.png\n");
        folder.write("in/classes.txt", "0 _background_\n1 tree\n2 void\n");
        const auto source = openDataset(folder.file("in"), builtinFormats());
        MASQUE_VERIFY(source);
        QVERIFY(!LabelMeFormat().losses(*source, {}, {}).empty());
        MASQUE_VERIFY(convert(indexDataset(*source).dataset, folder.file("out")));

        const auto target = openDataset(folder.file("out"), builtinFormats());
        MASQUE_VERIFY(target);
        const auto indexed = indexDataset(*target);
        QCOMPARE(indexed.dataset.format, std::string("labelme"));
        QCOMPARE(indexed.dataset.labels.names(), (Names{"_background_", "tree"}));
        QCOMPARE(indexed.dataset.splitCounts(), source->splitCounts());
        for (std::size_t i = 0; i < 2; ++i) {
            const auto before = readLabelMap(*source, source->items[i]);
            const auto after = readLabelMap(indexed.dataset, indexed.dataset.items[i]);
            MASQUE_VERIFY(before);
            MASQUE_VERIFY(after);
            QCOMPARE(cv::norm(*before, *after), 0.0);
        }
    }

    void convertsClassFolders()
    {
        TestFolder folder;
        for (const auto *file : {"in/happy/a.png", "in/sad/a.png", "in/fear/a.png"})
            folder.write(file, tinyPng());
        const auto source = openDataset(folder.file("in"), builtinFormats());
        MASQUE_VERIFY(source);
        MASQUE_VERIFY(convert(*source, folder.file("out")));
        const auto annotation = readLabelMe(folder.file("out/happy/a.json"));
        MASQUE_VERIFY(annotation);
        QCOMPARE(annotation->flags, (Flags{{"happy", true}}));
        QCOMPARE(annotation->imageSize, std::optional<Size>(Size{8, 6}));
    }

    void convertsPicturesOfOneFile()
    {
        TestFolder folder;
        folder.write("in/faces.csv", "emotion,pixels,Usage\n3,0 64 128 255,Training\n6,9 9 9 9,PrivateTest\n");
        const auto source = openDataset(folder.file("in"), builtinFormats());
        MASQUE_VERIFY(source);
        MASQUE_VERIFY(convert(*source, folder.file("out")));
        const auto annotation = readLabelMe(folder.file("out/faces/0.json"));
        MASQUE_VERIFY(annotation);
        QCOMPARE(annotation->flags, (Flags{{"happy", true}}));
        QCOMPARE(annotation->imagePath, std::string("0.png"));
        const auto image = readImage(folder.file("out/faces/0.png"));
        MASQUE_VERIFY(image);
        QCOMPARE(int(image->at<cv::Vec3b>(1, 0)[0]), 128);
        const auto target = openDataset(folder.file("out"), builtinFormats());
        MASQUE_VERIFY(target);
        QCOMPARE(target->splitCounts(), source->splitCounts());
    }

    void convertSaysWhatIsWrong()
    {
        TestFolder folder;
        folder.write("in/a.png", tinyPng());
        folder.write("in/a.json", R"({"shapes": [{"label": 3}], "imagePath": "a.png", "imageData": null})");
        const auto dataset = openDataset(folder.file("in"), builtinFormats());
        MASQUE_VERIFY(dataset);
        const auto written = convert(*dataset, folder.file("out"));
        QVERIFY(!written);
        QVERIFY2(written.error().message.find("a.json") != std::string::npos, written.error().message.c_str());
        folder.write("file", "x");
        QVERIFY(!convert(*dataset, folder.file("file")));
        QVERIFY(!ImageMaskFormat().write(*dataset, folder.file("no"), {}, {}));
    }
};

QTEST_GUILESS_MAIN(TestLabelMeFormat)
#include "test_labelme_format.moc"
