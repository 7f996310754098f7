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

void Viewport::fit()
{
    m_state.scale = 1;
    m_state.centre = QPointF(m_imageSize.width / 2.0, m_imageSize.height / 2.0);
    m_state.isFitted = true;
    if (m_imageSize.isEmpty())
        return;
    const QSizeF size = turnedImageSize();
    const double width = std::max(1.0, m_widgetSize.width() - 2 * kMargin);
    const double height = std::max(1.0, m_widgetSize.height() - 2 * kMargin);
    m_state.scale = std::clamp(std::min(width / size.width(), height / size.height()), kMinScale / 16, kMaxScale);
}

void Viewport::fitWidth()
{
    fit();
    m_state.isFitted = false;
    if (m_imageSize.isEmpty())
        return;
    const QSizeF size = turnedImageSize();
    m_state.scale =
        std::clamp(std::max(1.0, m_widgetSize.width() - 2 * kMargin) / size.width(), kMinScale / 16, kMaxScale);
    const double beyond = size.height() / 2 - (m_widgetSize.height() / 2 - kMargin) / m_state.scale;
    if (beyond > 0) // higher than the widget: its top, not its middle
        m_state.centre -= turned({0, beyond}, -m_state.quarterTurns);
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
