// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/base/Result.h"

#include <string>
#include <string_view>
#include <unordered_map>

/// Edits as bytes, without loss: every field, the masks' pixels, the JSON that a shape came from. Where a shape is
/// changed only the difference is written, so that a stroke costs its own pixels and not those of the mask it joined.
namespace masque {

/// Names shapes in a file. ShapeIds are unique in one process only; the numbers stand for them in what is stored.
class ShapeNumbers {
public:
    std::uint64_t numberOf(ShapeId id); ///< a new number for an id that is not known yet
    ShapeId idOf(std::uint64_t number); ///< a new id for a number that is not known yet
    void bind(std::uint64_t number, ShapeId id);

private:
    std::unordered_map<ShapeId, std::uint64_t> m_numbers;
    std::unordered_map<std::uint64_t, ShapeId> m_ids;
    std::uint64_t m_last = 0;
};

std::string encodeEdit(const Edit &edit, ShapeNumbers &numbers);

/// Which side of an edit an annotation shows.
enum class EditSide { Before, After };

/// The edit that encodeEdit was given. annotation is the state before or after it, and gives what the bytes do not
/// repeat. Errors say what does not fit; nothing is asserted, since bytes on disk may be damaged.
Result<Edit> decodeEdit(std::string_view bytes, const Annotation &annotation, EditSide side, ShapeNumbers &numbers);

/// What an edit looks like, from its bytes alone: the shapes that appear or change (of a mask only the pixels that
/// differ) and those that go away. For small pictures of it.
struct EditSketch {
    std::vector<Shape> added, removed;
    Rect dirty; ///< where it can be seen
};
Result<EditSketch> sketchEdit(std::string_view bytes);

/// All shapes and flags of an annotation, without the document they came from.
std::string encodeAnnotation(const Annotation &annotation, ShapeNumbers &numbers);
Result<Annotation> decodeAnnotation(std::string_view bytes, ShapeNumbers &numbers);

} // namespace masque
