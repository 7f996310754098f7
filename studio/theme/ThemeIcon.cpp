// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/theme/ThemeIcon.h"

#include "studio/theme/Theme.h"

#include <QFile>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace masque {

namespace {

QString resourcePath(const QString &name)
{
    return QStringLiteral(":/icons/%1.svg").arg(name);
}

QColor inkOf(QIcon::Mode mode, QIcon::State state)
{
    const Theme &theme = Theme::instance();
    if (mode == QIcon::Disabled) {
        QColor faint = theme.mutedText();
        faint.setAlphaF(0.5F);
        return faint;
    }
    return state == QIcon::On ? theme.accent() : theme.text();
}

QByteArray inked(const QString &name, const QColor &ink)
{
    QFile file(resourcePath(name));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return file.readAll().replace("currentColor", ink.name(QColor::HexRgb).toLatin1());
}

} // namespace

bool ThemeIcon::isNull()
{
    return !QFile::exists(resourcePath(m_name));
}

void ThemeIcon::paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state)
{
    const qreal ratio = painter->device() ? painter->device()->devicePixelRatio() : 1;
    QPixmap drawn = pixmap(rect.size() * ratio, mode, state);
    drawn.setDevicePixelRatio(ratio);
    painter->drawPixmap(rect, drawn);
}

QPixmap ThemeIcon::pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state)
{
    if (size.isEmpty())
        return {};
    const QColor ink = inkOf(mode, state);
    const QString key =
        QStringLiteral("masque/%1/%2x%3/%4").arg(m_name).arg(size.width()).arg(size.height()).arg(ink.rgba(), 8, 16);
    QPixmap drawn;
    if (QPixmapCache::find(key, &drawn))
        return drawn;

    drawn = QPixmap(size);
    drawn.fill(Qt::transparent);
    QSvgRenderer renderer(inked(m_name, ink));
    QPainter painter(&drawn);
    painter.setOpacity(ink.alphaF());
    const qreal side = std::min(size.width(), size.height());
    renderer.render(&painter, QRectF((size.width() - side) / 2, (size.height() - side) / 2, side, side));
    painter.end();
    QPixmapCache::insert(key, drawn);
    return drawn;
}

} // namespace masque
