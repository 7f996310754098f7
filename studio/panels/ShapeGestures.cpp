// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ShapeGestures.h"

#include "core/annotations/shape_ops.h"
#include "core/annotations/tools/shape_handles.h"
#include "core/annotations/tools/tool_geometry.h"

#include <QApplication>
#include <QKeyEvent>
#include <QMouseEvent>

#include <ranges>

namespace masque {

ShapeGestures::ShapeGestures(Document &document, CanvasWidget &canvas, ToolController &tools, QMenu *contextMenu)
    : QObject(&canvas), m_document(document), m_canvas(canvas), m_tools(tools), m_contextMenu(contextMenu)
{
    m_dropMenu.setObjectName(QStringLiteral("drop-menu"));
    const auto addEntry = [this](const QString &text, const QString &name, auto act) {
        QAction *action = m_dropMenu.addAction(text);
        action->setObjectName(name);
        connect(action, &QAction::triggered, this, [this, act] {
            std::vector<Shape> base = std::move(m_base);
            const Point delta = m_delta;
            drop();
            act(*this, base, delta);
        });
    };
    addEntry(tr("Copy here"), QStringLiteral("copy-here"),
             [](ShapeGestures &self, const std::vector<Shape> &base, Point delta) {
                 std::vector<Shape> copies;
                 std::set<ShapeId> ids, made;
                 for (const Shape &shape : base) {
                     ids.insert(shape.id);
                     copies.push_back(movedBy(shape, delta));
                     copies.back().id = nextShapeId();
                     made.insert(copies.back().id);
                 }
                 const Annotation &annotation = self.m_document.annotation();
                 self.m_document.applyEdit(
                     insertShapes(annotation, std::move(copies), "Duplicate " + nameOfShapes(annotation, ids)));
                 self.m_document.setSelection(made);
             });
    addEntry(tr("Move here"), QStringLiteral("move-here"),
             [](ShapeGestures &self, const std::vector<Shape> &base, Point delta) {
                 std::set<ShapeId> ids;
                 for (const Shape &shape : base)
                     ids.insert(shape.id);
                 const Annotation &annotation = self.m_document.annotation();
                 self.m_document.applyEdit(changeShapes(annotation, ids, "Move " + nameOfShapes(annotation, ids),
                                                        [delta](Shape &shape) { shape = movedBy(shape, delta); }));
             });
    m_dropMenu.addSeparator();
    QAction *cancel = m_dropMenu.addAction(tr("Cancel"));
    cancel->setObjectName(QStringLiteral("cancel-drop"));
    // Hidden before its entry is triggered: only the next turn of the loop knows whether one was.
    connect(&m_dropMenu, &QMenu::aboutToHide, this, &ShapeGestures::drop, Qt::QueuedConnection);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::AnnotationChanged || event.kind == ChangeEvent::CurrentItem)
            drop();
    });
    canvas.installEventFilter(this);
}

std::vector<Shape> ShapeGestures::movable() const
{
    std::vector<Shape> shapes;
    const auto kept = m_document.protectedShapes();
    for (const Shape &shape : m_document.annotation().shapes)
        if (m_document.selection().contains(shape.id) && !kept.contains(shape.id))
            shapes.push_back(shape);
    return shapes;
}

bool ShapeGestures::press(QPointF position)
{
    if (!m_document.isLoaded() || m_document.isReadOnly())
        return false;
    const QPointF image = m_canvas.viewport().imageFromWidget(position);
    const Point at{image.x(), image.y()};
    const double reachPx = kReachScreenPx / m_canvas.viewport().scale();
    const auto kept = m_document.protectedShapes();
    bool isOnSelected = false;
    const Shape *hit = nullptr;
    for (const Shape &shape : m_document.annotation().shapes | std::views::reverse) {
        if (kept.contains(shape.id) || !isHit(shape, at, reachPx))
            continue;
        hit = hit ? hit : &shape;
        isOnSelected = isOnSelected || m_document.selection().contains(shape.id);
    }
    if (hit && !isOnSelected)
        m_document.setSelection({hit->id});
    m_from = position;
    m_base = hit ? movable() : std::vector<Shape>();
    return true;
}

bool ShapeGestures::drag(QPointF position)
{
    if (!m_from || m_base.empty())
        return false;
    const QPointF way = position - *m_from;
    if (!m_isDragging && way.manhattanLength() < QApplication::startDragDistance())
        return true;
    m_isDragging = true;
    const Viewport &viewport = m_canvas.viewport();
    const QPointF delta = Viewport::turned(way, -viewport.quarterTurns()) / viewport.scale();
    m_delta = {delta.x(), delta.y()};
    ToolPreview preview;
    for (const Shape &shape : m_base)
        preview.moreShapes.push_back(movedBy(shape, m_delta));
    preview.shape = std::move(preview.moreShapes.back());
    preview.moreShapes.pop_back();
    m_tools.setProposal(std::move(preview));
    return true;
}

bool ShapeGestures::release(QPointF position)
{
    if (!m_from)
        return false;
    const bool isDragging = m_isDragging;
    const QPoint global = m_canvas.mapToGlobal(position.toPoint());
    if (isDragging) {
        m_from.reset(); // the picture of what would be stays while the menu is open
        m_dropMenu.popup(global);
    } else {
        drop();
        m_contextMenu->popup(global);
    }
    return true;
}

void ShapeGestures::drop()
{
    m_from.reset();
    m_base.clear();
    if (std::exchange(m_isDragging, false))
        m_tools.setProposal({});
}

bool ShapeGestures::nudge(int key, Qt::KeyboardModifiers keys)
{
    const QPointF way = key == Qt::Key_Left    ? QPointF(-1, 0)
                        : key == Qt::Key_Right ? QPointF(1, 0)
                        : key == Qt::Key_Up    ? QPointF(0, -1)
                        : key == Qt::Key_Down  ? QPointF(0, 1)
                                               : QPointF();
    if (way == QPointF())
        return false;
    const double screenPx = keys.testFlag(Qt::ShiftModifier) ? 25 : 5;
    const double stepPx =
        keys.testFlag(Qt::ControlModifier) ? 1 : std::max(1.0, std::round(screenPx / m_canvas.viewport().scale()));
    const QPointF delta = Viewport::turned(way, -m_canvas.viewport().quarterTurns()) * stepPx;
    return m_tools.nudge({delta.x(), delta.y()});
}

bool ShapeGestures::eventFilter(QObject *watched, QEvent *event)
{
    const auto mouse = [event] { return static_cast<QMouseEvent *>(event); }; // of mouse events only
    bool isTaken = false;
    switch (event->type()) {
    case QEvent::MouseButtonPress: isTaken = mouse()->button() == Qt::RightButton && press(mouse()->position()); break;
    case QEvent::MouseMove: isTaken = drag(mouse()->position()); break;
    case QEvent::MouseButtonRelease:
        isTaken = mouse()->button() == Qt::RightButton && release(mouse()->position());
        break;
    case QEvent::KeyPress: {
        const auto *key = static_cast<QKeyEvent *>(event);
        isTaken = nudge(key->key(), key->modifiers());
        break;
    }
    default: break;
    }
    return isTaken || QObject::eventFilter(watched, event);
}

} // namespace masque
