// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/tools/ToolController.h"

#include <QWidget>

class QAction;
class QComboBox;
class QSlider;
class QSpinBox;
class QToolButton;

namespace masque {

/// The thin bar above the canvas: active class, brush size and tip, opacity of the labels.
class ToolOptionsBar : public QWidget {
    Q_OBJECT
public:
    ToolOptionsBar(Document &document, CanvasWidget &canvas, ToolController &tools, QWidget *parent = nullptr);
    void addToggle(QAction *action); ///< a button at the right end

private:
    QWidget *makeBrushOptions();
    QWidget *makeOpacity();
    void showBrush();
    void showClasses();
    void showActiveClass();

    Document &m_document;
    CanvasWidget &m_canvas;
    ToolController &m_tools;
    QComboBox *m_class;
    QWidget *m_brush;
    QSlider *m_size;
    QSpinBox *m_sizeField;
    QToolButton *m_round, *m_square;
};

} // namespace masque
