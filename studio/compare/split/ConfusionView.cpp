// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/ConfusionView.h"

#include "studio/compare/split/choosing.h"
#include "studio/theme/Theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr int kLeastSquare = 20, kHeaderPx = 88, kNumberSquare = 28, kSwatchPx = 8, kGapPx = 4;

QColor mixed(const QColor &from, const QColor &to, double share)
{
    const auto part = [share](float a, float b) { return static_cast<float>(a + (b - a) * share); };
    return QColor::fromRgbF(part(from.redF(), to.redF()), part(from.greenF(), to.greenF()),
                            part(from.blueF(), to.blueF()));
}

class SquareDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        const Theme &theme = Theme::instance();
        const double share = std::sqrt(index.data(ConfusionModel::ShareRole).toDouble()); // so that a little is seen
        const QColor full = index.data(ConfusionModel::RightRole).toBool() ? theme.series(0) : theme.series(1);
        const QColor back = mixed(theme.canvas(), full, share);
        const QRect square = option.rect.adjusted(0, 0, -1, -1);
        painter->fillRect(square, back);
        if (option.rect.width() >= kNumberSquare) {
            painter->setPen(qGray(back.rgb()) > 128 ? Qt::black : Qt::white);
            painter->drawText(square, Qt::AlignCenter, index.data().toString());
        }
        if (option.state & (QStyle::State_Selected | QStyle::State_HasFocus)) {
            painter->setPen(QPen(theme.text(), option.state & QStyle::State_HasFocus ? 2 : 1));
            painter->drawRect(square.adjusted(1, 1, -1, -1));
        }
    }
};

/// Names beside swatches of the classes' colours; upright ones over the columns.
class ClassHeader : public QHeaderView {
public:
    using QHeaderView::QHeaderView;

protected:
    QSize sectionSizeFromContents(int section) const override
    {
        const int length = fontMetrics().horizontalAdvance(name(section)) + kSwatchPx + 3 * kGapPx;
        const int across = std::min(length, kHeaderPx);
        return orientation() == Qt::Vertical ? QSize(across, kLeastSquare) : QSize(kLeastSquare, across);
    }
    void paintSection(QPainter *painter, const QRect &rect, int section) const override
    {
        painter->save();
        QRect line(0, 0, rect.width(), rect.height());
        painter->translate(rect.topLeft());
        if (orientation() == Qt::Horizontal) {
            painter->translate(0, rect.height());
            painter->rotate(-90);
            line = QRect(0, 0, rect.height(), rect.width());
        }
        const auto color = model()->headerData(section, orientation(), Qt::DecorationRole).value<QColor>();
        // The swatch lies next to the squares: at the end of a row's name, at the beginning of a column's.
        const bool isRow = orientation() == Qt::Vertical;
        const int swatchX = isRow ? line.width() - kSwatchPx - kGapPx : kGapPx;
        painter->fillRect(QRect(swatchX, (line.height() - kSwatchPx) / 2, kSwatchPx, kSwatchPx), color);
        const QRect text =
            isRow ? line.adjusted(0, 0, -kSwatchPx - 2 * kGapPx, 0) : line.adjusted(kSwatchPx + 2 * kGapPx, 0, 0, 0);
        painter->setPen(Theme::instance().text());
        painter->drawText(text, Qt::AlignVCenter | (isRow ? Qt::AlignRight : Qt::AlignLeft),
                          fontMetrics().elidedText(name(section), Qt::ElideMiddle, text.width()));
        painter->restore();
    }

private:
    QString name(int section) const
    {
        return model() ? model()->headerData(section, orientation(), Qt::DisplayRole).toString() : QString();
    }
};

} // namespace

ConfusionView::ConfusionView(QWidget *parent) : QTableView(parent), m_model(new ConfusionModel(this))
{
    setObjectName(QStringLiteral("compare-confusion"));
    setAccessibleName(tr("Confusion matrix: a row is a class of the ground truth, a column what it was taken for"));
    setProperty("role", "plain");
    setHorizontalHeader(new ClassHeader(Qt::Horizontal, this));
    setVerticalHeader(new ClassHeader(Qt::Vertical, this));
    for (auto *header : {horizontalHeader(), verticalHeader()}) {
        header->setMinimumSectionSize(kLeastSquare);
        header->setSectionResizeMode(QHeaderView::Fixed);
        header->setHighlightSections(false);
    }
    setModel(m_model);
    setItemDelegate(new SquareDelegate(this));
    setShowGrid(false);
    setTabKeyNavigation(false);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setCornerButtonEnabled(false);
    setHorizontalScrollMode(ScrollPerPixel);
    setVerticalScrollMode(ScrollPerPixel);
    connect(this, &QTableView::clicked, this, &ConfusionView::choose);
    connect(&Theme::instance(), &Theme::changed, this, [this] { viewport()->update(); });
}

void ConfusionView::setCounts(const LabelSet &labels, const ConfusionMatrix &confusion,
                              ConfusionModel::CountImages countImages)
{
    m_chosen.reset();
    m_model->setCounts(labels, confusion, std::move(countImages));
    fitSquares();
}

void ConfusionView::setChosen(std::optional<std::pair<int, int>> cell)
{
    m_chosen = cell;
    if (cell)
        setCurrentIndex(m_model->index(cell->first, cell->second));
    else
        clearSelection();
}

void ConfusionView::choose(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    const std::pair cell(index.row(), index.column());
    setChosen(m_chosen == cell ? std::nullopt : std::optional(cell));
    Q_EMIT cellChosen(m_chosen);
}

bool ConfusionView::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride && isChoosingKey(static_cast<QKeyEvent *>(event)->key()))
        event->accept(); // Return takes the prediction elsewhere
    return QTableView::event(event);
}

void ConfusionView::keyPressEvent(QKeyEvent *event)
{
    if (isChoosingKey(event->key()))
        choose(currentIndex());
    else
        QTableView::keyPressEvent(event);
}

void ConfusionView::resizeEvent(QResizeEvent *event)
{
    QTableView::resizeEvent(event);
    fitSquares();
}

void ConfusionView::fitSquares()
{
    const int count = m_model->rowCount();
    if (count == 0)
        return;
    const int room = std::min(viewport()->width(), viewport()->height());
    const int side = std::clamp(room / count, kLeastSquare, m_greatestSquare);
    for (auto *header : {horizontalHeader(), verticalHeader()})
        if (header->defaultSectionSize() != side)
            header->setDefaultSectionSize(side);
}

} // namespace masque
