// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/canvas/CanvasWidget.h"

#include "studio/canvas/CanvasPrivate.h"
#include "studio/canvas/shape_painter.h"
#include "studio/theme/Theme.h"

#include <cmath>

namespace masque {

CanvasWidget::CanvasWidget(Document &document, QWidget *parent)
    : QWidget(parent), d(std::make_unique<Private>(this, document))
{
    setObjectName(QStringLiteral("canvas"));
    setAccessibleName(tr("Canvas"));
    setAttribute(Qt::WA_OpaquePaintEvent);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumSize(160, 160);
    d->refine.setSingleShot(true);
    d->refine.setInterval(0);
    connect(&d->refine, &QTimer::timeout, this, [this] { d->refineSlice(); });
    d->minimap = new Minimap(document, *this);
    d->viewport.setEdge(Private::kRulerPx, Private::kRulerScale);
    d->setColors();
    connect(&document, &Document::changed, this, &CanvasWidget::takeChange);
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        d->setColors();
        d->invalidateAll();
    });
    if (document.isLoaded()) {
        takeChange({ChangeEvent::ImageLoaded});
        d->updateLiveShapes();
    }
}

CanvasWidget::~CanvasWidget() = default;

void CanvasWidget::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::CurrentItem:
        d->keyboard.leave(d->viewport, nullptr);
        d->liveShapes.clear();
        d->changing.clear();
        d->grid.reset();
        d->gridDirty = Rect{};
        d->preview = {};
        if (d->document.currentIndex() < 0) {
            d->invalidateAll();
            d->minimap->forgetPicture();
        }
        break; // the old picture stays until the new one is there, which does not flicker
    case ChangeEvent::ImageLoaded: {
        const Size size = d->document.imageSize();
        const bool isOtherSize = size != d->viewport.imageSize();
        d->viewport.setImageSize(size);
        if (isOtherSize)
            d->viewport.fit();
        d->labels.reset({}); // nothing of the last image's
        d->labels.reset(size);
        d->liveShapes.clear();
        d->grid.reset();
        d->gridDirty = Rect{};
        d->invalidateAll();
        d->minimap->forgetPicture();
        Q_EMIT viewportChanged(d->viewport.state());
        break;
    }
    case ChangeEvent::AnnotationChanged:
        d->gridDirty = d->gridDirty.value_or(Rect{}).united(event.dirty);
        d->updateLiveShapes();
        d->invalidate(event.dirty);
        break;
    case ChangeEvent::SelectionChanged:
        d->updateLiveShapes();
        update();
        break;
    case ChangeEvent::LabelsChanged:
    case ChangeEvent::VisibilityChanged:
        d->setColors();
        d->labels.reset(d->labels.imageSize());
        d->invalidateLooks();
        break;
    default: break;
    }
}

void CanvasWidget::setInput(CanvasInput *input)
{
    d->input = input;
}

void CanvasWidget::setPreview(ToolPreview preview, Rect dirty)
{
    const bool isStroke = preview.stroke || d->preview.stroke;
    const bool isSame = !isStroke && preview.outline == d->preview.outline && preview.closed == d->preview.closed
                        && preview.handles == d->preview.handles && preview.activeHandle == d->preview.activeHandle
                        && preview.chosenHandles == d->preview.chosenHandles && !preview.shape && !d->preview.shape;
    if (isSame)
        return;
    const bool hasLines = !preview.outline.empty() || !d->preview.outline.empty();
    d->setChanging(preview);
    d->preview = std::move(preview);
    d->updateLiveShapes();
    if (isStroke)
        d->invalidateFrame(dirty);
    if (!isStroke || hasLines)
        update();
}

void CanvasWidget::setBrushCursor(std::optional<BrushCursor> brush)
{
    if (brush == d->brush)
        return;
    d->brush = brush;
    d->updateCursorShape();
    update();
}

void CanvasWidget::setToolCursor(Qt::CursorShape shape)
{
    d->toolCursor = shape;
    d->updateCursorShape();
}

void CanvasWidget::Private::updateCursorShape()
{
    const bool isBrushVisible = brush && brush->radiusPx * viewport.scale() >= 3;
    q->setCursor(panFrom          ? Qt::ClosedHandCursor
                 : isSpaceDown    ? Qt::OpenHandCursor
                 : isBrushVisible ? Qt::BlankCursor
                 : brush          ? Qt::CrossCursor
                                  : toolCursor);
}

const Viewport &CanvasWidget::viewport() const
{
    return d->viewport;
}
double CanvasWidget::overlayOpacity() const
{
    return d->opacity;
}
bool CanvasWidget::areShapesShown() const
{
    return d->areShapesShown;
}
bool CanvasWidget::areNamesShown() const
{
    return d->areNamesShown;
}

void CanvasWidget::Private::viewportMoved()
{
    q->update(); // the frame follows then
    updateCursorShape();
    minimap->followViewport();
    Q_EMIT q->viewportChanged(viewport.state());
}

void CanvasWidget::setViewport(const ViewportState &state)
{
    d->viewport.setState(state);
    d->viewportMoved();
}

void CanvasWidget::fit()
{
    d->viewport.fit();
    d->viewportMoved();
}

void CanvasWidget::fitWidth()
{
    d->viewport.fitWidth();
    d->viewportMoved();
}

void CanvasWidget::turn(int quarterTurns)
{
    d->viewport.turn(quarterTurns);
    d->viewportMoved();
}

void CanvasWidget::zoomTo(double scale)
{
    d->viewport.zoomTo(scale, QRectF(rect()).center());
    d->viewportMoved();
}

void CanvasWidget::zoomBy(double factor)
{
    zoomTo(d->viewport.scale() * factor);
}

void CanvasWidget::panBy(QPointF widgetDelta)
{
    d->scrollBy(widgetDelta);
}

void CanvasWidget::showShape(const Shape &shape)
{
    const QRectF bounds = toQRectF(shape.bounds());
    if (QRectF(rect()).intersects(d->viewport.widgetFromImage(bounds)))
        return;
    centreOn(bounds.center());
}

void CanvasWidget::centreOn(QPointF image)
{
    d->viewport.centreOn(image);
    d->viewportMoved();
}

void CanvasWidget::setOverlayOpacity(double opacity)
{
    d->opacity = opacity;
    d->invalidateLooks();
}

ShapeStyleOnCanvas CanvasWidget::shapeStyle() const
{
    return d->style;
}

void CanvasWidget::setShapeStyle(ShapeStyleOnCanvas style)
{
    d->style = style;
    d->invalidateLooks();
}

const DisplayLook &CanvasWidget::displayLook() const
{
    return d->look;
}

void CanvasWidget::setDisplayLook(const DisplayLook &look)
{
    if (look == d->look)
        return;
    d->look = look;
    d->lookTable = lookTable(look);
    d->invalidateLooks();
    d->minimap->forgetPicture();
    Q_EMIT displayLookChanged();
}

bool CanvasWidget::hasCrosshair() const
{
    return d->hasCrosshair;
}

void CanvasWidget::setCrosshair(bool shown)
{
    d->hasCrosshair = shown;
    update();
}

bool CanvasWidget::hasRulers() const
{
    return d->hasRulers;
}

void CanvasWidget::setRulers(bool shown)
{
    d->hasRulers = shown;
    d->viewport.setEdge(shown ? Private::kRulerPx : 0, Private::kRulerScale);
    d->invalidateLooks();
    d->viewportMoved();
}

bool CanvasWidget::hasMinimap() const
{
    return d->minimap->isWanted();
}

void CanvasWidget::setMinimap(bool shown)
{
    d->minimap->setWanted(shown);
}

bool CanvasWidget::isSettled() const
{
    return d->dirty.isEmpty() && d->stale.isEmpty() && d->frameViewport.state() == d->viewport.state()
           && d->labels.isClean(d->viewport.imagePixels(rect()));
}

const ShapeGrid &CanvasWidget::shapeGrid() const
{
    return d->shapeGrid();
}

void CanvasWidget::setShapesShown(bool shown)
{
    d->areShapesShown = shown;
    d->labels.reset(d->labels.imageSize());
    d->invalidateLooks();
}

void CanvasWidget::setNamesShown(bool shown)
{
    d->areNamesShown = shown;
    update();
}

void CanvasWidget::setEmptyText(const QString &text)
{
    d->emptyText = text;
    update();
}

QString CanvasWidget::labelAt(QPointF imagePosition) const
{
    const int x = static_cast<int>(std::floor(imagePosition.x())), y = static_cast<int>(std::floor(imagePosition.y()));
    const Size size = d->labels.imageSize();
    if (d->labels.levelCount() == 0 || !Rect{0, 0, size.width, size.height}.contains(x, y))
        return {};
    const std::uint8_t value = d->labels.level(0)(y, x);
    if (value == kIgnoreId)
        return QString::fromLatin1(kIgnoreName.data(), static_cast<qsizetype>(kIgnoreName.size()));
    for (const LabelClass &label : d->document.labels().classes())
        if (value != 0 && LabelLayer::valueOf(d->document.labels(), *d->document.labels().idOf(label.name)) == value)
            return QString::fromStdString(label.name);
    return {};
}

} // namespace masque
