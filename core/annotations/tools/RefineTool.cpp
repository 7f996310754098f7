// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/RefineTool.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/tools/painting.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/shape_handles.h"

#include <ranges>

namespace masque {

namespace {

struct RadiusOptions {
    int radiusPx = 2;
};

const OptionTable<RadiusOptions> &radiusTable()
{
    static const auto table = OptionTable<RadiusOptions>().add({.key = "radius_px",
                                                                .label = "Radius",
                                                                .help = "How far the border moves.",
                                                                .type = OptionType::Int,
                                                                .minimum = 1,
                                                                .maximum = 200,
                                                                .unit = "px"},
                                                               &RadiusOptions::radiusPx);
    return table;
}

/// What of added is not in another mask of the same class.
Mask unclaimed(const Annotation &annotation, const Shape &shape, Mask added)
{
    for (const Shape &other : annotation.shapes)
        if (other.id != shape.id && other.type == ShapeType::Mask && other.label == shape.label
            && overlap(*other.mask, added))
            added = subtracted(added, *other.mask);
    return added;
}

struct Refining {
    RefineTool::Kind kind;
    int radiusPx;
    Size image;
    PaintRules rules;
    std::set<ShapeId> shapes;

    void refine(EditChain &chain, Shape shape) const
    {
        const Mask before = shape.type == ShapeType::Mask ? *shape.mask : shapeMask(shape, image);
        const Mask after = kind == RefineTool::Kind::FillHoles ? withoutHoles(before)
                           : kind == RefineTool::Kind::Dilate  ? dilated(before, radiusPx, image)
                                                               : eroded(before, radiusPx, image);
        PaintRules own = rules;
        own.target = shape.id;
        if (kind == RefineTool::Kind::Erode) {
            chain.add(eraseEdit(chain.annotation(), subtracted(before, after), image, own));
            return;
        }
        const Mask added = unclaimed(chain.annotation(), shape, subtracted(after, before));
        if (added.box.isEmpty() || paintEdit(chain.annotation(), added, shape.label, own).isEmpty())
            return;
        if (shape.type != ShapeType::Mask) {
            shape.type = ShapeType::Mask;
            shape.points.clear();
            shape.mask = std::make_shared<const Mask>(before);
            chain.add(replaceShape(chain.annotation(), shape, {}));
        }
        chain.add(paintEdit(chain.annotation(), added, shape.label, own));
    }

    Edit edit(const Annotation &annotation) const
    {
        EditChain chain(annotation);
        std::string label;
        for (const ShapeId id : shapes)
            if (const Shape *shape = chain.annotation().find(id)) { // an earlier one may have taken all of it
                label =
                    label.empty() || label == shape->label ? shape->label : std::to_string(shapes.size()) + " shapes";
                refine(chain, *shape);
            }
        const char *verb = kind == RefineTool::Kind::FillHoles ? "Fill holes of "
                           : kind == RefineTool::Kind::Dilate  ? "Dilate "
                                                               : "Erode ";
        return chain.edit(verb + label);
    }
};

bool canRefine(const ToolContext &context, const Shape &shape)
{
    const bool hasArea = shape.type != ShapeType::Line && shape.type != ShapeType::LineStrip
                         && shape.type != ShapeType::PointShape && shape.type != ShapeType::Other;
    return hasArea && !context.protectedShapes.contains(shape.id);
}

} // namespace

const std::vector<OptionSpec> &RefineTool::radiusOptions()
{
    return radiusTable().specs();
}

ToolResult RefineTool::press(const ToolContext &context, const PointerEvent &event)
{
    cancel();
    for (const Shape &shape : context.annotation.shapes | std::views::reverse)
        if (canRefine(context, shape) && isHit(shape, event.position, 0)) {
            if (context.selection.contains(shape.id))
                return finish(context);
            m_shapes = {shape.id};
            m_isWaiting = true;
            return {};
        }
    return {.handled = false};
}

ToolResult RefineTool::move(const ToolContext &, const PointerEvent &, bool)
{
    return {};
}

ToolResult RefineTool::finish(const ToolContext &context)
{
    if (isBusy())
        return {};
    for (const Shape &shape : context.annotation.shapes)
        if (context.selection.contains(shape.id) && canRefine(context, shape))
            m_shapes.insert(shape.id);
    m_isWaiting = isBusy();
    return {.handled = isBusy()};
}

ToolResult RefineTool::cancel()
{
    m_isWaiting = false;
    return {.handled = !std::exchange(m_shapes, {}).empty()};
}

ToolPreview RefineTool::preview(const ToolContext &) const
{
    return {};
}

ToolWork RefineTool::nextWork(const ToolContext &context)
{
    if (!std::exchange(m_isWaiting, false))
        return {};
    const Refining refining{m_kind, optionsFrom(radiusTable(), context).radiusPx, context.imageSize, context.rules(),
                            m_shapes};
    return [refining, annotation = context.annotation](const std::stop_token &) {
        return std::any(refining.edit(annotation));
    };
}

ToolResult RefineTool::takeWork(const ToolContext &, std::any work)
{
    m_shapes.clear();
    auto *edit = std::any_cast<Edit>(&work);
    return edit ? ToolResult{.dirty = edit->dirtyRect(), .edit = unlessEmpty(std::move(*edit))} : ToolResult{};
}

} // namespace masque
