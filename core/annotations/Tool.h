// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/Edit.h"
#include "core/annotations/ShapeGrid.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace masque {

/// A pointer event in image coordinates; imagePixelsPerScreenPixel says how many image pixels one screen pixel covers,
/// so that tolerances (10 screen pixels) can be kept at any zoom.
struct PointerEvent {
    Point position;
    double imagePixelsPerScreenPixel = 1;
    bool shift = false, control = false, alt = false;
    bool doubleClick = false;
};

/// What a tool may know and use. Owned by the caller, valid during a call only.
struct ToolContext {
    const Annotation &annotation;
    Size imageSize;
    std::string label;                      ///< the class that new shapes get
    std::set<ShapeId> selection = {};       ///< selected shapes
    std::set<ShapeId> protectedShapes = {}; ///< locked or hidden: never touched
    double brushRadiusPx = 12;
    bool brushSquare = false;
    const ShapeGrid *grid = nullptr; ///< of the annotation, to find shapes by place; null: look at all
};

/// What the canvas draws over everything while the tool is active (not part of the annotation yet).
struct ToolPreview {
    std::vector<Point> outline = {}; ///< open or closed path, image coordinates
    bool closed = false;
    std::vector<Point> handles = {}; ///< vertices to draw as handles
    std::optional<std::size_t> activeHandle = {};
    /// Painted but not committed; drawn in the label's colour (or as hole). Shares the tool's pixels: look at it before
    /// the next event.
    std::shared_ptr<const Mask> stroke = {};
    bool strokeErases = false;
    std::optional<Shape> shape = {};    ///< a shape being changed: drawn instead of the one with its id
    std::vector<Shape> moreShapes = {}; ///< the others, when several shapes move together
};

/// What an event did.
struct ToolResult {
    Rect dirty = {};                                 ///< image pixels whose preview changed
    std::optional<Edit> edit = {};                   ///< finished: to be applied as one undo step
    std::optional<std::set<ShapeId>> selection = {}; ///< new selection, if it changed
    bool handled = true;                             ///< false: the event means nothing to this tool
};

/// A canvas tool: logic only, no widgets. It never changes the annotation; a finished gesture returns an Edit. Used on
/// one thread.
class Tool {
public:
    virtual ~Tool() = default;

    virtual ToolResult press(const ToolContext &, const PointerEvent &) = 0;
    virtual ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) = 0;
    virtual ToolResult release(const ToolContext &, const PointerEvent &) = 0;
    virtual ToolResult finish(const ToolContext &) { return {.handled = false}; } ///< Enter, Space
    virtual ToolResult back(const ToolContext &) { return {.handled = false}; } ///< Backspace: take the last point back
    virtual ToolResult cancel() = 0;                                            ///< Esc; drops the gesture
    virtual bool isBusy() const = 0;                                            ///< a gesture is under way
    virtual ToolPreview preview(const ToolContext &) const = 0;
};

/// A tool as plugins offer it and the tool bar shows it.
struct ToolDescription {
    std::string id;         ///< "polygon"
    std::string title;      ///< English, "Polygon"
    std::string help;       ///< one sentence for the tooltip
    std::string iconName;   ///< resources/icons
    std::string shortcut;   ///< portable text, "Ctrl+N"
    bool usesBrush = false; ///< shows the brush options and cursor
    int order = 0;          ///< place in the palette
};
class ToolFactory {
public:
    virtual ~ToolFactory() = default;
    virtual ToolDescription description() const = 0;
    virtual std::unique_ptr<Tool> create() const = 0;
};

} // namespace masque
