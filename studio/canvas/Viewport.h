// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"

#include <QMetaType>
#include <QPointF>
#include <QRectF>
#include <QSizeF>

namespace masque {

/// What a view shows, independent of its size, so that linked views of different sizes agree in their centres.
struct ViewportState {
    double scale = 1;     ///< widget pixels an image pixel; 1 is 100 %
    QPointF centre;       ///< the image point in the middle of the widget
    bool isFitted = true; ///< the whole image is shown and stays so when the widget is resized
    int quarterTurns = 0; ///< of the picture on the screen, clockwise, 0..3
    friend bool operator==(const ViewportState &, const ViewportState &) = default;
};

/// The only transforms between widget and image coordinates. A value without Qt widgets.
class Viewport {
public:
    static constexpr double kMinScale = 1.0 / 64;
    static constexpr double kMaxScale = 64;

    const ViewportState &state() const { return m_state; }
    void setState(const ViewportState &state); ///< clamps scale and centre; a fitted state fits this widget
    void setWidgetSize(QSizeF size);           ///< keeps the centre, or the fit
    void setImageSize(Size size);              ///< keeps scale and centre (clamped), or the fit
    Size imageSize() const { return m_imageSize; }
    QSizeF widgetSize() const { return m_widgetSize; }
    double scale() const { return m_state.scale; }
    int quarterTurns() const { return m_state.quarterTurns; }
    bool isSideways() const { return m_state.quarterTurns % 2 != 0; } ///< the image's rows run up or down
    /// A vector along the image's axes as it lies on the screen.
    static QPointF turned(QPointF vector, int quarterTurns);

    /// Widget pixels along each side that are taken (by rulers) from a scale on; a fitted image keeps clear of them.
    void setEdge(double px, double fromScale);
    void fit();
    void fitWidth();                                 ///< the picture is as wide as the widget, its top is shown
    void turn(int quarterTurns);                     ///< further clockwise; the centre stays
    void zoomTo(double scale, QPointF widgetAnchor); ///< the image point under the anchor stays where it is
    void scrollBy(QPointF widgetDelta);              ///< moves the picture by this many widget pixels
    void centreOn(QPointF image);

    QPointF imageFromWidget(QPointF widget) const;
    QPointF widgetFromImage(QPointF image) const;
    QRectF imageFromWidget(const QRectF &widget) const; ///< normalised, as the next one
    QRectF widgetFromImage(const QRectF &image) const;
    /// Image pixels that a part of the widget shows, clipped to the image.
    Rect imagePixels(const QRectF &widget) const;

private:
    void clamp();
    QSizeF turnedImageSize() const;
    enum class Fit { Whole, Width };
    void fitTo(Fit what);
    double scaleWithin(double marginPx, Fit what) const;
    QPointF middle() const { return {m_widgetSize.width() / 2, m_widgetSize.height() / 2}; }

    double m_edgePx = 0, m_edgeFromScale = 0;
    ViewportState m_state;
    QSizeF m_widgetSize{1, 1};
    Size m_imageSize;
};

} // namespace masque

Q_DECLARE_METATYPE(masque::ViewportState)
