// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/tools/ToolController.h"

#include <QMenu>

namespace masque {

/// What the canvas does with shapes beside its tools: the context menu, the right-drag that copies or moves, and
/// nudging by the arrow keys (5 screen pixels, Shift 25, Ctrl one image pixel).
class ShapeGestures : public QObject {
    Q_OBJECT
public:
    ShapeGestures(Document &document, CanvasWidget &canvas, ToolController &tools, QMenu *contextMenu);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    bool press(QPointF position);
    bool drag(QPointF position);
    bool release(QPointF position);
    bool nudge(int key, Qt::KeyboardModifiers keys);
    std::vector<Shape> movable() const; ///< selected and not protected
    void drop();                        ///< ends a right-drag

    Document &m_document;
    CanvasWidget &m_canvas;
    ToolController &m_tools;
    QMenu *m_contextMenu;
    QMenu m_dropMenu;
    std::optional<QPointF> m_from; ///< widget position of a right press
    std::vector<Shape> m_base;
    Point m_delta;
    bool m_isDragging = false;
};

} // namespace masque
