// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/shape_fields.h"

#include "core/annotations/mask_codec.h"

namespace masque {

namespace {

template <typename T>
bool sameTarget(const std::shared_ptr<const T> &a, const std::shared_ptr<const T> &b)
{
    return a == b || (a && b && *a == *b);
}

} // namespace

void writeFlags(ByteWriter &out, const Flags &flags)
{
    out.number(flags.size());
    for (const auto &[name, value] : flags) {
        out.text(name);
        out.byte(value);
    }
}

Flags readFlags(ByteReader &in)
{
    Flags flags(in.count(2));
    for (auto &[name, value] : flags) {
        name = in.text();
        value = in.byte() != 0;
    }
    return flags;
}

void writeFields(ByteWriter &out, const Shape &shape, std::uint8_t fields)
{
    if (fields & kLabel)
        out.text(shape.label);
    if (fields & kType)
        out.byte(static_cast<std::uint8_t>(shape.type));
    if (fields & kPoints) {
        out.number(shape.points.size());
        for (const Point &point : shape.points) {
            out.real(point.x);
            out.real(point.y);
        }
    }
    if (fields & kGroup) {
        out.byte(shape.groupId.has_value());
        out.integer(shape.groupId.value_or(0));
    }
    if (fields & kDescription)
        out.text(shape.description);
    if (fields & kFlags)
        writeFlags(out, shape.flags);
    if (fields & kMask) {
        out.byte(shape.mask != nullptr);
        if (shape.mask)
            writeMask(out, *shape.mask);
    }
    if (fields & kSource) {
        out.byte(shape.source != nullptr);
        if (shape.source)
            out.text(shape.source->dump());
    }
}

void readFields(ByteReader &in, Shape &shape, std::uint8_t fields)
{
    if (fields & kLabel)
        shape.label = in.text();
    if (fields & kType) {
        const std::uint8_t type = in.byte();
        if (type > static_cast<std::uint8_t>(ShapeType::Other))
            in.fail();
        shape.type = static_cast<ShapeType>(type);
    }
    if (fields & kPoints) {
        shape.points.assign(in.count(16), {});
        for (Point &point : shape.points) {
            point.x = in.real();
            point.y = in.real();
        }
    }
    if (fields & kGroup) {
        const bool isSet = in.byte() != 0;
        const std::int64_t id = in.integer();
        shape.groupId = isSet ? std::optional(id) : std::nullopt;
    }
    if (fields & kDescription)
        shape.description = in.text();
    if (fields & kFlags)
        shape.flags = readFlags(in);
    if (fields & kMask)
        shape.mask = in.byte() != 0 ? std::make_shared<const Mask>(readMask(in)) : nullptr;
    if (fields & kSource) {
        shape.source = nullptr;
        if (in.byte() != 0) {
            if (auto source = Json::parse(in.text()))
                shape.source = std::make_shared<const Json>(std::move(source).value());
            else
                in.fail();
        }
    }
}

void copyFields(Shape &to, const Shape &from, std::uint8_t fields)
{
    if (fields & kLabel)
        to.label = from.label;
    if (fields & kType)
        to.type = from.type;
    if (fields & kPoints)
        to.points = from.points;
    if (fields & kGroup)
        to.groupId = from.groupId;
    if (fields & kDescription)
        to.description = from.description;
    if (fields & kFlags)
        to.flags = from.flags;
    if (fields & kMask)
        to.mask = from.mask;
    if (fields & kSource)
        to.source = from.source;
}

std::uint8_t differingFields(const Shape &a, const Shape &b)
{
    int fields = 0;
    fields |= a.label != b.label ? kLabel : 0;
    fields |= a.type != b.type ? kType : 0;
    fields |= a.points != b.points ? kPoints : 0;
    fields |= a.groupId != b.groupId ? kGroup : 0;
    fields |= a.description != b.description ? kDescription : 0;
    fields |= a.flags != b.flags ? kFlags : 0;
    fields |= a.mask != b.mask ? kMask : 0; // equal pixels make a small difference; no need to compare twice
    // A shape of another type is written with other keys; going back must give the old ones.
    fields |= a.type != b.type || !sameTarget(a.source, b.source) ? kSource : 0;
    return static_cast<std::uint8_t>(fields);
}

} // namespace masque
