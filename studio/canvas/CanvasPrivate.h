// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/CanvasWidget.h"
#include "studio/canvas/KeyboardPointer.h"
#include "studio/canvas/Minimap.h"
#include "studio/canvas/compose.h"

#include <QPainterPath>
#include <QRegion>
#include <QTimer>

#include <chrono>
#include <map>
#include <optional>

QT_BEGIN_NAMESPACE
class QSinglePointEvent;
QT_END_NAMESPACE

namespace masque {

struct CanvasWidget::Private {
    static constexpr double kRulerScale = 4; ///< from here on there are rulers
    static constexpr int kRulerPx = 20;
    static constexpr int kOutlineMargin = 12; ///< widget pixels that handles and pens reach beyond a shape

    Private(CanvasWidget *widget, Document &doc) : q(widget), document(doc) {}

    CanvasWidget *const q;
    Document &document;
    CanvasInput *input = nullptr;
    Viewport viewport;

    // The frame: image, labels and resting shapes in device pixels. After a zoom or a jump it shows what it showed
    // before, moved, and is refined slice by slice, so that no event waits for a whole picture.
    QImage frame, spareFrame;
    Viewport frameViewport; ///< that the frame is made for
    QRegion dirty;          ///< changed: made anew at the next paint (device pixels, as the next two)
    QRegion stale;          ///< approximate: made anew as time allows
    QRegion unknown;        ///< of stale: has no pixels at all yet
    QRegion made;           ///< by the last updateFrame()
    LabelLayer labels;
    std::array<QRgb, 256> colors{};
    std::set<ShapeId> liveShapes;          ///< selected or changing: drawn over the frame instead of in it
    std::map<ShapeId, Shape> changing;     ///< as a gesture has them now; lifted out of the labels meanwhile
    mutable ShapeGrid grid;                ///< of the annotation's shapes
    mutable std::optional<Rect> gridDirty; ///< where it is out of date
    QTimer refine;                         ///< makes what is stale, slice by slice

    struct ProposedOutline {
        ProposedRegion region;
        QPainterPath path; ///< image coordinates
    };
    std::vector<ProposedOutline> proposals;

    // Over the frame
    ToolPreview preview;
    Minimap *minimap = nullptr; ///< owned by the widget
    std::optional<BrushCursor> brush;
    std::optional<QPointF> cursor; ///< widget position while the mouse is inside
    QString emptyText;
    double opacity = 0.45;
    bool areShapesShown = true, areNamesShown = false, hasCrosshair = false, hasRulers = true;
    ShapeStyleOnCanvas style = ShapeStyleOnCanvas::FillAndOutline;
    DisplayLook look;
    LookTable lookTable{}; ///< of look

    // Moving around
    std::optional<QPointF> panFrom;
    bool isSpaceDown = false, hasSpacePanned = false, isButtonDown = false;
    Qt::CursorShape toolCursor = Qt::ArrowCursor;
    KeyboardPointer keyboard;
    bool isFocusShown = false; ///< the keyboard came here by a key

    // CanvasPainting.cpp
    void paint(QPainter &painter, const QRegion &region);
    void updateFrame(double budgetMs);
    void followViewport();
    void makeParts(QRegion &parts, double budgetMs, const std::chrono::steady_clock::time_point &start);
    void makePart(QRect part);
    void refineSlice();
    QRect deviceRect(Rect area) const;
    QRectF widgetRect(const QRectF &device) const;
    void updateDevice(const QRegion &device);
    void drawRestingShapes(QPainter &painter, QRectF part) const;
    void drawProposals(QPainter &painter, QRectF part) const; ///< CanvasProposals.cpp
    void drawLive(QPainter &painter) const;
    void drawPreview(QPainter &painter) const;
    const ShapeGrid &shapeGrid() const;
    void drawBrush(QPainter &painter) const;
    const LookTable *lookOfFrame() const { return look.isNeutral() ? nullptr : &lookTable; }
    bool isVisible(const Shape &shape) const;
    QColor colorOf(const std::string &label) const;
    void setColors();
    std::array<std::uint8_t, 256> strokeValues() const;
    void invalidateAll();            ///< the whole frame, made in one go: another picture
    void invalidateLooks();          ///< the whole frame, slice by slice: the same picture otherwise
    void invalidate(Rect area);      ///< image pixels: labels and frame
    void invalidateFrame(Rect area); ///< image pixels: the frame only
    void updateLiveShapes();
    void setChanging(const ToolPreview &next);
    QRect brushRect() const;
    QPointF brushCentre() const;

    // CanvasRulers.cpp
    void drawPixelGrid(QRect part); ///< in the frame
    void drawRulers(QPainter &painter) const;
    void drawCrosshair(QPainter &painter) const;
    QRegion crosshairRegion() const;

    // CanvasWidget.cpp
    void viewportMoved();
    void updateCursorShape();

    // CanvasEvents.cpp
    void scrollBy(QPointF delta);
    PointerEvent pointerEvent(const QSinglePointEvent &event) const;
    bool pointByKey(const QKeyEvent &event);
    void leaveKeyboard();
    void moveCursor(QPointF position);
};

} // namespace masque
