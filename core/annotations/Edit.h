// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <set>
#include <string>
#include <vector>

namespace masque {

/// A reversible change of one annotation, as a value. apply and inverted are the only functions that change
/// annotations. Unchanged masks and sources are shared, not copied.
struct Edit {
    /// A shape at a place in the list: before only = removed, after only = inserted, both = changed (and perhaps
    /// moved).
    struct ShapeChange {
        std::optional<Shape> before;
        std::optional<Shape> after;
        std::size_t beforeIndex = 0;
        std::size_t afterIndex = 0;
    };
    std::string name; ///< English, imperative: "Paint car", "Move 3 shapes"; the studio translates the known ones
    std::vector<ShapeChange> shapes;                   ///< applied in order
    std::optional<std::pair<Flags, Flags>> flags = {}; ///< before, after
    std::optional<std::pair<bool, bool>> checked = {}; ///< before, after

    bool isEmpty() const { return shapes.empty() && !flags && !checked; }
    std::size_t memoryBytes() const; ///< what keeping it for undo costs, about
    Rect dirtyRect() const;          ///< pixels that may look different afterwards
};

/// Changes the annotation. Ids and indices must be those the edit was made for (asserted).
void apply(const Edit &edit, Annotation &annotation);
Edit inverted(const Edit &edit);

/// Builders: each reads the annotation as it is and returns an Edit for it.
Edit insertShapes(const Annotation &, std::vector<Shape> shapes, std::string name);
Edit removeShapes(const Annotation &, const std::vector<ShapeId> &ids, std::string name);
Edit replaceShape(const Annotation &, Shape shape, std::string name); ///< by its id
Edit replaceAllShapes(const Annotation &, std::vector<Shape> shapes, std::string name);
Edit setChecked(const Annotation &, bool checked);

/// Paints mask (image coordinates) as label: it joins target if that is a mask shape of the label, else the topmost
/// mask shape of the label that no vector shape above hides there, else a new mask shape on top. Pixels are taken away
/// from other labels' mask shapes, so that a pixel of a painted mask belongs to one class; protected shapes keep
/// theirs. An empty edit if nothing changes.
Edit paintEdit(const Annotation &, const Mask &stroke, const std::string &label, std::optional<ShapeId> target = {},
               const std::set<ShapeId> &protectedShapes = {});
/// Takes the stroke's pixels away from target, or from every shape it touches that is not protected. Vector shapes
/// become mask shapes, shapes left empty are removed. An empty edit if nothing is touched.
Edit eraseEdit(const Annotation &, const Mask &stroke, Size imageSize, std::optional<ShapeId> target = {},
               const std::set<ShapeId> &protectedShapes = {});

} // namespace masque
