// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScreen>
#include <QWidget>

namespace masque {

/// As large as wanted, or as the screen has room beside the window's frame: at 200 % a small screen has half as much.
inline void resizeWithinScreen(QWidget &window, const QSize &wanted)
{
    constexpr QSize kFrame{16, 48};
    const QScreen *screen = window.screen();
    window.resize(screen ? wanted.boundedTo(screen->availableSize() - kFrame) : wanted);
}

} // namespace masque
