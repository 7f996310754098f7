// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/ItemDelegate.h"

#include "studio/browser/ItemsModel.h"
#include "studio/theme/Theme.h"

#include <QApplication>
#include <QPainter>
#include <QPainterPath>

namespace masque {

namespace {

constexpr int kRowHeight = 56;
constexpr QSize kPicture(64, 48);

/// New: an empty ring. Labelled: a full disc. Proposal: a dashed ring around a disc. Reviewed: a disc with a tick.
/// Problem: a triangle.
void drawStatus(QPainter &painter, QRectF box, ItemStatus status, const QColor &idle)
{
    const Theme &theme = Theme::instance();
    switch (status) {
    case ItemStatus::Unknown: return;
    case ItemStatus::New:
        painter.setPen(QPen(idle, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(box.adjusted(2, 2, -2, -2));
        return;
    case ItemStatus::Labelled:
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.series(0));
        painter.drawEllipse(box.adjusted(2, 2, -2, -2));
        return;
    case ItemStatus::Proposal:
        painter.setPen(QPen(theme.accent(), 1.5, Qt::DotLine));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(box.adjusted(1, 1, -1, -1));
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent());
        painter.drawEllipse(box.adjusted(4, 4, -4, -4));
        return;
    case ItemStatus::Reviewed: {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.success());
        painter.drawEllipse(box);
        QPainterPath tick(box.topLeft() + QPointF(3, 6.5));
        tick.lineTo(box.topLeft() + QPointF(5.2, 8.6));
        tick.lineTo(box.topLeft() + QPointF(9, 3.8));
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme.base(), 1.5));
        painter.drawPath(tick);
        return;
    }
    case ItemStatus::Problem: {
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.error());
        painter.drawPolygon(QPolygonF({QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()}));
        painter.setPen(QPen(theme.base(), 1.5));
        painter.drawLine(QPointF(box.center().x(), box.top() + 4.5), QPointF(box.center().x(), box.bottom() - 3.5));
        return;
    }
    }
}

} // namespace

QSize ItemDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {160, kRowHeight};
}

void ItemDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected || option.state.testFlag(QStyle::State_MouseOver)) {
        QColor back = isSelected ? theme.accent() : theme.text();
        back.setAlpha(isSelected ? 56 : 16);
        painter->fillRect(option.rect, back);
    }
    if (isSelected)
        painter->fillRect(QRect(option.rect.topLeft(), QSize(3, option.rect.height())), theme.accent());

    const QRect frame(option.rect.left() + 8, option.rect.top() + 4, kPicture.width(), kPicture.height());
    const auto picture = index.data(Qt::DecorationRole).value<QPixmap>();
    if (picture.width() > 1) {
        QRectF target(QPointF(0, 0), QSizeF(picture.size()).scaled(QSizeF(kPicture), Qt::KeepAspectRatio));
        target.moveCenter(QRectF(frame).center());
        painter->drawPixmap(target, picture, QRectF(picture.rect()));
    } else {
        painter->fillRect(frame, theme.canvas());
    }

    const QRectF mark(option.rect.right() - 20, option.rect.top() + 10, 12, 12);
    drawStatus(*painter, mark, static_cast<ItemStatus>(index.data(ItemsModel::StatusRole).toInt()), theme.mutedText());

    const int left = frame.right() + 9;
    const QRect upper(left, option.rect.top() + 6, static_cast<int>(mark.left()) - 8 - left, 20);
    const QRect lower(left, option.rect.top() + 28, option.rect.right() - 8 - left, 20);
    painter->setPen(theme.text());
    painter->drawText(upper, Qt::AlignVCenter | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, upper.width()));
    QStringList details = index.data(ItemsModel::LabelsRole).toStringList();
    if (details.isEmpty())
        details << index.data(ItemsModel::FolderRole).toString();
    painter->setPen(theme.mutedText());
    painter->drawText(lower, Qt::AlignVCenter | Qt::TextSingleLine,
                      option.fontMetrics.elidedText(details.join(QLatin1String(", ")), Qt::ElideRight, lower.width()));
    painter->restore();
}

} // namespace masque
