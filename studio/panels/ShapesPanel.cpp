// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ShapesPanel.h"

#include "studio/panels/ShapesModel.h"
#include "studio/panels/list_view.h"

#include <QLineEdit>
#include <QMenu>
#include <QMouseEvent>
#include <QScopedValueRollback>
#include <QSortFilterProxyModel>
#include <QVBoxLayout>

namespace masque {

/// Rows whose class or type holds the text.
class ShapesPanel::Filter : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setText(const QString &text)
    {
        m_text = text;
        invalidateFilter();
    }

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override
    {
        for (const int column : {ShapesModel::NameColumn, ShapesModel::TypeColumn})
            if (sourceModel()->index(row, column, parent).data().toString().contains(m_text, Qt::CaseInsensitive))
                return true;
        return false;
    }

private:
    QString m_text;
};

ShapesPanel::ShapesPanel(Document &document, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new ShapesModel(document, this)), m_filter(new Filter(this)),
      m_search(new QLineEdit(this))
{
    // Rows that go, or no longer match, take their selection along; that is no wish of the user. What is connected
    // before and after the filter brackets what it does.
    const auto hold = [this] { m_isSyncing = true; };
    const auto letGo = [this] { m_isSyncing = false; };
    connect(m_model, &QAbstractItemModel::rowsAboutToBeRemoved, this, hold);
    connect(m_model, &QAbstractItemModel::dataChanged, this, hold);
    m_filter->setSourceModel(m_model);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, letGo);
    connect(m_model, &QAbstractItemModel::dataChanged, this, letGo);
    m_view = makeListView(this, m_filter);
    m_search->setObjectName(QStringLiteral("shapes-search"));
    m_search->setAccessibleName(tr("Search shapes"));
    m_search->setPlaceholderText(tr("Search class or type"));
    m_search->setClearButtonEnabled(true);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        {
            const QScopedValueRollback syncing(m_isSyncing, true);
            m_filter->setText(text.trimmed());
        }
        showSelection();
    });
    setObjectName(QStringLiteral("shapes"));
    m_view->setObjectName(QStringLiteral("shapes-list"));
    m_view->setAccessibleName(tr("Shapes of this image"));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setDragDropMode(QAbstractItemView::DragDrop);
    m_view->setDefaultDropAction(Qt::MoveAction);
    m_view->setColumnWidth(ShapesModel::TypeColumn, 84);
    m_view->setColumnWidth(ShapesModel::VisibleColumn, 32);
    m_view->setColumnWidth(ShapesModel::LockColumn, 28);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(8, 0, 8, 0);
    top->addWidget(m_search);
    layout->addLayout(top);
    layout->addWidget(m_view);

    m_view->viewport()->installEventFilter(this);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ShapesPanel::takeSelection);
    // A click on the only selected row of the list is no change there, but leaves out what the search has hidden.
    connect(m_view, &QTreeView::clicked, this, &ShapesPanel::takeSelection);
    connect(m_view, &QTreeView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT shapeActivated(idAt(index)); });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::SelectionChanged || event.kind == ChangeEvent::AnnotationChanged)
            showSelection();
    });
}

void ShapesPanel::setContextMenu(QMenu *menu)
{
    m_view->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_view, &QWidget::customContextMenuRequested, menu, [this, menu](QPoint at) {
        if (!m_document.selection().empty())
            menu->popup(m_view->viewport()->mapToGlobal(at));
    });
}

bool ShapesPanel::eventFilter(QObject *watched, QEvent *event)
{
    const auto *mouse = event->type() == QEvent::MouseButtonPress ? static_cast<QMouseEvent *>(event) : nullptr;
    if (mouse && mouse->button() == Qt::LeftButton) {
        const QModelIndex index = m_view->indexAt(mouse->position().toPoint());
        if (index.isValid() && index.column() >= ShapesModel::VisibleColumn) {
            const ShapeId id = idAt(index);
            if (index.column() == ShapesModel::VisibleColumn)
                m_document.setShapeHidden(id, !m_document.hiddenShapes().contains(id));
            else
                m_document.setShapeLocked(id, !m_document.lockedShapes().contains(id));
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ShapesPanel::showSelection()
{
    if (m_isSyncing)
        return;
    const QScopedValueRollback syncing(m_isSyncing, true);
    // Runs of rows become one range each, which keeps thousands of selected shapes fluent.
    const std::set<ShapeId> &chosen = m_document.selection();
    QItemSelection selection;
    QModelIndex last;
    const int rows = m_filter->rowCount();
    for (int row = 0, first = -1; row <= rows; ++row) {
        const bool isChosen = row < rows && chosen.contains(idAt(m_filter->index(row, 0)));
        if (isChosen && first < 0)
            first = row;
        if (isChosen || first < 0)
            continue;
        last = m_filter->index(row - 1, 0);
        selection.select(m_filter->index(first, 0), m_filter->index(row - 1, ShapesModel::ColumnCount - 1));
        first = -1;
    }
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (last.isValid())
        m_view->scrollTo(last);
}

ShapeId ShapesPanel::idAt(const QModelIndex &index) const
{
    return m_model->idOf(m_filter->mapToSource(index).row());
}

void ShapesPanel::takeSelection()
{
    if (m_isSyncing)
        return;
    const QScopedValueRollback syncing(m_isSyncing, true);
    std::set<ShapeId> ids;
    for (const QModelIndex &index : m_view->selectionModel()->selectedRows())
        ids.insert(idAt(index));
    m_document.setSelection(std::move(ids));
}

} // namespace masque
