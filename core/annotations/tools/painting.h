// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

/// How a tool's pixels become an edit: the one place where the tools that paint meet the rules.
namespace masque {

/// The selected shape, if there is just one and it may be touched.
std::optional<ShapeId> paintTarget(const ToolContext &);

/// The edit that paints the pixels in the context's class, or takes them away: from the selected shape alone if it lies
/// under them, else from everything there. Nothing if that changes nothing.
std::optional<Edit> pixelEdit(const ToolContext &, const Mask &pixels, PaintFilter::Gesture);

/// The edit if it changes something.
std::optional<Edit> unlessEmpty(Edit edit);

/// The pixels that the rules allow, for a preview.
std::shared_ptr<const Mask> allowedPixels(const ToolContext &, const std::shared_ptr<const Mask> &pixels,
                                          PaintFilter::Gesture);

} // namespace masque
