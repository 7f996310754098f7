// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"

#include "core/annotations/labelme_fields.h"
#include "core/annotations/mask_ops.h"
#include "core/base/text.h"
#include "core/image/image_file.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace masque {

namespace {

Error bad(const std::string &where, const std::string &what)
{
    return {ErrorCode::Format, where + ": " + what, where};
}

/// All masks of one file together: a kilobyte of PNG can unfold to a quarter of a gigabyte.
constexpr std::size_t kMaxMaskPixels = 4 * static_cast<std::size_t>(kMaxImagePixels);

struct TypeRule {
    std::string_view name;
    ShapeType type;
    std::size_t minimum, maximum; ///< number of points
};
constexpr auto kMany = std::numeric_limits<std::size_t>::max();
constexpr TypeRule kTypes[] = {
    {"polygon", ShapeType::Polygon, 2, kMany}, // labelme 3 wrote polygons of two points
    {"rectangle", ShapeType::Rectangle, 2, 4},
    {"circle", ShapeType::Circle, 2, 2},
    {"line", ShapeType::Line, 2, 2},
    {"linestrip", ShapeType::LineStrip, 2, kMany},
    {"point", ShapeType::PointShape, 1, 1},
    {"mask", ShapeType::Mask, 2, 2},
    {"oriented_rectangle", ShapeType::OrientedRectangle, 4, 4},
    {"rotation", ShapeType::OrientedRectangle, 4, 4},
    {"quadrilateral", ShapeType::Polygon, 4, 4},
};
constexpr TypeRule kOther{"", ShapeType::Other, 0, kMany};

const TypeRule &ruleNamed(std::string_view name)
{
    const auto found = std::ranges::find(kTypes, name, &TypeRule::name);
    return found == std::end(kTypes) ? kOther : *found;
}

Result<TypeRule> readType(const Json &json, const std::string &where)
{
    if (json.isNull())
        return kTypes[0]; // files from before labelme 3.4 know polygons only
    if (!json.isString())
        return bad(where, "a text was expected, found " + json.dump());
    return ruleNamed(json.toString());
}

Result<std::vector<Point>> readPoints(const Json &json, const TypeRule &rule, const std::string &where)
{
    if (!json.isArray())
        return bad(where, "a list of [x, y] was expected");
    std::vector<Point> points;
    points.reserve(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) {
        const Json &pair = json[i];
        const Point p{pair[std::size_t{0}].toDouble(NAN), pair[std::size_t{1}].toDouble(NAN)};
        if (!pair.isArray() || pair.size() != 2 || !std::isfinite(p.x) || !std::isfinite(p.y))
            return bad(where + "[" + std::to_string(i) + "]", "[x, y] with two finite numbers was expected");
        points.push_back(p);
    }
    if (points.size() < rule.minimum || points.size() > rule.maximum || (rule.maximum == 4 && points.size() == 3)) {
        const auto expected = rule.maximum == kMany          ? "at least " + std::to_string(rule.minimum)
                              : rule.maximum == rule.minimum ? std::to_string(rule.minimum)
                                                             : std::string("2 or 4");
        return bad(where, "a " + std::string(rule.name) + " has " + expected + " points, found "
                              + std::to_string(points.size()));
    }
    return points;
}

std::uint32_t bigEndian(std::string_view bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

Result<cv::Mat1b> decodeBits(const std::string &text, const std::string &where)
{
    const std::string png = base64Decode(text);
    if (png.size() < 33 || png.size() > std::numeric_limits<int>::max()
        || std::string_view(png).substr(0, 8) != "\x89PNG\r\n\x1a\n")
        return bad(where, "a PNG in base64 was expected");
    const std::uint64_t width = bigEndian(png, 16), height = bigEndian(png, 20);
    if (width == 0 || height == 0 || width * height > static_cast<std::uint64_t>(kMaxImagePixels))
        return bad(where, "the PNG says it has " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
    try {
        const cv::Mat bytes(1, static_cast<int>(png.size()), CV_8U, const_cast<char *>(png.data()));
        const cv::Mat decoded = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
        if (decoded.empty())
            return bad(where, "the PNG is damaged");
        if (decoded.channels() != 1)
            return bad(where, "a grey PNG was expected, found colours");
        cv::Mat1b inside = whereEqual(decoded, 0);
        inside.forEach([](std::uint8_t &bit, const int *) { bit = bit == 0; });
        return inside;
    } catch (const std::exception &) {
        return bad(where, "the PNG cannot be decoded");
    }
}

/// Where box and PNG disagree labelme keeps the PNG from the top-left corner, within the box if its corners are whole.
Result<Mask> readMask(const Json &json, const std::vector<Point> &corners, const std::string &where)
{
    if (!json.isString())
        return bad(where, "a PNG in base64 was expected");
    auto bits = decodeBits(json.toString(), where);
    if (!bits)
        return bits.error();
    const double left = std::min(corners[0].x, corners[1].x), top = std::min(corners[0].y, corners[1].y);
    const double right = std::max(corners[0].x, corners[1].x), bottom = std::max(corners[0].y, corners[1].y);
    constexpr double kFar = 1 << 29;
    if (std::abs(left) > kFar || std::abs(top) > kFar)
        return bad(where, "the mask lies too far from the image");
    Mask mask{{static_cast<int>(std::floor(left)), static_cast<int>(std::floor(top)), bits->cols, bits->rows}, *bits};
    const auto whole = [](double v) { return v == std::floor(v); };
    if (whole(left) && whole(top) && whole(right) && whole(bottom)) {
        mask.box.width = static_cast<int>(std::min(right - left + 1, double(bits->cols)));
        mask.box.height = static_cast<int>(std::min(bottom - top + 1, double(bits->rows)));
        mask.bits = (*bits)(cv::Rect(0, 0, mask.box.width, mask.box.height));
    }
    return mask;
}

} // namespace

namespace labelme {

ShapeType typeNamed(std::string_view name)
{
    return ruleNamed(name).type;
}

Result<Flags> readFlags(const Json &json, const std::string &where)
{
    Flags flags;
    if (json.isNull() || (json.isArray() && json.size() == 0))
        return flags;
    if (!json.isObject())
        return bad(where, "an object of name: true or false was expected");
    for (const auto &[name, value] : json.members()) {
        if (!value.isBool())
            return bad(where + "." + name, "true or false was expected, found " + value.dump());
        flags.emplace_back(name, value.toBool());
    }
    return flags;
}

std::optional<Size> readSize(const Json &document)
{
    const auto side = [&](const char *key) -> int {
        const double value = document[key].toDouble();
        return value >= 1 && value <= std::numeric_limits<int>::max() ? static_cast<int>(value) : 0;
    };
    const Size size{side("imageWidth"), side("imageHeight")};
    return size.isEmpty() ? std::optional<Size>() : size;
}

bool readChecked(const Json &document)
{
    return document["checked"].toBool();
}

std::shared_ptr<const Mask> readKept(const Json &document)
{
    const Json &json = document[kKeptKey];
    if (!json.isObject())
        return {};
    const auto points = readPoints(json["points"], {"mask", ShapeType::Mask, 2, 2}, kKeptKey);
    if (!points)
        return {};
    auto mask = readMask(json["mask"], *points, kKeptKey);
    return mask ? std::make_shared<const Mask>(std::move(*mask)) : nullptr;
}

Result<Shape> readShape(const Json &json, const std::string &where)
{
    if (!json.isObject())
        return bad(where, "an object was expected");
    Shape shape;
    if (!json["label"].isString())
        return bad(where + ".label", "a text was expected");
    shape.label = json["label"].toString();

    const auto rule = readType(json["shape_type"], where + ".shape_type");
    if (!rule)
        return rule.error();
    shape.type = rule->type;
    auto points = readPoints(json["points"], *rule, where + ".points");
    if (!points)
        return points.error();

    const Json &group = json["group_id"];
    if (!group.isNull() && !group.isInteger())
        return bad(where + ".group_id", "a whole number or null was expected, found " + group.dump());
    if (group.isInteger())
        shape.groupId = group.toInt();

    const Json &description = json["description"];
    if (!description.isNull() && !description.isString())
        return bad(where + ".description", "a text or null was expected");
    shape.description = description.toString();

    auto flags = readFlags(json["flags"], where + ".flags");
    if (!flags)
        return flags.error();
    shape.flags = std::move(*flags);

    if (shape.type == ShapeType::Mask) {
        auto mask = readMask(json["mask"], *points, where + ".mask");
        if (!mask)
            return mask.error();
        shape.mask = std::make_shared<const Mask>(std::move(*mask));
    } else {
        shape.points = std::move(*points);
    }
    return shape;
}

} // namespace labelme

bool isLabelMe(const Json &document)
{
    return document["shapes"].isArray();
}

Result<Annotation> labelMeFromJson(Json document, const std::string &name)
{
    if (!document.isObject())
        return bad(name, "is not a LabelMe file: it holds no JSON object");
    if (!isLabelMe(document))
        return bad(name, document.contains("shapes") ? "shapes: a list was expected"
                                                     : "is not a LabelMe file: it has no \"shapes\"");
    Annotation annotation;
    const Json &path = document["imagePath"];
    if (!path.isNull() && !path.isString())
        return bad(name + ": imagePath", "a text was expected");
    annotation.imagePath = path.toString();
    annotation.imageSize = labelme::readSize(document);
    annotation.checked = labelme::readChecked(document);
    annotation.kept = labelme::readKept(document);
    annotation.votes = votesFromJson(document[kVotesKey]);
    auto flags = labelme::readFlags(document["flags"], name + ": flags");
    if (!flags)
        return flags.error();
    annotation.flags = std::move(*flags);

    const auto &shapes = document["shapes"].items();
    annotation.shapes.reserve(shapes.size());
    std::size_t maskPixels = 0;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
        auto shape = labelme::readShape(shapes[i], name + ": shapes[" + std::to_string(i) + "]");
        if (!shape)
            return shape.error();
        maskPixels += shape->mask ? shape->mask->bits.total() : 0;
        if (maskPixels > kMaxMaskPixels)
            return Error{ErrorCode::Memory, name + ": its masks are larger than this program can hold", name};
        shape->source = std::make_shared<const Json>(shapes[i]);
        annotation.shapes.push_back(std::move(*shape));
    }
    document.set("shapes", Json::array());
    annotation.source = std::make_shared<const Json>(std::move(document));
    return annotation;
}

Result<Annotation> readLabelMe(const std::string &path)
{
    try {
        auto document = readJsonFile(path);
        if (!document)
            return document.error();
        return labelMeFromJson(std::move(*document), path);
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, path + ": not enough memory to read it", path};
    }
}

} // namespace masque
