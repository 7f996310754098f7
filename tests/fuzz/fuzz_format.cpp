// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/labelme.h"
#include "core/datasets/demo.h"
#include "core/datasets/image_class.h"
#include "plugins/formats/builtin_formats.h"
#include "tests/fuzz/seeds.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::string_view kFormat = MASQUE_FUZZED;

std::string bytesOf(const std::string &path)
{
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

void write(const std::string &path, std::string_view bytes)
{
    std::ofstream(path, std::ios::binary) << bytes;
}

/// A folder of sorted pictures, or of drawn shapes with a mask among them.
std::string makeSource(bool isOfImages)
{
    const std::string source = fuzzFolder() + "/source";
    if (isOfImages) {
        for (const char *file : {"train/happy/a.png", "train/sad/b.png", "test/happy/c.png"}) {
            fs::create_directories(fs::path(source + "/" + file).parent_path());
            write(source + "/" + file, encodeGreyPng(cv::Mat1b(48, 48, std::uint8_t{90})).value_or(""));
        }
        return source;
    }
    require(writeDemoShapes(source, {.count = 2, .size = 64}).has_value());
    const auto drawn = openDataset(source, builtinFormats());
    require(drawn.has_value());
    for (const auto &item : drawn->items) {
        auto annotation = readLabelMe(drawn->absolute(item.json));
        require(annotation.has_value());
        std::erase_if(annotation->shapes, [](const auto &shape) { return shape.points.size() > 16; }); // slow to read
        Shape mask{.label = "square", .type = ShapeType::Mask};
        mask.mask = std::make_shared<const Mask>(Mask{{3, 4, 5, 6}, cv::Mat1b(6, 5, std::uint8_t{1})});
        annotation->shapes.push_back(std::move(mask));
        require(writeLabelMe(drawn->absolute(item.json), *annotation).has_value());
    }
    return source;
}

/// The format's dataset as it is written, and its files.
struct Sample {
    std::shared_ptr<const DatasetFormat> format;
    std::string folder = fuzzFolder() + "/sample";
    std::vector<std::pair<std::string, std::string>> files = {}; ///< path and bytes
    FormatList formats = builtinFormats();

    Sample()
    {
        for (const auto &one : formats)
            if (one->id() == kFormat)
                format = one;
        require(format != nullptr);
        const bool isOfImages =
            kFormat == "class-folders" || kFormat == "legend-csv" || kFormat == "fer-csv" || kFormat == "mnist-idx";
        const auto source = openDataset(makeSource(isOfImages), formats);
        require(source.has_value());
        require(format->write(indexDataset(*source).dataset, folder, {}, {}).has_value());
        for (const auto &entry : fs::recursive_directory_iterator(folder))
            if (entry.is_regular_file())
                files.emplace_back(entry.path().string(), bytesOf(entry.path().string()));
        std::sort(files.begin(), files.end());
    }
};

const Sample &sample()
{
    static const Sample made;
    return made;
}

void look(const Result<Dataset> &dataset)
{
    if (!dataset)
        return;
    for (std::size_t i = 0; i < std::min<std::size_t>(dataset->items.size(), 8); ++i) {
        const auto &item = dataset->items[i];
        (void)summarise(*dataset, item);
        const auto annotation = readAnnotation(*dataset, item);
        const auto size = annotation ? annotation->imageSize.value_or(Size{}) : Size{};
        if (annotation && annotation->shapes.size() < 100 && std::int64_t{size.width} * size.height < 1 << 20)
            (void)readLabelMap(*dataset, item); // what is large is only slow
        (void)imageClass(*dataset, item, dataset->labels);
        (void)imageShares(*dataset, item, dataset->labels);
    }
}

} // namespace

std::vector<std::string> fuzzSeeds()
{
    std::vector<std::string> seeds;
    for (std::size_t i = 0; i < sample().files.size(); ++i)
        seeds.push_back(std::string(1, static_cast<char>(i)) + sample().files[i].second);
    return seeds;
}

} // namespace masque

/// One file of a dataset says anything: the dataset is refused or read, with its problems. The first byte chooses the
/// file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace masque;
    if (size == 0)
        return 0;
    const auto &[path, bytes] = sample().files[data[0] % sample().files.size()];
    write(path, {reinterpret_cast<const char *>(data) + 1, size - 1});
    look(sample().format->read(sample().folder));
    look(openDataset(sample().folder, sample().formats));
    write(path, bytes);
    return 0;
}
