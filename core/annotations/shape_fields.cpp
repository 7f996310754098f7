// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/shape_fields.h"

#include "core/annotations/mask_codec.h"

namespace masque {

namespace {

template <auto member>
void copyMember(Shape &to, const Shape &from)
{
    to.*member = from.*member;
}

template <auto member>
bool differs(const Shape &a, const Shape &b)
{
    return a.*member != b.*member;
}

template <auto member>
void writeText(ByteWriter &out, const Shape &shape)
{
    out.text(shape.*member);
}

template <auto member>
void readText(ByteReader &in, Shape &shape)
{
    shape.*member = in.text();
}

void writeType(ByteWriter &out, const Shape &shape)
{
    out.byte(static_cast<std::uint8_t>(shape.type));
}

void readType(ByteReader &in, Shape &shape)
{
    const std::uint8_t type = in.byte();
    if (type > static_cast<std::uint8_t>(ShapeType::Other))
        in.fail();
    shape.type = static_cast<ShapeType>(type);
}

void writePoints(ByteWriter &out, const Shape &shape)
{
    out.number(shape.points.size());
    for (const Point &point : shape.points) {
        out.real(point.x);
        out.real(point.y);
    }
}

void readPoints(ByteReader &in, Shape &shape)
{
    shape.points.assign(in.count(16), {});
    for (Point &point : shape.points) {
        point.x = in.real();
        point.y = in.real();
    }
}

void writeGroup(ByteWriter &out, const Shape &shape)
{
    out.byte(shape.groupId.has_value());
    out.integer(shape.groupId.value_or(0));
}

void readGroup(ByteReader &in, Shape &shape)
{
    const bool isSet = in.byte() != 0;
    const std::int64_t id = in.integer();
    shape.groupId = isSet ? std::optional(id) : std::nullopt;
}

void writeMaskOf(ByteWriter &out, const Shape &shape)
{
    out.byte(shape.mask != nullptr);
    if (shape.mask)
        writeMask(out, *shape.mask);
}

void readMaskOf(ByteReader &in, Shape &shape)
{
    shape.mask = in.byte() != 0 ? std::make_shared<const Mask>(readMask(in)) : nullptr;
}

void writeSource(ByteWriter &out, const Shape &shape)
{
    out.byte(shape.source != nullptr);
    if (shape.source)
        out.text(shape.source->dump());
}

void readSource(ByteReader &in, Shape &shape)
{
    shape.source = nullptr;
    if (in.byte() == 0)
        return;
    if (auto source = Json::parse(in.text()))
        shape.source = std::make_shared<const Json>(std::move(source).value());
    else
        in.fail();
}

/// A shape of another type is written with other keys; going back must give the old ones.
bool sourceDiffers(const Shape &a, const Shape &b)
{
    const bool isSame = a.source == b.source || (a.source && b.source && *a.source == *b.source);
    return a.type != b.type || !isSame;
}

/// A field is a row here: its bit is its place.
struct FieldCodec {
    void (*write)(ByteWriter &, const Shape &);
    void (*read)(ByteReader &, Shape &);
    void (*copy)(Shape &to, const Shape &from);
    bool (*isOther)(const Shape &, const Shape &);
};
constexpr FieldCodec kFields[] = {
    {writeText<&Shape::label>, readText<&Shape::label>, copyMember<&Shape::label>, differs<&Shape::label>},
    {writeType, readType, copyMember<&Shape::type>, differs<&Shape::type>},
    {writePoints, readPoints, copyMember<&Shape::points>, differs<&Shape::points>},
    {writeGroup, readGroup, copyMember<&Shape::groupId>, differs<&Shape::groupId>},
    {writeText<&Shape::description>, readText<&Shape::description>, copyMember<&Shape::description>,
     differs<&Shape::description>},
    {[](ByteWriter &out, const Shape &shape) { writeFlags(out, shape.flags); },
     [](ByteReader &in, Shape &shape) { shape.flags = readFlags(in); }, copyMember<&Shape::flags>,
     differs<&Shape::flags>},
    // Masks with equal pixels make a small difference; no need to compare them twice.
    {writeMaskOf, readMaskOf, copyMember<&Shape::mask>, differs<&Shape::mask>},
    {writeSource, readSource, copyMember<&Shape::source>, sourceDiffers},
};
static_assert(std::size(kFields) == 8, "fields are named by the bits of a byte");

template <typename Visit>
void visitFields(std::uint8_t fields, Visit visit)
{
    for (std::size_t i = 0; i < std::size(kFields); ++i)
        if (fields >> i & 1)
            visit(kFields[i]);
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
    visitFields(fields, [&](const FieldCodec &field) { field.write(out, shape); });
}

void readFields(ByteReader &in, Shape &shape, std::uint8_t fields)
{
    visitFields(fields, [&](const FieldCodec &field) { field.read(in, shape); });
}

void copyFields(Shape &to, const Shape &from, std::uint8_t fields)
{
    visitFields(fields, [&](const FieldCodec &field) { field.copy(to, from); });
}

std::uint8_t differingFields(const Shape &a, const Shape &b)
{
    int fields = 0;
    for (std::size_t i = 0; i < std::size(kFields); ++i)
        fields |= kFields[i].isOther(a, b) ? 1 << i : 0;
    return static_cast<std::uint8_t>(fields);
}

} // namespace masque
