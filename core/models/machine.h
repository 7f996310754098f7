// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace masque {

/// What networks are computed with here.
struct Machine {
    std::string torch;                ///< version of LibTorch that this program was built with
    std::string oneDnn;               ///< version of LibTorch's oneDNN; empty: it has none
    bool isFast = false;              ///< the fast path (core/models/fast) is built, and this processor has it
    std::vector<std::string> devices; ///< availableDevices()
    int processors = 1;               ///< usableProcessors()
};
Machine thisMachine();

} // namespace masque
