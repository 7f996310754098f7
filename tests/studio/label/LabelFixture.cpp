// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/LabelFixture.h"

#include "core/annotations/tools/BrushTool.h"
#include "core/annotations/tools/PolygonTool.h"
#include "core/annotations/tools/RectangleTool.h"
#include "core/annotations/tools/SelectTool.h"
#include "core/annotations/tools/SplitTool.h"
#include "core/base/files.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>
#include <functional>

namespace masque {

namespace fs = std::filesystem;

namespace {

class FolderFormat : public DatasetFormat {
public:
    std::string id() const override { return "test-folder"; }
    std::string title() const override { return "Images of a test"; }
    int probe(const std::string &) const override { return 100; }
    Result<Dataset> read(const std::string &path) const override
    {
        Dataset dataset;
        dataset.root = fs::is_directory(path) ? path : fs::path(path).parent_path().string();
        dataset.format = id();
        dataset.labels = LabelSet({"_background_", "car", "tree"});
        for (const auto &entry : fs::directory_iterator(dataset.root))
            if (entry.path().extension() == ".png") {
                Item item{.image = entry.path().filename().string(), .json = entry.path().stem().string() + ".json"};
                if (fs::exists(fs::path(dataset.root) / "masks" / item.image))
                    item.mask = "masks/" + item.image;
                dataset.items.push_back(std::move(item));
            }
        std::sort(dataset.items.begin(), dataset.items.end(),
                  [](const Item &a, const Item &b) { return naturalLess(a.image, b.image); });
        return dataset;
    }
};

class MadeTool : public ToolFactory {
public:
    MadeTool(ToolDescription description, std::function<std::unique_ptr<Tool>()> make)
        : m_description(std::move(description)), m_make(std::move(make))
    {
    }
    ToolDescription description() const override { return m_description; }
    std::unique_ptr<Tool> create() const override { return m_make(); }

private:
    ToolDescription m_description;
    std::function<std::unique_ptr<Tool>()> m_make;
};

template <typename T, typename... Args>
std::shared_ptr<const ToolFactory> tool(std::string id, std::string key, bool usesBrush, int order, Args... args)
{
    return std::make_shared<MadeTool>(ToolDescription{.id = id,
                                                      .title = id,
                                                      .help = id,
                                                      .iconName = "tool-" + id,
                                                      .shortcut = key,
                                                      .usesBrush = usesBrush,
                                                      .order = order},
                                      [args...] { return std::make_unique<T>(args...); });
}

} // namespace

LabelFixture::LabelFixture(int images)
{
    for (int i = 0; i < images; ++i) {
        const auto grey = static_cast<double>(40 + 10 * (i % 20));
        const cv::Mat image(48, 64, CV_8UC3, cv::Scalar(grey, grey, grey));
        write("image" + std::to_string(i + 1) + ".png", {});
        if (!writeImage(file("image" + std::to_string(i + 1) + ".png"), image))
            qFatal("cannot write a test image");
    }
}

std::string LabelFixture::read(const std::string &name) const
{
    return readFile(file(name)).value_or(std::string());
}

void LabelFixture::writePolygon(const std::string &name, const std::string &label) const
{
    write(name, R"({"version": "5.1.1", "flags": {}, "shapes": [{"label": ")" + label
                    + R"(", "points": [[5.0, 5.0], [25.0, 5.0], [25.0, 25.0]], "group_id": null, )"
                      R"("shape_type": "polygon", "flags": {}}], "imagePath": "image1.png", "imageData": null, )"
                      R"("imageHeight": 48, "imageWidth": 64})");
}

FormatList LabelFixture::formats()
{
    return {std::make_shared<FolderFormat>()};
}

PluginRegistry LabelFixture::plugins()
{
    PluginRegistry registry;
    registry.formats = formats();
    registry.tools = {tool<SelectTool>("select", "Ctrl+J", false, 10),
                      tool<SplitTool>("split", "X", false, 15),
                      tool<PolygonTool>("polygon", "Ctrl+N", false, 20),
                      tool<RectangleTool>("rectangle", "Ctrl+R", false, 30),
                      tool<BrushTool>("brush", "B", true, 40, BrushTool::Mode::Paint),
                      tool<BrushTool>("eraser", "E", true, 50, BrushTool::Mode::Erase)};
    return registry;
}

Edit drawPolygon(const Annotation &annotation, const std::string &label, std::vector<Point> points)
{
    Shape shape{.label = label};
    shape.points = std::move(points);
    return insertShapes(annotation, {std::move(shape)}, "Draw " + label);
}

} // namespace masque
