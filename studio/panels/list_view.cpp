// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/list_view.h"

#include "studio/theme/Theme.h"

#include <QHeaderView>
#include <QListView>
#include <QStyle>
#include <QStyledItemDelegate>

#include <algorithm>

namespace masque {

namespace {

class RowDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const QSize size = QStyledItemDelegate::sizeHint(option, index);
        return {size.width(), std::max(24, size.height())};
    }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyleOptionViewItem shifted(option);
        if (qobject_cast<const QListView *>(option.widget)) { // text as far from the edge as in lists with a header
            QStyleOptionViewItem panel(option);
            initStyleOption(&panel, index);
            panel.widget->style()->drawPrimitive(QStyle::PE_PanelItemViewItem, &panel, painter, panel.widget);
            shifted.rect.setLeft(shifted.rect.left() + 6);
            shifted.state.setFlag(QStyle::State_Selected, false);
        }
        QStyledItemDelegate::paint(painter, shifted, index);
    }
};

void setQuietSelection(QAbstractItemView *view)
{
    const Theme &theme = Theme::instance();
    QColor back = theme.accent();
    back.setAlpha(56);
    QPalette palette = view->palette();
    palette.setColor(QPalette::Highlight, back);
    palette.setColor(QPalette::HighlightedText, theme.text());
    view->setPalette(palette);
}

} // namespace

void styleRows(QAbstractItemView *view)
{
    view->setItemDelegate(new RowDelegate(view));
    setQuietSelection(view);
    QObject::connect(&Theme::instance(), &Theme::changed, view, [view] { setQuietSelection(view); });
}

QTreeView *makeListView(QWidget *parent, QAbstractItemModel *model)
{
    auto *view = new QTreeView(parent);
    view->setModel(model);
    view->setRootIsDecorated(false);
    view->setUniformRowHeights(true);
    view->setAllColumnsShowFocus(true);
    view->setFrameShape(QFrame::NoFrame);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view->setIconSize(QSize(16, 16));
    QHeaderView *header = view->header();
    header->setMinimumSectionSize(24);
    header->setStretchLastSection(false);
    header->setSectionResizeMode(QHeaderView::Fixed);
    header->setSectionResizeMode(0, QHeaderView::Stretch);
    header->setSectionsClickable(false);
    styleRows(view);
    return view;
}

QIcon quietIcon(const QString &name)
{
    return QIcon(Theme::instance().icon(name).pixmap(QSize(32, 32), QIcon::Disabled));
}

} // namespace masque
