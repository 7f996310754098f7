// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/byte_stream.h"
#include "core/annotations/mask_ops.h"

#include <optional>

/// Masks and differences of masks as run lengths; private to core/annotations.
namespace masque {

void writeMask(ByteWriter &out, const Mask &mask);
Mask readMask(ByteReader &in); ///< fails the reader on nonsense

/// What changes one mask into the other, both ways.
struct MaskDelta {
    Rect before, after;
    Mask flipped; ///< the pixels that differ
};
MaskDelta maskDelta(const Mask &before, const Mask &after);
void writeMaskDelta(ByteWriter &out, const MaskDelta &delta);
MaskDelta readMaskDelta(ByteReader &in);

/// known, seen in box, with the flipped pixels turned over.
Mask flip(const Mask &known, const Mask &flipped, const Rect &box);

} // namespace masque
