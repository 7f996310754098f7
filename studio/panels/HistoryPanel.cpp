// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/HistoryPanel.h"

#include "studio/panels/list_view.h"
#include "studio/theme/Theme.h"

#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace masque {

namespace {

constexpr int kMarginPx = 4;
constexpr int kRowPx = HistoryModel::kThumbnailPx + 2 * kMarginPx;

/// Picture, name, time; what was undone is pale, where the image stands is marked.
class StepDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override { return {120, kRowPx}; }
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Theme &theme = Theme::instance();
        painter->save();
        const bool isCurrent = index.data(HistoryModel::CurrentRole).toBool();
        const bool isUndone = index.data(HistoryModel::UndoneRole).toBool();
        const QRect row = option.rect;
        if (isCurrent || option.state.testFlag(QStyle::State_MouseOver)) {
            QColor back = isCurrent ? theme.accent() : theme.text();
            back.setAlpha(isCurrent ? 56 : 16);
            painter->fillRect(row, back);
        }
        if (isCurrent)
            painter->fillRect(QRect(row.topLeft(), QSize(3, row.height())), theme.accent());
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setPen(theme.accent());
            painter->drawRect(row.adjusted(0, 0, -1, -1));
        }
        const QRect frame(row.left() + 8, row.top() + kMarginPx, HistoryModel::kThumbnailPx,
                          HistoryModel::kThumbnailPx);
        const auto picture = index.data(Qt::DecorationRole).value<QPixmap>();
        if (isUndone)
            painter->setOpacity(0.5);
        if (!picture.isNull())
            painter->drawPixmap(frame, picture);
        else
            painter->fillRect(frame, theme.canvas());
        painter->setOpacity(1);
        const int left = frame.right() + 9, width = row.right() - 8 - left;
        const QString time = index.data(HistoryModel::TimeRole).toString();
        const QRect upper(left, row.top() + 4, width, time.isEmpty() ? kRowPx - 8 : 20);
        painter->setPen(isUndone ? theme.mutedText() : theme.text());
        painter->drawText(upper, Qt::AlignVCenter | Qt::TextSingleLine,
                          option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, width));
        painter->setPen(theme.mutedText());
        painter->drawText(QRect(left, row.top() + 24, width, 20), Qt::AlignVCenter | Qt::TextSingleLine,
                          option.fontMetrics.elidedText(time, Qt::ElideRight, width));
        painter->restore();
    }
};

} // namespace

HistoryPanel::HistoryPanel(Document &document, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new HistoryModel(document, jobs, this)),
      m_list(new QListView(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_list->setObjectName(QStringLiteral("history-list"));
    m_list->setAccessibleName(tr("History of this image"));
    m_list->setAccessibleDescription(tr("Enter or a click goes to the state after a step"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true); // thousands of rows
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setMouseTracking(true);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    styleRows(m_list);
    m_list->setItemDelegate(new StepDelegate(m_list));
    m_list->setModel(m_model);
    layout->addWidget(m_list);
    connect(m_list, &QListView::clicked, this, &HistoryPanel::restore);
    connect(m_list, &QListView::activated, this, &HistoryPanel::restore);
    connect(m_model, &QAbstractItemModel::dataChanged, this,
            [this](const QModelIndex &, const QModelIndex &, const QList<int> &roles) {
                if (roles.contains(HistoryModel::CurrentRole))
                    showCurrent();
            });
    connect(m_model, &QAbstractItemModel::modelReset, this, &HistoryPanel::showCurrent);
    connect(&Theme::instance(), &Theme::changed, m_list->viewport(), qOverload<>(&QWidget::update));
    showCurrent();
}

void HistoryPanel::restore(const QModelIndex &index)
{
    if (History *history = m_document.undoStack(); history && index.isValid())
        history->setIndex(index.row());
}

void HistoryPanel::showCurrent()
{
    const QModelIndex current = m_model->index(m_model->currentRow());
    if (!current.isValid())
        return;
    m_list->setCurrentIndex(current);
    m_list->scrollTo(current);
}

} // namespace masque
