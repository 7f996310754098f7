// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/swatch.h"

#include <QPainter>
#include <QPixmap>

namespace masque {

QIcon colorSwatch(const QColor &color)
{
    constexpr double kScale = 2; // sharp on dense screens too
    QPixmap pixmap(32, 32);
    pixmap.setDevicePixelRatio(kScale);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(128, 128, 128, 120), 1));
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(2, 2, 12, 12), 3, 3);
    painter.end();
    QIcon icon(pixmap);
    icon.addPixmap(pixmap, QIcon::Selected);
    return icon;
}

} // namespace masque
