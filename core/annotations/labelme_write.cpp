// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"

#include "core/annotations/labelme_fields.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/image/image_file.h"

#include <algorithm>

namespace masque {

namespace {

constexpr const char *kNewVersion = "5.1.1";

const char *typeName(ShapeType type)
{
    switch (type) {
    case ShapeType::Polygon: return "polygon";
    case ShapeType::Rectangle: return "rectangle";
    case ShapeType::OrientedRectangle: return "oriented_rectangle";
    case ShapeType::Circle: return "circle";
    case ShapeType::Line: return "line";
    case ShapeType::LineStrip: return "linestrip";
    case ShapeType::PointShape: return "point";
    case ShapeType::Mask: return "mask";
    case ShapeType::Other: break;
    }
    return "points";
}

Json writeFlags(const Flags &flags)
{
    Json json = Json::object();
    for (const auto &[name, value] : flags)
        json.set(name, value);
    return json;
}

/// The points, with the spelling of old wherever a coordinate is still the same: at both ends of the list, and in place
/// where no point came or went.
Json writePoints(const std::vector<Point> &points, const Json::Array &old)
{
    const auto same = [](const Json &json, const Point &p) {
        return json[std::size_t{0}].toDouble() == p.x && json[std::size_t{1}].toDouble() == p.y;
    };
    const std::size_t shorter = std::min(points.size(), old.size());
    std::size_t head = 0, tail = 0;
    while (head < shorter && same(old[head], points[head]))
        ++head;
    while (tail < shorter - head && same(old[old.size() - 1 - tail], points[points.size() - 1 - tail]))
        ++tail;

    Json::Array out;
    out.reserve(points.size());
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (i < head) {
            out.push_back(old[i]);
        } else if (i >= points.size() - tail) {
            out.push_back(old[old.size() - (points.size() - i)]);
        } else {
            Json x(points[i].x), y(points[i].y);
            if (points.size() == old.size()) {
                if (old[i][std::size_t{0}].toDouble() == points[i].x)
                    x = old[i][std::size_t{0}];
                if (old[i][std::size_t{1}].toDouble() == points[i].y)
                    y = old[i][std::size_t{1}];
            }
            out.push_back(Json::Array{std::move(x), std::move(y)});
        }
    }
    return out;
}

Json writeBox(const Rect &box)
{
    return Json::Array{Json::Array{double(box.x), double(box.y)},
                       Json::Array{double(box.right() - 1), double(box.bottom() - 1)}};
}

Result<Json> writeBits(const Mask &mask)
{
    const auto png = encodeGreyPng(mask.bits);
    if (!png)
        return png.error();
    return Json(base64Encode(*png));
}

Result<Json> writeKept(const Mask &kept)
{
    auto bits = writeBits(kept);
    if (!bits)
        return bits.error();
    Json json = Json::object();
    json.set("points", writeBox(kept.box));
    json.set("mask", std::move(*bits));
    return json;
}

Result<Json> writeShape(const Shape &shape)
{
    Json json = shape.source ? *shape.source : Json::object();
    Shape was;
    bool isNew = true;
    if (shape.source)
        if (auto read = labelme::readShape(json, {})) {
            was = std::move(*read);
            isNew = false;
        }
    const auto put = [&](const char *key, bool differs, auto value) {
        if (isNew || differs)
            json.set(key, value());
    };

    const bool isMask = shape.type == ShapeType::Mask;
    const bool maskDiffers =
        isMask && (was.type != ShapeType::Mask || (was.mask != shape.mask && !(*was.mask == *shape.mask)));
    put("label", was.label != shape.label, [&] { return Json(shape.label); });
    if (isMask)
        put("points", maskDiffers, [&] { return writeBox(shape.mask->box); });
    else
        put("points", was.type == ShapeType::Mask || was.points != shape.points,
            [&] { return writePoints(shape.points, isNew ? Json::Array() : json["points"].items()); });
    put("group_id", was.groupId != shape.groupId, [&] { return shape.groupId ? Json(*shape.groupId) : Json(); });
    put("description", was.description != shape.description, [&] { return Json(shape.description); });
    put("shape_type", was.type != shape.type, [&] { return Json(typeName(shape.type)); });
    put("flags", was.flags != shape.flags, [&] { return writeFlags(shape.flags); });
    if (isMask && (isNew || maskDiffers)) {
        auto bits = writeBits(*shape.mask);
        if (!bits)
            return bits.error();
        json.set("mask", std::move(*bits));
    } else if (!isMask && was.type == ShapeType::Mask) {
        json.set("mask", Json());
    }
    return json;
}

Result<Json> writeDocument(const Annotation &annotation)
{
    const bool isNew = !annotation.source;
    Json json = isNew ? Json::object() : *annotation.source;
    if (isNew)
        json.set("version", kNewVersion);
    if (isNew || labelme::readFlags(json["flags"], {}).value_or(Flags()) != annotation.flags)
        json.set("flags", writeFlags(annotation.flags));

    Json::Array shapes;
    shapes.reserve(annotation.shapes.size());
    for (const Shape &shape : annotation.shapes) {
        auto written = writeShape(shape);
        if (!written)
            return written.error();
        shapes.push_back(std::move(*written));
    }
    json.set("shapes", std::move(shapes));

    if (isNew || json["imagePath"].toString() != annotation.imagePath)
        json.set("imagePath", annotation.imagePath);
    if (isNew)
        json.set("imageData", nullptr);
    if (isNew || labelme::readSize(json) != annotation.imageSize) {
        const auto &size = annotation.imageSize;
        json.set("imageHeight", size ? Json(size->height) : Json());
        json.set("imageWidth", size ? Json(size->width) : Json());
    }
    if (labelme::readChecked(json) != annotation.checked)
        json.set("checked", annotation.checked);
    if (votesFromJson(json[kVotesKey]) != annotation.votes) {
        json.remove(kVotesKey);
        if (!annotation.votes.empty())
            json.set(kVotesKey, votesToJson(annotation.votes));
    }
    if (!sameMask(labelme::readKept(json), annotation.kept)) {
        json.remove(labelme::kKeptKey);
        if (annotation.kept) {
            auto kept = writeKept(*annotation.kept);
            if (!kept)
                return kept.error();
            json.set(labelme::kKeptKey, std::move(*kept));
        }
    }
    return json;
}

} // namespace

std::string labelme::writtenType(const Shape &shape)
{
    if (shape.source)
        if (const auto name = (*shape.source)["shape_type"].toString(); !name.empty() && typeNamed(name) == shape.type)
            return name;
    return typeName(shape.type);
}

Json labelMeToJson(const Annotation &annotation)
{
    return writeDocument(annotation).value_or(Json());
}

Result<std::string> labelMeText(const Annotation &annotation)
{
    const auto document = writeDocument(annotation);
    if (!document)
        return document.error();
    return document->dump(2);
}

Result<void> writeLabelMe(const std::string &path, const Annotation &annotation)
{
    const auto text = labelMeText(annotation);
    if (!text)
        return Error{text.error().code, path + ": " + text.error().message, path};
    return writeFileAtomically(path, *text);
}

} // namespace masque
