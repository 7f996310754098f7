// SPDX-License-Identifier: GPL-3.0-or-later
// A canvas tool as a plugin: a click paints a diamond in the active class. A tool is logic without widgets: it gets
// events in image coordinates, shows a preview and hands out an Edit, which the program applies as one step of undo. It
// never changes the annotation itself.
#include "core/annotations/Tool.h"
#include "core/plugins/Plugin.h"

#include <opencv2/imgproc.hpp>

#include <QObject>

#include <cmath>

namespace {

using namespace masque;

/// Options as a struct and its table: the fields above the canvas are made of it.
struct StampOptions {
    int radiusPx = 20; ///< 1 to 500
};

const OptionTable<StampOptions> &stampOptions()
{
    static const auto table = OptionTable<StampOptions>().add({.key = "radius",
                                                               .label = "Radius",
                                                               .help = "From the middle of the stamp to its corners.",
                                                               .type = OptionType::Int,
                                                               .minimum = 1,
                                                               .maximum = 500,
                                                               .unit = "px"},
                                                              &StampOptions::radiusPx);
    return table;
}

class StampTool : public Tool {
public:
    ToolResult press(const ToolContext &context, const PointerEvent &event) override
    {
        const auto radius = optionsFrom(stampOptions(), context).radiusPx;
        const cv::Point middle(static_cast<int>(std::floor(event.position.x)),
                               static_cast<int>(std::floor(event.position.y)));
        const cv::Rect image(0, 0, context.imageSize.width, context.imageSize.height);
        const cv::Rect area = cv::Rect(middle.x - radius, middle.y - radius, 2 * radius + 1, 2 * radius + 1) & image;
        if (area.empty())
            return {.handled = false};
        Mask stamp{{area.x, area.y, area.width, area.height}, cv::Mat1b(area.size(), std::uint8_t{0})};
        for (int y = 0; y < area.height; ++y)
            for (int x = 0; x < area.width; ++x)
                stamp.bits(y, x) = std::abs(area.x + x - middle.x) + std::abs(area.y + y - middle.y) <= radius;
        // paintEdit obeys the rules of drawing: locked classes and shapes, "only what is unlabelled".
        Edit edit = paintEdit(context.annotation, stamp, context.label, context.rules());
        edit.name = "Stamp";
        return edit.isEmpty() ? ToolResult{} : ToolResult{.dirty = stamp.box, .edit = std::move(edit)};
    }
    ToolResult move(const ToolContext &, const PointerEvent &, bool) override { return {}; }
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {}; }
    ToolResult cancel() override { return {.handled = false}; }
    bool isBusy() const override { return false; }
    ToolPreview preview(const ToolContext &) const override { return {}; }
};

class StampFactory : public ToolFactory {
public:
    ToolDescription description() const override
    {
        return {.id = "stamp",
                .title = "Stamp",
                .help = "A click paints a diamond.",
                .iconName = "tool-point",
                .options = stampOptions().specs()};
    }
    std::unique_ptr<Tool> create() const override { return std::make_unique<StampTool>(); }
};

class StampPlugin : public QObject, public Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "plugin.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(PluginRegistry &registry) override { registry.tools.push_back(std::make_shared<StampFactory>()); }
};

} // namespace

#include "StampTool.moc"
