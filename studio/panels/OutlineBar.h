// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/shape_ops.h"
#include "studio/tools/ToolController.h"

#include <QFrame>

class QLabel;
class QSlider;

namespace masque {

/// Simplifies or smooths the selected shapes with a slider and a live preview, over the canvas and without a dialog.
/// Enter takes the result, Esc, another selection and another image drop it.
class OutlineBar : public QFrame {
    Q_OBJECT
public:
    enum class Operation { Simplify, Smooth };

    OutlineBar(Document &document, ToolController &tools, CanvasWidget *canvas);

    void begin(Operation operation);
    void take();
    void drop();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void preview();
    void place();

    Document &m_document;
    ToolController &m_tools;
    CanvasWidget *m_canvas;
    Operation m_operation = Operation::Simplify;
    std::set<ShapeId> m_ids;
    ShapeOperation m_result;
    QLabel *m_title, *m_figures;
    QSlider *m_slider;
    bool m_isActive = false;
};

} // namespace masque
