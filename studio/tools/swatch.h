// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/image/image_file.h"

#include <QColor>
#include <QIcon>

namespace masque {

inline QColor toQColor(Color color)
{
    return QColor(color[0], color[1], color[2]);
}

/// A class's colour as a small square that looks the same in selected rows.
QIcon colorSwatch(const QColor &color);

} // namespace masque
