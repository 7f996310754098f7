// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/face_fields.h"
#include "core/annotations/labelme.h"
#include "core/base/files.h"

#include "tests/support/support.h"

#include <QObject>

#include <filesystem>

using namespace masque;
namespace fs = std::filesystem;

namespace {

Annotation parsed(const std::string &text)
{
    auto json = Json::parse(text);
    if (!json)
        qFatal("%s", json.error().message.c_str());
    auto annotation = labelMeFromJson(std::move(*json), "test.json");
    if (!annotation)
        qFatal("%s", annotation.error().message.c_str());
    return *annotation;
}

std::string written(const Annotation &annotation)
{
    return labelMeToJson(annotation).dump(2);
}

/// What Python's json.dumps(json.loads(text), indent=2, ensure_ascii=False) gives.
std::string canonical(const std::string &text)
{
    return Json::parse(text)->dump(2);
}

std::shared_ptr<const Mask> ring(int x, int y, int side)
{
    cv::Mat1b bits(side, side, std::uint8_t{1});
    bits(cv::Rect(1, 1, side - 2, side - 2)).setTo(0);
    return std::make_shared<const Mask>(Mask{{x, y, side, side}, bits});
}

int differingLines(const std::string &a, const std::string &b)
{
    const auto linesA = QByteArray::fromStdString(a).split('\n'), linesB = QByteArray::fromStdString(b).split('\n');
    if (linesA.size() != linesB.size())
        return -1;
    int count = 0;
    for (int i = 0; i < linesA.size(); ++i)
        count += linesA[i] != linesB[i];
    return count;
}

const char *const kModern = R"({
  "version": "7.1.0",
  "flags": {
    "night": false,
    "blurred": true
  },
  "shapes": [
    {
      "score": 0.50,
      "label": "car",
      "points": [
        [
          10,
          1e1
        ],
        [
          20.250,
          11.0
        ],
        [
          15.5,
          30.125
        ]
      ],
      "group_id": 3,
      "description": "left",
      "shape_type": "polygon",
      "flags": {
        "occluded": true
      },
      "mask": null,
      "attributes": {
        "colour": "red"
      }
    }
  ],
  "imagePath": "..\\images\\a.jpg",
  "imageData": null,
  "imageHeight": 100,
  "imageWidth": 200,
  "text": "Straße"
})";

} // namespace

class LabelMeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void votesOfRaters()
    {
        auto a = parsed(R"({"version": "5.0.1", "shapes": [{"label": "face", "points": [[1, 2], [3, 4]],
            "shape_type": "rectangle", "votes": {"happy": 2, "anna": "sad"}}],
            "votes": {"anna": "happy", "sad": 2, "wrong": [], "none": -1, "": 3, "half": 0.5}})");
        QCOMPARE(votesText(a.votes), std::string("anna: happy, sad 2, half 0.5")); // what makes no sense is left out
        QCOMPARE(votesText(votesOf(a.shapes[0])), std::string("happy 2, anna: sad"));
        QVERIFY(labelMeToJson(a)["votes"].contains("wrong")); // but stays in the file
        a.votes = withVote(a.votes, "ben", "sad");
        const Json json = labelMeToJson(a);
        QCOMPARE(json["votes"].dump(), std::string(R"({"anna": "happy", "sad": 2, "half": 0.5, "ben": "sad"})"));
        QVERIFY(votesFromJson(json["votes"]) == a.votes);
        a.votes.clear();
        QVERIFY(!labelMeToJson(a).contains("votes"));

        QVERIFY(votesFromText("happy, anna: sad, happy 2,, anna: ,ben:happy") == votesFromText("happy 3, ben: happy"));
        QVERIFY(votesFromText("nan, 3, two words 2")
                == (Votes{{.label = "nan"}, {.label = "3"}, {{}, "two words", 2}}));
        const auto of = VoteCounts::of(votesFromText("happy 2, anna: sad, ben: sad"));
        QCOMPARE(of.winner(), std::string()); // even
        QCOMPARE(of.agreement(), 0.5);
        QCOMPARE(of.total(), 4.0);
        QCOMPARE(VoteCounts::of(votesFromText("sad, happy 3")).winner(), std::string("happy"));
        QCOMPARE(VoteCounts().winner(), std::string());
    }

    void readsEveryField()
    {
        const auto a = parsed(kModern);
        QCOMPARE(a.flags, (Flags{{"night", false}, {"blurred", true}}));
        QCOMPARE(a.imagePath, std::string("..\\images\\a.jpg"));
        QVERIFY(a.imageSize == (Size{200, 100}));
        QVERIFY(!a.checked);
        QCOMPARE(a.shapes.size(), std::size_t{1});
        const Shape &shape = a.shapes[0];
        QCOMPARE(shape.label, std::string("car"));
        QVERIFY(shape.type == ShapeType::Polygon);
        QVERIFY(shape.points == (std::vector<Point>{{10, 10}, {20.25, 11}, {15.5, 30.125}}));
        QCOMPARE(*shape.groupId, 3);
        QCOMPARE(shape.description, std::string("left"));
        QCOMPARE(shape.flags, (Flags{{"occluded", true}}));
    }

    void untouchedComesBackByteForByte() { QCOMPARE(written(parsed(kModern)), std::string(kModern)); }

    void aMovedVertexChangesItsTwoNumbersAlone()
    {
        auto a = parsed(kModern);
        a.shapes[0].points[1] = {21, 12};
        auto expected = std::string(kModern);
        expected.replace(expected.find("20.250"), 6, "21.0").replace(expected.find("11.0"), 4, "12.0");
        QCOMPARE(written(a), expected);
        a.shapes[0].points[1] = {20.25, 12}; // one coordinate: the other keeps its spelling
        QCOMPARE(differingLines(written(a), kModern), 1);
    }

    void anInsertedVertexLeavesTheOthersAsSpelled()
    {
        auto a = parsed(kModern);
        a.shapes[0].points.insert(a.shapes[0].points.begin() + 1, Point{12, 13});
        auto expected = std::string(kModern);
        const std::string before = "        [\n          20.250,";
        expected.insert(expected.find(before), "        [\n          12.0,\n          13.0\n        ],\n");
        QCOMPARE(written(a), expected);
        a.shapes[0].points.erase(a.shapes[0].points.begin() + 1);
        QCOMPARE(written(a), std::string(kModern));
    }

    void fieldsChangeInTheirPlace()
    {
        auto a = parsed(kModern);
        a.shapes[0].label = "bus";
        a.shapes[0].groupId.reset();
        a.flags[0].second = true;
        a.imageSize = Size{200, 101};
        auto expected = std::string(kModern);
        expected.replace(expected.find("\"car\""), 5, "\"bus\"");
        expected.replace(expected.find("group_id\": 3"), 12, "group_id\": null");
        expected.replace(expected.find("\"night\": false"), 14, "\"night\": true");
        expected.replace(expected.find("imageHeight\": 100"), 17, "imageHeight\": 101");
        QCOMPARE(written(a), expected);
    }

    void checkedIsWrittenWhenItMeansSomething()
    {
        auto a = parsed(kModern);
        QVERIFY(!labelMeToJson(a).contains("checked"));
        a.checked = true;
        const auto reviewed = labelMeToJson(a);
        QVERIFY(reviewed["checked"].toBool());
        a = parsed(reviewed.dump(2));
        QVERIFY(a.checked);
        a.checked = false;
        QVERIFY(labelMeToJson(a).contains("checked"));
        QVERIFY(!labelMeToJson(a)["checked"].toBool(true));
    }

    void keptLabelsComeBack()
    {
        auto a = parsed(kModern);
        QVERIFY(!labelMeToJson(a).contains("kept_labels"));
        a.kept = std::make_shared<const Mask>(Mask{{3, 4, 2, 2}, (cv::Mat1b(2, 2) << 1, 0, 1, 1)});
        const auto written = labelMeToJson(a);
        auto read = parsed(written.dump(2));
        QVERIFY(sameContent(read, a));
        QCOMPARE(QString::fromStdString(labelMeToJson(read).dump(2)), QString::fromStdString(written.dump(2)));
        read.kept.reset();
        QVERIFY(!labelMeToJson(read).contains("kept_labels"));
        for (const char *nonsense : {"true", "{}", R"({"points": [[0, 0], [1, 1]], "mask": "AAAA"})"}) {
            auto json = labelMeToJson(parsed(kModern));
            json.set("kept_labels", *Json::parse(nonsense));
            const auto other = parsed(json.dump(2));
            QVERIFY(!other.kept);
            QCOMPARE(QString::fromStdString(labelMeToJson(other)["kept_labels"].dump()),
                     QString::fromStdString(json["kept_labels"].dump())); // someone else's, and left alone
        }
    }

    void newFilesAreLabelMes()
    {
        Annotation a;
        a.imagePath = "a.jpg";
        a.imageSize = Size{640, 480};
        a.shapes = {{.label = "car", .points = {{1, 2}, {3.5, 4}, {5, 6}}}};
        const char *expected = R"({"version": "5.1.1", "flags": {}, "shapes": [{"label": "car", "points": )"
                               R"([[1.0, 2.0], [3.5, 4.0], [5.0, 6.0]], "group_id": null, "description": "", )"
                               R"("shape_type": "polygon", "flags": {}}], "imagePath": "a.jpg", "imageData": null, )"
                               R"("imageHeight": 480, "imageWidth": 640})";
        QCOMPARE(labelMeToJson(a).dump(), std::string(expected));
        QVERIFY(sameContent(parsed(written(a)), a));
    }

    void masksGoToPngAndBack()
    {
        Annotation a;
        a.shapes = {{.label = "ring", .type = ShapeType::Mask, .mask = ring(12, 34, 7)}};
        const auto json = labelMeToJson(a);
        const auto &shape = json["shapes"][std::size_t{0}];
        QCOMPARE(shape["points"].dump(), std::string("[[12.0, 34.0], [18.0, 40.0]]"));
        QCOMPARE(shape["shape_type"].toString(), std::string("mask"));
        QVERIFY(shape["mask"].toString().starts_with("iVBOR"));
        auto again = parsed(json.dump(2));
        QVERIFY(sameContent(again, a));
        QCOMPARE(written(again), json.dump(2));

        again.shapes[0].label = "tyre"; // the bitmap keeps its bytes
        QCOMPARE(differingLines(written(again), json.dump(2)), 1);
        again.shapes[0].mask = ring(12, 34, 8);
        QVERIFY(sameContent(parsed(written(again)), again));
    }

    void maskBoxAndPngMayDisagree_data()
    {
        QTest::addColumn<QByteArray>("points");
        QTest::addColumn<int>("width");
        QTest::newRow("whole corners, smaller box") << QByteArray("[[2.0, 3.0], [4.0, 9.0]]") << 3;
        QTest::newRow("whole corners, larger box") << QByteArray("[[2.0, 3.0], [40.0, 9.0]]") << 7;
        QTest::newRow("fractional corners keep the PNG") << QByteArray("[[2.5, 3.5], [4.5, 9.5]]") << 7;
        QTest::newRow("corners swapped") << QByteArray("[[8.0, 9.0], [2.0, 3.0]]") << 7;
    }
    void maskBoxAndPngMayDisagree()
    {
        QFETCH(QByteArray, points);
        QFETCH(int, width);
        Annotation a;
        a.shapes = {{.label = "ring", .type = ShapeType::Mask, .mask = ring(0, 0, 7)}};
        auto json = labelMeToJson(a);
        Json shape = json["shapes"][std::size_t{0}];
        shape.set("points", *Json::parse(points.toStdString()));
        json.set("shapes", Json::Array{shape});
        const auto read = parsed(json.dump());
        QVERIFY(read.shapes[0].mask->box == (Rect{2, 3, width, 7}));
        QCOMPARE(read.shapes[0].mask->bits.cols, width);
        QCOMPARE(written(read), json.dump(2)); // and it is still written as it was
    }

    void aShapeThatBecomesAMaskAndBack()
    {
        auto a = parsed(kModern);
        Shape mask = a.shapes[0];
        mask.type = ShapeType::Mask;
        mask.points.clear();
        mask.mask = ring(5, 5, 4);
        auto painted = a;
        painted.shapes[0] = mask;
        const auto read = parsed(written(painted));
        QVERIFY(sameContent(read, painted));
        QCOMPARE(labelMeToJson(read)["shapes"][std::size_t{0}]["score"].token(), std::string("0.50"));

        auto back = read;
        back.shapes[0].type = ShapeType::Polygon;
        back.shapes[0].mask.reset();
        back.shapes[0].points = a.shapes[0].points;
        QVERIFY(labelMeToJson(back)["shapes"][std::size_t{0}]["mask"].isNull());
        QVERIFY(sameContent(parsed(written(back)), a));
    }

    void dialects_data()
    {
        QTest::addColumn<QByteArray>("shape");
        QTest::addColumn<int>("type");
        const auto row = [](const char *name, const char *shape, ShapeType type) {
            QTest::newRow(name) << QByteArray(shape) << static_cast<int>(type);
        };
        row("labelme 1",
            R"({"label": "a", "line_color": null, "fill_color": null, "points": [[1, 2], [3, 4], [5, 6]]})",
            ShapeType::Polygon);
        row("polygon of two points", R"({"label": "a", "points": [[1, 2], [3, 4]], "shape_type": "polygon"})",
            ShapeType::Polygon);
        row("shape_type null", R"({"label": "a", "points": [[1, 2], [3, 4], [5, 6]], "shape_type": null})",
            ShapeType::Polygon);
        row("flags null", R"({"label": "a", "points": [[1, 2]], "shape_type": "point", "flags": null})",
            ShapeType::PointShape);
        row("flags a list", R"({"label": "a", "points": [[1, 2]], "shape_type": "point", "flags": []})",
            ShapeType::PointShape);
        row("description null",
            R"({"label": "a", "points": [[1, 2], [3, 4]], "shape_type": "circle", "description": null})",
            ShapeType::Circle);
        row("rectangle", R"({"label": "a", "points": [[9, 2], [3, 4]], "shape_type": "rectangle"})",
            ShapeType::Rectangle);
        row("X-AnyLabeling rectangle",
            R"({"kie_linking": [], "label": "a", "score": null, "points": [[1, 2], [5, 2], [5, 4], [1, 4]], "group_id": null, "description": "", "difficult": false, "shape_type": "rectangle", "flags": {}, "attributes": {}})",
            ShapeType::Rectangle);
        row("X-AnyLabeling rotation",
            R"({"label": "a", "points": [[1, 2], [5, 2], [5, 4], [1, 4]], "shape_type": "rotation", "direction": 0.1})",
            ShapeType::OrientedRectangle);
        row("labelme oriented rectangle",
            R"({"label": "a", "points": [[1, 2], [5, 2], [5, 4], [1, 4]], "shape_type": "oriented_rectangle"})",
            ShapeType::OrientedRectangle);
        row("quadrilateral",
            R"({"label": "a", "points": [[1, 2], [5, 2], [5, 4], [1, 4]], "shape_type": "quadrilateral"})",
            ShapeType::Polygon);
        row("line", R"({"label": "a", "points": [[1, 2], [5, 2]], "shape_type": "line"})", ShapeType::Line);
        row("line strip", R"({"label": "a", "points": [[1, 2], [5, 2], [7, 7]], "shape_type": "linestrip"})",
            ShapeType::LineStrip);
        row("AI points", R"({"label": "a", "points": [[1, 2], [5, 2]], "shape_type": "points"})", ShapeType::Other);
        row("cuboid", R"({"label": "a", "points": [[1, 2]], "shape_type": "cuboid"})", ShapeType::Other);
    }
    void dialects()
    {
        QFETCH(QByteArray, shape);
        QFETCH(int, type);
        const std::string text =
            canonical("{\"shapes\": [" + shape.toStdString() + "], \"imagePath\": \"a.jpg\", \"imageData\": null}");
        auto a = parsed(text);
        QCOMPARE(static_cast<int>(a.shapes[0].type), type);
        QCOMPARE(written(a), text);
        a.shapes[0].label = "b"; // nothing else is added or renamed
        QCOMPARE(differingLines(written(a), text), 1);
    }

    void oldDocuments_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("labelme 1") << QByteArray(
            R"({"shapes": [], "lineColor": [0, 255, 0, 128], "fillColor": [255, 0, 0, 128], "imagePath": "a.jpg", "imageData": "AAAA"})");
        QTest::newRow("labelme 3.0, flags a list")
            << QByteArray(R"({"flags": [], "shapes": [], "imagePath": "a.jpg", "imageData": null})");
        QTest::newRow("flags null") << QByteArray(R"({"flags": null, "shapes": [], "imagePath": "a.jpg"})");
        QTest::newRow("no image path") << QByteArray(R"({"shapes": []})");
        QTest::newRow("odd sizes") << QByteArray(
            R"({"shapes": [], "imageHeight": -4, "imageWidth": 1e300, "imagePath": null})");
    }
    void oldDocuments()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(written(parsed(text.toStdString())), canonical(text.toStdString()));
    }

    void everyRealFileComesBackByteForByte()
    {
        const auto root = sharedData("labelme");
        if (root.empty())
            QSKIP("no real data here");
        int files = 0, shapes = 0;
        for (const auto &entry : fs::recursive_directory_iterator(root)) {
            if (entry.path().extension() != ".json")
                continue;
            const auto path = entry.path().string();
            const auto bytes = readFile(path);
            MASQUE_VERIFY(bytes);
            if (!isLabelMe(*Json::parse(*bytes)))
                continue; // the COCO export among them
            const auto annotation = readLabelMe(path);
            MASQUE_VERIFY(annotation);
            QVERIFY2(written(*annotation) == canonical(*bytes), path.c_str());
            ++files;
            shapes += static_cast<int>(annotation->shapes.size());

            auto edited = *annotation; // and one dragged vertex changes two lines of it
            if (edited.shapes.empty() || edited.shapes[0].points.empty())
                continue;
            edited.shapes[0].points[0] = edited.shapes[0].points[0] + Point{0.123, 0.321};
            QVERIFY2(differingLines(written(edited), canonical(*bytes)) == 2, path.c_str());
        }
        qInfo("%d files, %d shapes", files, shapes);
        QVERIFY(files > 30);
    }

    void writingIsAtomicAndNamesTheFile()
    {
        TestFolder folder;
        const auto path = folder.write("a.json", kModern);
        auto a = readLabelMe(path);
        MASQUE_VERIFY(a);
        a->shapes[0].label = "bus";
        MASQUE_VERIFY(writeLabelMe(path, *a));
        QVERIFY(sameContent(*readLabelMe(path), *a));
        const auto failed = writeLabelMe(folder.file("none/a.json"), *a);
        QVERIFY(!failed && failed.error().message.find("none/a.json") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(LabelMeTest)
#include "test_labelme.moc"
