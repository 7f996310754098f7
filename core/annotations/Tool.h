// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/annotations/Edit.h"
#include "core/annotations/Proposal.h"
#include "core/annotations/ShapeGrid.h"
#include "core/base/OptionSpec.h"

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace masque {

/// A pointer event in image coordinates; imagePixelsPerScreenPixel says how many image pixels one screen pixel covers,
/// so that tolerances (10 screen pixels) can be kept at any zoom.
struct PointerEvent {
    Point position;
    double imagePixelsPerScreenPixel = 1;
    Point rightOnScreen = {1, 0}; ///< to the right on the screen, along the image's axes
    bool shift = false, control = false, alt = false;
    bool doubleClick = false;
    double pressure = 1; ///< of a tablet's pen, 0..1
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
    DrawOver drawOver = DrawOver::Everything;
    std::string overClass = {};                    ///< the class of DrawOver::OneClass
    std::set<std::string> lockedClasses = {};      ///< nothing is drawn in them
    cv::Mat image = {};                            ///< CV_8UC3 RGB; shared, never written to; empty while there is none
    std::shared_ptr<const Proposal> proposal = {}; ///< what a model says of the image; null: nothing known
    TakeOptions taking = {};                       ///< how it is taken
    Json options = {}; ///< the tool's own, by the keys of its description; absent ones have their default

    PaintRules rules(std::optional<ShapeId> target = {}) const
    {
        return {.drawOver = drawOver,
                .overClass = overClass,
                .protectedShapes = protectedShapes,
                .lockedClasses = lockedClasses,
                .target = target};
    }
};

/// A tool's options as its struct; what the context does not name keeps its default.
template <typename Struct>
Struct optionsFrom(const OptionTable<Struct> &table, const ToolContext &context)
{
    Struct options;
    if (context.options.isObject())
        (void)table.apply(context.options, options); // they come from fields made of the same table
    return options;
}

/// What the canvas draws over everything while the tool is active (not part of the annotation yet).
struct ToolPreview {
    std::vector<Point> outline = {}; ///< open or closed path, image coordinates
    bool closed = false;
    std::vector<Point> handles = {}; ///< vertices to draw as handles
    std::optional<std::size_t> activeHandle = {};
    std::vector<std::size_t> chosenHandles = {};
    /// Painted but not committed; drawn in the label's colour (or as hole). Shares the tool's pixels: look at it before
    /// the next event.
    std::shared_ptr<const Mask> stroke = {};
    bool strokeErases = false;
    /// Of several classes in one stroke: the class of bit value k is at [k - 1]; an empty one is a mark of no class.
    /// None: the stroke is of the context's class.
    std::vector<std::string> strokeLabels = {};
    std::optional<Shape> shape = {};    ///< a shape being changed: drawn instead of the one with its id
    std::vector<Shape> moreShapes = {}; ///< the others, when several shapes move together
};

/// What an event did.
struct ToolResult {
    Rect dirty = {};                                 ///< image pixels whose preview changed
    std::optional<Edit> edit = {};                   ///< finished: to be applied as one undo step
    std::optional<std::set<ShapeId>> selection = {}; ///< new selection, if it changed
    std::optional<Json> options = {};                ///< options that the gesture changed, by key
    bool handled = true;                             ///< false: the event means nothing to this tool
    std::string problem = {};                        ///< why it cannot be done, to be said; empty: nothing is wrong
};

/// Work that takes too long for a mouse move: a closure of values that touches no tool, so that any thread may run it.
/// It may throw what OpenCV throws.
using ToolWork = std::function<std::any(std::stop_token)>;

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
    /// Arrow keys: moves what is selected by this many image pixels.
    virtual ToolResult nudge(const ToolContext &, Point) { return {.handled = false}; }
    /// Delete: takes out what is chosen inside of shapes; unhandled where whole shapes are meant.
    virtual ToolResult removeChosen(const ToolContext &) { return {.handled = false}; }
    virtual void leaveImage() { cancel(); } ///< another image comes: what is known of this one is worthless
    virtual bool isBusy() const = 0;        ///< a gesture is under way
    virtual ToolPreview preview(const ToolContext &) const = 0;

    /// Asked for after every call: work to be run elsewhere, if any is due. One runs at a time and its result comes
    /// back through takeWork, empty if it failed; cancel() makes a running one worthless, and its result is not handed
    /// back.
    virtual ToolWork nextWork(const ToolContext &) { return {}; }
    virtual ToolResult takeWork(const ToolContext &, std::any) { return {}; }
};

/// A tool as plugins offer it and the tool bar shows it.
struct ToolDescription {
    std::string id;                       ///< "polygon"
    std::string title;                    ///< English, "Polygon"
    std::string help = {};                ///< one sentence for the tooltip
    std::string iconName = {};            ///< resources/icons
    std::string shortcut = {};            ///< portable text, "Ctrl+N"
    bool usesBrush = false;               ///< shows the brush options and cursor
    int order = 0;                        ///< place in the palette; a new hundred begins a group
    std::vector<OptionSpec> options = {}; ///< its own, shown above the canvas
    /// Selects: no rule of drawing is meant for it. Edits: changes what is there. Draws: in the active class.
    /// DrawsClasses: in several, so that the class must be known before the first press.
    enum class Use { Selects, Edits, Draws, DrawsClasses } use = Use::Draws;
    /// True: finish() without a gesture does something to the selection, so that the tool is offered as an action too.
    bool worksOnSelection = false;
};
class ToolFactory {
public:
    virtual ~ToolFactory() = default;
    virtual ToolDescription description() const = 0;
    virtual std::unique_ptr<Tool> create() const = 0; ///< null: it cannot be made, and is left out
};

} // namespace masque
