// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// The tools that come with the program, in palette order.
std::vector<std::shared_ptr<const ToolFactory>> builtinTools();

} // namespace masque
