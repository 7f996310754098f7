// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/base/Random.h"

#include <array>
#include <string_view>

namespace masque {

/// The kinds of the demo's shapes, in the order of their class ids (background is 0).
inline constexpr std::array<std::string_view, 6> kDemoKinds = {"square", "circle", "triangle", "ring", "mesh", "plus"};

/// One shape of a kind about centre, whose longer side is sizePx. Holes are made by a polygon that runs to the hole and
/// back on the same way, which labelme of any version draws as a hole.
Shape makeDemoShape(std::size_t kind, Point centre, double sizePx, Random &random);

} // namespace masque
