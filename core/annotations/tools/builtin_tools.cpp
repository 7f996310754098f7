// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/builtin_tools.h"

#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/FillTool.h"
#include "core/annotations/tools/LassoTool.h"
#include "core/annotations/tools/ModelTools.h"
#include "core/annotations/tools/OrientedRectangleTool.h"
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/RefineTool.h"
#include "core/annotations/tools/SelectTool.h"
#include "core/annotations/tools/SplitTool.h"
#include "core/annotations/tools/TwoPointTool.h"
#include "core/annotations/tools/smart/GrabCutTool.h"
#include "core/annotations/tools/smart/ScissorsTool.h"
#include "core/annotations/tools/smart/SuperpixelTool.h"
#include "core/annotations/tools/smart/WandTool.h"
#include "core/annotations/tools/smart/WatershedTool.h"

namespace masque {

namespace {

using Gesture = PaintFilter::Gesture;
using Use = ToolDescription::Use;

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

/// Adds tools to a list, one line each.
struct Catalogue {
    std::vector<std::shared_ptr<const ToolFactory>> tools;

    template <typename T, typename... Args>
    void add(ToolDescription description, Args... args)
    {
        description.iconName = "tool-" + description.id;
        const auto make = [args...] { return std::make_unique<T>(args...); };
        tools.push_back(std::make_shared<Factory<decltype(make)>>(std::move(description), make));
    }
};

void addShapeTools(Catalogue &all)
{
    all.add<PolygonTool>({.id = "polygon",
                          .title = "Polygon",
                          .help = "Click the corners; Enter, a double click or the first point closes it. Points snap "
                                  "(Alt: not); two on a neighbour's border follow it. Shift: 45°.",
                          .shortcut = "Ctrl+N",
                          .order = 200},
                         PolygonTool::Kind::Polygon);
    all.add<TwoPointTool>({.id = "rectangle",
                           .title = "Rectangle",
                           .help = "Drag from corner to corner; Shift makes a square.",
                           .shortcut = "Ctrl+R",
                           .order = 210},
                          TwoPointTool::Kind::Rectangle);
    all.add<OrientedRectangleTool>({.id = "oriented-rectangle",
                                    .title = "Oriented rectangle",
                                    .help = "Drag or click one side, then click its width. Shift: 45°.",
                                    .shortcut = "O",
                                    .order = 220});
    all.add<TwoPointTool>({.id = "circle",
                           .title = "Circle",
                           .help = "Drag from the centre to the rim.",
                           .shortcut = "Shift+C",
                           .order = 230},
                          TwoPointTool::Kind::Circle);
    all.add<TwoPointTool>({.id = "line",
                           .title = "Line",
                           .help = "Drag, or click both ends. Shift: 45°.",
                           .shortcut = "Shift+L",
                           .order = 240},
                          TwoPointTool::Kind::Line);
    all.add<PolygonTool>({.id = "linestrip",
                          .title = "Line strip",
                          .help = "Click the points; Enter, a double click or Ctrl+click ends it. Shift: 45°.",
                          .shortcut = "Shift+S",
                          .order = 250},
                         PolygonTool::Kind::LineStrip);
    all.add<PolygonTool>(
        {.id = "point", .title = "Point", .help = "Click to set a point.", .shortcut = "Shift+P", .order = 260},
        PolygonTool::Kind::Point);
}

void addMaskTools(Catalogue &all)
{
    all.add<BrushTool>(
        {.id = "brush",
         .title = "Brush",
         .help = "Paint pixels of the active class. Ctrl erases, Shift+click draws a line, Alt+drag sizes.",
         .shortcut = "B",
         .usesBrush = true,
         .order = 300},
        Gesture::Paint);
    all.add<BrushTool>({.id = "eraser",
                        .title = "Eraser",
                        .help = "Take pixels away. Ctrl paints, Shift+click draws a line, Alt+drag sizes.",
                        .shortcut = "E",
                        .usesBrush = true,
                        .order = 310,
                        .use = Use::Edits},
                       Gesture::Erase);
    all.add<LassoTool>({.id = "lasso",
                        .title = "Lasso",
                        .help = "Draw around pixels to paint them; Ctrl takes them away.",
                        .shortcut = "L",
                        .order = 320},
                       Gesture::Paint);
    all.add<LassoTool>({.id = "lasso-subtract",
                        .title = "Subtracting lasso",
                        .help = "Draw around pixels to take them away; Ctrl paints them.",
                        .shortcut = "K",
                        .order = 330,
                        .use = Use::Edits},
                       Gesture::Erase);
    all.add<FillTool>(
        {.id = "fill",
         .title = "Fill",
         .help = "Click an unlabelled area, or one of a class, to give it the active class; Ctrl empties it.",
         .shortcut = "F",
         .order = 340});
    all.add<RefineTool>({.id = "fill-holes",
                         .title = "Fill holes",
                         .help = "Click a shape to fill its holes; Enter does it to the selected ones.",
                         .shortcut = "H",
                         .order = 350,
                         .use = Use::Edits,
                         .worksOnSelection = true},
                        RefineTool::Kind::FillHoles);
    all.add<RefineTool>({.id = "dilate",
                         .title = "Dilate",
                         .help = "Click a shape to make it grow; Enter does it to the selected ones.",
                         .shortcut = ".",
                         .order = 360,
                         .options = RefineTool::radiusOptions(),
                         .use = Use::Edits,
                         .worksOnSelection = true},
                        RefineTool::Kind::Dilate);
    all.add<RefineTool>({.id = "erode",
                         .title = "Erode",
                         .help = "Click a shape to make it shrink; Enter does it to the selected ones.",
                         .shortcut = ",",
                         .order = 370,
                         .options = RefineTool::radiusOptions(),
                         .use = Use::Edits,
                         .worksOnSelection = true},
                        RefineTool::Kind::Erode);
}

void addSmartTools(Catalogue &all)
{
    all.add<WandTool>({.id = "wand",
                       .title = "Magic wand",
                       .help = "Click a colour, drag for the tolerance; Shift adds, Ctrl takes away. Enter takes it.",
                       .shortcut = "Shift+W",
                       .order = 400,
                       .options = WandTool::options()});
    all.add<GrabCutTool>({.id = "grabcut",
                          .title = "GrabCut",
                          .help = "Drag a box around an object; brush what belongs to it, with Ctrl what does not. "
                                  "Enter takes it.",
                          .shortcut = "G",
                          .usesBrush = true,
                          .order = 410,
                          .options = GrabCutTool::options()});
    all.add<ScissorsTool>(
        {.id = "scissors",
         .title = "Intelligent scissors",
         .help = "Click along a border, which follows the edges; Alt draws straight. Enter closes it.",
         .shortcut = "I",
         .order = 420,
         .options = ScissorsTool::options()});
    all.add<SuperpixelTool>({.id = "superpixel",
                             .title = "Superpixel brush",
                             .help = "Drag over superpixels to paint them; Ctrl takes them away.",
                             .shortcut = "Shift+X",
                             .order = 430,
                             .options = SuperpixelTool::options()});
    all.add<WatershedTool>({.id = "watershed",
                            .title = "Watershed",
                            .help = "Paint markers of several classes (Ctrl: of none). Enter spreads them, and takes "
                                    "the result.",
                            .shortcut = "M",
                            .usesBrush = true,
                            .order = 440,
                            .use = Use::DrawsClasses});
}

void addModelTools(Catalogue &all)
{
    all.add<ModelBrushTool>({.id = "model-brush",
                             .title = "Model brush",
                             .help = "Paint what the model's proposal says; Ctrl keeps your labels against it.",
                             .shortcut = "Shift+B",
                             .usesBrush = true,
                             .order = 500,
                             .options = modelToolOptions(),
                             .use = Use::Edits});
    all.add<ModelLassoTool>({.id = "model-lasso",
                             .title = "Model lasso",
                             .help = "Draw around what to take of the model's proposal; Ctrl keeps your labels there.",
                             .shortcut = "Shift+K",
                             .order = 510,
                             .options = modelToolOptions(),
                             .use = Use::Edits});
    all.add<ModelFillTool>({.id = "model-fill",
                            .title = "Model fill",
                            .help = "Click a region of the model's proposal to take it; Ctrl keeps your labels there.",
                            .shortcut = "Shift+F",
                            .order = 520,
                            .options = modelToolOptions(),
                            .use = Use::Edits});
}

} // namespace

std::vector<std::shared_ptr<const ToolFactory>> builtinTools()
{
    Catalogue all;
    all.add<SelectTool>({.id = "select",
                         .title = "Select",
                         .help =
                             "Select and move shapes; drag a box for several. Alt+click an edge adds a point, "
                             "Alt+Shift+click removes it. Ctrl+click, or a box around some of them, chooses points. "
                             "Arrows move 5 screen pixels, Shift 25, Ctrl one of the image. A right-drag copies.",
                         .shortcut = "Ctrl+J",
                         .order = 100,
                         .use = Use::Selects});
    all.add<SplitTool>({.id = "split",
                        .title = "Split",
                        .help = "Drag a line across a shape to cut it in two. Shift: 45°.",
                        .shortcut = "X",
                        .order = 110,
                        .use = Use::Selects});
    addShapeTools(all);
    addMaskTools(all);
    addSmartTools(all);
    addModelTools(all);
    return std::move(all.tools);
}

} // namespace masque
