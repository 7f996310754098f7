// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/classgrid/ClassGridDelegate.h"

#include "studio/classgrid/ClassGridModel.h"
#include "studio/theme/Theme.h"

#include <QPainter>

namespace masque {

namespace {
constexpr int kMargin = 4, kLine = 18;
} // namespace

QSize ClassGridDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {m_side + 2 * kMargin, m_side + 2 * kMargin + kLine * (m_hasOpinions ? 2 : 1)};
}

void ClassGridDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const Theme &theme = Theme::instance();
    painter->save();
    painter->setRenderHint(QPainter::SmoothPixmapTransform);
    const bool isSelected = option.state.testFlag(QStyle::State_Selected);
    if (isSelected || option.state.testFlag(QStyle::State_MouseOver)) {
        QColor back = isSelected ? theme.accent() : theme.text();
        back.setAlpha(isSelected ? 72 : 16);
        painter->fillRect(option.rect, back);
    }
    if (option.state.testFlag(QStyle::State_HasFocus)) {
        painter->setPen(QPen(theme.accent(), 2));
        painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
    }
    const QRect frame(option.rect.left() + kMargin, option.rect.top() + kMargin, m_side, m_side);
    const auto picture = index.data(Qt::DecorationRole).value<QPixmap>();
    if (picture.width() > 1) {
        QRectF target(QPointF(0, 0), QSizeF(picture.size()).scaled(QSizeF(frame.size()), Qt::KeepAspectRatio));
        target.moveCenter(QRectF(frame).center());
        painter->drawPixmap(target, picture, QRectF(picture.rect()));
    } else {
        painter->fillRect(frame, theme.canvas());
    }

    QRect line(frame.left(), frame.bottom() + 1, frame.width(), kLine);
    const auto drawLine = [&](const QString &text, const QColor &color, int indent) {
        painter->setPen(color);
        painter->drawText(line.adjusted(indent, 0, 0, 0), Qt::AlignVCenter | Qt::TextSingleLine,
                          option.fontMetrics.elidedText(text, Qt::ElideRight, line.width() - indent));
        line.translate(0, kLine);
    };
    const QString name = index.data(ClassGridModel::ClassRole).toString();
    const QString votes = index.data(ClassGridModel::VotesRole).toString();
    if (!votes.isEmpty()) {
        painter->setPen(index.data(ClassGridModel::DisputedRole).toBool() ? theme.warning() : theme.mutedText());
        painter->drawText(line, Qt::AlignVCenter | Qt::AlignRight | Qt::TextSingleLine, votes);
        line.setRight(line.right() - option.fontMetrics.horizontalAdvance(votes) - kMargin);
    }
    const auto color = index.data(ClassGridModel::ColorRole).value<QColor>();
    if (color.isValid()) {
        painter->fillRect(QRect(line.left(), line.top() + 5, 8, 8), color);
        drawLine(name, theme.text(), 12);
    } else {
        drawLine(name.isEmpty() ? tr("no class") : name, theme.mutedText(), 0);
    }
    line.setRight(frame.right());
    if (m_hasOpinions)
        drawLine(index.data(ClassGridModel::OpinionRole).toString(),
                 index.data(ClassGridModel::DiffersRole).toBool() ? theme.warning() : theme.mutedText(), 0);
    painter->restore();
}

} // namespace masque
