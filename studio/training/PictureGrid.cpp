// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/PictureGrid.h"

#include "studio/theme/Theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace masque {

namespace {

constexpr int kGapPx = 8;
constexpr double kOverlayOpacity = 0.6;

} // namespace

PictureGrid::PictureGrid(int columns, QStringList titles, QWidget *parent)
    : QWidget(parent), m_columns(columns), m_titles(std::move(titles))
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PictureGrid::setPictures(std::vector<Picture> pictures)
{
    const bool otherSize = pictures.size() != m_pictures.size();
    m_pictures = std::move(pictures);
    QStringList texts;
    for (const auto &picture : m_pictures)
        texts.append(picture.text);
    setAccessibleDescription(m_pictures.empty() ? m_emptyText : texts.join(QStringLiteral(", ")));
    if (otherSize)
        updateGeometry();
    update();
}

void PictureGrid::setTitles(const QStringList &titles)
{
    m_titles = titles;
    update();
}

void PictureGrid::setEmptyText(const QString &text)
{
    m_emptyText = text;
    if (m_pictures.empty())
        setAccessibleDescription(text);
    update();
}

int PictureGrid::rows() const
{
    return std::max(1, (static_cast<int>(m_pictures.size()) + m_columns - 1) / m_columns);
}

int PictureGrid::headerHeight() const
{
    return m_titles.isEmpty() ? 0 : fontMetrics().height() + kGapPx;
}

QSize PictureGrid::sizeHint() const
{
    const int width = m_columns * 96 + (m_columns - 1) * kGapPx;
    return {width, heightForWidth(width)};
}

int PictureGrid::heightForWidth(int width) const
{
    const int side = (width - (m_columns - 1) * kGapPx) / m_columns;
    return headerHeight() + rows() * (side + kGapPx) - kGapPx;
}

QRect PictureGrid::cell(int index) const
{
    const int row = index / m_columns, column = index % m_columns;
    const int across = (width() - (m_columns - 1) * kGapPx) / m_columns;
    const int down = (height() - headerHeight() - (rows() - 1) * kGapPx) / rows();
    const int side = std::max(8, std::min(across, down));
    return {column * (across + kGapPx), headerHeight() + row * (side + kGapPx), across, side};
}

void PictureGrid::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.setPen(theme.mutedText());
    if (m_pictures.empty()) {
        painter.drawText(rect(), Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap, m_emptyText);
        return;
    }
    for (int i = 0; i < static_cast<int>(m_pictures.size()); ++i) {
        const Picture &picture = m_pictures[static_cast<std::size_t>(i)];
        const QRect room = cell(i);
        if (i < m_titles.size())
            painter.drawText(QRect(room.left(), 0, room.width(), fontMetrics().height()), Qt::AlignHCenter,
                             m_titles[i]);
        if (picture.image.isNull()) {
            painter.fillRect(room, theme.canvas());
            continue;
        }
        QRect place(QPoint(), picture.image.size().scaled(room.size(), Qt::KeepAspectRatio));
        place.moveCenter(room.center());
        painter.drawImage(place, picture.image);
        painter.setOpacity(kOverlayOpacity);
        painter.drawImage(place, picture.overlay);
        painter.setOpacity(1);
        if (!picture.caption.isEmpty())
            drawCaption(painter, place, picture);
    }
}

void PictureGrid::drawCaption(QPainter &painter, const QRect &place, const Picture &picture) const
{
    const Theme &theme = Theme::instance();
    const int height = fontMetrics().height() + 4, swatch = fontMetrics().ascent();
    const QRect strip(place.left(), place.bottom() + 1 - height, place.width(), height);
    painter.fillRect(strip, palette().color(QPalette::Window));
    painter.fillRect(QRect(strip.left(), strip.top() + (height - swatch) / 2, swatch, swatch), picture.color);
    const QRect room = strip.adjusted(swatch + 4, 0, 0, 0);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(picture.caption, Qt::ElideRight, room.width()));
    painter.setPen(theme.mutedText());
}

bool PictureGrid::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    for (int i = 0; i < static_cast<int>(m_pictures.size()); ++i) {
        if (cell(i).contains(help->pos())) {
            QToolTip::showText(help->globalPos(), m_pictures[static_cast<std::size_t>(i)].text, this);
            return true;
        }
    }
    QToolTip::hideText();
    return true;
}

} // namespace masque
