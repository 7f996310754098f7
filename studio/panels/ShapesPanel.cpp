// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ShapesPanel.h"

#include "studio/panels/ShapesModel.h"
#include "studio/panels/list_view.h"

#include <QMouseEvent>
#include <QScopedValueRollback>
#include <QVBoxLayout>

namespace masque {

ShapesPanel::ShapesPanel(Document &document, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new ShapesModel(document, this)),
      m_view(makeListView(this, m_model))
{
    setObjectName(QStringLiteral("shapes"));
    m_view->setObjectName(QStringLiteral("shapes-list"));
    m_view->setAccessibleName(tr("Shapes of this image"));
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setColumnWidth(ShapesModel::TypeColumn, 84);
    m_view->setColumnWidth(ShapesModel::VisibleColumn, 32);
    m_view->setColumnWidth(ShapesModel::LockColumn, 28);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view);

    m_view->viewport()->installEventFilter(this);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ShapesPanel::takeSelection);
    connect(m_view, &QTreeView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT shapeActivated(m_model->idOf(index.row())); });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::SelectionChanged || event.kind == ChangeEvent::AnnotationChanged)
            showSelection();
    });
}

bool ShapesPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::MouseButtonPress) {
        const QModelIndex index = m_view->indexAt(static_cast<QMouseEvent *>(event)->position().toPoint());
        if (index.isValid() && index.column() >= ShapesModel::VisibleColumn) {
            const ShapeId id = m_model->idOf(index.row());
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
    QItemSelection selection;
    QModelIndex first;
    for (const ShapeId id : m_document.selection())
        if (const auto row = m_model->rowOf(id)) {
            first = m_model->index(*row, 0);
            selection.select(first, m_model->index(*row, ShapesModel::ColumnCount - 1));
        }
    m_view->selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
    if (first.isValid())
        m_view->scrollTo(first);
}

void ShapesPanel::takeSelection()
{
    if (m_isSyncing)
        return;
    const QScopedValueRollback syncing(m_isSyncing, true);
    std::set<ShapeId> ids;
    for (const QModelIndex &index : m_view->selectionModel()->selectedRows())
        ids.insert(m_model->idOf(index.row()));
    m_document.setSelection(std::move(ids));
}

} // namespace masque
