// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <string>

namespace masque {

/// An edit's English name in the user's language, where it is one that Masque makes.
QString translatedEditName(const std::string &name);

} // namespace masque
