// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/painting.h"

namespace masque {

std::optional<ShapeId> paintTarget(const ToolContext &context)
{
    if (context.selection.size() != 1 || context.protectedShapes.contains(*context.selection.begin()))
        return {};
    return *context.selection.begin();
}

std::optional<Edit> pixelEdit(const ToolContext &context, const Mask &pixels, PaintFilter::Gesture gesture)
{
    const auto target = paintTarget(context);
    if (gesture == PaintFilter::Gesture::Paint)
        return unlessEmpty(paintEdit(context.annotation, pixels, context.label, context.rules(target)));
    if (target)
        if (auto edit = unlessEmpty(eraseEdit(context.annotation, pixels, context.imageSize, context.rules(target))))
            return edit;
    return unlessEmpty(eraseEdit(context.annotation, pixels, context.imageSize, context.rules()));
}

std::optional<Edit> unlessEmpty(Edit edit)
{
    if (edit.isEmpty())
        return {};
    return edit;
}

std::shared_ptr<const Mask> allowedPixels(const ToolContext &context, const std::shared_ptr<const Mask> &pixels,
                                          PaintFilter::Gesture gesture)
{
    const PaintFilter filter(context.annotation, context.rules(), gesture);
    if (!pixels || pixels->box.isEmpty() || filter.forbidsNothing())
        return pixels;
    Mask out{pixels->box, pixels->bits.clone()};
    out.bits.setTo(0, filter.forbidden(context.annotation, out.box));
    return std::make_shared<const Mask>(std::move(out));
}

} // namespace masque
