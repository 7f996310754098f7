// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/dialects.h"
#include "core/annotations/face_fields.h"
#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/image_class.h"
#include "core/datasets/listing.h"
#include "plugins/formats/mask_classes.h"
#include "tests/plugins/formats.h"

#include <opencv2/imgproc.hpp>

#include <QProcess>

#include <filesystem>

namespace fs = std::filesystem;
using namespace masque;

namespace {

constexpr Size kSize{40, 30};

Shape shaped(const std::string &label, ShapeType type, std::vector<Point> points)
{
    Shape shape{.label = label, .type = type};
    shape.points = std::move(points);
    return shape;
}

/// What no single format can hold: outlines and masks with holes, over each other, in groups, ignored, with flags.
Annotation richAnnotation()
{
    Annotation out;
    out.imageSize = kSize;
    out.shapes.push_back(shaped("person", ShapeType::Polygon, {{2, 2}, {12, 3}, {11, 14}, {3, 12.5}}));
    out.shapes.back().flags = {{"difficult", true}};
    out.shapes.push_back(shaped("car", ShapeType::Polygon, {{20, 3}, {26, 3}, {26, 8}}));
    out.shapes.push_back(shaped("car", ShapeType::Polygon, {{20, 12}, {26, 12}, {24, 16}}));
    for (std::size_t i = 1; i <= 2; ++i)
        out.shapes[i].groupId = 7;
    out.shapes.push_back(shaped("tree", ShapeType::Circle, {{33, 8}, {36, 8}}));
    out.shapes.back().description = "an oak";
    Mask ring{{4, 16, 12, 12}, cv::Mat1b(12, 12, std::uint8_t{1})};
    ring.bits(cv::Rect(4, 4, 4, 4)).setTo(0);
    Shape mask{.label = "car", .type = ShapeType::Mask};
    mask.mask = std::make_shared<const Mask>(std::move(ring));
    out.shapes.push_back(std::move(mask));
    out.shapes.push_back(shaped("person", ShapeType::Polygon, {{10, 20}, {22, 20}, {22, 27}, {10, 27}}));
    out.shapes.push_back(
        shaped(std::string(kIgnoreName), ShapeType::Polygon, {{30, 20}, {38, 20}, {38, 28}, {30, 28}}));
    out.flags = {{"night", true}};
    out.checked = true;
    return out;
}

void writePhoto(const TestFolder &folder, const std::string &path, int seed, int side = 0)
{
    cv::Mat image(side ? side : kSize.height, side ? side : kSize.width, CV_8UC3);
    cv::theRNG().state = static_cast<std::uint64_t>(seed);
    cv::randu(image, 0, 255);
    if (side > 0)
        cv::cvtColor(cv::Mat1b(image.reshape(1).colRange(0, side)), image, cv::COLOR_GRAY2RGB);
    fs::create_directories(fs::path(folder.file(path)).parent_path());
    MASQUE_VERIFY(writeImage(folder.file(path), image));
}

/// Photos of train and val, one of neither; the last is not labelled.
void writeShapesSample(const TestFolder &folder)
{
    for (const char *name : {"train/a", "val/b", "c", "d"})
        writePhoto(folder, std::string("labelme/") + name + ".png", name[0]);
    MASQUE_VERIFY(writeLabelMe(folder.file("labelme/train/a.json"), richAnnotation()));
    Annotation boxes;
    boxes.imageSize = kSize;
    boxes.shapes.push_back(shaped("car", ShapeType::Rectangle, {{3, 4}, {20, 15.5}}));
    boxes.shapes.push_back(shaped("person", ShapeType::Rectangle, {{24, 4}, {33, 25}}));
    MASQUE_VERIFY(writeLabelMe(folder.file("labelme/val/b.json"), boxes));
    Annotation empty;
    empty.imageSize = kSize;
    empty.flags = {{"night", true}};
    MASQUE_VERIFY(writeLabelMe(folder.file("labelme/c.json"), empty));
    folder.write("labelme/labels.txt", "__ignore__\n_background_\ncar\nperson\ntree\n");
}

/// Faces of 48 x 48 with votes on one of them.
void writeFacesSample(const TestFolder &folder)
{
    int seed = 1;
    for (const char *name : {"train/happy/a", "train/sad/b", "val/fear/c", "test/happy/d"})
        writePhoto(folder, std::string("class-folders/") + name + ".png", seed++, 48);
    Annotation voted;
    voted.imageSize = Size{48, 48};
    voted.votes = votesFromText("sad 3, happy 1");
    voted.flags = {{"sad", true}};
    MASQUE_VERIFY(writeLabelMe(folder.file("class-folders/train/sad/b.json"), voted));
}

Result<Dataset> opened(const std::string &path, const std::string &format = {})
{
    auto dataset = openDataset(path, builtinFormats(), format);
    if (!dataset)
        return dataset;
    return indexDataset(std::move(*dataset)).dataset;
}

void writeBytes(const std::string &path, const cv::Mat &ids)
{
    const cv::Mat whole = ids.clone();
    MASQUE_VERIFY(writeFileAtomically(path, {reinterpret_cast<const char *>(whole.data), whole.total()}));
}

std::shared_ptr<const DatasetFormat> formatOf(const std::string &id)
{
    for (const auto &format : builtinFormats())
        if (format->id() == id)
            return format;
    return nullptr;
}

std::set<std::string> filesBelow(const std::string &folder)
{
    std::set<std::string> files;
    for (const auto &entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.insert(fs::relative(entry.path(), folder).generic_string());
    return files;
}

using Names = std::vector<std::string>;

/// Names of the pixels' classes, in reading order; "?" where they are ignored.
Names pixelNames(const cv::Mat1b &ids, const LabelSet &labels)
{
    Names names;
    for (int y = 0; y < ids.rows; ++y)
        for (int x = 0; x < ids.cols; ++x)
            names.push_back(ids(y, x) == kIgnoreId ? "?" : labels[ids(y, x)].name);
    return names;
}

Names pixelNames(const Dataset &dataset, const Item &item)
{
    const auto ids = readLabelMap(dataset, item);
    return ids ? pixelNames(*ids, dataset.labels) : Names{ids.error().message};
}

/// The labelled image of the dataset whose name holds the text.
const Item *itemNamed(const Dataset &dataset, const std::string &stem)
{
    for (const auto &item : dataset.items) {
        const std::string own = withoutExtension(item.image.substr(item.image.find_last_of('/') + 1));
        if (own == stem || own == stem + "_leftImg8bit")
            return &item;
    }
    return nullptr;
}

/// What the first sample's pixels are once a format has had them, worked out from the annotation alone.
Names expectedNames(const std::string &format, Annotation annotation)
{
    const LabelSet all({std::string(kBackgroundName), "car", "person", "tree"});
    VariantLoss loss;
    if (format == "yolo" || format == "labelme-5.3")
        annotation = acceptedByAll(annotation, loss);
    if (format == "cityscapes")
        std::erase_if(annotation.shapes, [](const Shape &shape) { return shape.label == "tree"; });
    if (format == "yolo" || format == "cutout") // ignored pixels lie beside everything else
        std::erase_if(annotation.shapes, [](const Shape &shape) { return shape.label == kIgnoreName; });
    Names names = pixelNames(rasterise(annotation, all, kSize), all);
    for (auto &name : names) {
        if (name == kBackgroundName && (format == "ade20k" || format == "cityscapes"))
            name = "?";
        if (format == "cutout")
            name = name == kBackgroundName ? name : "foreground";
    }
    return names;
}

} // namespace

/// Each format to each other and back; docs/formats.md is what was lost.
class TestConversions : public QObject {
    Q_OBJECT

    std::unique_ptr<TestFolder> m_folder;
    const QStringList m_shapeFormats{"labelme",    "labelme-5.3", "coco",   "yolo",       "voc",   "cvat",
                                     "image-mask", "camvid",      "ade20k", "cityscapes", "cutout"};
    const QStringList m_classFormats{"class-folders", "legend-csv", "fer-csv", "mnist-idx"};

    /// Writes the dataset and checks that it made what it said, and nothing else.
    void convert(const Dataset &dataset, const QString &to, const std::string &folder)
    {
        const auto format = formatOf(to.toStdString());
        QVERIFY(format && format->canWrite());
        const auto promised = format->outputFiles(dataset);
        MASQUE_VERIFY(format->write(dataset, m_folder->file(folder), {}, {}));
        const auto made = filesBelow(m_folder->file(folder));
        QCOMPARE(made, std::set<std::string>(promised.begin(), promised.end()));
        QVERIFY2(!format->write(dataset, m_folder->file(folder), {}, {}), "never over what is there");
    }
    Dataset read(const std::string &folder, const QString &format)
    {
        const auto dataset = opened(m_folder->file(folder));
        if (!dataset) {
            QTest::qFail(dataset.error().message.c_str(), __FILE__, __LINE__);
            return {};
        }
        // Masks alone say nothing of objects, so VOC's are masks as others then; LabelMe's versions read alike.
        const bool isKin = (dataset->format == "labelme" && format == "labelme-5.3")
                           || (dataset->format == "image-mask" && format == "voc");
        const auto known = isKin ? format : QString::fromStdString(dataset->format);
        if (known != format)
            QTest::qFail((folder + ": recognised as " + dataset->format).c_str(), __FILE__, __LINE__);
        return *dataset;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TestFolder>(); }

    /// From LabelMe, which holds everything, and back.
    void shapes_data()
    {
        QTest::addColumn<QString>("to");
        for (const auto &format : m_shapeFormats)
            QTest::newRow(qPrintable(format)) << format;
    }
    void shapes()
    {
        QFETCH(QString, to);
        writeShapesSample(*m_folder);
        const Dataset source = read("labelme", "labelme");
        convert(source, to, "out");
        const Dataset target = read("out", to);
        QVERIFY(target.problems.empty());
        const Item *a = itemNamed(target, "a");
        QVERIFY(a);
        const Names expected = expectedNames(to.toStdString(), richAnnotation());
        QCOMPARE(pixelNames(target, *a), expected);
        const bool isLabelledOnly = to == "camvid" || to == "cutout"; // they have no place for other images
        QCOMPARE(target.items.size(), std::size_t{isLabelledOnly ? 3u : 4u});
        QCOMPARE(a->split, Split::Train);

        convert(target, "labelme", "back");
        const Dataset back = read("back", "labelme");
        QVERIFY(itemNamed(back, "a"));
        if (to == "ade20k" || to == "cityscapes") // ignored pixels become LabelMe's background, as it says
            return;
        QCOMPARE(pixelNames(back, *itemNamed(back, "a")), expected);
    }

    /// Shapes as they are, where the format has such.
    void shapesStay()
    {
        writeShapesSample(*m_folder);
        const Dataset source = read("labelme", "labelme");
        for (const char *to : {"coco", "yolo", "voc", "cvat"}) {
            convert(source, to, to);
            const Dataset target = read(to, to);
            const auto boxes = readAnnotation(target, *itemNamed(target, "b"));
            MASQUE_VERIFY(boxes);
            QCOMPARE(boxes->shapes.size(), std::size_t{2});
            for (std::size_t i = 0; i < 2; ++i) {
                QCOMPARE(boxes->shapes[i].type, ShapeType::Rectangle);
                QCOMPARE(boxes->shapes[i].label, std::string(i == 0 ? "car" : "person"));
            }
            const auto &corners = boxes->shapes[0].points;
            for (const auto &[found, wanted] : {std::pair(corners[0].x, 3.0), std::pair(corners[0].y, 4.0),
                                                std::pair(corners[1].x, 20.0), std::pair(corners[1].y, 15.5)})
                QVERIFY2(std::abs(found - wanted) < 1e-9, to);
        }
        const auto coco = readAnnotation(read("coco", "coco"), *itemNamed(read("coco", "coco"), "a"));
        MASQUE_VERIFY(coco);
        QCOMPARE(coco->shapes.size(), std::size_t{7});
        QCOMPARE(coco->shapes[0].points, richAnnotation().shapes[0].points);
        QVERIFY(coco->shapes[1].groupId && coco->shapes[1].groupId == coco->shapes[2].groupId);
        QCOMPARE(coco->shapes[4].type, ShapeType::Mask);
        const auto cvat = readAnnotation(read("cvat", "cvat"), *itemNamed(read("cvat", "cvat"), "a"));
        MASQUE_VERIFY(cvat);
        Annotation rich = richAnnotation();
        QCOMPARE(cvat->shapes.size(), rich.shapes.size());
        for (std::size_t i = 0; i < rich.shapes.size(); ++i) {
            rich.shapes[i].description.clear(); // which CVAT does not have
            QVERIFY2(sameContent(cvat->shapes[i], rich.shapes[i]), qPrintable(QString::number(i)));
        }
        QCOMPARE(cvat->flags, rich.flags);
    }

    /// Reading a format and writing it again changes nothing that it can say.
    void itself_data() { shapes_data(); }
    void itself()
    {
        QFETCH(QString, to);
        writeShapesSample(*m_folder);
        convert(read("labelme", "labelme"), to, "one");
        const Dataset one = read("one", to);
        convert(one, to, "two");
        const auto files = filesBelow(m_folder->file("one"));
        QCOMPARE(filesBelow(m_folder->file("two")), files);
        for (const auto &file : files)
            QVERIFY2(readFile(m_folder->file("one/" + file)).value_or("1")
                         == readFile(m_folder->file("two/" + file)).value_or("2"),
                     file.c_str());
    }

    void classes_data()
    {
        QTest::addColumn<QString>("to");
        for (const auto &format : m_classFormats)
            QTest::newRow(qPrintable(format)) << format;
        QTest::newRow("labelme") << QStringLiteral("labelme");
        QTest::newRow("cvat") << QStringLiteral("cvat");
    }
    void classes()
    {
        QFETCH(QString, to);
        writeFacesSample(*m_folder);
        const Dataset source = read("class-folders", "class-folders");
        convert(source, to, "out");
        const Dataset target = read("out", to);
        const auto listed = [](const Dataset &dataset) {
            const LabelSet classes = imageClasses(dataset);
            std::map<std::string, int> counts; // class and split, of pictures that may have lost their names
            for (const auto &item : dataset.items)
                ++counts[imageClass(dataset, item, classes).value_or("?") + " " + std::string(splitName(item.split))];
            return counts;
        };
        std::map<std::string, int> expected{{"happy train", 1}, {"sad train", 1}, {"fear val", 1}, {"happy test", 1}};
        if (to == "mnist-idx") // no names, no validation split
            expected = {{"3 train", 1}, {"4 train", 1}, {"2 train", 1}, {"3 test", 1}};
        QCOMPARE(listed(target), expected);
        for (const auto &item : target.items) {
            const auto image = readImage(target.absolute(item.image));
            MASQUE_VERIFY(image);
            QCOMPARE(image->size(), cv::Size(48, 48));
        }
        convert(target, "class-folders", "back");
        QCOMPARE(listed(read("back", "class-folders")), expected);
    }

    void vocIsTheDevkits()
    {
        const auto &palette = vocPalette();
        QCOMPARE(palette[1], (Color{128, 0, 0}));
        QCOMPARE(palette[15], (Color{192, 128, 128}));
        QCOMPARE(palette[20], (Color{0, 64, 128}));
        QCOMPARE(palette[255], (Color{224, 224, 192}));
        writeShapesSample(*m_folder);
        Dataset source = read("labelme", "labelme");
        source.labels = LabelSet({std::string(kBackgroundName), "car", "person"});
        convert(source, "voc", "out");
        const auto ids = readIdImage(m_folder->file("out/SegmentationClass/a.png"));
        MASQUE_VERIFY(ids);
        QCOMPARE(ids->palette[7], palette[7]);
        QCOMPARE(int(ids->ids.at<std::uint8_t>(5, 5)), 15); // person, by the table
        QCOMPARE(int(ids->ids.at<std::uint8_t>(4, 25)), 7); // car
        const auto xml = readFile(m_folder->file("out/Annotations/b.xml"));
        MASQUE_VERIFY(xml);
        QVERIFY(xml->find("<xmin>4</xmin>") != std::string::npos); // pixels count from 1
        QVERIFY(xml->find("<ymax>15.5</ymax>") != std::string::npos);
    }

    /// labelme's own class opens what is written for it, and Pillow and OpenCV find the class ids in the masks.
    void otherPrograms()
    {
        if (QProcess::execute("/usr/bin/python3", {"-c", "import labelme.label_file, PIL, numpy"}) != 0)
            QSKIP("python3 with labelme is not installed");
        writeShapesSample(*m_folder);
        const Dataset source = read("labelme", "labelme");
        QStringList arguments{"-c", QStringLiteral(R"PY(
import sys, os, json, numpy, PIL.Image
from labelme.label_file import LabelFile
try:
    import cv2
except ImportError:
    cv2 = None
for line in sys.stdin:
    kind, path, expected = json.loads(line)
    if kind == 'labelme':
        shapes = LabelFile(path).shapes
        assert len(shapes) == expected, (path, len(shapes))
        continue
    ids = numpy.fromfile(expected, numpy.uint8).reshape(30, 40)
    read = numpy.array(PIL.Image.open(path))
    assert (read == ids).all(), path
    if cv2 is not None and PIL.Image.open(path).mode == 'L':
        assert (cv2.imread(path, cv2.IMREAD_UNCHANGED) == ids).all(), path
print('all read')
)PY")};
        QByteArray lines;
        const auto add = [&](const char *kind, const std::string &path, const Json &expected) {
            lines += Json(Json::Array{kind, path, expected}).dump() + "\n";
        };
        for (const char *to : {"labelme", "labelme-5.3"}) {
            convert(source, to, to + std::string("-out"));
            const Dataset target = read(to + std::string("-out"), to);
            for (const auto &item : target.items)
                if (hasAnnotation(target, item))
                    add("labelme", target.absolute(item.json),
                        static_cast<std::int64_t>(readAnnotation(target, item).value_or(Annotation()).shapes.size()));
        }
        for (const char *to : {"image-mask", "camvid", "voc", "ade20k", "cityscapes"}) {
            convert(source, to, to);
            const Dataset target = read(to, to);
            const Item &item = *itemNamed(target, "a");
            const auto ids = readLabelMap(target, item);
            MASQUE_VERIFY(ids);
            // The file's own values, of which the classes are made by the format's table.
            const auto values = readIdImage(target.absolute(item.mask));
            if (!values || values->ids.type() != CV_8UC1)
                continue;
            std::map<int, int> classOf;
            for (int y = 0; y < ids->rows; ++y)
                for (int x = 0; x < ids->cols; ++x) {
                    const auto [it, isNew] = classOf.emplace(values->ids.at<std::uint8_t>(y, x), (*ids)(y, x));
                    QCOMPARE(it->second, int((*ids)(y, x)));
                }
            const std::string file = m_folder->file(std::string(to) + ".ids");
            writeBytes(file, values->ids);
            add("mask", target.absolute(item.mask), file);
        }
        QVERIFY(lines.count("mask") >= 4);
        QProcess python;
        python.start("/usr/bin/python3", arguments);
        python.write(lines);
        python.closeWriteChannel();
        QVERIFY(python.waitForFinished(120000));
        QVERIFY2(python.exitCode() == 0, python.readAllStandardError().constData());
        QCOMPARE(python.readAllStandardOutput().trimmed(), QByteArray("all read"));
    }

    /// Every pair, and what is lost, as docs/formats.md lists it. MASQUE_UPDATE_DOCS=1 writes the file anew.
    void documentation()
    {
        writeShapesSample(*m_folder);
        writeFacesSample(*m_folder);
        std::map<QString, Dataset> sources;
        sources["labelme"] = read("labelme", "labelme");
        sources["class-folders"] = read("class-folders", "class-folders");
        for (const auto &[first, formats] : {std::pair(QStringLiteral("labelme"), m_shapeFormats),
                                             std::pair(QStringLiteral("class-folders"), m_classFormats)})
            for (const auto &to : formats)
                if (to != first) {
                    const std::string folder = "from/" + to.toStdString();
                    convert(sources.at(first), to, folder);
                    sources[to] = read(folder, to);
                }
        QString text = heading();
        for (const auto &formats : {m_shapeFormats, m_classFormats})
            for (const auto &from : formats) {
                text += QStringLiteral("\n### From %1\n\n").arg(from);
                std::map<QString, QStringList> byLoss; // targets that lose the same
                std::vector<QString> order;
                for (const auto &to : m_shapeFormats + m_classFormats) {
                    const Dataset &source = sources.at(from);
                    QStringList losses;
                    for (const auto &loss : formatOf(to.toStdString())->losses(source, {}, {}))
                        losses << QString::fromStdString(loss);
                    const QString lost = losses.isEmpty() ? QStringLiteral("nothing") : losses.join(QLatin1Char(' '));
                    if (!byLoss.contains(lost))
                        order.push_back(lost);
                    byLoss[lost] << to;
                    // Classes of images are no shapes, and the other way round: only the way within a kind goes back.
                    if (!formats.contains(to))
                        continue;
                    const std::string there = "there/" + from.toStdString() + "/" + to.toStdString();
                    if (from == "mnist-idx" && to == "fer-csv") { // numbers are no emotions
                        QVERIFY(!formatOf("fer-csv")->write(source, m_folder->file(there), {}, {}));
                        continue;
                    }
                    convert(source, to, there);
                    const Dataset target = read(there, to);
                    if ((from == "fer-csv" && to == "mnist-idx") || (from == "cutout" && to == "cityscapes"))
                        continue; // no class is left that the first format has
                    const std::string back = "back/" + from.toStdString() + "/" + to.toStdString();
                    convert(target, from, back);
                    QVERIFY(!read(back, from).items.empty());
                }
                text += QStringLiteral("| to | lost |\n| --- | --- |\n");
                for (const auto &lost : order)
                    text += QStringLiteral("| %1 | %2 |\n").arg(byLoss[lost].join(QStringLiteral(", ")), lost);
            }
        const std::string path = std::string(MASQUE_SOURCE_DIR) + "/docs/formats.md";
        if (qEnvironmentVariableIsSet("MASQUE_UPDATE_DOCS"))
            MASQUE_VERIFY(writeFileAtomically(path, text.toStdString()));
        QCOMPARE(QString::fromStdString(readFile(path).value_or("")), text);
    }

private:
    QString heading() const
    {
        QString text = QStringLiteral(
            "# Formats\n\n"
            "Masque opens a folder in any of these formats by what it holds, and writes each of them: `masque convert "
            "SRC DST\n"
            "--to FORMAT`, or File > Export Dataset. What a format cannot say is listed before anything is written, "
            "and nothing\n"
            "that is there is written over. This file is made by a test (tests/plugins/test_conversions.cpp).\n\n"
            "| format | |\n| --- | --- |\n");
        for (const auto &format : m_shapeFormats + m_classFormats)
            text += QStringLiteral("| `%1` | %2 |\n")
                        .arg(format, QString::fromStdString(formatOf(format.toStdString())->title()));
        text += QStringLiteral("\n## What each way loses\n\n"
                               "Two samples are converted from each format to each other and back. The first has four "
                               "images: one with polygons, a\n"
                               "circle and a mask with a hole, some over each other, grouped, ignored, with flags; one "
                               "with two rectangles; one\n"
                               "without shapes; one that nobody labelled. The second has four faces of 48 x 48, one of "
                               "them with votes of raters. What\n"
                               "the first step to a format has lost already is not there to lose on the next.\n");
        return text;
    }
};

QTEST_GUILESS_MAIN(TestConversions)
#include "test_conversions.moc"
