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
    std::optional<std::pair<Votes, Votes>> votes = {}; ///< before, after
    using MaskPointer = std::shared_ptr<const Mask>;
    std::optional<std::pair<MaskPointer, MaskPointer>> kept = {}; ///< before, after

    bool isEmpty() const { return shapes.empty() && !flags && !checked && !votes && !kept; }
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
/// Keeps the labels of these pixels against a model's proposal.
Edit keepLabels(const Annotation &, const Mask &pixels);

/// Edits one after another as one step.
class EditChain {
public:
    explicit EditChain(const Annotation &start) : m_annotation(start) {}
    const Annotation &annotation() const { return m_annotation; } ///< after what was added
    void add(Edit edit);
    Edit edit(std::string name) const;

private:
    Annotation m_annotation;
    Edit m_all{.name = {}, .shapes = {}};
};

/// What drawing may go over.
enum class DrawOver { Everything, Unlabelled, OneClass };

/// What a tool may touch, the same for every tool.
struct PaintRules {
    DrawOver drawOver = DrawOver::Everything;
    std::string overClass = {};               ///< the one class of OneClass
    std::set<ShapeId> protectedShapes = {};   ///< locked or hidden: their pixels stay as they are
    std::set<std::string> lockedClasses = {}; ///< get no new pixels
    std::optional<ShapeId> target = {};       ///< the shape that is painted into or erased from
};

/// The pixels that rules forbid, found part by part, so that a stroke shows while it is drawn what will come of it.
class PaintFilter {
public:
    enum class Gesture { Paint, Erase };
    /// Of protected shapes and, for Paint, of what the draw-over rule keeps. Erasing is bound by OneClass only: it has
    /// no business where nothing is labelled.
    PaintFilter(const Annotation &, const PaintRules &, Gesture = Gesture::Paint);
    bool forbidsNothing() const { return m_shapes.empty() && !m_forbidsUnlabelled; }
    /// 1 where the annotation (the one given at first, unchanged) must not be touched.
    cv::Mat1b forbidden(const Annotation &, const Rect &area) const;

private:
    struct Entry {
        std::size_t index;
        Rect bounds;
        std::uint8_t value;
    };
    std::vector<Entry> m_shapes; ///< in the order in which they are painted
    bool m_forbidsUnlabelled = false;
};

/// Paints mask (image coordinates) as label where the rules allow: it joins the target if that is a mask shape of the
/// label, else the topmost mask shape of the label that no vector shape above hides there, else a new mask shape on
/// top. Pixels are taken away from other labels' mask shapes, so that a pixel of a painted mask belongs to one class.
/// An empty edit if nothing changes.
Edit paintEdit(const Annotation &, const Mask &stroke, const std::string &label, const PaintRules &rules = {});
/// Takes the stroke's pixels away from the target, or from every shape it touches, protected ones left out; under
/// OneClass from that class's shapes only. Vector shapes become mask shapes, shapes left empty are removed. An empty
/// edit if nothing is touched.
Edit eraseEdit(const Annotation &, const Mask &stroke, Size imageSize, const PaintRules &rules = {});
/// Adds a drawn vector shape: on top, but under the protected shapes that it meets; under Unlabelled below all that it
/// meets. Where the order of shapes cannot tell (OneClass), the shape's allowed pixels are painted as a mask.
Edit drawEdit(const Annotation &, Shape shape, Size imageSize, const PaintRules &rules = {});

} // namespace masque
