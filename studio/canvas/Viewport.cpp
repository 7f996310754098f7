// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/Viewport.h"

#include <algorithm>
#include <cmath>

namespace masque {

namespace {
constexpr double kMargin = 8; ///< widget pixels around a fitted image
}

void Viewport::setState(const ViewportState &state)
{
    m_state = state;
    m_state.quarterTurns = ((state.quarterTurns % 4) + 4) % 4;
    if (state.isFitted)
        fit();
    else
        clamp();
}

void Viewport::setWidgetSize(QSizeF size)
{
    m_widgetSize = size;
    if (m_state.isFitted)
        fit();
}

void Viewport::setImageSize(Size size)
{
    m_imageSize = size;
    if (m_state.isFitted)
        fit();
    else
        clamp();
}

QPointF Viewport::turned(QPointF vector, int quarterTurns)
{
    switch (((quarterTurns % 4) + 4) % 4) {
    case 1: return {-vector.y(), vector.x()};
    case 2: return -vector;
    case 3: return {vector.y(), -vector.x()};
    default: return vector;
    }
}

QSizeF Viewport::turnedImageSize() const
{
    const QSizeF size(m_imageSize.width, m_imageSize.height);
    return isSideways() ? size.transposed() : size;
}

void Viewport::setEdge(double px, double fromScale)
{
    m_edgePx = px;
    m_edgeFromScale = fromScale;
    if (m_state.isFitted)
        fit();
}

double Viewport::scaleWithin(double marginPx, Fit what) const
{
    const QSizeF size = turnedImageSize();
    const double width = std::max(1.0, m_widgetSize.width() - 2 * marginPx) / size.width();
    const double height = std::max(1.0, m_widgetSize.height() - 2 * marginPx) / size.height();
    return std::clamp(what == Fit::Width ? width : std::min(width, height), kMinScale / 16, kMaxScale);
}

void Viewport::fitTo(Fit what)
{
    m_state.scale = 1;
    m_state.centre = QPointF(m_imageSize.width / 2.0, m_imageSize.height / 2.0);
    m_state.isFitted = what == Fit::Whole;
    if (m_imageSize.isEmpty())
        return;
    double margin = kMargin;
    m_state.scale = scaleWithin(margin, what);
    if (m_edgePx > 0 && m_state.scale >= m_edgeFromScale) {
        margin += m_edgePx;
        m_state.scale = scaleWithin(margin, what);
    }
    const double beyond = turnedImageSize().height() / 2 - (m_widgetSize.height() / 2 - margin) / m_state.scale;
    if (what == Fit::Width && beyond > 0) // higher than the widget: its top, not its middle
        m_state.centre -= turned({0, beyond}, -m_state.quarterTurns);
}

void Viewport::fit()
{
    fitTo(Fit::Whole);
}

void Viewport::fitWidth()
{
    fitTo(Fit::Width);
    clamp();
}

void Viewport::turn(int quarterTurns)
{
    ViewportState state = m_state;
    state.quarterTurns += quarterTurns;
    setState(state);
}

void Viewport::zoomTo(double scale, QPointF widgetAnchor)
{
    const QPointF fixed = imageFromWidget(widgetAnchor);
    m_state.scale = std::clamp(scale, std::min(kMinScale, m_state.scale), kMaxScale);
    m_state.isFitted = false;
    m_state.centre += fixed - imageFromWidget(widgetAnchor);
    clamp();
}

void Viewport::scrollBy(QPointF widgetDelta)
{
    m_state.centre -= turned(widgetDelta, -m_state.quarterTurns) / m_state.scale;
    m_state.isFitted = false;
    clamp();
}

void Viewport::centreOn(QPointF image)
{
    m_state.centre = image;
    m_state.isFitted = false;
    clamp();
}

QPointF Viewport::imageFromWidget(QPointF widget) const
{
    return m_state.centre + turned(widget - middle(), -m_state.quarterTurns) / m_state.scale;
}

QPointF Viewport::widgetFromImage(QPointF image) const
{
    return turned((image - m_state.centre) * m_state.scale, m_state.quarterTurns) + middle();
}

QRectF Viewport::imageFromWidget(const QRectF &widget) const
{
    return QRectF(imageFromWidget(widget.topLeft()), imageFromWidget(widget.bottomRight())).normalized();
}

QRectF Viewport::widgetFromImage(const QRectF &image) const
{
    return QRectF(widgetFromImage(image.topLeft()), widgetFromImage(image.bottomRight())).normalized();
}

Rect Viewport::imagePixels(const QRectF &widget) const
{
    const QRectF area = imageFromWidget(widget);
    const auto bound = [](double value, int limit) { return static_cast<int>(std::clamp(value, 0.0, double(limit))); };
    const int left = bound(std::floor(area.left()), m_imageSize.width);
    const int top = bound(std::floor(area.top()), m_imageSize.height);
    const int right = bound(std::ceil(area.right()), m_imageSize.width);
    const int bottom = bound(std::ceil(area.bottom()), m_imageSize.height);
    return {left, top, right - left, bottom - top};
}

void Viewport::clamp()
{
    m_state.scale = std::clamp(m_state.scale, kMinScale / 16, kMaxScale);
    m_state.centre.setX(std::clamp(m_state.centre.x(), 0.0, double(m_imageSize.width)));
    m_state.centre.setY(std::clamp(m_state.centre.y(), 0.0, double(m_imageSize.height)));
}

} // namespace masque
