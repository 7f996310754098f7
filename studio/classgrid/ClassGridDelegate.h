// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace masque {

/// A picture over the name of its class and how many of its raters say so; a line more where the model says another
/// one.
class ClassGridDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setSide(int side) { m_side = side; } ///< of the picture, pixels
    void setHasOpinions(bool has) { m_hasOpinions = has; }

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    int m_side = 96;
    bool m_hasOpinions = false;
};

} // namespace masque
