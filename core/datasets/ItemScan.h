// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

#include <set>

namespace masque {

/// What one item's files say, before the classes are known. Private to core/datasets.
struct ItemScan {
    ItemSummary summary;
    std::set<std::uint32_t> maskValues = {}; ///< of an id mask that serves as annotation
    bool colorMask = false;
    std::optional<Problem> problem = {};
};

} // namespace masque
