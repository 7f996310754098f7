// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace masque {

/// The address of this machine that another one, given by name or address, sees it by; where that is this machine
/// itself, the one that the rest of the network does. Sends nothing. "" where there is no network.
std::string ownAddress(const std::string &other);

} // namespace masque
