// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/edit_codec.h"

#include "core/annotations/mask_codec.h"
#include "core/annotations/shape_fields.h"

#include <algorithm>
#include <limits>

namespace masque {

namespace {

enum ChangeKind : std::uint8_t { kInserted, kRemoved, kReplaced, kChanged };

/// A shape with the number it has in the file.
struct NumberedShape {
    std::uint64_t number = 0;
    Shape shape;
};

/// One ShapeChange as it is written.
struct RawChange {
    ChangeKind kind = kInserted;
    std::size_t beforeIndex = 0, afterIndex = 0;
    NumberedShape before, after; ///< of kChanged only the fields named
    std::uint8_t fields = 0;
    std::optional<MaskDelta> delta; ///< of kChanged, where both have a mask
    bool hasGrown = true;           ///< most of the pixels that differ were painted, not erased
};

struct RawEdit {
    std::string name;
    std::vector<RawChange> changes;
    std::optional<std::pair<Flags, Flags>> flags;
    std::optional<std::pair<bool, bool>> checked;
    std::optional<std::pair<Edit::MaskPointer, Edit::MaskPointer>> kept;
    std::optional<std::pair<Votes, Votes>> votes;
    Rect dirty;
};

Error damaged(const char *what)
{
    return {ErrorCode::Format, std::string("a step of the history is damaged: ") + what, "journal"};
}

void writeShape(ByteWriter &out, const Shape &shape, ShapeNumbers &numbers)
{
    out.number(numbers.numberOf(shape.id));
    writeFields(out, shape, kAllFields);
}

void readShape(ByteReader &in, NumberedShape &shape)
{
    shape.number = in.number();
    readFields(in, shape.shape, kAllFields);
}

/// Returns where the change can be seen: of a stroke its own pixels, not those of the mask it joined.
Rect writeChange(ByteWriter &out, const Edit::ShapeChange &change, ShapeNumbers &numbers)
{
    const auto kind = !change.before                          ? kInserted
                      : !change.after                         ? kRemoved
                      : change.before->id == change.after->id ? kChanged
                                                              : kReplaced;
    Rect seen;
    if (change.before)
        seen = change.before->bounds();
    if (change.after)
        seen = seen.united(change.after->bounds());
    out.byte(kind);
    out.number(change.beforeIndex);
    out.number(change.afterIndex);
    if (kind != kChanged) {
        if (change.before)
            writeShape(out, *change.before, numbers);
        if (change.after)
            writeShape(out, *change.after, numbers);
        return seen;
    }
    const Shape &before = *change.before, &after = *change.after;
    std::uint8_t fields = differingFields(before, after);
    const bool isDelta = (fields & kMask) && before.mask && after.mask;
    if (isDelta)
        fields = static_cast<std::uint8_t>(fields & ~kMask);
    out.number(numbers.numberOf(before.id));
    out.text(after.label); // for sketches, which have the bytes alone
    out.byte(static_cast<std::uint8_t>(after.type));
    out.byte(fields);
    out.byte(isDelta);
    writeFields(out, before, fields);
    writeFields(out, after, fields);
    if (isDelta) {
        const MaskDelta delta = maskDelta(*before.mask, *after.mask);
        const Mask painted = flip(*after.mask, {}, delta.flipped.box);
        int grown = 0;
        if (!painted.box.isEmpty()) {
            cv::Mat1b both;
            cv::bitwise_and(painted.bits, delta.flipped.bits, both);
            grown = 2 * cv::countNonZero(both) >= cv::countNonZero(delta.flipped.bits);
            seen = delta.flipped.box;
        }
        out.byte(static_cast<std::uint8_t>(grown));
        writeMaskDelta(out, delta);
    }
    return seen;
}

void readChange(ByteReader &in, RawChange &change)
{
    const std::uint8_t kind = in.byte();
    if (kind > kChanged)
        in.fail();
    change.kind = static_cast<ChangeKind>(kind);
    change.beforeIndex = static_cast<std::size_t>(in.number());
    change.afterIndex = static_cast<std::size_t>(in.number());
    if (change.kind == kChanged) {
        change.before.number = change.after.number = in.number();
        change.after.shape.label = in.text();
        readFields(in, change.after.shape, kType);
        change.fields = in.byte();
        const bool isDelta = in.byte() != 0;
        readFields(in, change.before.shape, change.fields);
        readFields(in, change.after.shape, change.fields);
        if (isDelta) {
            change.hasGrown = in.byte() != 0;
            change.delta = readMaskDelta(in);
        }
        return;
    }
    if (change.kind != kInserted)
        readShape(in, change.before);
    if (change.kind != kRemoved)
        readShape(in, change.after);
}

void writeKept(ByteWriter &out, const Edit::MaskPointer &kept)
{
    out.byte(kept != nullptr);
    if (kept)
        writeMask(out, *kept);
}

Edit::MaskPointer readKept(ByteReader &in)
{
    if (in.byte() == 0)
        return {};
    return std::make_shared<const Mask>(readMask(in));
}

/// As JSON, which has its own reader of what may be damaged.
void writeVotes(ByteWriter &out, const Votes &votes)
{
    out.text(votesToJson(votes).dump());
}

Votes readVotes(ByteReader &in)
{
    const auto json = Json::parse(in.text());
    return json ? votesFromJson(*json) : Votes();
}

Result<RawEdit> readEdit(std::string_view bytes)
{
    ByteReader in(bytes);
    RawEdit edit;
    edit.name = in.text();
    edit.dirty = in.rect();
    const std::uint8_t parts = in.byte();
    if (parts & 1) {
        Flags before = readFlags(in), after = readFlags(in);
        edit.flags = {std::move(before), std::move(after)};
    }
    if (parts & 2) {
        const bool before = in.byte() != 0, after = in.byte() != 0;
        edit.checked = {before, after};
    }
    if (parts & 4) {
        auto before = readKept(in), after = readKept(in);
        edit.kept = {std::move(before), std::move(after)};
    }
    if (parts & 8) {
        auto before = readVotes(in), after = readVotes(in);
        edit.votes = {std::move(before), std::move(after)};
    }
    edit.changes.resize(in.count(3));
    for (RawChange &change : edit.changes)
        readChange(in, change);
    if (!in.isGood() || !in.atEnd())
        return damaged("its bytes make no sense");
    return edit;
}

/// The shapes as they are while an edit's changes are resolved one after the other.
class KnownShapes {
public:
    explicit KnownShapes(const Annotation &annotation) : m_annotation(annotation) {}

    const Shape *find(ShapeId id)
    {
        if (const auto found = m_changed.find(id); found != m_changed.end())
            return found->second ? &*found->second : nullptr;
        if (m_places.empty())
            for (std::size_t i = 0; i < m_annotation.shapes.size(); ++i)
                m_places.emplace(m_annotation.shapes[i].id, i);
        const auto place = m_places.find(id);
        return place == m_places.end() ? nullptr : &m_annotation.shapes[place->second];
    }
    void set(const Shape &shape) { m_changed[shape.id] = shape; }
    void remove(ShapeId id) { m_changed[id].reset(); }

private:
    const Annotation &m_annotation;
    std::unordered_map<ShapeId, std::size_t> m_places;
    std::unordered_map<ShapeId, std::optional<Shape>> m_changed;
};

/// from is the side that known shows, to the other one.
Result<void> resolve(const RawChange &raw, bool isForward, KnownShapes &known, ShapeNumbers &numbers,
                     Edit::ShapeChange &out)
{
    const auto whole = [&](const NumberedShape &numbered) {
        Shape shape = numbered.shape;
        shape.id = numbers.idOf(numbered.number);
        return shape;
    };
    out.beforeIndex = raw.beforeIndex;
    out.afterIndex = raw.afterIndex;
    if (raw.kind != kChanged) {
        if (raw.kind != kInserted)
            out.before = whole(raw.before);
        if (raw.kind != kRemoved)
            out.after = whole(raw.after);
    } else {
        const Shape *shown = known.find(numbers.idOf(raw.before.number));
        if (!shown)
            return damaged("it changes a shape that is not there");
        Shape other = *shown;
        copyFields(other, isForward ? raw.after.shape : raw.before.shape, raw.fields);
        if (raw.delta) {
            const Rect &from = isForward ? raw.delta->before : raw.delta->after;
            const Rect &to = isForward ? raw.delta->after : raw.delta->before;
            if (!shown->mask || !(shown->mask->box == from))
                return damaged("it changes a mask that is another one");
            other.mask = std::make_shared<const Mask>(flip(*shown->mask, raw.delta->flipped, to));
        }
        out.before = isForward ? *shown : other;
        out.after = isForward ? other : *shown;
    }
    const auto &from = isForward ? out.before : out.after;
    const auto &to = isForward ? out.after : out.before;
    if (from)
        known.remove(from->id);
    if (to)
        known.set(*to);
    return {};
}

/// That apply would find everything where the edit says it is.
bool fits(const Edit &edit, const Annotation &annotation, EditSide side)
{
    std::vector<ShapeId> ids;
    ids.reserve(annotation.shapes.size() + 1);
    for (const Shape &shape : annotation.shapes)
        ids.push_back(shape.id);
    const auto step = [&ids](const std::optional<Shape> &from, std::size_t fromIndex, const std::optional<Shape> &to,
                             std::size_t toIndex) {
        if (from) {
            if (fromIndex >= ids.size() || ids[fromIndex] != from->id)
                return false;
            if (to && fromIndex == toIndex) {
                ids[fromIndex] = to->id;
                return true;
            }
            ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(fromIndex));
        }
        if (to) {
            if (toIndex > ids.size())
                return false;
            ids.insert(ids.begin() + static_cast<std::ptrdiff_t>(toIndex), to->id);
        }
        return true;
    };
    if (side == EditSide::Before)
        return std::all_of(edit.shapes.begin(), edit.shapes.end(),
                           [&](const auto &c) { return step(c.before, c.beforeIndex, c.after, c.afterIndex); });
    return std::all_of(edit.shapes.rbegin(), edit.shapes.rend(),
                       [&](const auto &c) { return step(c.after, c.afterIndex, c.before, c.beforeIndex); });
}

} // namespace

std::uint64_t ShapeNumbers::numberOf(ShapeId id)
{
    const auto [place, isNew] = m_numbers.try_emplace(id, m_last + 1);
    if (isNew)
        m_ids[++m_last] = id;
    return place->second;
}

ShapeId ShapeNumbers::idOf(std::uint64_t number)
{
    const auto [place, isNew] = m_ids.try_emplace(number, 0);
    if (isNew)
        bind(number, nextShapeId());
    return m_ids[number];
}

void ShapeNumbers::bind(std::uint64_t number, ShapeId id)
{
    m_ids[number] = id;
    m_numbers[id] = number;
    m_last = std::max(m_last, number);
}

std::string encodeEdit(const Edit &edit, ShapeNumbers &numbers)
{
    ByteWriter changes;
    Rect dirty;
    for (const auto &change : edit.shapes)
        dirty = dirty.united(writeChange(changes, change, numbers));
    ByteWriter out;
    out.text(edit.name);
    out.rect(dirty);
    out.byte(static_cast<std::uint8_t>((edit.flags ? 1 : 0) | (edit.checked ? 2 : 0) | (edit.kept ? 4 : 0)
                                       | (edit.votes ? 8 : 0)));
    if (edit.flags) {
        writeFlags(out, edit.flags->first);
        writeFlags(out, edit.flags->second);
    }
    if (edit.checked) {
        out.byte(edit.checked->first);
        out.byte(edit.checked->second);
    }
    if (edit.kept) {
        writeKept(out, edit.kept->first);
        writeKept(out, edit.kept->second);
    }
    if (edit.votes) {
        writeVotes(out, edit.votes->first);
        writeVotes(out, edit.votes->second);
    }
    out.number(edit.shapes.size());
    return out.bytes() + changes.bytes();
}

Result<Edit> decodeEdit(std::string_view bytes, const Annotation &annotation, EditSide side, ShapeNumbers &numbers)
{
    auto raw = readEdit(bytes);
    if (!raw)
        return raw.error();
    Edit edit{.name = std::move(raw->name), .shapes = {}};
    edit.flags = std::move(raw->flags);
    edit.checked = raw->checked;
    edit.kept = std::move(raw->kept);
    edit.votes = std::move(raw->votes);
    const std::size_t count = raw->changes.size();
    edit.shapes.resize(count);
    KnownShapes known(annotation);
    for (std::size_t k = 0; k < count; ++k) {
        const std::size_t i = side == EditSide::Before ? k : count - 1 - k;
        if (const auto done = resolve(raw->changes[i], side == EditSide::Before, known, numbers, edit.shapes[i]); !done)
            return done.error();
    }
    if (!fits(edit, annotation, side))
        return damaged("its shapes lie elsewhere");
    return edit;
}

Result<EditSketch> sketchEdit(std::string_view bytes)
{
    auto raw = readEdit(bytes);
    if (!raw)
        return raw.error();
    EditSketch sketch;
    sketch.dirty = raw->dirty;
    for (RawChange &change : raw->changes) {
        if (change.delta) {
            Shape shape{.label = change.after.shape.label, .type = ShapeType::Mask};
            shape.mask = std::make_shared<const Mask>(std::move(change.delta->flipped));
            (change.hasGrown ? sketch.added : sketch.removed).push_back(std::move(shape));
            continue;
        }
        if (change.kind != kInserted)
            sketch.removed.push_back(std::move(change.before.shape));
        if (change.kind != kRemoved)
            sketch.added.push_back(std::move(change.after.shape));
    }
    return sketch;
}

std::string encodeAnnotation(const Annotation &annotation, ShapeNumbers &numbers)
{
    ByteWriter out;
    writeFlags(out, annotation.flags);
    out.byte(static_cast<std::uint8_t>((annotation.checked ? 1 : 0) | (annotation.kept ? 2 : 0)
                                       | (annotation.votes.empty() ? 0 : 4)));
    if (annotation.kept)
        writeMask(out, *annotation.kept);
    if (!annotation.votes.empty())
        writeVotes(out, annotation.votes);
    out.number(annotation.shapes.size());
    for (const Shape &shape : annotation.shapes)
        writeShape(out, shape, numbers);
    return out.bytes();
}

Result<Annotation> decodeAnnotation(std::string_view bytes, ShapeNumbers &numbers)
{
    ByteReader in(bytes);
    Annotation annotation;
    annotation.flags = readFlags(in);
    const std::uint8_t parts = in.byte();
    annotation.checked = parts & 1;
    if (parts & 2)
        annotation.kept = std::make_shared<const Mask>(readMask(in));
    if (parts & 4)
        annotation.votes = readVotes(in);
    annotation.shapes.resize(in.count(10));
    for (Shape &shape : annotation.shapes) {
        NumberedShape numbered;
        readShape(in, numbered);
        shape = std::move(numbered.shape);
        shape.id = numbers.idOf(numbered.number);
    }
    if (!in.isGood() || !in.atEnd())
        return damaged("its shapes make no sense");
    return annotation;
}

} // namespace masque
