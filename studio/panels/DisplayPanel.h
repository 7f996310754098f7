// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/CanvasWidget.h"

#include <QFrame>

#include <array>

class QComboBox;
class QGridLayout;
class QLabel;
class QSlider;
class QToolButton;

namespace masque {

/// Brightness, contrast, gamma and channels of the picture, in a corner of the canvas and never in the way of work. A
/// double click on a slider resets it. While the panel is closed and the picture is not shown as it is, a mark in its
/// corner says so and opens it.
class DisplayPanel : public QFrame {
    Q_OBJECT
public:
    explicit DisplayPanel(CanvasWidget *canvas);

    void setOpen(bool open);

Q_SIGNALS:
    void openChanged(bool isOpen);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct Row {
        QSlider *slider;
        QLabel *value;
    };
    Row addRow(QGridLayout &layout, const QString &title, const QString &name, const QString &help);
    void takeLook();
    void showLook();
    void place();

    CanvasWidget *m_canvas;
    std::array<Row, 3> m_rows{}; ///< brightness, contrast, gamma
    QComboBox *m_channels;
    QToolButton *m_mark;
    bool m_isShowing = false; ///< controls are set by the program
};

} // namespace masque
