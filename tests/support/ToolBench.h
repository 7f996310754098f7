// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

#include <algorithm>
#include <vector>

namespace masque {

/// A mask shape of all pixels of a rectangle.
inline Shape boxShape(const std::string &label, Rect area)
{
    return {.label = label,
            .type = ShapeType::Mask,
            .mask = std::make_shared<const Mask>(Mask{area, cv::Mat1b(area.height, area.width, std::uint8_t{1})})};
}

/// A canvas without a window: sends events to a tool, does its work at once, applies its edits, keeps the selection.
class ToolBench {
public:
    struct Keys {
        bool shift = false, control = false, alt = false, doubleClick = false;
        double pressure = 1;
        double zoom = 1; ///< image pixels a screen pixel
    };

    ToolBench(std::unique_ptr<Tool> made, Size size) : tool(std::move(made)), imageSize(size) {}

    ToolContext context() const
    {
        return {.annotation = annotation,
                .imageSize = imageSize,
                .label = label,
                .selection = selection,
                .protectedShapes = protectedShapes,
                .brushRadiusPx = radiusPx,
                .drawOver = drawOver,
                .overClass = overClass,
                .lockedClasses = lockedClasses,
                .image = image,
                .proposal = proposal,
                .options = options};
    }
    bool press(Point p, Keys keys) { return take(tool->press(context(), event(p, keys))); }
    bool press(Point p) { return press(p, Keys()); }
    bool move(Point p, Keys keys, bool down = true) { return take(tool->move(context(), event(p, keys), down)); }
    bool move(Point p) { return move(p, Keys()); }
    bool release(Point p, Keys keys) { return take(tool->release(context(), event(p, keys))); }
    bool release(Point p) { return release(p, Keys()); }
    void click(Point p, Keys keys)
    {
        press(p, keys);
        release(p, keys);
    }
    void click(Point p) { click(p, Keys()); }
    void drag(const std::vector<Point> &path, Keys keys)
    {
        press(path.front(), keys);
        for (const Point &p : path)
            move(p, keys);
        release(path.back(), keys);
    }
    void drag(const std::vector<Point> &path) { drag(path, Keys()); }
    bool finish() { return take(tool->finish(context())); }
    bool back() { return take(tool->back(context())); }
    bool cancel() { return take(tool->cancel()); }
    bool nudge(Point delta) { return take(tool->nudge(context(), delta)); }
    bool removeChosen() { return take(tool->removeChosen(context())); }
    ToolPreview preview() const { return tool->preview(context()); }

    std::unique_ptr<Tool> tool;
    Size imageSize;
    Annotation annotation;
    std::set<ShapeId> selection, protectedShapes;
    std::set<std::string> lockedClasses;
    std::string label = "car", overClass;
    DrawOver drawOver = DrawOver::Everything;
    double radiusPx = 4;
    cv::Mat image;
    std::shared_ptr<const Proposal> proposal;
    Json options = Json::object();
    std::vector<Edit> edits;
    int works = 0; ///< done for the tool

private:
    static PointerEvent event(Point p, Keys keys)
    {
        return {.position = p,
                .imagePixelsPerScreenPixel = keys.zoom,
                .shift = keys.shift,
                .control = keys.control,
                .alt = keys.alt,
                .doubleClick = keys.doubleClick,
                .pressure = keys.pressure};
    }
    bool take(ToolResult result)
    {
        const bool isHandled = result.handled;
        for (;;) {
            if (result.options)
                for (const auto &[key, value] : result.options->members())
                    options.set(key, value);
            if (result.edit) {
                apply(*result.edit, annotation);
                edits.push_back(*result.edit);
                std::erase_if(selection, [this](ShapeId id) { return !annotation.find(id); });
            }
            if (result.selection)
                selection = *result.selection;
            const ToolWork work = tool->nextWork(context());
            if (!work)
                return isHandled;
            ++works;
            result = tool->takeWork(context(), work(std::stop_token()));
        }
    }
};

} // namespace masque
