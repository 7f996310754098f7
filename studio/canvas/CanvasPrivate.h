// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/CanvasWidget.h"
#include "studio/canvas/KeyboardPointer.h"
#include "studio/canvas/compose.h"

#include <QRegion>
#include <QTimer>

#include <map>

QT_BEGIN_NAMESPACE
class QSinglePointEvent;
QT_END_NAMESPACE

namespace masque {

struct CanvasWidget::Private {
    Private(CanvasWidget *widget, Document &doc) : q(widget), document(doc) {}

    CanvasWidget *const q;
    Document &document;
    CanvasInput *input = nullptr;
    Viewport viewport;

    // The frame: image, labels and resting shapes in device pixels.
    QImage frame;
    QRegion frameDirty; ///< device pixels
    LabelLayer labels;
    std::array<QRgb, 256> colors{};
    std::set<ShapeId> liveShapes;          ///< selected or changing: drawn over the frame instead of in it
    std::map<ShapeId, Shape> changing;     ///< as a gesture has them now; lifted out of the labels meanwhile
    mutable std::vector<Rect> shapeBounds; ///< of the annotation's shapes, by position; empty when out of date
    QTimer refine;                         ///< paints labels of huge images slice by slice

    // Over the frame
    ToolPreview preview;
    std::optional<BrushCursor> brush;
    std::optional<QPointF> cursor; ///< widget position while the mouse is inside
    QString emptyText;
    double opacity = 0.45;
    bool areShapesShown = true, areNamesShown = false;

    // Moving around
    std::optional<QPointF> panFrom;
    bool isSpaceDown = false, hasSpacePanned = false, isButtonDown = false;
    Qt::CursorShape toolCursor = Qt::ArrowCursor;
    KeyboardPointer keyboard;
    bool isFocusShown = false; ///< the keyboard came here by a key

    // CanvasPainting.cpp
    void paint(QPainter &painter, QRect part);
    void updateFrame();
    void drawRestingShapes(QPainter &painter, QRectF part) const;
    void drawLive(QPainter &painter) const;
    void drawPreview(QPainter &painter) const;
    const std::vector<Rect> &boundsOfShapes() const;
    void drawBrush(QPainter &painter) const;
    bool isVisible(const Shape &shape) const;
    QColor colorOf(const std::string &label) const;
    void setColors();
    std::array<std::uint8_t, 256> strokeValues() const;
    void invalidateAll();            ///< the whole frame
    void invalidate(Rect area);      ///< image pixels: labels and frame
    void invalidateFrame(Rect area); ///< image pixels: the frame only
    void updateLiveShapes();
    void setChanging(const ToolPreview &next);
    QRect brushRect() const;

    // CanvasWidget.cpp
    void scrollBy(QPointF delta);
    void viewportMoved();
    void updateCursorShape();
    PointerEvent pointerEvent(const QSinglePointEvent &event) const;
    bool pointByKey(const QKeyEvent &event);
    void leaveKeyboard();
    void moveCursor(QPointF position);
    QPointF brushCentre() const;
};

} // namespace masque
