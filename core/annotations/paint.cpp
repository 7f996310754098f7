// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Edit.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"

#include <algorithm>
#include <ranges>

namespace masque {

namespace {

/// Collects what becomes of single shapes and puts it into an order in which every index is true when it is used.
class Changes {
public:
    explicit Changes(const Annotation &annotation) : m_annotation(annotation) {}

    void setMask(std::size_t index, Mask mask)
    {
        const Shape &before = m_annotation.shapes[index];
        if (mask.box.isEmpty()) {
            m_removed.push_back({before, {}, index, 0});
            return;
        }
        Shape after = before;
        after.type = ShapeType::Mask;
        after.points.clear();
        after.mask = std::make_shared<const Mask>(std::move(mask));
        m_changed.push_back({before, std::move(after), index, index});
    }

    Edit edit(std::string name, std::optional<Shape> added = {})
    {
        Edit out{.name = std::move(name), .shapes = std::move(m_changed)};
        std::ranges::sort(m_removed, std::greater(), &Edit::ShapeChange::beforeIndex);
        const std::size_t end = m_annotation.shapes.size() - m_removed.size();
        std::ranges::move(m_removed, std::back_inserter(out.shapes));
        if (added)
            out.shapes.push_back({{}, std::move(*added), 0, end});
        return out;
    }

private:
    const Annotation &m_annotation;
    std::vector<Edit::ShapeChange> m_changed, m_removed;
};

/// True if a vector shape above index shows another label on some of the stroke's pixels.
bool isHidden(const Annotation &annotation, std::size_t index, const Mask &stroke)
{
    cv::Mat1b above = blankBits(stroke.bits.size());
    bool any = false;
    for (const Shape &shape : annotation.shapes | std::views::drop(index + 1))
        if (shape.type != ShapeType::Mask && shape.label != annotation.shapes[index].label)
            any |= !paintShape(above, {double(stroke.box.x), double(stroke.box.y)}, shape, 1).isEmpty();
    return any && overlap({stroke.box, above}, stroke);
}

std::optional<std::size_t> maskToJoin(const Annotation &annotation, const Mask &stroke, const std::string &label,
                                      std::optional<ShapeId> target, const std::set<ShapeId> &protectedShapes)
{
    const auto fits = [&](const Shape &shape) {
        return shape.type == ShapeType::Mask && shape.label == label && !protectedShapes.contains(shape.id);
    };
    if (target)
        if (const auto index = annotation.indexOf(*target); index && fits(annotation.shapes[*index]))
            return index;
    for (std::size_t i = annotation.shapes.size(); i-- > 0;)
        if (fits(annotation.shapes[i]) && !isHidden(annotation, i, stroke))
            return i;
    return {};
}

} // namespace

Edit paintEdit(const Annotation &annotation, const Mask &painted, const std::string &label,
               std::optional<ShapeId> target, const std::set<ShapeId> &protectedShapes)
{
    Mask stroke = cropped(painted);
    for (const Shape &shape : annotation.shapes)
        if (shape.type == ShapeType::Mask && shape.label != label && protectedShapes.contains(shape.id)
            && overlap(*shape.mask, stroke))
            stroke = subtracted(stroke, *shape.mask);
    if (stroke.box.isEmpty())
        return {};

    Changes changes(annotation);
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
        const Shape &shape = annotation.shapes[i];
        if (shape.type == ShapeType::Mask && shape.label != label && overlap(*shape.mask, stroke))
            changes.setMask(i, subtracted(*shape.mask, stroke));
    }
    const std::string name = "Paint " + label;
    if (const auto index = maskToJoin(annotation, stroke, label, target, protectedShapes)) {
        const Mask &old = *annotation.shapes[*index].mask;
        Mask joined = united(old, stroke);
        if (!(joined == old))
            changes.setMask(*index, std::move(joined));
        return changes.edit(name);
    }
    Shape shape{.label = label, .type = ShapeType::Mask};
    shape.mask = std::make_shared<const Mask>(std::move(stroke));
    return changes.edit(name, std::move(shape));
}

Edit eraseEdit(const Annotation &annotation, const Mask &stroke, Size imageSize, std::optional<ShapeId> target,
               const std::set<ShapeId> &protectedShapes)
{
    Changes changes(annotation);
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
        const Shape &shape = annotation.shapes[i];
        if ((target && shape.id != *target) || protectedShapes.contains(shape.id)
            || shape.bounds().intersected(stroke.box).isEmpty())
            continue;
        const Mask own = shape.type == ShapeType::Mask ? *shape.mask : shapeMask(shape, imageSize);
        if (overlap(own, stroke))
            changes.setMask(i, subtracted(own, stroke));
    }
    return changes.edit("Erase");
}

} // namespace masque
