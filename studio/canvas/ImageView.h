// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/canvas/Viewport.h"
#include "studio/document/image_levels.h"

#include <QImage>
#include <QWidget>

#include <memory>
#include <optional>

namespace masque {

/// A light read-only view of an image with an optional overlay. Wheel scrolls, Ctrl+wheel zooms at the cursor, middle
/// or left drag pans. Views are linked by connecting viewportChanged to setViewport and cursorMoved to
/// setCursorPosition of the others; setters emit nothing.
class ImageView : public QWidget {
    Q_OBJECT
public:
    explicit ImageView(QWidget *parent = nullptr);
    ~ImageView() override;

    /// Another image of the same size keeps the viewport, one of another size is fitted.
    void setImage(const QImage &image);
    /// The same without a copy; null is no image.
    void setImage(std::shared_ptr<const ImageLevels> levels);
    /// Drawn over the image, stretched to its size, crisp; opacity 0..1 multiplies its own alpha. A null image is none.
    void setOverlay(const QImage &overlay, double opacity);
    void setOverlayOpacity(double opacity);
    void setMark(const QImage &mark);       ///< over the overlay, in its own alpha; a null image is none
    void setEmptyText(const QString &text); ///< shown while there is no image
    void setCursorPosition(std::optional<QPointF> imagePosition); ///< cross hair of a linked view
    void setViewport(const ViewportState &state);
    ViewportState viewportState() const;
    void fit();
    void zoomTo(double scale); ///< about the widget's centre; 1 is 100 %

Q_SIGNALS:
    void viewportChanged(const masque::ViewportState &state);
    void cursorMoved(std::optional<QPointF> imagePosition); ///< nothing when the cursor has left

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace masque
