// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/ShapeGrid.h"
#include "studio/canvas/CanvasInput.h"
#include "studio/canvas/Viewport.h"
#include "studio/canvas/display_look.h"
#include "studio/document/Document.h"

#include <QWidget>

#include <memory>
#include <optional>

namespace masque {

/// The brush's outline at the cursor.
struct BrushCursor {
    double radiusPx = 12; ///< image pixels
    bool isSquare = false;
    std::optional<Point> anchor = {}; ///< where it is held while its size changes; else at the cursor
    friend bool operator==(const BrushCursor &, const BrushCursor &) = default;
};

/// A region where a model proposes something else than the labels say: dashed in its class's colour, the current one hatched.
struct ProposedRegion {
    std::shared_ptr<const Mask> pixels;
    std::string label;               ///< empty: background
    bool isCurrent = false;          ///< the one that is being looked at
    std::vector<Point> outline = {}; ///< drawn instead of the pixels' own
};

/// How shapes that are not selected are drawn.
enum class ShapeStyleOnCanvas { FillAndOutline, Outline, Fill };

/// The document's current image with labels and shapes. Repaints only what changed: image, labels and resting shapes
/// lie in a cached frame; selected shapes, the tool's preview and the brush are drawn over it. Moves and zooms by
/// itself and hands other pointer events to a CanvasInput; it never changes the document.
class CanvasWidget : public QWidget {
    Q_OBJECT
public:
    explicit CanvasWidget(Document &document, QWidget *parent = nullptr);
    ~CanvasWidget() override;

    void setInput(CanvasInput *input); ///< not owned; null: look only
    void setPreview(ToolPreview preview, Rect dirty);
    void setProposals(std::vector<ProposedRegion> regions);
    void setBrushCursor(std::optional<BrushCursor> brush); ///< nothing: the tool has none
    void setToolCursor(Qt::CursorShape shape);

    const Viewport &viewport() const;
    void setViewport(const ViewportState &state);
    void fit();
    void fitWidth();
    void turn(int quarterTurns); ///< the picture on the screen, clockwise
    void zoomTo(double scale);   ///< about the widget's centre
    void zoomBy(double factor);
    void panBy(QPointF widgetDelta);    ///< moves the picture, as the wheel does
    void showShape(const Shape &shape); ///< scrolls to it if it is out of sight
    void centreOn(QPointF image);

    double overlayOpacity() const;
    void setOverlayOpacity(double opacity);
    bool areShapesShown() const;
    void setShapesShown(bool shown);
    bool areNamesShown() const;
    void setNamesShown(bool shown);
    ShapeStyleOnCanvas shapeStyle() const;
    void setShapeStyle(ShapeStyleOnCanvas style);
    const DisplayLook &displayLook() const;
    void setDisplayLook(const DisplayLook &look);
    bool hasCrosshair() const;
    void setCrosshair(bool shown); ///< lines through the cursor
    bool hasRulers() const;
    void setRulers(bool shown); ///< pixel rulers and grid, where zoomed in far enough
    bool hasMinimap() const;
    void setMinimap(bool shown); ///< while not all of the image is in sight
    /// Everything is drawn as it stays; false while it is being refined.
    bool isSettled() const;
    /// Of the current annotation, for tools.
    const ShapeGrid &shapeGrid() const;
    void setEmptyText(const QString &text); ///< while no image is there
    /// Name of the class whose pixel lies there; empty for background.
    QString labelAt(QPointF imagePosition) const;

Q_SIGNALS:
    void viewportChanged(const masque::ViewportState &state);
    void displayLookChanged();
    void cursorMoved(std::optional<QPointF> imagePosition);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void tabletEvent(QTabletEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void keyReleaseEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;
    void focusOutEvent(QFocusEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void takeChange(const ChangeEvent &event);

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace masque
