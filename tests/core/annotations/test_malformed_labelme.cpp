// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/annotations/rasterise.h"
#include "core/base/text.h"

#include "tests/support/support.h"

#include <QObject>

using namespace masque;

namespace {

std::string withShape(const char *shape)
{
    return std::string(R"({"shapes": [{"label": "ok", "points": [[1, 1], [2, 2], [3, 1]]}, )") + shape
           + R"(], "imagePath": "a.jpg", "imageData": null})";
}

/// A PNG that says it has this size, cut off after its header.
std::string pngHeader(std::uint32_t width, std::uint32_t height)
{
    std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const std::uint32_t side : {width, height})
        for (int shift = 24; shift >= 0; shift -= 8)
            png += static_cast<char>(side >> shift & 0xff);
    return png + std::string("\x08\0\0\0\0\0\0\0\0", 9);
}

std::string maskShape(const std::string &png)
{
    return R"({"label": "m", "points": [[0, 0], [3, 3]], "shape_type": "mask", "mask": ")" + base64Encode(png) + "\"}";
}

} // namespace

class MalformedLabelMeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isRefusedWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        const auto document = [](const char *name, const char *text, const char *says) {
            QTest::newRow(name) << QByteArray(text) << QByteArray(says);
        };
        const auto shape = [](const char *name, const std::string &text, const char *says) {
            QTest::newRow(name) << QByteArray::fromStdString(withShape(text.c_str()))
                                << QByteArray("a.json: shapes[1]") + says;
        };
        document("empty file", "", "line 1");
        document("cut file", "{\"shapes\": [", "a.json: not valid JSON");
        document("a list", "[]", "is not a LabelMe file");
        document("another program's", R"({"images": [], "annotations": []})", "is not a LabelMe file");
        document("shapes no list", R"({"shapes": {}})", "shapes: a list was expected");
        document("image path no text", R"({"shapes": [], "imagePath": 3})", "imagePath: a text");
        document("flags no object", R"({"shapes": [], "flags": ["night"]})", "flags: an object");
        document("flag no bool", R"({"shapes": [], "flags": {"night": 1}})", "flags.night: true or false");

        shape("shape no object", "[]", ": an object was expected");
        shape("no label", R"({"points": [[1, 1], [2, 2], [3, 1]]})", ".label");
        shape("label no text", R"({"label": 3, "points": [[1, 1], [2, 2], [3, 1]]})", ".label: a text");
        shape("no points", R"({"label": "a"})", ".points: a list");
        shape("empty points", R"({"label": "a", "points": []})", ".points: a polygon has at least 2 points, found 0");
        shape("point of one number", R"({"label": "a", "points": [[1, 1], [2]]})", ".points[1]: [x, y]");
        shape("point of three numbers", R"({"label": "a", "points": [[1, 1], [2, 2, 2]]})", ".points[1]: [x, y]");
        shape("coordinate a text", R"({"label": "a", "points": [["1", 1], [2, 2]]})", ".points[0]");
        shape("coordinate a bool", R"({"label": "a", "points": [[true, 1], [2, 2]]})", ".points[0]");
        shape("coordinate null", R"({"label": "a", "points": [[1, 1], [null, 2]]})", ".points[1]");
        shape("coordinate NaN", R"({"label": "a", "points": [[NaN, 1], [2, 2]]})", ".points[0]");
        shape("coordinate infinite", R"({"label": "a", "points": [[1, 1], [2, -Infinity]]})", ".points[1]");
        shape("coordinate beyond doubles", R"({"label": "a", "points": [[1, 1], [2, 1e999]]})", ".points[1]");
        shape("point an object", R"({"label": "a", "points": [{"x": 1, "y": 2}]})", ".points[0]");
        shape("type no text", R"({"label": "a", "points": [[1, 1]], "shape_type": 4})", ".shape_type: a text");
        shape("rectangle of three", R"({"label": "a", "points": [[1, 1], [2, 2], [3, 3]], "shape_type": "rectangle"})",
              ".points: a rectangle has 2 or 4 points, found 3");
        shape("circle of three", R"({"label": "a", "points": [[1, 1], [2, 2], [3, 3]], "shape_type": "circle"})",
              ".points: a circle has 2 points, found 3");
        shape("point of two", R"({"label": "a", "points": [[1, 1], [2, 2]], "shape_type": "point"})", ".points");
        shape("rotation of two", R"({"label": "a", "points": [[1, 1], [2, 2]], "shape_type": "rotation"})", ".points");
        shape("group a text", R"({"label": "a", "points": [[1, 1], [2, 2]], "group_id": "x"})", ".group_id");
        shape("group a fraction", R"({"label": "a", "points": [[1, 1], [2, 2]], "group_id": 1.5})", ".group_id");
        shape("group beyond integers",
              R"({"label": "a", "points": [[1, 1], [2, 2]], "group_id": 99999999999999999999})", ".group_id");
        shape("description a number", R"({"label": "a", "points": [[1, 1], [2, 2]], "description": 1})",
              ".description");
        shape("flag no bool", R"({"label": "a", "points": [[1, 1], [2, 2]], "flags": {"x": null}})", ".flags.x");
        shape("mask missing", R"({"label": "a", "points": [[1, 1], [2, 2]], "shape_type": "mask"})", ".mask: a PNG");
        shape("mask no base64", R"({"label": "a", "points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": "%%"})",
              ".mask: a PNG");
        shape("mask no PNG", maskShape(std::string(60, 'x')), ".mask: a PNG");
        shape("mask PNG cut", maskShape(pngHeader(4, 4)), ".mask: the PNG");
        shape("mask PNG a bomb", maskShape(pngHeader(0x7fffffff, 0x7fffffff)), ".mask: the PNG says it has 2147483647");
        shape("mask PNG empty", maskShape(pngHeader(0, 4)), ".mask: the PNG says it has 0 x 4");
    }
    void isRefusedWithItsPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, says);
        TestFolder folder;
        const auto read = readLabelMe(folder.write("a.json", text.toStdString()));
        QVERIFY(!read);
        QVERIFY(read.error().code == ErrorCode::Format);
        QVERIFY2(QByteArray::fromStdString(read.error().message).contains(says), read.error().message.c_str());
    }

    /// A file can be cut or damaged anywhere: every outcome is an annotation or an error.
    void damagedBytes()
    {
        const std::string text = withShape(maskShape(pngHeader(4, 4)).c_str());
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto damaged = text;
            for (const char c : {'\0', '"', '9', '[', '\xff', '-'}) {
                damaged[i] = c;
                if (auto json = Json::parse(damaged))
                    (void)labelMeFromJson(std::move(*json), "a.json");
            }
        }
    }

    void hugeCoordinatesNeitherCrashNorHang_data()
    {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<int>("points");
        for (const auto &[type, points] : std::vector<std::pair<const char *, int>>{{"polygon", 3},
                                                                                    {"polygon", 2},
                                                                                    {"rectangle", 2},
                                                                                    {"rectangle", 4},
                                                                                    {"rotation", 4},
                                                                                    {"circle", 2},
                                                                                    {"line", 2},
                                                                                    {"linestrip", 4},
                                                                                    {"point", 1},
                                                                                    {"points", 3}})
            QTest::addRow("%s of %d", type, points) << QByteArray(type) << points;
    }
    void hugeCoordinatesNeitherCrashNorHang()
    {
        QFETCH(QByteArray, type);
        QFETCH(int, points);
        const char *const values[] = {"1e12", "-1e12", "1e308", "-1e308", "2147483648", "-5", "1e5", "0"};
        for (std::size_t first = 0; first < std::size(values); ++first) {
            std::string text =
                "{\"shapes\": [{\"label\": \"a\", \"shape_type\": \"" + type.toStdString() + "\", \"points\": [";
            for (int i = 0; i < points; ++i)
                text += std::string(i ? ", [" : "[") + values[(first + 3 * static_cast<std::size_t>(i)) % 8] + ", "
                        + values[(first + 5 * static_cast<std::size_t>(i) + 1) % 8] + "]";
            const auto annotation = labelMeFromJson(*Json::parse(text + "]}]}"), "a.json");
            MASQUE_VERIFY(annotation);
            const auto map = rasterise(*annotation, LabelSet({"_background_", "a"}), Size{64, 48});
            QCOMPARE(map.cols, 64);
            (void)annotation->shapes[0].bounds();
            (void)shapeMask(annotation->shapes[0], {64, 48});
        }
    }
};

QTEST_GUILESS_MAIN(MalformedLabelMeTest)
#include "test_malformed_labelme.moc"
