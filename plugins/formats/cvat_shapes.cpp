// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/cvat_shapes.h"

#include "core/annotations/mask_ops.h"
#include "core/base/text.h"
#include "core/image/image_file.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>

namespace masque {

namespace {

constexpr const char *kKept = "cvat", *kOccluded = "occluded";
constexpr int kEllipsePoints = 64;
constexpr double kSamePx = 1e-6;

Error wrong(const pugi::xml_node &shape, const std::string &what)
{
    return {ErrorCode::Format,
            std::string("<") + shape.name() + " label=\"" + shape.attribute("label").as_string() + "\">: " + what,
            shape.name()};
}

Result<double> numberOf(const pugi::xml_node &shape, const char *attribute)
{
    const auto value = pxFromXml(shape.attribute(attribute).as_string());
    return value ? Result<double>(*value)
                 : wrong(shape, std::string(attribute) + ": a number of pixels was expected, found '"
                                    + shape.attribute(attribute).as_string() + "'");
}

Result<std::vector<double>> numbersOf(const pugi::xml_node &shape, std::initializer_list<const char *> attributes)
{
    std::vector<double> values;
    for (const char *attribute : attributes) {
        const auto value = numberOf(shape, attribute);
        if (!value)
            return value.error();
        values.push_back(*value);
    }
    return values;
}

/// "x,y;x,y"
Result<std::vector<Point>> pointsOf(const pugi::xml_node &shape, std::size_t least)
{
    std::vector<Point> points;
    for (const auto &pair : splitText(shape.attribute("points").as_string(), ';')) {
        const auto parts = splitText(pair, ',');
        const auto x = pxFromXml(parts[0]);
        const auto y = parts.size() == 2 ? pxFromXml(parts[1]) : std::nullopt;
        if (!x || !y)
            return wrong(shape, "points: x,y was expected, found '" + pair + "'");
        points.push_back({*x, *y});
    }
    if (points.size() < least)
        return wrong(shape, "points: at least " + std::to_string(least) + " were expected");
    return points;
}

Point turned(Point point, Point centre, double degrees)
{
    const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
    const double dx = point.x - centre.x, dy = point.y - centre.y;
    return {centre.x + c * dx - s * dy, centre.y + s * dx + c * dy};
}

std::vector<Point> ellipseOf(Point centre, double rx, double ry, double degrees)
{
    std::vector<Point> points;
    for (int k = 0; k < kEllipsePoints; ++k) {
        const double angle = 2 * std::numbers::pi * k / kEllipsePoints;
        points.push_back(turned({centre.x + rx * std::cos(angle), centre.y + ry * std::sin(angle)}, centre, degrees));
    }
    return points;
}

/// Runs of 0 and 1 in turn, row by row in the box.
Result<std::shared_ptr<const Mask>> maskOf(const pugi::xml_node &shape)
{
    const auto box = numbersOf(shape, {"left", "top", "width", "height"});
    if (!box)
        return box.error();
    const int width = static_cast<int>((*box)[2]), height = static_cast<int>((*box)[3]);
    const std::int64_t pixels = std::int64_t{width} * height;
    if (width <= 0 || height <= 0 || pixels > kMaxImagePixels)
        return wrong(shape, "width, height: a box of pixels was expected");
    cv::Mat1b bits(height, width, std::uint8_t{0});
    std::int64_t at = 0;
    bool isSet = false;
    for (const auto &word : splitText(shape.attribute("rle").as_string(), ',')) {
        const auto run = pxFromXml(word);
        if (!run || *run < 0 || *run > static_cast<double>(pixels - at))
            return wrong(shape, "rle: the run '" + word + "' does not fit into the box");
        if (isSet)
            std::fill_n(bits.ptr() + at, static_cast<std::int64_t>(*run), std::uint8_t{1});
        at += static_cast<std::int64_t>(*run);
        isSet = !isSet;
    }
    Mask mask = cropped({{static_cast<int>((*box)[0]), static_cast<int>((*box)[1]), width, height}, std::move(bits)});
    if (mask.box.isEmpty())
        return wrong(shape, "rle: no pixel is set");
    return std::make_shared<const Mask>(std::move(mask));
}

std::string xmlOf(const pugi::xml_node &node)
{
    std::ostringstream out;
    node.print(out, "", pugi::format_raw);
    return out.str();
}

/// Everything but where it lies; keeps is what labelme has no field for.
void takeFields(const pugi::xml_node &node, Shape &shape, Json keeps)
{
    if (node.attribute(kOccluded).as_int() != 0)
        shape.flags.emplace_back(kOccluded, true);
    if (const auto group = node.attribute("group_id").as_llong(); group != 0)
        shape.groupId = group;
    Json attributes = Json::object();
    for (const auto &attribute : node.children("attribute")) {
        const std::string name = attribute.attribute("name").as_string(), value = attribute.text().as_string();
        if (value == "true" || value == "false")
            shape.flags.emplace_back(name, value == "true");
        else
            attributes.set(name, value);
    }
    if (attributes.size() > 0)
        keeps.set("attributes", std::move(attributes));
    if (const auto z = node.attribute("z_order"); z && z.as_int() != 0)
        keeps.set("z_order", z.as_int());
    if (keeps.size() == 0 && shape.type != ShapeType::Other)
        return;
    Json source = Json::object();
    if (shape.type == ShapeType::Other)
        source.set("shape_type", node.name());
    source.set(kKept, std::move(keeps));
    shape.source = std::make_shared<const Json>(std::move(source));
}

/// Nothing where the element is no shape.
Result<std::optional<Shape>> shapeFrom(const pugi::xml_node &node)
{
    const std::string_view kind = node.name();
    Shape shape{.label = node.attribute("label").as_string()};
    Json keeps = Json::object();
    if (kind == "box" || kind == "ellipse") {
        const bool isBox = kind == "box";
        const auto values =
            isBox ? numbersOf(node, {"xtl", "ytl", "xbr", "ybr"}) : numbersOf(node, {"cx", "cy", "rx", "ry"});
        if (!values)
            return values.error();
        const double degrees = node.attribute("rotation").as_double();
        const double a = (*values)[0], b = (*values)[1], c = (*values)[2], d = (*values)[3];
        if (isBox && degrees == 0) {
            shape.type = ShapeType::Rectangle;
            shape.points = {{a, b}, {c, d}};
        } else if (isBox) {
            shape.type = ShapeType::OrientedRectangle;
            for (const Point corner : {Point{a, b}, Point{c, b}, Point{c, d}, Point{a, d}})
                shape.points.push_back(turned(corner, {(a + c) / 2, (b + d) / 2}, degrees));
            Json box = Json::array();
            for (const double value : {a, b, c, d, degrees})
                box.push_back(value);
            keeps.set("box", std::move(box));
        } else if (c == d) {
            shape.type = ShapeType::Circle;
            shape.points = {{a, b}, {a + c, b}};
        } else {
            shape.points = ellipseOf({a, b}, c, d, degrees);
            Json ellipse = Json::array();
            for (const double value : {a, b, c, d, degrees})
                ellipse.push_back(value);
            keeps.set("ellipse", std::move(ellipse));
        }
    } else if (kind == "polygon" || kind == "polyline" || kind == "points") {
        auto points = pointsOf(node, kind == "polygon" ? 3 : kind == "polyline" ? 2 : 1);
        if (!points)
            return points.error();
        shape.points = std::move(*points);
        shape.type = kind == "polygon"          ? ShapeType::Polygon
                     : kind == "polyline"       ? ShapeType::LineStrip
                     : shape.points.size() == 1 ? ShapeType::PointShape
                                                : ShapeType::Other;
    } else if (kind == "mask") {
        auto mask = maskOf(node);
        if (!mask)
            return mask.error();
        shape.type = ShapeType::Mask;
        shape.mask = std::move(*mask);
    } else if (kind == "cuboid" || kind == "skeleton") {
        shape.type = ShapeType::Other;
        keeps.set("xml", xmlOf(node));
    } else {
        return std::optional<Shape>();
    }
    takeFields(node, shape, std::move(keeps));
    return std::optional(std::move(shape));
}

std::string textOf(const std::vector<Point> &points)
{
    std::string text;
    for (const Point &point : points)
        text += (text.empty() ? "" : ";") + xmlNumber(point.x) + "," + xmlNumber(point.y);
    return text;
}

void set(pugi::xml_node &node, const char *name, const std::string &value)
{
    node.append_attribute(name).set_value(value.c_str());
}

bool areNear(const std::vector<Point> &a, const std::vector<Point> &b)
{
    return std::ranges::equal(a, b, [](const Point &p, const Point &q) {
        return std::abs(p.x - q.x) < kSamePx && std::abs(p.y - q.y) < kSamePx;
    });
}

void addMask(pugi::xml_node &node, const Mask &mask)
{
    std::string text;
    std::int64_t run = 0;
    bool isSet = false;
    const auto end = [&] { text += (text.empty() ? "" : ", ") + std::to_string(run); };
    for (int y = 0; y < mask.bits.rows; ++y)
        for (int x = 0; x < mask.bits.cols; ++x) {
            if ((mask.bits(y, x) != 0) != isSet) {
                end();
                run = 0;
                isSet = !isSet;
            }
            ++run;
        }
    end();
    set(node, "rle", text);
    set(node, "left", std::to_string(mask.box.x));
    set(node, "top", std::to_string(mask.box.y));
    set(node, "width", std::to_string(mask.box.width));
    set(node, "height", std::to_string(mask.box.height));
}

void setFive(pugi::xml_node &node, const Json &values, std::initializer_list<const char *> names)
{
    std::size_t at = 0;
    for (const char *name : names)
        if (const double value = values[at++].toDouble(); at < 5 || value != 0)
            set(node, name, xmlNumber(value));
}

/// The element of a shape, with where it lies.
pugi::xml_node addPlace(pugi::xml_node &image, const Shape &shape, const Json &kept)
{
    const auto &points = shape.points;
    const auto element = [&](const char *name) {
        auto node = image.append_child(name);
        set(node, "label", shape.label);
        set(node, "source", "manual");
        return node;
    };
    const auto corners = [](const Json &box) {
        const double a = box[0].toDouble(), b = box[1].toDouble(), c = box[2].toDouble(), d = box[3].toDouble();
        std::vector<Point> out;
        for (const Point corner : {Point{a, b}, Point{c, b}, Point{c, d}, Point{a, d}})
            out.push_back(turned(corner, {(a + c) / 2, (b + d) / 2}, box[4].toDouble()));
        return out;
    };
    if (shape.type == ShapeType::Mask) {
        auto node = element("mask");
        addMask(node, *shape.mask);
        return node;
    }
    if (shape.type == ShapeType::Rectangle && points.size() == 2) {
        auto node = element("box");
        set(node, "xtl", xmlNumber(std::min(points[0].x, points[1].x)));
        set(node, "ytl", xmlNumber(std::min(points[0].y, points[1].y)));
        set(node, "xbr", xmlNumber(std::max(points[0].x, points[1].x)));
        set(node, "ybr", xmlNumber(std::max(points[0].y, points[1].y)));
        return node;
    }
    if (const Json &box = kept["box"]; box.size() == 5 && areNear(corners(box), points)) {
        auto node = element("box");
        setFive(node, box, {"xtl", "ytl", "xbr", "ybr", "rotation"});
        return node;
    }
    if (const Json &ellipse = kept["ellipse"];
        ellipse.size() == 5
        && areNear(ellipseOf({ellipse[0].toDouble(), ellipse[1].toDouble()}, ellipse[2].toDouble(),
                             ellipse[3].toDouble(), ellipse[4].toDouble()),
                   points)) {
        auto node = element("ellipse");
        setFive(node, ellipse, {"cx", "cy", "rx", "ry", "rotation"});
        return node;
    }
    if (shape.type == ShapeType::Circle && points.size() == 2) {
        const double radius = std::hypot(points[1].x - points[0].x, points[1].y - points[0].y);
        auto node = element("ellipse");
        set(node, "cx", xmlNumber(points[0].x));
        set(node, "cy", xmlNumber(points[0].y));
        set(node, "rx", xmlNumber(radius));
        set(node, "ry", xmlNumber(radius));
        return node;
    }
    const bool isLine = shape.type == ShapeType::Line || shape.type == ShapeType::LineStrip;
    const bool arePoints = shape.type == ShapeType::PointShape || shape.type == ShapeType::Other;
    auto node = element(isLine ? "polyline" : arePoints ? "points" : "polygon");
    set(node, "points", textOf(points));
    return node;
}

void addShape(pugi::xml_node &image, const Shape &shape, int zOrder)
{
    const Json &kept = shape.source ? (*shape.source)[kKept] : Json();
    if (const auto raw = kept["xml"].toString(); !raw.empty()) {
        image.append_buffer(raw.data(), raw.size());
        return;
    }
    if (shape.type == ShapeType::Other && shape.points.empty())
        return;
    auto node = addPlace(image, shape, kept);
    if (zOrder != 0)
        set(node, "z_order", std::to_string(zOrder));
    if (shape.groupId)
        set(node, "group_id", std::to_string(*shape.groupId));
    const auto attribute = [&](const std::string &name, const std::string &value) {
        auto child = node.append_child("attribute");
        set(child, "name", name);
        child.text().set(value.c_str());
    };
    for (const auto &[name, isSet] : shape.flags) {
        if (name == kOccluded)
            set(node, kOccluded, isSet ? "1" : "0");
        else
            attribute(name, isSet ? "true" : "false");
    }
    for (const auto &[name, value] : kept["attributes"].members())
        attribute(name, value.toString());
}

} // namespace

Result<Annotation> annotationFromCvat(const pugi::xml_node &image)
{
    Annotation out;
    const std::string name = image.attribute("name").as_string();
    out.imagePath = name.substr(name.find_last_of("/\\") + 1);
    const int width = image.attribute("width").as_int(), height = image.attribute("height").as_int();
    if (width > 0 && height > 0)
        out.imageSize = Size{width, height};
    std::vector<std::pair<int, Shape>> shapes;
    for (const auto &node : image.children()) {
        if (std::string_view(node.name()) == "tag") {
            out.flags.emplace_back(node.attribute("label").as_string(), true);
            continue;
        }
        auto shape = shapeFrom(node);
        if (!shape)
            return shape.error();
        if (*shape)
            shapes.emplace_back(node.attribute("z_order").as_int(), std::move(**shape));
    }
    std::ranges::stable_sort(shapes, {}, &std::pair<int, Shape>::first);
    for (auto &[z, shape] : shapes)
        out.shapes.push_back(std::move(shape));
    return out;
}

void addToCvat(pugi::xml_node &image, const Annotation &annotation)
{
    for (const auto &[flag, isSet] : annotation.flags)
        if (isSet) {
            auto tag = image.append_child("tag");
            set(tag, "label", flag);
            set(tag, "source", "manual");
        }
    // The numbers that a file gave stay as long as they give the order that the shapes have now.
    std::vector<int> orders;
    for (const Shape &shape : annotation.shapes)
        orders.push_back(shape.source ? static_cast<int>((*shape.source)[kKept]["z_order"].toInt()) : 0);
    if (!std::ranges::is_sorted(orders))
        for (std::size_t i = 0; i < orders.size(); ++i)
            orders[i] = static_cast<int>(i);
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i)
        addShape(image, annotation.shapes[i], orders[i]);
}

} // namespace masque
