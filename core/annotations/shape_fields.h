// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/byte_stream.h"

/// A shape's fields as bytes, all or some of them; private to core/annotations.
namespace masque {

/// Bits, in the order of the table in shape_fields.cpp.
enum Field : std::uint8_t {
    kLabel = 1,
    kType = 2,
    kPoints = 4,
    kGroup = 8,
    kDescription = 16,
    kFlags = 32,
    kMask = 64,
    kSource = 128,
    kAllFields = 255,
};

void writeFlags(ByteWriter &out, const Flags &flags);
Flags readFlags(ByteReader &in);

void writeFields(ByteWriter &out, const Shape &shape, std::uint8_t fields);
void readFields(ByteReader &in, Shape &shape, std::uint8_t fields);
void copyFields(Shape &to, const Shape &from, std::uint8_t fields);
std::uint8_t differingFields(const Shape &a, const Shape &b);

} // namespace masque
