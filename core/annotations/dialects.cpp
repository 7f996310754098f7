// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/dialects.h"

#include "core/annotations/labelme_fields.h"
#include "core/annotations/rasterise.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace masque {

namespace {

constexpr std::string_view kReaderNames[] = {"labelme 5.0 to 5.3", "labelme 5.4 to 5.11", "labelme 6", "labelme 7",
                                             "X-AnyLabeling"};

bool isKnown(LabelMeReader reader, std::string_view type)
{
    const auto isOneOf = [type](auto... names) { return ((type == names) || ...); };
    if (isOneOf("polygon", "rectangle", "circle", "line", "linestrip", "point"))
        return true;
    switch (reader) {
    case LabelMeReader::LabelMe50: return false;
    case LabelMeReader::LabelMe54: return isOneOf("mask", "points");
    case LabelMeReader::LabelMe6:
    case LabelMeReader::LabelMe7: return isOneOf("mask", "points", "oriented_rectangle");
    case LabelMeReader::XAnyLabeling: break;
    }
    return isOneOf("rotation", "quadrilateral", "cuboid");
}

bool isBefore6(LabelMeReader reader)
{
    return reader == LabelMeReader::LabelMe50 || reader == LabelMeReader::LabelMe54;
}

bool isUpright(const std::vector<Point> &corners)
{
    const auto shares = [&](std::size_t i, std::size_t j) {
        return corners[i].x == corners[j].x || corners[i].y == corners[j].y;
    };
    return corners.size() == 4 && shares(0, 1) && shares(1, 2) && shares(2, 3) && shares(3, 0)
           && corners[0].x != corners[2].x && corners[0].y != corners[2].y;
}

/// A key that is in the source as null and would be written so again.
bool isNullIn(const std::shared_ptr<const Json> &source, const char *key, bool isUnchanged)
{
    const Json *value = source && isUnchanged ? source->find(key) : nullptr;
    return value && value->isNull();
}

/// The tracer gives three points to single pixels and lines too.
bool hasFewPoints(std::vector<Point> points)
{
    std::sort(points.begin(), points.end(), [](Point a, Point b) { return a.x < b.x || (a.x == b.x && a.y < b.y); });
    return std::unique(points.begin(), points.end()) - points.begin() < 3;
}

void appendOutlines(const Shape &shape, std::int64_t &lastGroup, VariantLoss &loss, std::vector<Shape> &out)
{
    ++loss.masks;
    auto regions = traceMask(shape.mask->bits, {double(shape.mask->box.x), double(shape.mask->box.y)});
    std::erase_if(regions, [&](const TracedRegion &region) {
        const bool isTooSmall = hasFewPoints(region.outer);
        loss.regions += isTooSmall;
        return isTooSmall;
    });
    Shape polygon = shape;
    polygon.type = ShapeType::Polygon;
    polygon.mask.reset();
    polygon.source.reset(); // what it says of a mask would be wrong
    if (regions.size() > 1 && !polygon.groupId)
        polygon.groupId = ++lastGroup;
    for (TracedRegion &region : regions) {
        loss.holes += static_cast<int>(region.holes.size());
        polygon.points = std::move(region.outer);
        out.push_back(polygon);
    }
}

std::vector<Point> hullOf(const std::vector<Point> &points)
{
    std::vector<cv::Point2f> all, hull;
    for (const Point p : points)
        all.emplace_back(static_cast<float>(p.x), static_cast<float>(p.y));
    cv::convexHull(all, hull);
    std::vector<Point> out;
    for (const auto &p : hull)
        out.push_back({p.x, p.y});
    return out;
}

/// One that is no mask, in the words that all know.
Shape plainShape(const Shape &shape, VariantLoss &loss)
{
    Shape out = shape;
    const std::string type = labelme::writtenType(shape);
    if (shape.type == ShapeType::Rectangle && shape.points.size() == 4) {
        if (isUpright(shape.points))
            out.points = {shape.points[0], shape.points[2]};
        else
            out.type = ShapeType::Polygon;
    } else if (shape.type == ShapeType::OrientedRectangle || type == "quadrilateral") {
        out.type = ShapeType::Polygon;
    } else if (shape.type == ShapeType::Other && !shape.points.empty()) {
        out.type = shape.points.size() == 1   ? ShapeType::PointShape
                   : shape.points.size() == 2 ? ShapeType::Line
                                              : ShapeType::Polygon;
        if (shape.points.size() > 2)
            out.points = hullOf(shape.points);
    }
    const bool isOther = out.type != shape.type || out.points != shape.points || type == "quadrilateral";
    loss.others += isOther;
    if (!out.source)
        return out;
    Json source = *out.source;
    if (isOther || source["shape_type"].isNull())
        source.set("shape_type", labelme::writtenType({.type = out.type}));
    if (const Json *flags = source.find("flags"); flags && flags->isNull())
        source.set("flags", Json::object());
    if (source != *out.source)
        out.source = std::make_shared<const Json>(std::move(source));
    return out;
}

} // namespace

std::string_view readerName(LabelMeReader reader)
{
    return kReaderNames[static_cast<std::size_t>(reader)];
}

std::vector<Refusal> refusals(const Annotation &annotation, const std::optional<Size> &imageSize)
{
    std::vector<Refusal> out;
    for (const auto reader : kLabelMeReaders) {
        const bool isLabelMe = reader != LabelMeReader::XAnyLabeling;
        const bool isStrict = reader == LabelMeReader::LabelMe6 || reader == LabelMeReader::LabelMe7;
        const auto refuse = [&](const std::string &field, const std::string &why) {
            const bool isSaid =
                std::ranges::any_of(out, [&](const Refusal &said) { return said.reader == reader && said.why == why; });
            if (!isSaid)
                out.push_back({reader, field, why});
        };
        if (const auto &source = annotation.source; source && isLabelMe) {
            for (const char *key : {"imagePath", "imageData"})
                if (!source->contains(key) && !(key == std::string_view("imagePath") && !annotation.imagePath.empty()))
                    refuse(key, "is missing");
            if (const Json *version = source->find("version");
                isBefore6(reader) && version && !version->isNull() && !version->isString())
                refuse("version", "is no text");
        }
        if (isStrict && imageSize && annotation.imageSize && *annotation.imageSize != *imageSize)
            refuse("imageWidth, imageHeight", "say another size than the image has");
        for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
            const Shape &shape = annotation.shapes[i];
            const std::string where = "shapes[" + std::to_string(i) + "]";
            const std::string type = labelme::writtenType(shape);
            if (!isKnown(reader, type))
                refuse(where + ".shape_type", "'" + type + "' is not known");
            if (isLabelMe && shape.type == ShapeType::Rectangle && shape.points.size() != 2)
                refuse(where + ".points", "a rectangle has two points there");
            if (isBefore6(reader) && isNullIn(shape.source, "flags", shape.flags.empty()))
                refuse(where + ".flags", "null is no object (before 5.9)");
            if (isStrict && shape.source && !shape.source->contains("shape_type") && shape.type == ShapeType::Polygon)
                refuse(where + ".shape_type", "is missing");
        }
    }
    return out;
}

VariantLoss &VariantLoss::operator+=(const VariantLoss &other)
{
    masks += other.masks;
    others += other.others;
    holes += other.holes;
    regions += other.regions;
    return *this;
}

std::string describe(const VariantLoss &loss)
{
    const auto count = [](int n, const char *one, const char *many) {
        return std::to_string(n) + (n == 1 ? one : many);
    };
    std::string text;
    if (loss.holes > 0)
        text = count(loss.holes, " hole is filled", " holes are filled");
    if (loss.regions > 0)
        text += (text.empty() ? "" : " and ")
                + count(loss.regions, " region of fewer than 3 points is left out",
                        " regions of fewer than 3 points are left out");
    return text;
}

Annotation masksAsPolygons(const Annotation &annotation, VariantLoss &loss)
{
    std::int64_t lastGroup = 0;
    for (const Shape &shape : annotation.shapes)
        lastGroup = std::max(lastGroup, shape.groupId.value_or(0));
    Annotation out = annotation;
    out.shapes.clear();
    for (const Shape &shape : annotation.shapes) {
        if (shape.type == ShapeType::Mask && shape.mask)
            appendOutlines(shape, lastGroup, loss, out.shapes);
        else
            out.shapes.push_back(shape);
    }
    return out;
}

Annotation acceptedByAll(const Annotation &annotation, VariantLoss &loss, const std::optional<Size> &imageSize)
{
    Annotation out = masksAsPolygons(annotation, loss);
    for (Shape &shape : out.shapes)
        shape = plainShape(shape, loss);
    if (imageSize && out.imageSize)
        out.imageSize = imageSize;
    if (out.source) {
        Json source = *out.source;
        if (!source.contains("imageData"))
            source.set("imageData", nullptr);
        if (!source.contains("imagePath"))
            source.set("imagePath", "");
        if (const Json *version = source.find("version"); version && !version->isString())
            source.set("version", version->isNull() ? Json("5.1.1") : Json(version->dump()));
        if (source != *out.source)
            out.source = std::make_shared<const Json>(std::move(source));
    }
    return out;
}

} // namespace masque
