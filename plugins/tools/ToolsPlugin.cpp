// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/RectangleTool.h"
#include "core/annotations/tools/SelectTool.h"
#include "core/annotations/tools/SplitTool.h"
#include "core/plugins/Plugin.h"

#include <QObject>

namespace {

using namespace masque;

/// Offers a tool class with its description.
template <typename Make>
class Factory : public ToolFactory {
public:
    Factory(ToolDescription description, Make make) : m_description(std::move(description)), m_make(make) {}
    ToolDescription description() const override { return m_description; }
    std::unique_ptr<Tool> create() const override { return m_make(); }

private:
    ToolDescription m_description;
    Make m_make;
};

template <typename Make>
void offerTool(PluginRegistry &registry, ToolDescription description, Make make)
{
    registry.tools.push_back(std::make_shared<Factory<Make>>(std::move(description), make));
}

} // namespace

/// The built-in canvas tools.
class ToolsPlugin : public QObject, public masque::Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID MasquePlugin_iid FILE "tools.json")
    Q_INTERFACES(masque::Plugin)

public:
    void offer(PluginRegistry &registry) override
    {
        offerTool(
            registry,
            {.id = "select",
             .title = "Select",
             .help =
                 "Select and move shapes; drag a box to select several; drag a point, Alt+click an edge to add one, "
                 "Alt+Shift+click a point to remove it. Points snap (Alt: not), Shift keeps to 45 degrees. Arrows move "
                 "by 5 screen pixels, Shift by 25, Ctrl by one image pixel; right-drag copies or moves.",
             .iconName = "tool-select",
             .shortcut = "Ctrl+J",
             .order = 10},
            [] { return std::make_unique<SelectTool>(); });
        offerTool(registry,
                  {.id = "split",
                   .title = "Split",
                   .help = "Drag a line across a shape to cut it in two; Shift keeps to 45 degrees.",
                   .iconName = "tool-split",
                   .shortcut = "X",
                   .order = 15},
                  [] { return std::make_unique<SplitTool>(); });
        offerTool(registry,
                  {.id = "polygon",
                   .title = "Polygon",
                   .help = "Click the corners; Enter, a double click or the first point closes it. Points snap to "
                           "neighbours (Alt: not); two "
                           "clicks on a neighbour's border follow it.",
                   .iconName = "tool-polygon",
                   .shortcut = "Ctrl+N",
                   .order = 20},
                  [] { return std::make_unique<PolygonTool>(); });
        offerTool(registry,
                  {.id = "rectangle",
                   .title = "Rectangle",
                   .help = "Drag from corner to corner; Shift makes a square.",
                   .iconName = "tool-rectangle",
                   .shortcut = "Ctrl+R",
                   .order = 30},
                  [] { return std::make_unique<RectangleTool>(); });
        offerTool(registry,
                  {.id = "brush",
                   .title = "Brush",
                   .help = "Paint pixels of the active class; Ctrl erases.",
                   .iconName = "tool-brush",
                   .shortcut = "B",
                   .usesBrush = true,
                   .order = 40},
                  [] { return std::make_unique<BrushTool>(BrushTool::Mode::Paint); });
        offerTool(registry,
                  {.id = "eraser",
                   .title = "Eraser",
                   .help = "Take pixels away; Ctrl paints.",
                   .iconName = "tool-eraser",
                   .shortcut = "E",
                   .usesBrush = true,
                   .order = 50},
                  [] { return std::make_unique<BrushTool>(BrushTool::Mode::Erase); });
    }
};

#include "ToolsPlugin.moc"
