// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/Minimap.h"

#include "studio/theme/Theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace masque {

namespace {

constexpr int kLongSidePx = 168, kLeastSidePx = 16, kMarginPx = 12;
constexpr double kLeastFramePx = 8;

} // namespace

Minimap::Minimap(Document &document, CanvasWidget &canvas) : QWidget(&canvas), m_document(document), m_canvas(canvas)
{
    setObjectName(QStringLiteral("minimap"));
    setAccessibleName(tr("Minimap"));
    setAttribute(Qt::WA_OpaquePaintEvent); // the canvas draws nothing behind it
    setCursor(Qt::PointingHandCursor);
    hide();
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Minimap::setWanted(bool wanted)
{
    m_isWanted = wanted;
    followViewport();
}

void Minimap::followViewport()
{
    const Viewport &view = m_canvas.viewport();
    const Size image = view.imageSize();
    if (image.isEmpty() || (!m_document.imageLevels() && m_picture.isNull())) // the old one stays, as on the canvas
        return hide();
    QSizeF size(image.width, image.height);
    size = (view.isSideways() ? size.transposed() : size).scaled(kLongSidePx, kLongSidePx, Qt::KeepAspectRatio);
    resize(size.toSize().expandedTo({kLeastSidePx, kLeastSidePx}));
    move(m_canvas.width() - width() - kMarginPx, m_canvas.height() - height() - kMarginPx);
    const double scale = std::max(size.width(), size.height()) / std::max(image.width, image.height);
    const ViewportState state{scale, QPointF(image.width, image.height) / 2, false, view.quarterTurns()};
    if (m_map.imageSize() != image || m_map.quarterTurns() != state.quarterTurns)
        m_picture = {};
    m_map.setWidgetSize(QWidget::size());
    m_map.setImageSize(image);
    m_map.setState(state);
    const QRectF whole = view.widgetFromImage(QRectF(0, 0, image.width, image.height));
    const bool isAllInSight = QRectF(m_canvas.rect()).adjusted(-0.5, -0.5, 0.5, 0.5).contains(whole);
    const bool hasRoom = m_canvas.width() > 3 * width() && m_canvas.height() > 2 * height();
    setVisible(m_isWanted && hasRoom && (!isAllInSight || m_isDragging));
    update();
}

void Minimap::forgetPicture()
{
    m_picture = {};
    followViewport();
}

void Minimap::makePicture()
{
    const auto levels = m_document.imageLevels();
    const double ratio = devicePixelRatioF();
    const QRectF place = m_map.widgetFromImage(QRectF(0, 0, m_map.imageSize().width, m_map.imageSize().height));
    QSize size = (place.size() * ratio).toSize().expandedTo({1, 1});
    if (m_map.isSideways())
        size.transpose();
    cv::Mat pixels;
    cv::resize(levels->levels.back(), pixels, cv::Size(size.width(), size.height()), 0, 0, cv::INTER_AREA);
    if (const DisplayLook &look = m_canvas.displayLook(); !look.isNeutral())
        applyLook(lookTable(look), pixels);
    const QImage upright(pixels.data, pixels.cols, pixels.rows, static_cast<qsizetype>(pixels.step),
                         QImage::Format_RGB888);
    m_picture = QPixmap::fromImage(upright.transformed(QTransform().rotate(90.0 * m_map.quarterTurns())));
    m_picture.setDevicePixelRatio(ratio);
}

/// What the canvas shows of the image, here; never too small to be seen.
QRectF Minimap::seen() const
{
    QRectF frame = m_map.widgetFromImage(m_canvas.viewport().imageFromWidget(QRectF(m_canvas.rect()))) & QRectF(rect());
    const double wider = std::max(0.0, kLeastFramePx - frame.width()) / 2;
    const double higher = std::max(0.0, kLeastFramePx - frame.height()) / 2;
    return frame.adjusted(1 - wider, 1 - higher, wider - 1, higher - 1);
}

void Minimap::paintEvent(QPaintEvent *)
{
    if (m_document.imageLevels() && (m_picture.isNull() || m_picture.devicePixelRatio() != devicePixelRatioF()))
        makePicture();
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.fillRect(rect(), theme.canvas());
    const QSizeF size = m_picture.deviceIndependentSize();
    painter.drawPixmap(QPointF((width() - size.width()) / 2, (height() - size.height()) / 2), m_picture);
    const QRectF frame = seen();
    QPainterPath rest;
    rest.addRect(rect());
    rest.addRect(frame);
    painter.fillPath(rest, QColor(0, 0, 0, 112));
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::white, 1.5));
    painter.drawRect(frame);
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(theme.border());
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

void Minimap::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_isDragging = true;
    const QRectF frame = seen();
    m_grip = frame.contains(event->position()) ? frame.center() - event->position() : QPointF();
    mouseMoveEvent(event);
}

void Minimap::mouseMoveEvent(QMouseEvent *event)
{
    if (m_isDragging)
        m_canvas.centreOn(m_map.imageFromWidget(event->position() + m_grip));
}

void Minimap::mouseReleaseEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_isDragging = false;
    followViewport();
}

} // namespace masque
