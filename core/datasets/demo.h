// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <stop_token>

namespace masque {

struct DemoOptions {
    int count = 400;
    int size = 192; ///< side in pixels
    std::uint64_t seed = 1;
};

/// Writes count photo-like images of six kinds of shapes (filled square, filled circle, triangle, ring, mesh square,
/// plus) with LabelMe JSON into folder: 3 to 8 shapes an image of 24-80 px (scaled with size / 192), about 30 % of them
/// overlapping another, colour independent of the class, textured noisy background. The same seed gives the same bytes.
Result<void> writeDemoShapes(const std::string &folder, const DemoOptions &, std::stop_token = {},
                             const Progress & = {});

} // namespace masque
