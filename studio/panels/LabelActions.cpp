// SPDX-License-Identifier: GPL-3.0-or-later
// LabelWorkspace's actions.
#include "studio/panels/LabelWorkspace.h"

#include "studio/classgrid/ClassGrid.h"
#include "studio/document/label_keys.h"
#include "studio/panels/DisplayPanel.h"
#include "studio/theme/Theme.h"
#include "studio/tools/ToolController.h"
#include "studio/tools/ToolOptionsBar.h"
#include "studio/tools/ToolPalette.h"

#include <QAction>
#include <QActionGroup>
#include <QCoreApplication>
#include <QStackedWidget>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>

namespace masque {

QAction *LabelWorkspace::addAction(QList<QAction *> &group, const QString &name, const QString &text,
                                   const QString &icon, const QList<QKeySequence> &keys, std::function<void()> slot)
{
    auto *action = new QAction(text, this);
    action->setObjectName(name);
    action->setShortcuts(keys);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    if (!icon.isEmpty())
        action->setIcon(Theme::instance().icon(icon));
    if (slot)
        connect(action, &QAction::triggered, this, std::move(slot));
    QMainWindow::addAction(action);
    group.append(action);
    return action;
}

void LabelWorkspace::addSeparator(QList<QAction *> &group)
{
    auto *separator = new QAction(this);
    separator->setSeparator(true);
    group.append(separator);
}

void LabelWorkspace::makeToolActions()
{
    auto *bar = new QToolBar(tr("Tools"), this);
    bar->setObjectName(QStringLiteral("tool-bar"));
    bar->setMovable(false);
    bar->setOrientation(Qt::Vertical);
    bar->setStyleSheet(QStringLiteral("QToolBar { background: palette(window); border: none; padding: 0; spacing: 0; }"
                                      "QToolButton { padding: 1px; width: 24px; height: 24px; max-height: 24px; }"));
    auto *palette = new ToolPalette;
    bar->addWidget(palette);
    addToolBar(Qt::LeftToolBarArea, bar);
    auto *exclusive = new QActionGroup(this);
    for (const ToolDescription &tool : m_tools->tools()) {
        const QString id = QString::fromStdString(tool.id);
        // Plugins describe themselves in English; the built-in ones' words are in the translation.
        const QString title = QCoreApplication::translate("Tool", tool.title.c_str());
        const QString help = QCoreApplication::translate("Tool", tool.help.c_str());
        const QKeySequence key(QString::fromStdString(tool.shortcut), QKeySequence::PortableText);
        QAction *action =
            addAction(m_toolActions, QStringLiteral("action-tool-") + id, title, QString::fromStdString(tool.iconName),
                      {key}, [this, id] { m_tools->setActiveTool(id); });
        action->setCheckable(true);
        action->setChecked(id == m_tools->activeTool());
        action->setToolTip(QStringLiteral("%1 (%2)\n%3").arg(title, key.toString(QKeySequence::NativeText), help));
        exclusive->addAction(action);
        QToolButton *button = palette->add(action, tool.order / 100);
        button->setObjectName(QStringLiteral("tool-") + id);
        button->setAccessibleName(title);
        connect(m_tools, &ToolController::activeToolChanged, action,
                [this, action, id] { action->setChecked(m_tools->activeTool() == id); });
    }
    addSeparator(m_toolActions);
    addAction(m_toolActions, QStringLiteral("brush-smaller"), tr("Smaller brush"), {},
              {QKeySequence(Qt::Key_BracketLeft)}, [this] { m_tools->stepBrush(-1); });
    addAction(m_toolActions, QStringLiteral("brush-larger"), tr("Larger brush"), {},
              {QKeySequence(Qt::Key_BracketRight)}, [this] { m_tools->stepBrush(1); });
}

void LabelWorkspace::makeEditActions()
{
    auto *undo = new QAction(this);
    auto *redo = new QAction(this);
    connect(undo, &QAction::triggered, this, [this] { isGridShown() ? m_grid->edits().undo() : m_document.undo(); });
    connect(redo, &QAction::triggered, this, [this] { isGridShown() ? m_grid->edits().redo() : m_document.redo(); });
    const auto follow = [this, undo, redo] {
        if (isGridShown()) {
            const ClassEdits &edits = m_grid->edits();
            undo->setEnabled(edits.canUndo());
            redo->setEnabled(edits.canRedo());
            undo->setText(edits.canUndo() ? tr("Undo class %1").arg(edits.undoText()) : tr("Undo"));
            redo->setText(edits.canRedo() ? tr("Redo class %1").arg(edits.redoText()) : tr("Redo"));
            return;
        }
        const History *history = m_document.undoStack();
        const bool canUndo = history && history->canUndo(), canRedo = history && history->canRedo();
        undo->setEnabled(canUndo);
        redo->setEnabled(canRedo);
        undo->setText(canUndo ? tr("Undo %1").arg(history->undoText()) : tr("Undo"));
        redo->setText(canRedo ? tr("Redo %1").arg(history->redoText()) : tr("Redo"));
    };
    follow();
    connect(&m_document, &Document::changed, this, [follow](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::HistoryChanged || event.kind == ChangeEvent::CurrentItem
            || event.kind == ChangeEvent::DatasetOpened)
            follow();
    });
    connect(&m_grid->edits(), &ClassEdits::changed, this, follow);
    connect(m_centre, &QStackedWidget::currentChanged, this, follow);
    undo->setObjectName(QStringLiteral("undo"));
    redo->setObjectName(QStringLiteral("redo"));
    undo->setShortcut(QKeySequence(QStringLiteral("Ctrl+Z")));
    redo->setShortcuts({QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
    undo->setIcon(Theme::instance().icon(QStringLiteral("undo")));
    redo->setIcon(Theme::instance().icon(QStringLiteral("redo")));
    for (QAction *action : {undo, redo}) {
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        QMainWindow::addAction(action);
        m_editActions.append(action);
    }
    addSeparator(m_editActions);
    const auto key = [](const char *text) { return QKeySequence(QLatin1String(text)); };
    m_selectionActions << addAction(m_editActions, QStringLiteral("copy"), tr("Copy shapes"), {}, {key("Ctrl+C")},
                                    [this] { copySelection(); });
    m_shapeActions << addAction(m_editActions, QStringLiteral("paste"), tr("Paste shapes"), {}, {key("Ctrl+V")},
                                [this] { paste(); });
    m_selectionActions << addAction(m_editActions, QStringLiteral("duplicate"), tr("Duplicate shapes"), {},
                                    {key("Ctrl+D")}, [this] { duplicateSelection(); })
                       << addAction(m_editActions, QStringLiteral("delete"), tr("Delete shapes"),
                                    QStringLiteral("delete"), {QKeySequence(Qt::Key_Delete)},
                                    [this] { deleteSelection(); })
                       << addAction(m_editActions, QStringLiteral("edit-label"), tr("Change class…"),
                                    QStringLiteral("label"), {key("Ctrl+E")},
                                    [this] { m_tools->editLabelOfSelection(); });
    m_shapeActions << addAction(m_editActions, QStringLiteral("select-all"), tr("Select all shapes"), {},
                                {key("Ctrl+A")}, [this] {
                                    std::set<ShapeId> ids;
                                    const auto kept = m_document.protectedShapes();
                                    for (const Shape &shape : m_document.annotation().shapes)
                                        if (!kept.contains(shape.id))
                                            ids.insert(shape.id);
                                    m_document.setSelection(std::move(ids));
                                });
    addSeparator(m_editActions);
    for (const ToolDescription &tool : m_tools->tools())
        if (tool.worksOnSelection)
            m_selectionActions << addAction(
                m_editActions, QStringLiteral("selection-") + QString::fromStdString(tool.id),
                tr("%1 (selected shapes)").arg(QCoreApplication::translate("Tool", tool.title.c_str())),
                QString::fromStdString(tool.iconName), {},
                [this, id = QString::fromStdString(tool.id)] { m_tools->applyToSelection(id); });
    addSeparator(m_editActions);
    m_reviewed = addAction(m_editActions, QStringLiteral("reviewed"), tr("Reviewed"), QStringLiteral("check"),
                           {key("Ctrl+Alt+K")}, [this] { toggleReviewed(); });
    m_reviewed->setCheckable(true);
    m_shapeActions << m_reviewed;
    m_options->addToggle(m_reviewed);
}

void LabelWorkspace::makeViewActions()
{
    const auto key = [](const char *text) { return QKeySequence(QLatin1String(text)); };
    addAction(m_viewActions, QStringLiteral("zoom-in"), tr("Zoom in"), QStringLiteral("zoom-in"),
              {key("Ctrl++"), key("Ctrl+=")}, [this] { m_canvas->zoomBy(1.1); });
    addAction(m_viewActions, QStringLiteral("zoom-out"), tr("Zoom out"), QStringLiteral("zoom-out"), {key("Ctrl+-")},
              [this] { m_canvas->zoomBy(1 / 1.1); });
    addAction(m_viewActions, QStringLiteral("zoom-100"), tr("Zoom to 100 %"), QStringLiteral("zoom-100"),
              {key("Ctrl+0")}, [this] { m_canvas->zoomTo(1); });
    addAction(m_viewActions, QStringLiteral("fit"), tr("Fit in window"), QStringLiteral("fit"), {key("Ctrl+F")},
              [this] { m_canvas->fit(); });
    addAction(m_viewActions, QStringLiteral("fit-width"), tr("Fit width"), {}, {key("Ctrl+Shift+F")},
              [this] { m_canvas->fitWidth(); });
    addAction(m_viewActions, QStringLiteral("turn-right"), tr("Turn view right"), {}, {key("Alt+]")},
              [this] { m_canvas->turn(1); });
    addAction(m_viewActions, QStringLiteral("turn-left"), tr("Turn view left"), {}, {key("Alt+[")},
              [this] { m_canvas->turn(-1); });
    addSeparator(m_viewActions);
    const auto addSwitch = [&](const char *name, const QString &text, const QList<QKeySequence> &keys, bool isOn,
                               void (CanvasWidget::*set)(bool)) {
        QAction *action = addAction(m_viewActions, QLatin1String(name), text, {}, keys, {});
        action->setCheckable(true);
        action->setChecked(isOn);
        connect(action, &QAction::toggled, m_canvas, set);
        return action;
    };
    m_showGrid = addAction(m_viewActions, QStringLiteral("show-class-grid"), tr("Grid of classes"), {},
                           {key("Ctrl+Alt+G")}, {});
    m_showGrid->setCheckable(true);
    m_showGrid->setToolTip(tr("Many images at once; a digit gives the selected ones the class of the whole image"));
    connect(m_showGrid, &QAction::toggled, this, &LabelWorkspace::setGridShown);
    addSwitch("show-shapes", tr("Show shapes"), {key("T")}, true, &CanvasWidget::setShapesShown);
    m_rememberedActions << addSwitch("show-names", tr("Show class names"), {}, false, &CanvasWidget::setNamesShown)
                        << addSwitch("show-crosshair", tr("Crosshair"), {key("Shift+H")}, m_canvas->hasCrosshair(),
                                     &CanvasWidget::setCrosshair)
                        << addSwitch("show-rulers", tr("Pixel rulers and grid"), {key("Shift+R")},
                                     m_canvas->hasRulers(), &CanvasWidget::setRulers)
                        << addSwitch("show-minimap", tr("Minimap"), {key("Shift+M")}, m_canvas->hasMinimap(),
                                     &CanvasWidget::setMinimap);
    m_rememberedActions.back()->setToolTip(tr("The whole image in a corner while only a part of it is in sight"));
    addSeparator(m_viewActions);
    auto *panel = new DisplayPanel(m_canvas);
    auto *display = addAction(m_viewActions, QStringLiteral("show-display"), tr("Brightness and channels"), {},
                              {key("Ctrl+Alt+D")}, {});
    display->setCheckable(true);
    display->setToolTip(tr("Brightness, contrast, gamma and channels of the picture; the image stays as it is"));
    connect(display, &QAction::triggered, panel, &DisplayPanel::setOpen);
    connect(panel, &DisplayPanel::openChanged, display, &QAction::setChecked);
    addAction(m_viewActions, QStringLiteral("reset-display"), tr("Reset brightness and channels"), {},
              {key("Ctrl+Alt+0")}, [this] { m_canvas->setDisplayLook({}); });
    addSeparator(m_viewActions);
    auto *styles = new QActionGroup(this);
    const std::pair<const char *, QString> styleNames[] = {{"shapes-filled-outlined", tr("Shapes filled and outlined")},
                                                           {"shapes-outlined", tr("Shapes outlined")},
                                                           {"shapes-filled", tr("Shapes filled")}};
    for (int style = 0; style < 3; ++style) {
        QAction *action =
            addAction(m_viewActions, QLatin1String(styleNames[style].first), styleNames[style].second, {}, {}, {});
        action->setCheckable(true);
        action->setChecked(style == static_cast<int>(m_canvas->shapeStyle()));
        connect(action, &QAction::toggled, m_canvas, [this, style](bool isOn) {
            if (isOn)
                m_canvas->setShapeStyle(static_cast<ShapeStyleOnCanvas>(style));
        });
        styles->addAction(action);
        m_rememberedActions << action;
    }
}

void LabelWorkspace::makeClassKeys()
{
    QList<QAction *> digits; // not in menus: the classes panel shows them
    for (int digit = 1; digit <= 9; ++digit)
        addAction(digits, QStringLiteral("class-%1").arg(digit), tr("Class of key %1").arg(digit), {},
                  {QKeySequence(Qt::Key_0 + digit)}, [this, digit] {
                      if (isGridShown())
                          return m_grid->setClassOfKey(digit);
                      const auto keys = labelKeys(m_document.labels());
                      const auto found = std::find(keys.begin(), keys.end(), digit);
                      if (found != keys.end())
                          m_document.setActiveLabel(
                              QString::fromStdString(m_document.labels()[static_cast<int>(found - keys.begin())].name));
                  });
}

void LabelWorkspace::updateActions()
{
    const bool isEditable = !m_document.isReadOnly();
    for (QAction *action : m_selectionActions)
        action->setEnabled(isEditable && !m_document.selection().empty());
    for (QAction *action : m_shapeActions)
        action->setEnabled(isEditable);
    for (QAction *action : m_navigationActions)
        action->setEnabled(m_document.dataset() != nullptr);
    m_reviewed->setChecked(m_document.annotation().checked);
}

std::vector<Shape> LabelWorkspace::selectedShapes() const
{
    std::vector<Shape> shapes;
    for (const Shape &shape : m_document.annotation().shapes)
        if (m_document.selection().contains(shape.id))
            shapes.push_back(shape);
    return shapes;
}

void LabelWorkspace::deleteSelection()
{
    if (m_tools->removeChosen()) // points of shapes, not shapes
        return;
    const std::set<ShapeId> ids = editableSelection();
    if (!ids.empty())
        m_document.applyEdit(removeShapes(m_document.annotation(), {ids.begin(), ids.end()},
                                          "Delete " + nameOfShapes(m_document.annotation(), ids)));
}

void LabelWorkspace::toggleReviewed()
{
    m_document.applyEdit(setChecked(m_document.annotation(), !m_document.annotation().checked));
}

} // namespace masque
