// SPDX-License-Identifier: GPL-3.0-or-later
// LabelWorkspace's actions on the selected shapes and what they tell.
#include "studio/panels/LabelWorkspace.h"

#include "core/annotations/labelme.h"
#include "core/annotations/shape_ops.h"
#include "core/annotations/tools/shape_handles.h"
#include "studio/panels/CanvasNote.h"
#include "studio/panels/KeepPrevious.h"
#include "studio/panels/OutlineBar.h"
#include "studio/panels/ShapeGestures.h"
#include "studio/panels/ShapesPanel.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>

namespace masque {

namespace {

constexpr int kNoteMs = 8000;
constexpr qsizetype kMaxClipboardChars = 64 << 20;

/// Copies with ids of their own, moved so that they do not hide what they were made from.
std::vector<Shape> copiesOf(std::vector<Shape> shapes, double offsetPx)
{
    for (Shape &shape : shapes) {
        shape = movedBy(std::move(shape), {offsetPx, offsetPx});
        shape.id = nextShapeId();
    }
    return shapes;
}

/// "car" for one shape, "3 shapes" for several.
std::string nameOf(const std::vector<Shape> &shapes)
{
    return shapes.size() == 1 ? shapes.front().label : std::to_string(shapes.size()) + " shapes";
}

} // namespace

std::set<ShapeId> LabelWorkspace::editableSelection() const
{
    std::set<ShapeId> ids = m_document.selection();
    std::erase_if(ids, [kept = m_document.protectedShapes()](ShapeId id) { return kept.contains(id); });
    return ids;
}

void LabelWorkspace::insertCopies(const std::vector<Shape> &shapes, double offsetPx, const std::string &verb)
{
    std::vector<Shape> made = copiesOf(shapes, offsetPx);
    std::set<ShapeId> ids;
    for (const Shape &shape : made)
        ids.insert(shape.id);
    if (ids.empty() || m_document.isReadOnly())
        return;
    m_document.applyEdit(insertShapes(m_document.annotation(), std::move(made), verb + nameOf(shapes)));
    m_document.setSelection(ids);
}

void LabelWorkspace::duplicateSelection()
{
    insertCopies(selectedShapes(), 8, "Duplicate ");
}

/// The clipboard holds LabelMe JSON, so that other windows and other programs understand it.
void LabelWorkspace::copySelection()
{
    Annotation copied;
    copied.shapes = selectedShapes();
    if (!copied.shapes.empty())
        QGuiApplication::clipboard()->setText(QString::fromStdString(labelMeToJson(copied).dump(2)));
}

void LabelWorkspace::paste()
{
    const QString text = QGuiApplication::clipboard()->text();
    if (text.size() > kMaxClipboardChars)
        return m_note->showFor(tr("What was copied is too large to be pasted."), kNoteMs);
    auto json = Json::parse(text.toStdString());
    auto pasted = json ? labelMeFromJson(std::move(*json), "clipboard") : Result<Annotation>(json.error());
    if (!pasted || pasted->shapes.empty())
        return m_note->showFor(tr("There are no shapes to paste. Copy some first (Ctrl+C)."), kNoteMs);
    insertCopies(pasted->shapes, 0, "Paste ");
}

void LabelWorkspace::take(ShapeOperation operation)
{
    if (operation.edit.isEmpty())
        return m_note->showFor(tr("Nothing to do: these shapes do not suit the operation."), kNoteMs);
    const std::set<ShapeId> made = operation.made;
    m_document.applyEdit(std::move(operation.edit));
    m_document.setSelection(made);
    QStringList lost;
    if (operation.lostHoles > 0)
        lost << tr("holes filled, as polygons have none: %1").arg(operation.lostHoles);
    if (operation.lostRegions > 0)
        lost << tr("tiny regions left out: %1").arg(operation.lostRegions);
    if (operation.iou < 1)
        lost << tr("IoU with what it was: %1").arg(operation.iou, 0, 'f', 3);
    if (operation.becameMask)
        lost << tr("became a mask, since no polygon can have these pixels (a hole)");
    if (!lost.isEmpty())
        m_note->showFor(lost.join(QStringLiteral("; ")), kNoteMs);
}

void LabelWorkspace::makeShapeActions()
{
    m_note = new CanvasNote(m_canvas, QStringLiteral("canvas-note"), CanvasNote::Tone::Quiet, 48);
    auto *bar = new OutlineBar(m_document, *m_tools, m_canvas);
    const auto key = [](const char *text) { return QKeySequence(QLatin1String(text)); };
    const auto add = [&](const char *name, const QString &text, const char *keys, std::function<void()> slot,
                         const QString &help = {}) {
        QList<QKeySequence> sequences;
        if (*keys)
            sequences << key(keys);
        QAction *action = addAction(m_shapeMenu, QLatin1String(name), text, {}, sequences, std::move(slot));
        if (!help.isEmpty()) {
            action->setToolTip(help);
            action->setStatusTip(help);
        }
        m_selectionActions << action;
        return action;
    };
    const auto combine = [this](Boolean operation) {
        return [this, operation] {
            take(combineShapes(m_document.annotation(), editableSelection(), operation, m_document.imageSize()));
        };
    };
    add("unite", tr("Unite"), "Ctrl+Shift+M", combine(Boolean::Unite));
    add("subtract", tr("Subtract from the lowest"), "Ctrl+Shift+B", combine(Boolean::Subtract),
        tr("Takes the other selected shapes away from the lowest of them"));
    add("intersect", tr("Intersect"), "Ctrl+Shift+I", combine(Boolean::Intersect));
    add("exclude", tr("Exclude (xor)"), "Ctrl+Shift+X", combine(Boolean::Exclude));
    addSeparator(m_shapeMenu);
    add("to-polygon", tr("Make polygons"), "Ctrl+Shift+P",
        [this] { take(shapesToPolygons(m_document.annotation(), editableSelection(), m_document.imageSize())); });
    add("to-mask", tr("Make masks"), "Ctrl+Alt+M",
        [this] { take(shapesToMasks(m_document.annotation(), editableSelection(), m_document.imageSize())); });
    add("simplify", tr("Simplify…"), "Ctrl+Alt+S", [bar] { bar->begin(OutlineBar::Operation::Simplify); });
    add("smooth", tr("Smooth…"), "Ctrl+Alt+O", [bar] { bar->begin(OutlineBar::Operation::Smooth); });
    addSeparator(m_shapeMenu);
    const auto reorder = [this](Order order) {
        return
            [this, order] { m_document.applyEdit(reorderShapes(m_document.annotation(), editableSelection(), order)); };
    };
    add("to-front", tr("Bring to front"), "Ctrl+Shift+]", reorder(Order::ToFront));
    add("forward", tr("Bring forward"), "Ctrl+]", reorder(Order::Forward));
    add("backward", tr("Send backward"), "Ctrl+[", reorder(Order::Backward));
    add("to-back", tr("Send to back"), "Ctrl+Shift+[", reorder(Order::ToBack));
    addSeparator(m_shapeMenu);
    add("group", tr("Group"), "Ctrl+Shift+G",
        [this] { m_document.applyEdit(groupShapes(m_document.annotation(), editableSelection())); });
    add("ungroup", tr("Ungroup"), "Ctrl+Shift+U",
        [this] { m_document.applyEdit(ungroupShapes(m_document.annotation(), editableSelection())); });
    addSeparator(m_shapeMenu);
    add("hide-shapes", tr("Hide"), "Ctrl+Alt+H", [this] {
        for (const ShapeId id : std::set(m_document.selection()))
            m_document.setShapeHidden(id, true);
    });
    add("lock-shapes", tr("Lock or unlock"), "Ctrl+Alt+L", [this] {
        const std::set<ShapeId> ids = m_document.selection();
        const bool areAllLocked =
            std::all_of(ids.begin(), ids.end(), [&](ShapeId id) { return m_document.lockedShapes().contains(id); });
        for (const ShapeId id : ids)
            m_document.setShapeLocked(id, !areAllLocked);
    });
    m_shapeActions << addAction(m_shapeMenu, QStringLiteral("show-all-shapes"), tr("Show hidden shapes"), {},
                                {key("Ctrl+Alt+Shift+H")}, [this] {
                                    for (const ShapeId id : std::set(m_document.hiddenShapes()))
                                        m_document.setShapeHidden(id, false);
                                });
    addSeparator(m_shapeMenu);
    auto *keep = new KeepPrevious(m_document, m_canvas);
    QAction *keepAction =
        addAction(m_shapeMenu, QStringLiteral("keep-previous"), tr("Keep previous shapes"), {}, {key("Ctrl+P")}, {});
    keepAction->setCheckable(true);
    keepAction->setToolTip(tr("An image without shapes takes over those of the image before"));
    connect(keepAction, &QAction::toggled, keep, &KeepPrevious::setActive);

    auto *menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("shape-context-menu"));
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { // complete by then
        if (!menu->isEmpty())
            return;
        menu->addActions(m_editActions.mid(2));
        menu->addSeparator();
        menu->addActions(m_shapeMenu);
    });
    new ShapeGestures(m_document, *m_canvas, *m_tools, menu);
    findChild<ShapesPanel *>()->setContextMenu(menu);
}

} // namespace masque
