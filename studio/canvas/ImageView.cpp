// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/ImageView.h"

#include "studio/canvas/compose.h"
#include "studio/theme/Theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include <cmath>

namespace masque {

struct ImageView::Private {
    Viewport viewport;
    std::shared_ptr<const ImageLevels> image;
    QImage overlay, mark;
    double overlayOpacity = 0.5;
    QImage frame;
    bool isFrameStale = true;
    std::optional<QPointF> cursor;
    std::optional<QPointF> dragFrom; ///< widget position of the last drag event
    QString emptyText;
};

namespace {

/// Levels of a copy as RGB; null if the image is or memory is short.
std::shared_ptr<const ImageLevels> levelsOf(const QImage &image)
{
    const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
    if (rgb.isNull())
        return nullptr;
    const cv::Mat shared(rgb.height(), rgb.width(), CV_8UC3, const_cast<uchar *>(rgb.constBits()),
                         static_cast<std::size_t>(rgb.bytesPerLine()));
    auto levels = buildImageLevels(shared.clone());
    return levels ? std::make_shared<const ImageLevels>(std::move(levels).value()) : nullptr;
}

} // namespace

ImageView::ImageView(QWidget *parent) : QWidget(parent), d(std::make_unique<Private>())
{
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setMinimumSize(96, 96);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        d->isFrameStale = true;
        update();
    });
}

ImageView::~ImageView() = default;

void ImageView::setImage(const QImage &image)
{
    setImage(levelsOf(image));
}

void ImageView::setImage(std::shared_ptr<const ImageLevels> levels)
{
    if (levels && levels == d->image)
        return;
    d->image = std::move(levels);
    const Size size = d->image ? Size{d->image->levels[0].cols, d->image->levels[0].rows} : Size{};
    const bool isOtherSize = size != d->viewport.imageSize();
    d->viewport.setImageSize(size);
    if (isOtherSize)
        d->viewport.fit();
    d->isFrameStale = true;
    update();
}

void ImageView::setOverlay(const QImage &overlay, double opacity)
{
    d->overlay = overlay;
    setOverlayOpacity(opacity);
}

void ImageView::setOverlayOpacity(double opacity)
{
    d->overlayOpacity = opacity;
    update();
}

void ImageView::setMark(const QImage &mark)
{
    d->mark = mark;
    update();
}

void ImageView::setEmptyText(const QString &text)
{
    d->emptyText = text;
    update();
}

void ImageView::setCursorPosition(std::optional<QPointF> imagePosition)
{
    d->cursor = imagePosition;
    update();
}

void ImageView::setViewport(const ViewportState &state)
{
    if (state == d->viewport.state())
        return;
    d->viewport.setState(state);
    d->isFrameStale = true;
    update();
}

ViewportState ImageView::viewportState() const
{
    return d->viewport.state();
}

void ImageView::fit()
{
    d->viewport.fit();
    d->isFrameStale = true;
    update();
}

void ImageView::zoomTo(double scale)
{
    d->viewport.zoomTo(scale, QRectF(rect()).center());
    d->isFrameStale = true;
    update();
}

void ImageView::paintEvent(QPaintEvent *event)
{
    const double ratio = devicePixelRatioF();
    const QSize frameSize(static_cast<int>(std::ceil(width() * ratio)), static_cast<int>(std::ceil(height() * ratio)));
    if (d->frame.size() != frameSize) {
        d->frame = QImage(frameSize, QImage::Format_RGB32);
        d->isFrameStale = true;
    }
    if (d->isFrameStale)
        composeFrame(d->frame, d->frame.rect(), frameMap(d->viewport, ratio), d->image.get(),
                     Theme::instance().canvas().rgb(), nullptr);
    d->isFrameStale = false;
    d->frame.setDevicePixelRatio(ratio);

    QPainter painter(this);
    painter.setClipRect(event->rect());
    painter.drawImage(QPointF(0, 0), d->frame);
    if (!d->image) {
        painter.setPen(Theme::instance().mutedText());
        painter.drawText(rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap, d->emptyText);
        return;
    }
    const Size size = d->viewport.imageSize();
    if (!d->overlay.isNull() && d->overlayOpacity > 0) {
        painter.setOpacity(d->overlayOpacity);
        painter.drawImage(d->viewport.widgetFromImage(QRectF(0, 0, size.width, size.height)), d->overlay);
        painter.setOpacity(1);
    }
    if (!d->mark.isNull())
        painter.drawImage(d->viewport.widgetFromImage(QRectF(0, 0, size.width, size.height)), d->mark);
    if (d->cursor) {
        const QPointF at = d->viewport.widgetFromImage(*d->cursor);
        for (const auto &[color, width] : {std::pair(QColor(0, 0, 0, 160), 3.0), std::pair(QColor(Qt::white), 1.0)}) {
            painter.setPen(QPen(color, width));
            painter.drawLine(at - QPointF(8, 0), at + QPointF(8, 0));
            painter.drawLine(at - QPointF(0, 8), at + QPointF(0, 8));
        }
    }
}

void ImageView::resizeEvent(QResizeEvent *event)
{
    d->viewport.setWidgetSize(event->size());
    d->isFrameStale = true;
}

void ImageView::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers() & Qt::ControlModifier) {
        d->viewport.zoomTo(d->viewport.scale() * std::pow(1.1, event->angleDelta().y() / 120.0), event->position());
    } else {
        QPointF delta =
            event->pixelDelta().isNull() ? QPointF(event->angleDelta()) * 0.5 : QPointF(event->pixelDelta());
        if (event->modifiers() & Qt::ShiftModifier)
            delta = {delta.x() + delta.y(), 0};
        d->viewport.scrollBy(delta);
    }
    d->isFrameStale = true;
    update();
    event->accept();
    Q_EMIT viewportChanged(d->viewport.state());
}

void ImageView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton && event->button() != Qt::MiddleButton)
        return event->ignore();
    d->dragFrom = event->position();
    setCursor(Qt::ClosedHandCursor);
}

void ImageView::mouseMoveEvent(QMouseEvent *event)
{
    if (d->dragFrom) {
        d->viewport.scrollBy(event->position() - *d->dragFrom);
        d->dragFrom = event->position();
        d->isFrameStale = true;
        update();
        Q_EMIT viewportChanged(d->viewport.state());
    }
    Q_EMIT cursorMoved(d->viewport.imageFromWidget(event->position()));
}

void ImageView::mouseReleaseEvent(QMouseEvent *)
{
    d->dragFrom.reset();
    unsetCursor();
}

void ImageView::leaveEvent(QEvent *)
{
    Q_EMIT cursorMoved(std::nullopt);
}

} // namespace masque
