// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/tools/ToolController.h"

#include <QWidget>

class QAction;
class QComboBox;
class QLabel;
class QSlider;
class QSpinBox;
class QToolBar;
class QToolButton;

namespace masque {

/// The thin bar above the canvas: active class, what may be drawn over, brush size and tip, the active tool's own
/// options (built from their table), opacity of the labels. What has no room goes into the arrow's menu.
class ToolOptionsBar : public QWidget {
    Q_OBJECT
public:
    ToolOptionsBar(Document &document, CanvasWidget &canvas, ToolController &tools, QWidget *parent = nullptr);
    void addToggle(QAction *action); ///< a button at the right end
    void setOpacity(double opacity); ///< of the labels

private:
    QWidget *titled(const QString &title, QWidget *field);
    QWidget *makeBrushOptions();
    QWidget *makeOpacity();
    void showTool();
    void showToolOptions();
    void showDrawOver();
    void showMessage();
    void showBrush();
    void showClasses();
    void showActiveClass();

    Document &m_document;
    CanvasWidget &m_canvas;
    ToolController &m_tools;
    QComboBox *m_class;
    QComboBox *m_drawOver;
    QToolBar *m_strip;
    QAction *m_drawOverAction = nullptr, *m_brush = nullptr, *m_optionsAction = nullptr;
    QLabel *m_message;
    std::vector<std::pair<OptionSpec, QWidget *>> m_options; ///< the active tool's fields
    QSlider *m_size, *m_opacity;
    QSpinBox *m_sizeField;
    bool m_isShowing = false; ///< fields are set by the program
    QToolButton *m_round, *m_square;
};

} // namespace masque
