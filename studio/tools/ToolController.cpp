// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/ToolController.h"

#include "studio/tools/LabelPopup.h"
#include "studio/tools/swatch.h"

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

/// The class of a shape that is drawn before its class is known; no name that a person can type.
constexpr std::string_view kUnnamed = "\x1f";

bool isUnnamed(const Edit &edit)
{
    return std::any_of(edit.shapes.begin(), edit.shapes.end(),
                       [](const Edit::ShapeChange &change) { return change.after && change.after->label == kUnnamed; });
}

/// What an unfinished question shows of the shape that it is about.
ToolPreview previewOf(const Edit &edit)
{
    ToolPreview preview;
    for (const Edit::ShapeChange &change : edit.shapes) {
        if (!change.after || change.after->label != kUnnamed)
            continue;
        const Shape &shape = *change.after;
        preview.stroke = shape.mask;
        preview.outline = shape.points;
        preview.closed = true;
        if (shape.type == ShapeType::Rectangle && shape.points.size() == 2) {
            const Point a = shape.points[0], b = shape.points[1];
            preview.outline = {a, {b.x, a.y}, b, {a.x, b.y}};
        }
    }
    return preview;
}

} // namespace

ToolController::ToolController(Document &document, CanvasWidget &canvas, const PluginRegistry &plugins, QObject *parent)
    : QObject(parent), m_document(document), m_canvas(canvas), m_popup(new LabelPopup(&canvas))
{
    for (const auto &factory : plugins.tools)
        m_tools.push_back({factory->description(), factory->create()});
    std::stable_sort(m_tools.begin(), m_tools.end(),
                     [](const Entry &a, const Entry &b) { return a.description.order < b.description.order; });
    m_canvas.setInput(this);
    connect(&document, &Document::changed, this, &ToolController::takeChange);
    showBrush();
}

ToolController::~ToolController()
{
    m_canvas.setInput(nullptr);
}

std::vector<ToolDescription> ToolController::tools() const
{
    std::vector<ToolDescription> descriptions;
    for (const Entry &entry : m_tools)
        descriptions.push_back(entry.description);
    return descriptions;
}

const ToolController::Entry *ToolController::active() const
{
    return m_active < m_tools.size() ? &m_tools[m_active] : nullptr;
}

QString ToolController::activeTool() const
{
    return active() ? QString::fromStdString(active()->description.id) : QString();
}

bool ToolController::usesBrush() const
{
    return active() && active()->description.usesBrush;
}

void ToolController::setActiveTool(const QString &id)
{
    const auto found = std::find_if(m_tools.begin(), m_tools.end(), [&](const Entry &entry) {
        return QString::fromStdString(entry.description.id) == id;
    });
    if (found == m_tools.end() || found - m_tools.begin() == static_cast<std::ptrdiff_t>(m_active))
        return;
    m_popup->giveUp();
    const Rect dropped = active()->tool->cancel().dirty;
    m_active = static_cast<std::size_t>(found - m_tools.begin());
    showPreview(dropped);
    showBrush();
    Q_EMIT activeToolChanged();
}

void ToolController::setBrushRadiusPx(double radius)
{
    radius = std::clamp(radius, 0.5, double(kMaxBrushRadiusPx));
    if (radius == m_brushRadiusPx)
        return;
    m_brushRadiusPx = radius;
    showBrush();
    Q_EMIT brushChanged();
}

void ToolController::stepBrush(int steps)
{
    const double step = m_brushRadiusPx < 10 ? 1 : m_brushRadiusPx < 40 ? 4 : 16;
    setBrushRadiusPx(std::max(1.0, std::round(m_brushRadiusPx + steps * step)));
}

void ToolController::setBrushSquare(bool square)
{
    if (square == m_isBrushSquare)
        return;
    m_isBrushSquare = square;
    showBrush();
    Q_EMIT brushChanged();
}

void ToolController::showBrush()
{
    m_canvas.setToolCursor(m_active == 0 ? Qt::ArrowCursor : Qt::CrossCursor);
    if (usesBrush())
        m_canvas.setBrushCursor(BrushCursor{m_brushRadiusPx, m_isBrushSquare});
    else
        m_canvas.setBrushCursor(std::nullopt);
}

ToolContext ToolController::context() const
{
    const std::string label = m_document.activeLabel().toStdString();
    return {.annotation = m_document.annotation(),
            .imageSize = m_document.imageSize(),
            .label = label.empty() ? std::string(kUnnamed) : label,
            .selection = m_document.selection(),
            .protectedShapes = m_document.protectedShapes(),
            .brushRadiusPx = m_brushRadiusPx,
            .brushSquare = m_isBrushSquare,
            .grid = &m_canvas.shapeGrid()};
}

void ToolController::press(const PointerEvent &event)
{
    if (active() && !m_unnamed && !m_document.isReadOnly())
        take(active()->tool->press(context(), event));
}

void ToolController::move(const PointerEvent &event, bool buttonDown)
{
    if (active() && !m_unnamed && !m_document.isReadOnly())
        take(active()->tool->move(context(), event, buttonDown));
}

void ToolController::release(const PointerEvent &event)
{
    if (active() && !m_unnamed && !m_document.isReadOnly())
        take(active()->tool->release(context(), event));
}

bool ToolController::command(CanvasCommand command)
{
    if (!active() || !m_document.isLoaded())
        return false;
    if (m_unnamed) {
        if (command == CanvasCommand::Cancel)
            m_popup->giveUp();
        return true;
    }
    Tool &tool = *active()->tool;
    ToolResult result = command == CanvasCommand::Finish ? tool.finish(context())
                        : command == CanvasCommand::Back ? tool.back(context())
                                                         : tool.cancel();
    const bool isHandled = result.handled;
    take(std::move(result));
    if (!isHandled && command == CanvasCommand::Cancel && !m_document.selection().empty()) {
        m_document.setSelection({});
        return true;
    }
    return isHandled;
}

void ToolController::take(ToolResult result)
{
    if (result.selection)
        m_document.setSelection(std::move(*result.selection));
    if (result.edit) {
        if (isUnnamed(*result.edit))
            askLabelFor(std::move(*result.edit));
        else
            m_document.applyEdit(std::move(*result.edit));
    }
    showPreview(result.dirty);
}

void ToolController::showPreview(Rect dirty)
{
    if (m_unnamed)
        m_canvas.setPreview(previewOf(*m_unnamed), dirty);
    else if (active() && m_document.isLoaded())
        m_canvas.setPreview(active()->tool->preview(context()), dirty);
    else
        m_canvas.setPreview({}, dirty);
}

void ToolController::askLabelFor(Edit edit)
{
    const Rect dirty = edit.dirtyRect();
    m_unnamed = std::move(edit);
    const QPointF corner = m_canvas.viewport().widgetFromImage(QPointF(dirty.right(), dirty.bottom()));
    m_popup->ask(corner.toPoint(), classChoices(), {}, [this, dirty](const std::optional<QString> &name) {
        Edit unnamed = std::move(*m_unnamed);
        m_unnamed.reset();
        if (name) {
            m_document.setActiveLabel(*name);
            applyNamed(std::move(unnamed), *name);
        }
        showPreview(dirty);
    });
}

void ToolController::applyNamed(Edit edit, const QString &name)
{
    const std::string label = name.toStdString();
    std::vector<Shape> drawn;
    for (Edit::ShapeChange &change : edit.shapes) {
        if (!change.after || change.after->label != kUnnamed)
            continue;
        if (change.after->type == ShapeType::Mask) // paint again, so that it joins what has this class already
            return m_document.applyEdit(
                paintEdit(m_document.annotation(), *change.after->mask, label, {}, m_document.protectedShapes()));
        change.after->label = label;
        drawn.push_back(std::move(*change.after));
    }
    m_document.applyEdit(insertShapes(m_document.annotation(), std::move(drawn), "Draw " + label));
}

void ToolController::editLabelOfSelection()
{
    const std::set<ShapeId> ids = m_document.selection();
    if (ids.empty() || m_document.isReadOnly())
        return;
    const Shape *first = m_document.annotation().find(*ids.begin());
    const Rect bounds = first->bounds();
    const QPointF corner = m_canvas.viewport().widgetFromImage(QPointF(bounds.right(), bounds.y));
    m_popup->ask(corner.toPoint(), classChoices(), QString::fromStdString(first->label),
                 [this, ids](const std::optional<QString> &name) {
                     if (!name)
                         return;
                     const std::string label = name->toStdString();
                     Edit edit{.name = "Relabel as " + label, .shapes = {}};
                     for (const Shape &shape : m_document.annotation().shapes) {
                         if (!ids.contains(shape.id) || shape.label == label)
                             continue;
                         Shape relabelled = shape;
                         relabelled.label = label;
                         const Edit one = replaceShape(m_document.annotation(), std::move(relabelled), {});
                         edit.shapes.insert(edit.shapes.end(), one.shapes.begin(), one.shapes.end());
                     }
                     m_document.applyEdit(std::move(edit));
                 });
}

std::vector<std::pair<QString, QColor>> ToolController::classChoices() const
{
    std::vector<std::pair<QString, QColor>> choices;
    const LabelSet &labels = m_document.labels();
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const LabelClass &label = labels[id];
        choices.emplace_back(QString::fromStdString(label.name), toQColor(label.color));
    }
    return choices;
}

void ToolController::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::CurrentItem:
        m_popup->giveUp();
        if (active())
            active()->tool->cancel();
        break;
    case ChangeEvent::AnnotationChanged: // undo below a gesture takes away what it stands on
        if (active() && active()->tool->isBusy())
            active()->tool->cancel();
        showPreview(event.dirty);
        break;
    case ChangeEvent::ImageLoaded:
    case ChangeEvent::SelectionChanged:
    case ChangeEvent::ActiveLabelChanged:
    case ChangeEvent::VisibilityChanged: showPreview({}); break;
    default: break;
    }
}

} // namespace masque
