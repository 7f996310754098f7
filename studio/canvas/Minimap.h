// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/CanvasWidget.h"

#include <QPixmap>

#include <opencv2/core.hpp>

namespace masque {

/// The whole image in a corner of the canvas, with what the canvas shows of it; a click or drag moves the view. Gone
/// while all of the image is in sight. Its picture is made once an image, so that moving around costs nothing more.
class Minimap : public QWidget {
    Q_OBJECT
public:
    Minimap(Document &document, CanvasWidget &canvas);

    bool isWanted() const { return m_isWanted; }
    void setWanted(bool wanted); ///< shown where it is of use
    void followViewport();
    void forgetPicture(); ///< another image, or it looks different

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;

private:
    void makePicture();
    QRectF seen() const;

    Document &m_document;
    CanvasWidget &m_canvas;
    Viewport m_map; ///< of this widget
    QPixmap m_picture;
    QPointF m_grip; ///< from the pointer to the middle of the frame that is dragged
    bool m_isWanted = true, m_isDragging = false;
};

} // namespace masque
