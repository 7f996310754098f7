// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/annotations/mask_ops.h"
#include "core/base/Random.h"

#include <string>

namespace masque {

inline constexpr Size kRandomImage{96, 64};

/// A made-up but lossless JSON that a shape came from.
inline std::shared_ptr<const Json> randomSource(Random &random)
{
    Json source = Json::object();
    source.set("label", "was");
    source.set("score", Json::Number{random.chance(0.5) ? "1e-05" : "80.0"});
    source.set("points", Json::array());
    source.set("note", std::string("\xc3\xa9\n\"") + std::to_string(random.below(100)));
    return std::make_shared<const Json>(std::move(source));
}

inline Shape randomShape(Random &random)
{
    Shape shape{.label = std::string(1, static_cast<char>('a' + random.below(4)))};
    static constexpr std::pair<ShapeType, int> kTypes[] = {
        {ShapeType::Polygon, 5},   {ShapeType::Rectangle, 2}, {ShapeType::OrientedRectangle, 4}, {ShapeType::Circle, 2},
        {ShapeType::LineStrip, 3}, {ShapeType::Line, 2},      {ShapeType::PointShape, 1},
    };
    const auto &[type, count] = kTypes[random.below(7)];
    shape.type = type;
    for (int i = 0; i < count; ++i)
        shape.points.push_back({random.uniform(-4, 100), random.uniform(-4, 70)});
    if (random.chance(0.3))
        shape.groupId = random.below(5) - 2;
    if (random.chance(0.2))
        shape.description = "caf\xc3\xa9";
    if (random.chance(0.3))
        shape.flags = {{"occluded", random.chance(0.5)}, {"cut", true}};
    return shape;
}

inline Mask randomStroke(Random &random)
{
    const Rect box = Rect{random.below(90), random.below(58), 1 + random.below(20), 1 + random.below(16)}.intersected(
        {0, 0, kRandomImage.width, kRandomImage.height});
    Mask stroke{box, blankBits({box.width, box.height})};
    for (auto &bit : stroke.bits)
        bit = random.chance(0.85);
    return stroke;
}

/// One edit of any kind that fits the annotation; empty now and then.
inline Edit randomEdit(Random &random, const Annotation &a)
{
    const auto any = [&]() -> const Shape * {
        return a.shapes.empty() ? nullptr
                                : &a.shapes[static_cast<std::size_t>(random.below(static_cast<int>(a.shapes.size())))];
    };
    const std::string label(1, static_cast<char>('a' + random.below(4)));
    const Shape *shape = any();
    const int kind = random.below(a.shapes.size() > 30 ? 12 : 10); // the last two take away
    switch (kind) {
    case 0:
    case 1: {
        std::vector<Shape> shapes{randomShape(random)};
        if (random.chance(0.2))
            shapes.push_back(randomShape(random));
        return insertShapes(a, std::move(shapes), "Draw " + label);
    }
    case 2:
    case 3: {
        if (!shape)
            return {};
        Shape changed = *shape;
        if (random.chance(0.5) && !changed.points.empty())
            changed.points[0] = {random.uniform(0, 90), random.uniform(0, 60)};
        else
            changed.label = label;
        if (random.chance(0.2))
            changed.source = random.chance(0.7) ? randomSource(random) : nullptr;
        if (random.chance(0.2))
            changed.description += "x";
        return replaceShape(a, std::move(changed), "Move point");
    }
    case 4: {
        auto shapes = a.shapes;
        random.shuffle(shapes);
        Edit edit = replaceAllShapes(a, std::move(shapes), "Reorder");
        if (random.chance(0.5))
            edit.flags = {a.flags, Flags{{"night", random.chance(0.5)}, {"rain", random.chance(0.5)}}};
        return edit;
    }
    case 5: {
        EditChain chain(a);
        chain.add(setChecked(a, random.chance(0.5)));
        if (random.chance(0.3)) {
            Edit vote{.name = "Vote", .shapes = {}};
            vote.votes = {chain.annotation().votes, withVote(chain.annotation().votes, label, "sad")};
            chain.add(std::move(vote));
        }
        if (random.chance(0.5))
            chain.add(keepLabels(a, randomStroke(random)));
        return chain.edit("Review");
    }
    case 6:
        return eraseEdit(a, randomStroke(random), kRandomImage,
                         {.target = shape && random.chance(0.3) ? std::optional(shape->id) : std::nullopt});
    case 7:
    case 8:
    case 9:
        return paintEdit(a, randomStroke(random), label,
                         {.target = shape && random.chance(0.5) ? std::optional(shape->id) : std::nullopt});
    default: {
        std::vector<ShapeId> ids;
        for (int i = 0; i < 8; ++i)
            ids.push_back(any()->id);
        return removeShapes(a, ids, "Delete 8 shapes");
    }
    }
}

/// Equal in everything that is stored, ids and sources too.
inline bool isIdentical(const Annotation &a, const Annotation &b, bool withIds = true)
{
    if (!sameContent(a, b))
        return false;
    for (std::size_t i = 0; i < a.shapes.size(); ++i) {
        const Shape &x = a.shapes[i], &y = b.shapes[i];
        if ((withIds && x.id != y.id) || !x.source != !y.source || (x.source && !(*x.source == *y.source)))
            return false;
    }
    return true;
}

} // namespace masque
