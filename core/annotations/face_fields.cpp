// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/face_fields.h"

#include "core/base/Json.h"

#include <algorithm>

namespace masque {

namespace {

constexpr const char *kIntensity = "intensity", *kRater = "rater";

const Json &fieldOf(const Shape &shape, const char *key)
{
    static const Json kNone;
    return shape.source && shape.source->isObject() ? (*shape.source)[key] : kNone;
}

/// null takes the key away.
void setField(Shape &shape, const char *key, Json value)
{
    Json source = shape.source && shape.source->isObject() ? *shape.source : Json::object();
    if (value.isNull())
        source.remove(key);
    else
        source.set(key, std::move(value));
    shape.source = source.members().empty() ? nullptr : std::make_shared<const Json>(std::move(source));
}

} // namespace

std::optional<double> intensityOf(const Shape &shape)
{
    const Json &value = fieldOf(shape, kIntensity);
    return value.isNumber() ? std::optional(std::clamp(value.toDouble(), 0.0, 1.0)) : std::nullopt;
}

void setIntensity(Shape &shape, std::optional<double> intensity)
{
    setField(shape, kIntensity, intensity ? Json(std::clamp(*intensity, 0.0, 1.0)) : Json());
}

std::string raterOf(const Shape &shape)
{
    return fieldOf(shape, kRater).toString();
}

void setRater(Shape &shape, const std::string &rater)
{
    setField(shape, kRater, rater.empty() ? Json() : Json(rater));
}

Votes votesOf(const Shape &shape)
{
    return votesFromJson(fieldOf(shape, kVotesKey));
}

void setVotes(Shape &shape, const Votes &votes)
{
    setField(shape, kVotesKey, votesToJson(votes));
}

std::vector<std::pair<double, ShapeId>> agreements(const Annotation &annotation)
{
    std::vector<std::pair<double, ShapeId>> out;
    for (const Shape &shape : annotation.shapes)
        if (const auto votes = votesOf(shape); !votes.empty())
            out.emplace_back(VoteCounts::of(votes).agreement(), shape.id);
    std::ranges::stable_sort(out, {}, &std::pair<double, ShapeId>::first);
    return out;
}

} // namespace masque
