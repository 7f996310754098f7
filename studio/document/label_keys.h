// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"

#include <optional>
#include <vector>

namespace masque {

/// The digit 1..9 that picks each class: its own if it has one, else the next free one in class order; background gets
/// none. Parallel to labels.classes().
std::vector<std::optional<int>> labelKeys(const LabelSet &labels);

} // namespace masque
