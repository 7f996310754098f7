// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/studio/label/LabelFixture.h"

#include "core/annotations/tools/builtin_tools.h"
#include "core/base/files.h"
#include "core/base/text.h"

#include <algorithm>
#include <filesystem>

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
    registry.tools = builtinTools();
    return registry;
}

Edit drawPolygon(const Annotation &annotation, const std::string &label, std::vector<Point> points)
{
    Shape shape{.label = label};
    shape.points = std::move(points);
    return insertShapes(annotation, {std::move(shape)}, "Draw " + label);
}

} // namespace masque
