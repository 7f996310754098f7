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
                                      const PaintRules &rules)
{
    const auto fits = [&](const Shape &shape) {
        return shape.type == ShapeType::Mask && shape.label == label && !rules.protectedShapes.contains(shape.id);
    };
    if (rules.target)
        if (const auto index = annotation.indexOf(*rules.target); index && fits(annotation.shapes[*index]))
            return index;
    for (std::size_t i = annotation.shapes.size(); i-- > 0;)
        if (fits(annotation.shapes[i]) && !isHidden(annotation, i, stroke))
            return i;
    return {};
}

/// What of the painted pixels the rules allow.
Mask allowedPart(const Annotation &annotation, const Mask &painted, const PaintRules &rules)
{
    Mask stroke = cropped(painted);
    const PaintFilter filter(annotation, rules);
    if (stroke.box.isEmpty() || filter.forbidsNothing())
        return stroke;
    stroke.bits.setTo(0, filter.forbidden(annotation, stroke.box));
    return cropped(stroke);
}

} // namespace

PaintFilter::PaintFilter(const Annotation &annotation, const PaintRules &rules, Gesture gesture)
{
    const bool isPaint = gesture == Gesture::Paint;
    m_forbidsUnlabelled = isPaint && rules.drawOver == DrawOver::OneClass;
    const bool keepsOthers = rules.drawOver == DrawOver::OneClass;
    const bool keepsAll = isPaint && rules.drawOver == DrawOver::Unlabelled;
    const auto add = [&](std::size_t i, bool forbid) {
        m_shapes.push_back({i, annotation.shapes[i].bounds(), static_cast<std::uint8_t>(forbid ? 1 : 0)});
    };
    if (keepsOthers || keepsAll)
        for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
            const std::string &label = annotation.shapes[i].label;
            add(i, keepsAll ? label != kBackgroundName : label != rules.overClass);
        }
    for (std::size_t i = 0; i < annotation.shapes.size() && !rules.protectedShapes.empty(); ++i)
        if (rules.protectedShapes.contains(annotation.shapes[i].id))
            add(i, true);
}

cv::Mat1b PaintFilter::forbidden(const Annotation &annotation, const Rect &area) const
{
    cv::Mat1b out(area.height, area.width, std::uint8_t{m_forbidsUnlabelled ? std::uint8_t{1} : std::uint8_t{0}});
    for (const Entry &entry : m_shapes)
        if (!entry.bounds.intersected(area).isEmpty())
            paintShape(out, {double(area.x), double(area.y)}, annotation.shapes[entry.index], entry.value);
    return out;
}

Edit paintEdit(const Annotation &annotation, const Mask &painted, const std::string &label, const PaintRules &rules)
{
    Mask stroke = rules.lockedClasses.contains(label) ? Mask{} : allowedPart(annotation, painted, rules);
    if (stroke.box.isEmpty())
        return {};

    Changes changes(annotation);
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
        const Shape &shape = annotation.shapes[i];
        if (shape.type == ShapeType::Mask && shape.label != label && overlap(*shape.mask, stroke))
            changes.setMask(i, subtracted(*shape.mask, stroke));
    }
    const std::string name = "Paint " + label;
    if (const auto index = maskToJoin(annotation, stroke, label, rules)) {
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

Edit eraseEdit(const Annotation &annotation, const Mask &stroke, Size imageSize, const PaintRules &rules)
{
    Changes changes(annotation);
    for (std::size_t i = 0; i < annotation.shapes.size(); ++i) {
        const Shape &shape = annotation.shapes[i];
        if ((rules.target && shape.id != *rules.target) || rules.protectedShapes.contains(shape.id)
            || (rules.drawOver == DrawOver::OneClass && shape.label != rules.overClass)
            || shape.bounds().intersected(stroke.box).isEmpty())
            continue;
        const Mask own = shape.type == ShapeType::Mask ? *shape.mask : shapeMask(shape, imageSize);
        if (overlap(own, stroke))
            changes.setMask(i, subtracted(own, stroke));
    }
    return changes.edit("Erase");
}

Edit drawEdit(const Annotation &annotation, Shape shape, Size imageSize, const PaintRules &rules)
{
    if (rules.lockedClasses.contains(shape.label))
        return {};
    if (rules.drawOver == DrawOver::OneClass)
        return paintEdit(annotation, shapeMask(shape, imageSize), shape.label, rules);
    std::size_t place = annotation.shapes.size();
    std::optional<Mask> own;
    for (std::size_t i = 0; i < place; ++i) {
        const Shape &other = annotation.shapes[i];
        const bool isKept = rules.drawOver == DrawOver::Unlabelled || rules.protectedShapes.contains(other.id);
        if (!isKept || other.bounds().intersected(shape.bounds()).isEmpty())
            continue;
        if (!own)
            own = shapeMask(shape, imageSize);
        cv::Mat1b met = blankBits(own->bits.size());
        paintShape(met, {double(own->box.x), double(own->box.y)}, other, 1);
        if (overlap({own->box, met}, *own))
            place = i;
    }
    Edit edit{.name = "Draw " + shape.label, .shapes = {}};
    edit.shapes.push_back({{}, std::move(shape), 0, place});
    return edit;
}

} // namespace masque
