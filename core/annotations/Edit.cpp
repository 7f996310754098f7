// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Edit.h"

#include "core/annotations/mask_ops.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <ranges>

namespace masque {

namespace {

auto place(Annotation &annotation, std::size_t index)
{
    assert(index <= annotation.shapes.size());
    return annotation.shapes.begin() + static_cast<std::ptrdiff_t>(index);
}

std::size_t maskBytes(const Shape &shape)
{
    return shape.mask ? shape.mask->bits.total() : 0;
}

std::size_t ownBytes(const Shape &shape)
{
    return sizeof(Shape) + shape.label.size() + shape.description.size() + shape.points.size() * sizeof(Point);
}

/// first, then next: the one's before and the other's after.
template <typename BeforeAfter>
void join(std::optional<BeforeAfter> &first, std::optional<BeforeAfter> next)
{
    if (!first)
        first = std::move(next);
    else if (next)
        first->second = std::move(next->second);
}

} // namespace

std::size_t Edit::memoryBytes() const
{
    std::size_t bytes = sizeof(Edit) + name.size();
    for (const ShapeChange &change : shapes) {
        bytes += sizeof(ShapeChange);
        if (change.before)
            bytes += ownBytes(*change.before) + maskBytes(*change.before);
        if (change.after)
            bytes += ownBytes(*change.after)
                     + (change.before && change.before->mask == change.after->mask ? 0 : maskBytes(*change.after));
    }
    if (kept)
        for (const auto &mask : {kept->first, kept->second})
            bytes += mask ? mask->bits.total() : 0;
    return bytes;
}

Rect Edit::dirtyRect() const
{
    Rect dirty;
    for (const ShapeChange &change : shapes) {
        if (change.before)
            dirty = dirty.united(change.before->bounds());
        if (change.after)
            dirty = dirty.united(change.after->bounds());
    }
    return dirty;
}

void apply(const Edit &edit, Annotation &annotation)
{
    for (const Edit::ShapeChange &change : edit.shapes) {
        if (change.before) {
            assert(change.beforeIndex < annotation.shapes.size());
            assert(annotation.shapes[change.beforeIndex].id == change.before->id);
        }
        if (change.before && change.after && change.beforeIndex == change.afterIndex) {
            annotation.shapes[change.beforeIndex] = *change.after;
            continue;
        }
        if (change.before)
            annotation.shapes.erase(place(annotation, change.beforeIndex));
        if (change.after)
            annotation.shapes.insert(place(annotation, change.afterIndex), *change.after);
    }
    if (edit.flags)
        annotation.flags = edit.flags->second;
    if (edit.checked)
        annotation.checked = edit.checked->second;
    if (edit.votes)
        annotation.votes = edit.votes->second;
    if (edit.kept)
        annotation.kept = edit.kept->second;
}

Edit inverted(const Edit &edit)
{
    Edit out{.name = edit.name, .shapes = {}};
    out.shapes.reserve(edit.shapes.size());
    for (const Edit::ShapeChange &change : std::views::reverse(edit.shapes))
        out.shapes.push_back({change.after, change.before, change.afterIndex, change.beforeIndex});
    if (edit.flags)
        out.flags = {edit.flags->second, edit.flags->first};
    if (edit.checked)
        out.checked = {edit.checked->second, edit.checked->first};
    if (edit.votes)
        out.votes = {edit.votes->second, edit.votes->first};
    if (edit.kept)
        out.kept = {edit.kept->second, edit.kept->first};
    return out;
}

Edit insertShapes(const Annotation &annotation, std::vector<Shape> shapes, std::string name)
{
    Edit edit{.name = std::move(name), .shapes = {}};
    std::size_t index = annotation.shapes.size();
    for (Shape &shape : shapes)
        edit.shapes.push_back({{}, std::move(shape), 0, index++});
    return edit;
}

Edit removeShapes(const Annotation &annotation, const std::vector<ShapeId> &ids, std::string name)
{
    Edit edit{.name = std::move(name), .shapes = {}};
    for (std::size_t i = annotation.shapes.size(); i-- > 0;) // from the end, so that the indices before stay true
        if (std::find(ids.begin(), ids.end(), annotation.shapes[i].id) != ids.end())
            edit.shapes.push_back({annotation.shapes[i], {}, i, 0});
    return edit;
}

Edit replaceShape(const Annotation &annotation, Shape shape, std::string name)
{
    Edit edit{.name = std::move(name), .shapes = {}};
    if (const auto index = annotation.indexOf(shape.id))
        edit.shapes.push_back({annotation.shapes[*index], std::move(shape), *index, *index});
    return edit;
}

Edit replaceAllShapes(const Annotation &annotation, std::vector<Shape> shapes, std::string name)
{
    Edit edit{.name = std::move(name), .shapes = {}};
    for (std::size_t i = annotation.shapes.size(); i-- > 0;)
        edit.shapes.push_back({annotation.shapes[i], {}, i, 0});
    for (std::size_t i = 0; i < shapes.size(); ++i)
        edit.shapes.push_back({{}, std::move(shapes[i]), 0, i});
    return edit;
}

void EditChain::add(Edit edit)
{
    apply(edit, m_annotation);
    std::ranges::move(edit.shapes, std::back_inserter(m_all.shapes));
    join(m_all.flags, std::move(edit.flags));
    join(m_all.checked, std::move(edit.checked));
    join(m_all.votes, std::move(edit.votes));
    join(m_all.kept, std::move(edit.kept));
}

Edit EditChain::edit(std::string name) const
{
    Edit out = m_all;
    out.name = std::move(name);
    return out;
}

Edit setChecked(const Annotation &annotation, bool checked)
{
    Edit edit{.name = checked ? "Mark as reviewed" : "Mark as not reviewed", .shapes = {}};
    if (annotation.checked != checked)
        edit.checked = {annotation.checked, checked};
    return edit;
}

Edit keepLabels(const Annotation &annotation, const Mask &pixels)
{
    Edit edit{.name = "Keep labels", .shapes = {}};
    Mask all = annotation.kept ? united(*annotation.kept, pixels) : cropped(pixels);
    if (!all.box.isEmpty() && !(annotation.kept && *annotation.kept == all))
        edit.kept = {annotation.kept, std::make_shared<const Mask>(std::move(all))};
    return edit;
}

} // namespace masque
