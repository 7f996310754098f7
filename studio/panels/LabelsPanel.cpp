// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/LabelsPanel.h"

#include "studio/panels/ClassKeyMenu.h"
#include "studio/panels/LabelsModel.h"
#include "studio/panels/list_view.h"
#include "studio/tools/swatch.h"

#include <QAction>
#include <QColorDialog>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace masque {

LabelsPanel::LabelsPanel(Document &document, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new LabelsModel(document, this)),
      m_view(makeListView(this, m_model)), m_add(new QLineEdit(this))
{
    setObjectName(QStringLiteral("labels"));
    m_view->setObjectName(QStringLiteral("labels-list"));
    m_view->setAccessibleName(tr("Classes"));
    m_view->setColumnWidth(LabelsModel::KeyColumn, 36);
    m_view->setColumnWidth(LabelsModel::CountColumn, 44);
    m_view->setColumnWidth(LabelsModel::VisibleColumn, 32);
    m_view->setColumnWidth(LabelsModel::LockColumn, 28);
    m_view->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto *color = new QAction(tr("Change colour…"), m_view);
    color->setObjectName(QStringLiteral("label-color"));
    m_view->addAction(color);
    m_view->addAction(makeClassKeyMenu(document, m_view, [this]() -> std::optional<int> {
                          const QModelIndex index = m_view->currentIndex();
                          return index.isValid() ? std::optional(m_model->idOf(index.row())) : std::nullopt;
                      })->menuAction());
    connect(color, &QAction::triggered, this, [this] { changeColor(m_view->currentIndex().row()); });
    auto *rename = new QAction(tr("Rename or merge in the whole dataset…"), m_view);
    rename->setObjectName(QStringLiteral("label-rename"));
    m_view->addAction(rename);
    connect(rename, &QAction::triggered, this, [this] { renameClass(m_view->currentIndex().row()); });
    auto *undoRename = new QAction(tr("Take renaming back"), m_view);
    undoRename->setObjectName(QStringLiteral("label-undo-rename"));
    m_view->addAction(undoRename);
    connect(undoRename, &QAction::triggered, this, [this] { m_document.undoRelabelling(); });
    const auto refreshRename = [this, rename, undoRename] {
        const QString last = m_document.isRelabelling() ? QString() : m_document.lastRelabelling();
        undoRename->setEnabled(!last.isEmpty());
        undoRename->setText(last.isEmpty() ? tr("Take renaming back") : tr("Take back %1").arg(last));
        rename->setEnabled(m_document.dataset() != nullptr && !m_document.isRelabelling());
    };
    connect(&document, &Document::changed, this, [refreshRename](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::LabelsChanged
            || (event.kind == ChangeEvent::ItemsIndexed && event.first == 0))
            refreshRename();
    });
    refreshRename();
    m_add->setObjectName(QStringLiteral("label-add"));
    m_add->setAccessibleName(tr("New class"));
    m_add->setPlaceholderText(tr("New class"));
    m_add->setToolTip(tr("Type a name and press Enter"));

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 8);
    layout->setSpacing(8);
    layout->addWidget(m_view);
    auto *bottom = new QVBoxLayout;
    bottom->setContentsMargins(8, 0, 8, 0);
    bottom->addWidget(m_add);
    layout->addLayout(bottom);

    m_view->viewport()->installEventFilter(this);
    connect(m_view, &QTreeView::clicked, this, &LabelsPanel::takeClick);
    connect(m_view, &QTreeView::activated, this,
            [this](const QModelIndex &index) { m_document.setActiveLabel(m_model->nameOf(index.row())); });
    connect(m_add, &QLineEdit::returnPressed, this, [this] {
        if (!m_document.dataset() || m_add->text().trimmed().isEmpty())
            return;
        const QString name = m_add->text();
        m_add->clear();
        m_document.setActiveLabel(name);
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::ActiveLabelChanged || event.kind == ChangeEvent::LabelsChanged)
            showActive();
        m_add->setEnabled(m_document.dataset() != nullptr);
    });
    m_add->setEnabled(m_document.dataset() != nullptr);
    showActive();
}

bool LabelsPanel::eventFilter(QObject *watched, QEvent *event)
{
    // A press on the eye or the lock is no choice of the class.
    if (event->type() == QEvent::MouseButtonPress) {
        const QModelIndex index = m_view->indexAt(static_cast<QMouseEvent *>(event)->position().toPoint());
        if (index.isValid() && index.column() >= LabelsModel::VisibleColumn) {
            takeClick(index);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void LabelsPanel::takeClick(const QModelIndex &index)
{
    const QString name = m_model->nameOf(index.row());
    const std::string label = name.toStdString();
    if (index.column() == LabelsModel::VisibleColumn) {
        m_document.setLabelHidden(label, !m_document.hiddenLabels().contains(label));
    } else if (index.column() == LabelsModel::LockColumn) {
        m_document.setLabelLocked(label, !m_document.lockedLabels().contains(label));
    } else {
        m_document.setActiveLabel(name);
        const QPoint at = m_view->viewport()->mapFromGlobal(QCursor::pos());
        const QRect cell = m_view->visualRect(index);
        if (index.column() == LabelsModel::NameColumn && cell.contains(at) && at.x() < cell.left() + 24)
            changeColor(index.row());
    }
}

void LabelsPanel::changeColor(int row)
{
    if (row < 0 || row >= m_model->rowCount())
        return;
    const int id = m_model->idOf(row);
    const Color color = m_document.labels()[id].color;
    auto *dialog = new QColorDialog(toQColor(color), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Colour of %1").arg(m_model->nameOf(row)));
    connect(dialog, &QColorDialog::colorSelected, this, [this, name = m_model->nameOf(row)](const QColor &chosen) {
        const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
        if (const auto found = m_document.labels().idOf(name.toStdString()))
            m_document.setLabelColor(*found, {byte(chosen.red()), byte(chosen.green()), byte(chosen.blue())});
    });
    dialog->open();
}

void LabelsPanel::renameClass(int row)
{
    if (row < 0 || row >= m_model->rowCount())
        return;
    const QString name = m_model->nameOf(row);
    auto *dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("rename-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Rename or merge a class"));
    dialog->setLabelText(tr("New name of \"%1\" in every annotation of this dataset.\nThe name of another class merges "
                            "the two. It can be taken back in this menu.\nImages that were not opened "
                            "lately begin a new history; mask files stay as they are.")
                             .arg(name));
    dialog->setTextValue(name);
    connect(dialog, &QInputDialog::textValueSelected, this,
            [this, name](const QString &chosen) { m_document.relabelClass(name, chosen); });
    dialog->open();
}

void LabelsPanel::showActive()
{
    const auto row = m_model->rowOf(m_document.activeLabel());
    m_view->setCurrentIndex(row ? m_model->index(*row, 0) : QModelIndex());
}

} // namespace masque
