// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/formats/CutoutFormat.h"

#include "core/annotations/mask_ops.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/datasets/listing.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <set>

namespace masque {

namespace {

constexpr const char *kForeground = "foreground";
constexpr int kHalf = 128;
constexpr std::size_t kSampled = 4;
constexpr std::int64_t kMostSampledPixels = 16 << 20;

std::string fileName(const std::string &path)
{
    return path.substr(path.find_last_of('/') + 1);
}

/// CV_8UC1, 255 opaque. Errors: no alpha, unreadable.
Result<cv::Mat1b> readAlpha(const std::string &path)
{
    const auto info = readImageInfo(path); // refuses what is too large
    if (!info)
        return info.error();
    if (info->channels != 2 && info->channels != 4)
        return Error{ErrorCode::Data, path + ": has no alpha channel", path};
    const cv::Mat image = cv::imread(path, cv::IMREAD_UNCHANGED);
    if (image.empty() || image.channels() != 4 || (image.depth() != CV_8U && image.depth() != CV_16U))
        return Error{ErrorCode::Format, path + ": its alpha channel cannot be read", path};
    cv::Mat alpha;
    cv::extractChannel(image, alpha, 3);
    if (alpha.depth() == CV_16U)
        alpha.convertTo(alpha, CV_8U, 1.0 / 257);
    return cv::Mat1b(alpha);
}

/// 1 where an alpha channel is at least half opaque.
cv::Mat1b insideOf(const cv::Mat1b &alpha)
{
    return cv::Mat1b((alpha >= kHalf) / 255);
}

/// Whether an image has an alpha channel, and whether that cuts something out; an image may be of background alone.
enum class Cut { None, Plain, Partly };

Cut cutOf(const std::string &path)
{
    const auto info = readImageInfo(path);
    if (!info || info->channels != 4 || std::int64_t{info->size.width} * info->size.height > kMostSampledPixels)
        return Cut::None;
    const auto alpha = readAlpha(path);
    if (!alpha)
        return Cut::None;
    const int count = cv::countNonZero(insideOf(*alpha));
    return count > 0 && count < static_cast<int>(alpha->total()) ? Cut::Partly : Cut::Plain;
}

/// Cut-outs with the images that they were cut from: of one name, in two places.
struct Pair {
    std::string image, cutout;
};

std::vector<Pair> pairsOf(const std::vector<std::string> &files)
{
    std::map<std::string, std::vector<std::string>> byName; // in natural order
    for (const auto &file : files)
        if (hasImageExtension(file))
            byName[withoutExtension(fileName(file))].push_back(file);
    std::vector<Pair> pairs;
    for (const auto &[name, found] : byName) {
        if (found.size() != 2)
            continue;
        const bool isFirst = toLowerAscii(found[0]).find("matting") != std::string::npos
                             || (toLowerAscii(found[0]).ends_with(".png") && !toLowerAscii(found[1]).ends_with(".png"));
        pairs.push_back({found[isFirst ? 1 : 0], found[isFirst ? 0 : 1]});
    }
    return pairs;
}

std::vector<std::string> pngsOf(const std::vector<std::string> &files)
{
    std::vector<std::string> pngs;
    std::ranges::copy_if(files, std::back_inserter(pngs),
                         [](const auto &file) { return toLowerAscii(file).ends_with(".png"); });
    return pngs;
}

/// All of a few from everywhere in the list, and one that is cut out.
template <typename List, typename Name>
bool areCutouts(const std::string &root, const List &list, Name name)
{
    const std::size_t count = std::min(list.size(), kSampled);
    bool isAny = false;
    for (std::size_t k = 0; k < count; ++k) {
        const Cut cut = cutOf(root + "/" + name(list[k * list.size() / count]));
        if (cut == Cut::None)
            return false;
        isAny = isAny || cut == Cut::Partly;
    }
    return isAny;
}

/// Any of some from everywhere in the list.
bool hasAlpha(const std::string &root, const std::vector<std::string> &pngs)
{
    const std::size_t count = std::min(pngs.size(), 4 * kSampled);
    for (std::size_t k = 0; k < count; ++k)
        if (const auto info = readImageInfo(root + "/" + pngs[k * pngs.size() / count]); info && info->channels == 4)
            return true;
    return false;
}

bool arePairs(const std::string &root, const std::vector<Pair> &pairs)
{
    return areCutouts(root, pairs, [](const Pair &pair) { return pair.cutout; });
}

class AlphaSource : public AnnotationSource {
public:
    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        const auto alpha = readAlpha(dataset.absolute(item.foreign));
        if (!alpha)
            return alpha.error();
        Annotation out;
        out.imagePath = fileName(item.image);
        out.imageSize = Size{alpha->cols, alpha->rows};
        Mask mask = cropped({{0, 0, alpha->cols, alpha->rows}, insideOf(*alpha)});
        if (mask.box.isEmpty())
            return out;
        Shape shape{.label = kForeground, .type = ShapeType::Mask};
        shape.mask = std::make_shared<const Mask>(std::move(mask));
        out.shapes.push_back(std::move(shape));
        return out;
    }
    bool hasSoftEdge(const Dataset &dataset, const Item &item) const override
    {
        const auto alpha = readAlpha(dataset.absolute(item.foreign));
        return alpha && cv::countNonZero((*alpha > 0) & (*alpha < 255)) > 0;
    }
};

} // namespace

int CutoutFormat::probe(const std::string &path) const
{
    const auto listed = listedFiles(path);
    const auto &files = *listed;
    const auto pngs = pngsOf(files);
    if (!hasAlpha(path, pngs)) // before names are paired, which takes long for many
        return 0;
    if (arePairs(path, pairsOf(files)))
        return 84;
    return areCutouts(path, pngs, [](const auto &file) { return file; }) ? 40 : 0;
}

Result<Dataset> CutoutFormat::read(const std::string &path) const
{
    Dataset dataset;
    dataset.root = path;
    dataset.format = id();
    auto listing = listFolder(path);
    dataset.problems = std::move(listing.problems);
    const auto add = [&](const std::string &image, const std::string &cutout) {
        Item item = itemFor(image);
        item.foreign = cutout;
        item.split = splitOfPath(image);
        dataset.items.push_back(std::move(item));
    };
    if (const auto pairs = pairsOf(listing.files); arePairs(path, pairs)) {
        for (const auto &[image, cutout] : pairs)
            add(image, cutout);
    } else {
        for (const auto &file : pngsOf(listing.files))
            add(file, file);
    }
    std::ranges::sort(dataset.items, naturalLess, &Item::image);
    dataset.labels = LabelSet({std::string(kBackgroundName), kForeground});
    dataset.labelsFixed = true;
    dataset.source = std::make_shared<AlphaSource>();
    return dataset;
}

Holds CutoutFormat::holds() const
{
    return {.pixels = true, .softEdges = true};
}

Result<bool> CutoutFormat::place(const Dataset &dataset, Output &output) const
{
    if (!output.isAnnotated || dataset.task == Task::Classification)
        return false;
    const std::string place = splitFolder(output.item->split) + output.stem;
    output.image = "clip_img/" + place + output.extension;
    output.files = {"matting/" + place + ".png"};
    return true;
}

std::vector<std::string> CutoutFormat::ownLosses(const Dataset &dataset) const
{
    std::vector<std::string> all;
    const int objects = dataset.labels.size() - (dataset.labels.hasBackground() ? 1 : 0);
    if (dataset.task == Task::Segmentation && objects > 1)
        all.push_back(lossText("Classes become one, the foreground", objects));
    const auto left = std::ranges::count_if(dataset.items, [&](const Item &item) {
        return dataset.task == Task::Classification || !hasAnnotation(dataset, item);
    });
    if (left > 0)
        all.push_back(lossText("Images without a mask are left out", left));
    return all;
}

std::unique_ptr<WritingFormat::Writer> CutoutFormat::makeWriter(const Dataset &dataset, const std::string &folder) const
{
    class CutoutWriter : public Writer {
    public:
        CutoutWriter(const Dataset &dataset, const std::string &folder) : m_dataset(dataset), m_folder(folder + "/") {}
        Result<void> add(const Output &output, const Annotation *annotation) override
        {
            const std::string path = m_folder + output.files.front();
            const bool isCutout = m_dataset.format == CutoutFormat().id();
            if (isCutout && isUntouched(m_dataset, *output.item)) {
                const auto bytes = readFile(m_dataset.absolute(output.item->foreign));
                return bytes ? writeNew(path, *bytes) : bytes.error();
            }
            const auto image = readImage(m_dataset.absolute(output.item->image));
            if (!image)
                return image.error();
            const auto ids = labelMapFor(m_dataset, *output.item, annotation ? *annotation : Annotation());
            if (!ids)
                return ids.error();
            if (ids->size() != image->size())
                return Error{ErrorCode::Data, output.item->image + ": its annotation was made for another size",
                             output.item->image};
            cv::Mat1b alpha(ids->size(), std::uint8_t{0});
            alpha.setTo(255, *ids != kIgnoreId);
            if (m_dataset.labels.hasBackground())
                alpha.setTo(0, *ids == 0);
            if (isCutout) // what was corrected is hard, the rest keeps its edge
                keepEdge(alpha, m_dataset.absolute(output.item->foreign));
            cv::Mat rgba;
            cv::merge(std::vector<cv::Mat>{*image, alpha}, rgba);
            return writeImage(path, rgba);
        }

    private:
        static void keepEdge(cv::Mat1b &alpha, const std::string &cutout)
        {
            const auto old = readAlpha(cutout);
            if (old && old->size() == alpha.size())
                old->copyTo(alpha, insideOf(*old) == insideOf(alpha));
        }

        const Dataset &m_dataset;
        const std::string m_folder;
    };
    return std::make_unique<CutoutWriter>(dataset, folder);
}

} // namespace masque
