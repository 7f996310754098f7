// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qt>

namespace masque {

/// The keys that choose what has the focus.
inline bool isChoosingKey(int key)
{
    return key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space;
}

} // namespace masque
