// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/datasets/relabel.h"
#include "tests/plugins/formats.h"

#include <opencv2/imgcodecs.hpp>

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;
using Names = std::vector<std::string>;

namespace {

Names imagesOf(const Dataset &dataset)
{
    Names names;
    for (const auto &item : dataset.items)
        names.push_back(item.image);
    return names;
}

Result<IndexedDataset> openIndexed(const TestFolder &folder, const std::string &format = {})
{
    auto dataset = openDataset(folder.path(), builtinFormats(), format);
    if (!dataset)
        return dataset.error();
    return indexDataset(std::move(*dataset));
}

} // namespace

class TestFormats : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Tables of boxes are known and not read, and say so.
    void tablesOfBoxes_data()
    {
        QTest::addColumn<QString>("bytes");
        QTest::newRow("corners") << "image_name,label_name,x1,y1,x2,y2\na.png,dog,0,1,1,2\n";
        QTest::newRow("in a field") << "image_name,label_name,bbox\n";
    }
    void tablesOfBoxes()
    {
        QFETCH(QString, bytes);
        const TestFolder folder;
        folder.write("a.png", tinyPng());
        folder.write("ann.csv", bytes.toStdString());
        const auto dataset = openDataset(folder.path(), builtinFormats());
        QVERIFY(!dataset);
        QVERIFY2(dataset.error().message.find("looks like a table of boxes") != std::string::npos,
                 dataset.error().message.c_str());
    }

    /// Files and names in GBK and UTF-16: a sentence each, and the rest is there.
    void encodings()
    {
        const TestFolder folder;
        const std::string gbkDog = "\xb9\xb7"; // a dog, in GBK
        const auto problemOf = [](const Dataset &dataset, const std::string &file) {
            for (const auto &problem : dataset.problems)
                if (problem.file == file)
                    return problem.message;
            return std::string("none");
        };
        folder.write("yolo/images/a.png", tinyPng());
        folder.write("yolo/labels/a.txt", "0 0.5 0.5 0.2 0.2\n");
        folder.write("yolo/data.yaml", "names: [" + gbkDog + "]\n");
        const auto yolo = openDataset(folder.file("yolo"), builtinFormats());
        MASQUE_VERIFY(yolo);
        QCOMPARE(yolo->format, std::string("yolo"));
        QVERIFY2(problemOf(*yolo, "data.yaml").find("no UTF-8 from byte 8 on") != std::string::npos,
                 problemOf(*yolo, "data.yaml").c_str());

        for (const char *name : {"voc/JPEGImages/a.png", "voc/JPEGImages/b.png"})
            folder.write(name, tinyPng());
        const auto xml = [](const std::string &label) {
            return "<annotation><filename>a.png</filename><object><name>" + label
                   + "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object></"
                     "annotation>";
        };
        folder.write("voc/Annotations/a.xml", "<?xml version=\"1.0\" encoding=\"gbk\"?>" + xml(gbkDog));
        folder.write("voc/Annotations/b.xml", xml("dog"));
        auto voc = openDataset(folder.file("voc"), builtinFormats());
        MASQUE_VERIFY(voc);
        QCOMPARE(voc->format, std::string("voc"));
        const auto indexed = indexDataset(std::move(*voc));
        QCOMPARE(indexed.summaries[0].status, ItemStatus::Problem);
        QVERIFY2(indexed.summaries[0].problem.find("is no UTF-8") != std::string::npos,
                 indexed.summaries[0].problem.c_str());
        QCOMPARE(indexed.summaries[1].labels, std::vector<std::string>{"dog"});

        folder.write("masks/images/a.png", tinyPng());
        folder.write("masks/masks/a.png", maskPng({0, 1, 2}));
        folder.write("masks/labelmap.txt", gbkDog + ":0,0,0::\n");
        const auto masks = openDataset(folder.file("masks"), builtinFormats());
        MASQUE_VERIFY(masks);
        QVERIFY2(problemOf(*masks, "labelmap.txt").find("no UTF-8") != std::string::npos,
                 problemOf(*masks, "labelmap.txt").c_str());

        const std::string json = R"({"shapes": [], "imagePath": "a.png"})";
        std::string wide = "\xff\xfe";
        for (const char c : json)
            wide += std::string{c, '\0'};
        folder.write("labelme/a.png", tinyPng());
        folder.write("labelme/a.json", wide);
        folder.write("labelme/b.png", tinyPng());
        folder.write("labelme/b.json", json);
        folder.write("labelme/" + gbkDog + ".png", tinyPng());
        auto labelme = openDataset(folder.file("labelme"), builtinFormats());
        MASQUE_VERIFY(labelme);
        QCOMPARE(labelme->items.size(), std::size_t{2});
        QVERIFY(problemOf(*labelme, "??.png").find("not in UTF-8") != std::string::npos);
        const auto read = indexDataset(std::move(*labelme));
        QVERIFY2(read.summaries[0].problem.find("UTF-16") != std::string::npos, read.summaries[0].problem.c_str());
        QVERIFY(read.summaries[1].status != ItemStatus::Problem);
    }

    void recognises_data()
    {
        QTest::addColumn<QStringList>("files");
        QTest::addColumn<QString>("format"); // empty: an error
        const auto row = [](const char *name, QStringList files, const char *format) {
            QTest::newRow(name) << files << QString(format);
        };
        row("nothing", {}, "");
        row("no images", {"readme.txt", "data.csv"}, "");
        row("plain images", {"a.png", "b.png"}, "labelme");
        row("images in folders by day", {"2024-05-01/a.png", "2024-05-02/b.png"}, "labelme");
        row("LabelMe", {"a.png", "a.json"}, "labelme");
        row("LabelMe in folders", {"one/a.png", "one/a.json", "two/b.png"}, "labelme");
        row("image and mask folders", {"images/a.png", "masks/a.png"}, "image-mask");
        row("with corrections", {"images/a.png", "images/a.json", "masks/a.png"}, "image-mask");
        row("splits above", {"train/images/a.png", "train/labels/a.png", "val/images/b.png", "val/labels/b.png"},
            "image-mask");
        row("splits below", {"images/train/a.png", "annotations/train/a.png"}, "image-mask");
        row("folder and folder + annot", {"train/a.png", "trainannot/a.png"}, "image-mask");
        row("names that end differently", {"imgs/a_img.png", "gts/a_gt.png"}, "image-mask");
        row("images and boxes", {"images/a.png", "labels/a.txt"}, "labelme");
        row("CamVid", {"train.txt", "train/a.png", "trainannot/a.png"}, "camvid");
        row("emotions", {"happy/a.png", "sad/b.png", "Angry/c.png"}, "class-folders");
        row("splits of classes", {"train/cat/a.png", "train/dog/b.png", "test/cat/c.png"}, "class-folders");
        row("two folders", {"cat/a.png", "dog/b.png"}, "labelme");
        row("LabelMe beside its export",
            {"data/a.png", "data/a.json", "voc/JPEGImages/a.png", "voc/SegmentationClass/a.png"}, "labelme");
    }
    void recognises()
    {
        QFETCH(QStringList, files);
        QFETCH(QString, format);
        TestFolder folder;
        for (const auto &file : files)
            folder.write(file.toStdString(), file == "train.txt"     ? "train/a.png trainannot/a.png\n"
                                             : file.endsWith(".png") ? maskPng({0, 1})
                                                                     : std::string("{}"));
        const auto dataset = openDataset(folder.path(), builtinFormats());
        QCOMPARE(dataset.has_value(), !format.isEmpty());
        if (dataset)
            QCOMPARE(QString::fromStdString(dataset->format), format);
        else
            QVERIFY2(dataset.error().message.find(folder.path()) != std::string::npos, dataset.error().message.c_str());
    }

    void opensByFileAndReportsBadPaths()
    {
        TestFolder folder;
        const auto image = folder.write("a2.png", maskPng({0, 1}));
        folder.write("a10.png", maskPng({0, 1}));
        for (const auto &path : {folder.path(), folder.path() + "/", image}) {
            const auto dataset = openDataset(path, builtinFormats());
            MASQUE_VERIFY(dataset);
            QCOMPARE(dataset->root, folder.path());
            QCOMPARE(imagesOf(*dataset), (Names{"a2.png", "a10.png"}));
            QCOMPARE(dataset->indexOf("a10.png"), std::optional<std::size_t>(1));
        }
        const auto missing = openDataset(folder.file("none"), builtinFormats());
        QVERIFY(!missing && missing.error().message.find("no such") != std::string::npos);
        const auto unknown = openDataset(folder.path(), builtinFormats(), "labelmy");
        QVERIFY(!unknown && unknown.error().message.find("labelme") != std::string::npos);
    }

    void maskClasses_data()
    {
        QTest::addColumn<QList<QByteArray>>("masks");
        QTest::addColumn<QString>("listName");
        QTest::addColumn<QByteArray>("list");
        QTest::addColumn<QStringList>("labels");
        QTest::addColumn<int>("problems");
        const auto masks = [](std::initializer_list<std::vector<int>> all) {
            QList<QByteArray> files;
            for (const auto &values : all)
                files += QByteArray::fromStdString(maskPng(values));
            return files;
        };
        const QByteArray none;
        QTest::newRow("0 and 255") << masks({{0, 255}, {255}}) << "" << none
                                   << QStringList{"_background_", "foreground"} << 0;
        QTest::newRow("0 and 1") << masks({{0, 1}}) << "" << none << QStringList{"_background_", "foreground"} << 0;
        QTest::newRow("0, 255 and a stray value") << masks({{0, 255}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0, 7}}) << ""
                                                  << none << QStringList{"_background_", "foreground"} << 1;
        QTest::newRow("ids and ignore") << masks({{0, 1, 3}, {0, 255}}) << "" << none
                                        << QStringList{"_background_", "class_1", "class_2", "class_3"} << 0;
        QTest::newRow("ids found late") << masks({{0, 2}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {3}}) << "" << none
                                        << QStringList{"_background_", "class_1", "class_2", "class_3"} << 0;
        QTest::newRow("named") << masks({{0, 1, 2}}) << "classes.txt" << QByteArray("background\ncar\ntree\n")
                               << QStringList{"_background_", "car", "tree"} << 0;
        QTest::newRow("named without background") << masks({{0, 1, 2}}) << "classes.txt" << QByteArray("car\ntree\n")
                                                  << QStringList{"_background_", "car", "tree"} << 0;
        QTest::newRow("0 and 255 named") << masks({{0, 255}}) << "classes.txt" << QByteArray("person\n")
                                         << QStringList{"_background_", "person"} << 0;
        QTest::newRow("void inside") << masks({{0, 1, 2}}) << "classes.txt" << QByteArray("0 sky\n1 void\n2 tree\n")
                                     << QStringList{"sky", "tree"} << 0;
        QTest::newRow("numbered, one missing")
            << masks({{0, 1, 2}}) << "classes.txt" << QByteArray("0 sky\n2 tree\n") << QStringList{"sky", "tree"} << 1;
    }
    void maskClasses()
    {
        QFETCH(QList<QByteArray>, masks);
        QFETCH(QString, listName);
        QFETCH(QByteArray, list);
        QFETCH(QStringList, labels);
        QFETCH(int, problems);
        TestFolder folder;
        for (int i = 0; i < masks.size(); ++i) {
            folder.write("images/" + std::to_string(i) + ".png", maskPng({0, 1}));
            folder.write("masks/" + std::to_string(i) + ".png", masks[i].toStdString());
        }
        if (!listName.isEmpty())
            folder.write(listName.toStdString(), list.toStdString());
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        QCOMPARE(indexed->dataset.format, std::string("image-mask"));
        QStringList found;
        for (const auto &name : indexed->dataset.labels.names())
            found << QString::fromStdString(name);
        QCOMPARE(found, labels);
        for (const auto &problem : indexed->dataset.problems)
            qInfo("%s: %s", problem.file.c_str(), problem.message.c_str());
        QCOMPARE(static_cast<int>(indexed->dataset.problems.size()), problems);
        for (std::size_t i = 0; i < indexed->dataset.items.size(); ++i) {
            const auto ids = readLabelMap(indexed->dataset, indexed->dataset.items[i]);
            QCOMPARE(ids.has_value(), indexed->summaries[i].status == ItemStatus::Labelled);
        }
    }

    void colorMasks()
    {
        TestFolder folder;
        cv::Mat mask(6, 8, CV_8UC3, cv::Scalar(0, 0, 0));
        mask(cv::Rect(0, 0, 4, 6)).setTo(cv::Scalar(255, 0, 0));
        mask(cv::Rect(6, 0, 2, 6)).setTo(cv::Scalar(255, 255, 255));
        for (const auto *name : {"a", "b"})
            folder.write(std::string("images/") + name + ".png", maskPng({0, 1}));
        MASQUE_VERIFY(makeFolder(folder.file("masks")));
        MASQUE_VERIFY(writeImage(folder.file("masks/a.png"), mask));
        folder.write("masks/b.png", maskPng({0, 255})); // grey: black and white
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        QCOMPARE(indexed->dataset.labels.names(), (Names{"_background_", "#ff0000", "#ffffff"}));
        QCOMPARE(indexed->dataset.labels[1].color, (Color{255, 0, 0}));
        QCOMPARE(indexed->dataset.problems.size(), std::size_t{0});
        const auto a = readLabelMap(indexed->dataset, indexed->dataset.items[0]);
        const auto b = readLabelMap(indexed->dataset, indexed->dataset.items[1]);
        MASQUE_VERIFY(a);
        MASQUE_VERIFY(b);
        QCOMPARE(static_cast<int>((*a)(0, 0)), 1);
        QCOMPARE(static_cast<int>((*a)(0, 5)), 0);
        QCOMPARE(static_cast<int>((*b)(0, 1)), 2);

        folder.write("label_colors.txt", "0 0 0\tVoid\n255 0 0\tred car\n255 255 255\tsky\n");
        const auto named = openIndexed(folder);
        MASQUE_VERIFY(named);
        QCOMPARE(named->dataset.labels.names(), (Names{"red car", "sky"}));
        const auto ids = readLabelMap(named->dataset, named->dataset.items[0]);
        MASQUE_VERIFY(ids);
        QCOMPARE(static_cast<int>((*ids)(0, 5)), 255);
    }

    void photoAsMaskIsAProblem()
    {
        TestFolder folder;
        folder.write("images/a.png", encodeGreyPng(cv::Mat1b(32, 32, std::uint8_t{9})).value_or(""));
        cv::Mat photo(32, 32, CV_8UC3);
        for (std::size_t i = 0; i < photo.total() * 3; ++i)
            photo.data[i] = static_cast<uchar>(i * i / 7 % 251);
        MASQUE_VERIFY(makeFolder(folder.file("masks")));
        MASQUE_VERIFY(writeImage(folder.file("masks/a.png"), photo));
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        QCOMPARE(indexed->dataset.problems.size(), std::size_t{1});
        QVERIFY(indexed->dataset.problems[0].message.find("256") != std::string::npos);
    }

    void pairsAndSplits()
    {
        TestFolder folder;
        for (const auto *file :
             {"images/train/a.png", "images/train/b_img.png", "images/val/a.png", "images/c.png", "images/listed.png",
              "masks/train/a.png", "masks/train/b_mask.png", "masks/val/a.png", "masks/orphan.png"})
            folder.write(file, maskPng({0, 1}));
        folder.write("lists/test.txt", "listed\n");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(imagesOf(*dataset), (Names{"images/c.png", "images/listed.png", "images/train/a.png",
                                            "images/train/b_img.png", "images/val/a.png"}));
        QCOMPARE(dataset->items[0].mask, std::string());
        QCOMPARE(dataset->items[1].split, Split::Test);
        QCOMPARE(dataset->items[2].mask, std::string("masks/train/a.png"));
        QCOMPARE(dataset->items[3].mask, std::string("masks/train/b_mask.png"));
        QCOMPARE(dataset->items[4].split, Split::Val);
        QCOMPARE(dataset->splitCounts(), (std::array<int, 4>{1, 2, 1, 1}));
        QCOMPARE(dataset->problems.size(), std::size_t{1});
        QCOMPARE(dataset->problems[0].file, std::string("masks/orphan.png"));
    }

    void mergedClasses_data()
    {
        QTest::addColumn<bool>("isColored");
        QTest::addColumn<QString>("to");
        QTest::newRow("numbers") << false << "class_1";
        QTest::newRow("ignored") << false << "__ignore__";
        QTest::newRow("colours") << true << "#00ff00";
    }
    /// Merged, written to masque.json, read again by the format, and taken back.
    void mergedClasses()
    {
        QFETCH(bool, isColored);
        QFETCH(QString, to);
        TestFolder folder;
        const auto files = {"images/a.png", "images/b.png"};
        for (const auto *file : files)
            folder.write(file, maskPng({0, 1}));
        const std::vector<cv::Vec3b> colors{{0, 0, 0}, {0, 255, 0}, {255, 0, 0}, {255, 255, 0}}; // RGB
        cv::Mat3b colored(6, 8);
        for (int x = 0; x < 8; ++x)
            colored.col(x).setTo(colors[static_cast<std::size_t>(x % 4)]);
        for (const auto *file : {"masks/a.png", "masks/b.png"}) {
            folder.write(file, maskPng({0, 1, 2, 3}));
            if (isColored)
                MASQUE_VERIFY(writeImage(folder.file(file), colored));
        }
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        Dataset dataset = indexed->dataset;
        QCOMPARE(dataset.labels.size(), 4);
        const auto rowOf = [&](const Dataset &data) {
            const auto ids = readLabelMap(data, data.items[0]);
            std::vector<int> row;
            for (int x = 0; ids && x < 4; ++x)
                row.push_back((*ids)(0, x));
            return row;
        };
        const auto before = rowOf(dataset);
        QCOMPARE(before, (std::vector<int>{0, 1, 2, 3}));
        dataset.labels.setColor(2, {1, 2, 3});
        dataset.labels.setKey(2, 7);
        const Dataset whole = dataset;
        const std::string from = dataset.labels[2].name, last = dataset.labels[3].name;

        const MergedClass merged = mergeClass(dataset, from, to.toStdString());
        const bool isIgnored = to == QStringLiteral("__ignore__");
        const std::vector<int> expected{0, 1, isIgnored ? 255 : 1, 2};
        QCOMPARE(rowOf(dataset), expected);
        QVERIFY(!dataset.labels.idOf(from));
        MASQUE_VERIFY(writeDatasetSettings(dataset));
        auto again = openIndexed(folder);
        MASQUE_VERIFY(again);
        QCOMPARE(again->dataset.labels, dataset.labels);
        QCOMPARE(rowOf(again->dataset), expected);
        QCOMPARE(again->dataset.problems.size(), std::size_t{0});

        // A value that came later is a class of its own, without moving the others.
        if (!isColored) {
            folder.write("masks/b.png", maskPng({0, 5, 2, 3}));
            const auto later = openIndexed(folder);
            MASQUE_VERIFY(later);
            QCOMPARE(rowOf(later->dataset), expected);
            QCOMPARE(later->dataset.labels.names().back(), std::string("class_5"));
            const auto ids = readLabelMap(later->dataset, later->dataset.items[1]);
            MASQUE_VERIFY(ids);
            QCOMPARE(static_cast<int>((*ids)(0, 1)), later->dataset.labels.size() - 1);
            folder.write("masks/b.png", maskPng({0, 1, 2, 3}));
        }
        QVERIFY(splitClass(again->dataset, merged));
        QVERIFY(!splitClass(again->dataset, merged));
        QCOMPARE(again->dataset.labels, whole.labels);
        QCOMPARE(rowOf(again->dataset), before);
        MASQUE_VERIFY(writeDatasetSettings(again->dataset));
        const auto back = openIndexed(folder);
        MASQUE_VERIFY(back);
        QCOMPARE(rowOf(back->dataset), before);
        QCOMPARE(back->dataset.labels, whole.labels);
    }

    void wrongMaskValues()
    {
        TestFolder folder;
        folder.write("images/a.png", maskPng({0, 1}));
        folder.write("masks/a.png", maskPng({0, 1}));
        for (const char *ids : {"[-1]", "[70000]", "[\"#12\"]", "[0, 0]", "[{}]", "[1.5]"}) {
            folder.write("masque.json", std::string(R"({"classes": [{"name": "x", "ids": )") + ids + "}]}");
            const auto indexed = openIndexed(folder);
            MASQUE_VERIFY(indexed);
            QVERIFY2(!indexed->dataset.problems.empty(), ids);
            QVERIFY2(indexed->dataset.problems[0].message.find("classes.x.ids") != std::string::npos, ids);
        }
    }

    void camVidLists()
    {
        TestFolder folder;
        for (const auto *file : {"seq/a 1.png", "seq/b.png", "seq/c.png", "ann/a 1.png", "ann/b.png", "ann/c.png"})
            folder.write(file, maskPng({0, 1, 2}));
        folder.write("train.txt",
                     "/SegNet/CamVid/seq/a 1.png /SegNet/CamVid/ann/a 1.png\r\nseq/gone.png ann/gone.png\n");
        folder.write("val.txt", "seq/b.png\tann/b.png\nseq/a 1.png ann/a 1.png\n");
        folder.write("test.txt", "seq\\c.png ann\\c.png\n");
        folder.write("classes.txt", "0 sky\n1 tree\n2 unlabelled\n");
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        QCOMPARE(indexed->dataset.format, std::string("camvid"));
        QCOMPARE(imagesOf(indexed->dataset), (Names{"seq/a 1.png", "seq/b.png", "seq/c.png"}));
        QCOMPARE(indexed->dataset.splitCounts(), (std::array<int, 4>{0, 1, 1, 1}));
        QCOMPARE(indexed->dataset.labels.names(), (Names{"sky", "tree"}));
        QCOMPARE(indexed->dataset.problems.size(), std::size_t{2}); // the gone pair, the image in two splits
        const auto ids = readLabelMap(indexed->dataset, indexed->dataset.items[0]);
        MASQUE_VERIFY(ids);
        QCOMPARE(static_cast<int>((*ids)(0, 2)), 255);
    }

    void classFolders()
    {
        TestFolder folder;
        for (const auto *file : {"train/happy/1.png", "train/Sad/1.png", "valid/angry/2.png", "test/happy/3.png"})
            folder.write(file, maskPng({0, 1}));
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        const auto &dataset = indexed->dataset;
        QCOMPARE(dataset.task, Task::Classification);
        QCOMPARE(dataset.labels.names(), (Names{"angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"}));
        QCOMPARE(dataset.splitCounts(), (std::array<int, 4>{0, 2, 1, 1}));
        QCOMPARE(dataset.items[static_cast<std::size_t>(*dataset.indexOf("train/Sad/1.png"))].label,
                 std::string("sad"));
        const auto figures = datasetFigures(*indexed);
        QCOMPARE(figures.annotated, 4);
        QCOMPARE(figures.classes[3].images, 2);
    }

    void settings()
    {
        TestFolder folder;
        for (const auto *file : {"a.png", "b.png", "train/c.png"})
            folder.write(file, maskPng({0, 1}));
        folder.write("masque.json", "{\"note\": \"mine\", \"classes\": [{\"name\": \"car\", \"color\": \"#0a0b0c\", "
                                    "\"key\": 3, \"extra\": 1}]}");
        auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QVERIFY(dataset->labelsFixed);
        QCOMPARE(dataset->labels.names(), (Names{"_background_", "car"}));
        QCOMPARE(dataset->labels[1].color, (Color{10, 11, 12}));
        QCOMPARE(dataset->labels[1].key, std::optional<int>(3));

        dataset->labels.setColor(1, {1, 2, 255});
        dataset->labels.setKey(1, {});
        dataset->labels.add("tree");
        dataset->items[1].split = Split::Test;
        dataset->items[2].split = Split::None; // against its folder
        MASQUE_VERIFY(writeDatasetSettings(*dataset));
        const auto json = readJsonFile(folder.file("masque.json"));
        MASQUE_VERIFY(json);
        QCOMPARE((*json)["note"].toString(), std::string("mine"));
        QCOMPARE((*json)["classes"][std::size_t{1}]["extra"].toInt(), std::int64_t{1});
        QCOMPARE((*json)["classes"][std::size_t{1}]["color"].toString(), std::string("#0102ff"));
        QVERIFY(!(*json)["classes"][std::size_t{1}].contains("key"));
        QCOMPARE((*json)["splits"].size(), std::size_t{2});

        const auto again = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(again);
        QCOMPARE(again->labels, dataset->labels);
        for (std::size_t i = 0; i < 3; ++i)
            QCOMPARE(again->items[i].split, dataset->items[i].split);
    }

    void brokenSettings_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("no JSON") << QByteArray("{");
        QTest::newRow("no object") << QByteArray("[1]");
        QTest::newRow("class without name") << QByteArray(R"({"classes": [{"color": "red"}]})");
        QTest::newRow("split of numbers") << QByteArray(R"({"splits": {"train": [1]}})");
    }
    void brokenSettings()
    {
        QFETCH(QByteArray, text);
        TestFolder folder;
        folder.write("a.png", maskPng({0, 1}));
        folder.write("masque.json", text.toStdString());
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->problems.size(), std::size_t{1});
        QCOMPARE(dataset->problems[0].file, std::string("masque.json"));
        QVERIFY(!writeDatasetSettings(*dataset)); // what is broken is not written over
        QCOMPARE(readFile(folder.file("masque.json")).value_or(""), text.toStdString());
    }

    void settingsNameTheFormat()
    {
        TestFolder folder;
        for (const auto *file : {"cat/a.png", "dog/b.png"})
            folder.write(file, maskPng({0, 1}));
        folder.write("masque.json", R"({"format": "class-folders"})");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->labels.names(), (Names{"cat", "dog"}));
    }

    void annotationsSavedElsewhere()
    {
        TestFolder folder, data;
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString(data.path()));
        folder.write("in/a.png", maskPng({0, 1}));
        const auto file = fallbackFolder(folder.path()) + "/in/a.json";
        MASQUE_VERIFY(makeFolder(std::filesystem::path(file).parent_path().string()));
        MASQUE_VERIFY(writeFileAtomically(
            file, R"({"shapes": [{"label": "x", "points": [[0, 0], [1, 1]], "shape_type": "rectangle"}],
                      "imagePath": "a.png", "imageData": null})"));
        const auto indexed = openIndexed(folder);
        MASQUE_VERIFY(indexed);
        QCOMPARE(indexed->summaries[0].status, ItemStatus::Labelled);
        qunsetenv("XDG_DATA_HOME");
    }

    /// Rows of an image are votes; words for the emotions are many.
    void tablesOfClasses()
    {
        TestFolder folder;
        for (const char *name : {"a", "b", "c", "d"})
            folder.write(std::string("data/images/") + name + ".png", maskPng({0, 1}));
        folder.write("data/legend.csv", "\xef\xbb\xbfuser.id,image,emotion\r\n1,a.png,happiness\r\n2,a.png,Happy\r\n"
                                        "3,a.png,sadness\r\n1,\"b.png\",anger\r\n1,c.png,fear\r\n2,c.png,neutral\r\n"
                                        "1,gone.png,fear\r\n1,d.png,\r\n");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("legend-csv"));
        QCOMPARE(dataset->labels.size(), 7);
        QCOMPARE(dataset->items.size(), std::size_t{3});
        QCOMPARE(dataset->items[0].image, std::string("data/images/a.png"));
        QCOMPARE(dataset->items[0].label, std::string("happy"));
        QCOMPARE(dataset->items[1].label, std::string("angry"));
        QCOMPARE(dataset->items[2].label, std::string()); // even
        QCOMPARE(dataset->problems.size(), std::size_t{2});
        QVERIFY(dataset->problems[0].message.find("gone.png") != std::string::npos);

        folder.write("animals/cat 1.png", maskPng({0, 1}));
        folder.write("animals/dog.png", maskPng({0, 1}));
        folder.write("animals/list.csv", "label,file,split\ncat,cat 1.png,train\ndog,dog.png,test\n");
        const auto animals = openDataset(folder.file("animals"), builtinFormats());
        MASQUE_VERIFY(animals);
        QCOMPARE(animals->labels.names(), (std::vector<std::string>{"cat", "dog"}));
        QVERIFY(animals->items[1].split == Split::Test);
    }

    /// The alpha of a cut-out is the mask: of the image beside it, or of its own colours.
    void cutouts()
    {
        const auto write = [](const std::string &file, int from) { // opaque from that column on, half before
            cv::Mat4b image(6, 8, cv::Vec4b(10, 20, 200, 127));
            image.colRange(from, 8).setTo(cv::Scalar(10, 20, 200, 128));
            QVERIFY(makeFolder(fs::path(file).parent_path().string()));
            QVERIFY(cv::imwrite(file, image));
        };
        TestFolder folder;
        write(folder.file("own/a.png"), 3);
        write(folder.file("own/b.png"), 5);
        const auto own = openDataset(folder.file("own"), builtinFormats());
        MASQUE_VERIFY(own);
        QCOMPARE(own->format, std::string("cutout"));
        const auto ids = readLabelMap(*own, own->items[1]);
        MASQUE_VERIFY(ids);
        QCOMPARE(int((*ids)(2, 4)), 0);
        QCOMPARE(int((*ids)(2, 5)), 1);
        QCOMPARE(indexDataset(*own).dataset.problems.size(), std::size_t{0});

        write(folder.file("set/matting/1/matting_0/1-0.png"), 2);
        folder.write("set/clip_img/1/clip_0/1-0.jpg", tinyPng()); // the content decides
        const auto set = openDataset(folder.file("set"), builtinFormats());
        MASQUE_VERIFY(set);
        QCOMPARE(set->format, std::string("cutout"));
        QCOMPARE(imagesOf(*set), (Names{"clip_img/1/clip_0/1-0.jpg"}));
        QCOMPARE(readAnnotation(*set, set->items[0]).value().shapes[0].mask->box, (Rect{2, 0, 6, 6}));

        // Soft edges are told before they are lost, and stay where nobody corrected.
        const std::string soft = "Soft edges become hard, in images: 2.";
        QVERIFY(std::ranges::count(ImageMaskFormat().losses(*own, {}, {}), soft) == 1);
        QVERIFY(std::ranges::count(CutoutFormat().losses(*own, {}, {}), soft) == 0);
        auto corrected = *own;
        auto annotation = readAnnotation(*own, own->items[0]).value();
        auto mask = *annotation.shapes[0].mask;
        mask = Mask{{1, 0, 7, 6}, cv::Mat1b(6, 7, std::uint8_t{1})}; // from column 1 on, was 3
        annotation.shapes[0].mask = std::make_shared<const Mask>(mask);
        corrected.items[0].corrected = std::make_shared<const Annotation>(annotation);
        MASQUE_VERIFY(CutoutFormat().write(corrected, folder.file("written"), {}, {}));
        const cv::Mat written = cv::imread(folder.file("written/matting/a.png"), cv::IMREAD_UNCHANGED);
        QCOMPARE(written.channels(), 4);
        const int expected[] = {127, 255, 255, 128, 128};
        for (int x = 0; x < 5; ++x)
            QCOMPARE(int(written.at<cv::Vec4b>(2, x)[3]), expected[x]);

        write(folder.file("opaque/a.png"), 0); // a picture whose alpha says nothing
        const auto opaque = openDataset(folder.file("opaque"), builtinFormats());
        MASQUE_VERIFY(opaque);
        QCOMPARE(opaque->format, std::string("labelme"));
    }

    /// Greys between black and white, at edges alone, are no classes.
    void mattes()
    {
        cv::Mat1b matte(64, 64, std::uint8_t{0});
        matte.colRange(0, 30).setTo(255);
        for (int y = 0; y < 64; ++y)
            for (int x = 30; x < 32; ++x)
                matte(y, x) = static_cast<std::uint8_t>(250 - 3 * y + (32 - x) / 2);
        TestFolder folder;
        folder.write("images/a.png", encodeGreyPng(cv::Mat1b(64, 64, std::uint8_t{9})).value());
        folder.write("masks/a.png", encodeGreyPng(matte).value());
        const auto set = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(set);
        QCOMPARE(set->format, std::string("image-mask"));
        QCOMPARE(set->labels.names(), (Names{"_background_", "foreground"}));
        const auto ids = readLabelMap(*set, set->items[0]);
        MASQUE_VERIFY(ids);
        QCOMPARE(int((*ids)(0, 30)), 1);
        QCOMPARE(int((*ids)(63, 30)), 0);
        QVERIFY(!set->problems.empty());
    }

    void classesOfKnownSets()
    {
        TestFolder folder;
        for (const std::string set : {"VOC2012/", "mine/"}) {
            folder.write(set + "JPEGImages/a.png", tinyPng());
            folder.write(set + "SegmentationClass/a.png", maskPng({0, 2, 15, 255}));
        }
        const auto voc = openDataset(folder.file("VOC2012"), builtinFormats());
        MASQUE_VERIFY(voc);
        QCOMPARE(voc->labels.size(), 21);
        QCOMPARE(voc->labels[15].name, std::string("person"));
        const auto mine = openDataset(folder.file("mine"), builtinFormats());
        MASQUE_VERIFY(mine);
        QCOMPARE(mine->labels[15].name, std::string("class_15"));

        const std::string city = "city/leftImg8bit/val/frankfurt/a_leftImg8bit.png",
                          gt = "city/gtFine/val/frankfurt/a_gtFine_";
        folder.write(city, tinyPng());
        folder.write(gt + "labelTrainIds.png", maskPng({0, 18, 255, 13}));
        const auto trained = openDataset(folder.file("city"), builtinFormats());
        MASQUE_VERIFY(trained);
        QCOMPARE(trained->labels.size(), 19);
        QCOMPARE(trained->labels[13].name, std::string("car"));
        QCOMPARE(int(readLabelMap(*trained, trained->items[0]).value()(0, 2)), kIgnoreId);
        folder.write(gt + "labelIds.png", maskPng({7, 33, 4, 26})); // these count before
        const auto full = openDataset(folder.file("city"), builtinFormats());
        MASQUE_VERIFY(full);
        QCOMPARE(full->labels.size(), 27);
        const auto cityIds = readLabelMap(*full, full->items[0]);
        MASQUE_VERIFY(cityIds);
        QCOMPARE(full->labels[(*cityIds)(0, 1)].name, std::string("bicycle"));
        QCOMPARE(full->labels[(*cityIds)(0, 3)].name, std::string("car"));
        QCOMPARE(int((*cityIds)(0, 2)), kIgnoreId); // static is void

        folder.write("ade/images/validation/a.png", tinyPng());
        folder.write("ade/annotations/validation/a.png", maskPng({0, 1, 3, 2}));
        folder.write("ade/objectInfo150.txt", "Idx\tRatio\tTrain\tVal\tName\n1\t0.1\t1\t1\twall\n"
                                              "2\t0.1\t1\t1\tbuilding, edifice\n3\t0.08\t1\t1\tsky\n");
        const auto ade = openDataset(folder.file("ade"), builtinFormats());
        MASQUE_VERIFY(ade);
        QCOMPARE(ade->labels.names(), (Names{"wall", "building", "sky"}));
        const auto ids = readLabelMap(*ade, ade->items[0]);
        MASQUE_VERIFY(ids);
        QCOMPARE(int((*ids)(0, 0)), kIgnoreId); // 0 is none of the classes
        QCOMPARE(int((*ids)(0, 2)), 2);
    }

    void votesOfFerPlus()
    {
        TestFolder folder;
        folder.write("fer2013.csv", "emotion,pixels,Usage\n0,1 2 3 4,Training\n0,1 2 3 4,Training\n"
                                    "0,1 2 3 4,PublicTest\n0,1 2 3 4,PrivateTest\n");
        const std::string header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
                                   "unknown,NF\n";
        folder.write("fer2013new.csv",
                     header
                         + "Training,fer0.png,4,0,0,1,3,2,0,0,0,0\nTraining,fer1.png,0,5,5,0,0,0,0,0,0,0\n"
                           "PublicTest,fer2.png,0,0,0,0,0,0,2,8,0,0\nPrivateTest,,0,0,0,0,0,0,0,0,0,10\n");
        const auto dataset = openDataset(folder.path(), builtinFormats());
        MASQUE_VERIFY(dataset);
        QCOMPARE(dataset->format, std::string("fer-csv"));
        std::vector<std::string> labels;
        for (const Item &item : dataset->items)
            labels.push_back(item.label);
        QCOMPARE(labels, (std::vector<std::string>{"neutral", "", "", ""})); // even, contempt, no face
        QCOMPARE(dataset->items[0].votes.agreement(), 0.4);
        QCOMPARE(imageShares(*dataset, dataset->items[2], dataset->labels).value(), // contempt is none of the seven
                 (std::vector<double>{0, 0, 1, 0, 0, 0, 0}));
        folder.write("fer2013new.csv", header + "Training,fer0.png,4,0,0,1,3,2,0,0,0,0\n");
        const auto wrong = openDataset(folder.path(), builtinFormats());
        QVERIFY(!wrong);
        QVERIFY(wrong.error().message.find("fer2013new.csv") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestFormats)
#include "test_formats.moc"
