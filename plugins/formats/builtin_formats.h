// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// The built-in dataset formats.
FormatList builtinFormats();

} // namespace masque
