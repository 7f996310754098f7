// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace masque::fast {

/// What follows a layer: nothing, max(0, y), or min(6, max(0, y)).
enum class Activation { None, Relu, Relu6 };

} // namespace masque::fast
