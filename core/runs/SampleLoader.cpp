// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/SampleLoader.h"

#include "core/datasets/tiles.h"
#include "core/models/ModelFactory.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace masque {

namespace {

/// Zooming in on a sample can use more pixels than the network's input has; more than twice as many are never seen.
constexpr double kKeptScale = 2.0;

} // namespace

cv::Mat1b mapToLabels(const cv::Mat1b &ids, const LabelSet &from, const LabelSet &to)
{
    cv::Mat1b table(1, 256, kIgnoreId);
    bool identity = true, isNameKnown = false;
    for (int id = 0; id < from.size(); ++id) {
        table(0, id) = to.idOf(from[id].name).value_or(kIgnoreId);
        identity = identity && table(0, id) == id;
        isNameKnown = isNameKnown || (table(0, id) != kIgnoreId && from[id].name != kBackgroundName);
    }
    if (identity || (!isNameKnown && from.size() == to.size()))
        return ids;
    cv::Mat1b mapped;
    cv::LUT(ids, table, mapped);
    return mapped;
}

Result<std::vector<std::size_t>> windowCounts(const Dataset &dataset, const std::vector<std::size_t> &items, Size size)
{
    std::vector<std::size_t> counts;
    for (const auto item : items) {
        const auto info = readImageInfo(dataset.absolute(dataset.items[item].image));
        if (!info)
            return info.error();
        counts.push_back(tilesOf(info->size, size).size());
    }
    return counts;
}

OverlapMap mapToLabels(const OverlapMap &map, const LabelSet &from, const LabelSet &to)
{
    cv::Mat1b ids(1, from.size());
    for (int id = 0; id < from.size(); ++id)
        ids(0, id) = static_cast<std::uint8_t>(id);
    const auto target = mapToLabels(ids, from, to);
    auto out = map;
    for (auto &classes : out.classes) {
        for (auto &id : classes)
            id = id < target.cols ? target(0, id) : kIgnoreId;
        std::erase(classes, kIgnoreId);
        std::erase(classes, std::uint8_t{0});
    }
    return out;
}

void planesFromOverlaps(const OverlapMap &map, int classes, std::span<std::uint8_t> out)
{
    const auto pixels = map.combination.total();
    const cv::Mat1b ignored(map.combination == kIgnoreId);
    for (int id = 1; id < classes; ++id) {
        cv::Mat1b plane(map.combination.rows, map.combination.cols,
                        out.data() + static_cast<std::size_t>(id - 1) * pixels);
        cv::Mat1b(map.plane(id) & 1).copyTo(plane);
        plane.setTo(kIgnoreId, ignored);
    }
}

void planarFromImage(const cv::Mat &image, std::span<float> out)
{
    const auto plane = static_cast<std::size_t>(image.rows) * static_cast<std::size_t>(image.cols);
    std::vector<cv::Mat> planes;
    if (out.size() == plane) {
        cv::Mat grey;
        cv::cvtColor(image, grey, cv::COLOR_RGB2GRAY);
        grey.convertTo(cv::Mat(image.rows, image.cols, CV_32F, out.data()), CV_32F, 1.0 / 255.0);
        return;
    }
    for (std::size_t c = 0; c < 3; ++c)
        planes.emplace_back(image.rows, image.cols, CV_32F, out.data() + c * plane);
    cv::Mat scaled;
    image.convertTo(scaled, CV_32F, 1.0 / 255.0);
    cv::split(scaled, planes);
}

SampleLoader::SampleLoader(std::shared_ptr<const Dataset> dataset, std::vector<std::size_t> items, LabelSet labels,
                           Size size, AugmentationOptions augmentation, Classes classes,
                           std::vector<std::size_t> windows, int channels, std::size_t cacheBytes)
    : m_dataset(std::move(dataset)), m_items(std::move(items)), m_labels(std::move(labels)), m_size(size),
      m_augmentation(augmentation), m_classes(classes), m_windows(std::move(windows)), m_channels(channels),
      m_cacheBytes(cacheBytes), m_cache(m_items.size())
{
    m_starts.push_back(0);
    for (std::size_t item = 0; item < m_items.size(); ++item)
        m_starts.push_back(m_starts.back() + (m_windows.empty() ? 1 : m_windows[item]));
}

SampleLoader::Place SampleLoader::placeOf(std::size_t index) const
{
    const auto after = std::upper_bound(m_starts.begin(), m_starts.end(), index);
    const auto item = static_cast<std::size_t>(after - m_starts.begin()) - 1;
    return {item, index - m_starts[item]};
}

std::optional<std::size_t> SampleLoader::indexOf(const std::string &image) const
{
    const auto found = std::find_if(m_items.begin(), m_items.end(),
                                    [&](std::size_t item) { return m_dataset->items[item].image == image; });
    return found == m_items.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - m_items.begin()));
}

std::vector<std::size_t> SampleLoader::samplesOf(const std::string &image) const
{
    std::vector<std::size_t> samples;
    if (const auto item = indexOf(image))
        for (auto sample = m_starts[*item]; sample < m_starts[*item + 1]; ++sample)
            samples.push_back(sample);
    return samples;
}

bool SampleLoader::correct(const std::string &image, std::shared_ptr<const Annotation> annotation)
{
    const auto index = indexOf(image);
    if (!index)
        return false;
    auto known = std::make_shared<Annotation>(*annotation);
    for (auto &shape : known->shapes)
        if (!m_dataset->labels.idOf(shape.label))
            shape.label = std::string(kIgnoreName);
    const std::lock_guard lock(m_mutex);
    m_corrected[*index] = std::move(known);
    if (const auto old = std::exchange(m_cache[*index], nullptr))
        m_cachedBytes -= old->image.total() * 4;
    return true;
}

bool SampleLoader::add(const std::string &image)
{
    const auto &all = m_dataset->items;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Item &item) { return item.image == image; });
    if (found == all.end() || indexOf(image))
        return false;
    const auto item = static_cast<std::size_t>(found - all.begin());
    std::size_t samples = 1;
    if (!m_windows.empty()) {
        const auto counts = windowCounts(*m_dataset, {item}, m_size);
        if (!counts)
            return false;
        samples = counts->front();
        m_windows.push_back(samples);
    }
    m_items.push_back(item);
    m_starts.push_back(m_starts.back() + samples);
    m_cache.emplace_back();
    return true;
}

std::size_t SampleLoader::targetElements() const
{
    if (m_classes == Classes::OfImages)
        return 1;
    if (m_classes == Classes::SharesOfImages)
        return static_cast<std::size_t>(m_labels.size());
    const int planes = m_classes == Classes::Overlapping ? std::max(1, m_labels.size() - 1) : 1;
    return BatchShape{1, planes, m_size.height, m_size.width}.elements();
}

std::string SampleLoader::name(std::size_t index) const
{
    return m_dataset->items[m_items[placeOf(index).item]].image;
}

Result<std::shared_ptr<const SampleLoader::Decoded>> SampleLoader::decoded(std::size_t index) const
{
    auto item = m_dataset->items[m_items[index]];
    {
        const std::lock_guard lock(m_mutex);
        if (m_cache[index])
            return m_cache[index];
        if (const auto corrected = m_corrected.find(index); corrected != m_corrected.end())
            item.corrected = corrected->second;
    }
    auto image = readImage(m_dataset->absolute(item.image));
    if (!image)
        return image.error();
    auto sample = std::make_shared<Decoded>();
    if (m_classes == Classes::OfImages) {
        const auto name = imageClass(*m_dataset, item, m_labels);
        if (!name)
            return name.error();
        sample->id = m_labels.idOf(*name).value_or(kIgnoreId);
    } else if (m_classes == Classes::SharesOfImages) {
        const auto shares = imageShares(*m_dataset, item, m_labels);
        if (!shares)
            return shares.error();
        for (const double share : *shares)
            sample->shares.push_back(static_cast<std::uint8_t>(std::lround(share * kWholeShare)));
        const auto most = std::ranges::max_element(sample->shares);
        if (most != sample->shares.end() && *most > 0)
            sample->id = static_cast<std::uint8_t>(most - sample->shares.begin());
    } else if (m_classes == Classes::Overlapping) {
        auto map = readOverlapMap(*m_dataset, item);
        if (!map)
            return map.error();
        auto mapped = mapToLabels(*map, m_dataset->labels, m_labels);
        sample->mask = std::move(mapped.combination);
        sample->combinations = std::move(mapped.classes);
    } else {
        auto ids = readLabelMap(*m_dataset, item);
        if (!ids)
            return ids.error();
        sample->mask = mapToLabels(*ids, m_dataset->labels, m_labels);
    }
    const auto &ids = sample->mask;
    if (!isOfImages(m_classes) && ids.size() != image->size())
        return Error{ErrorCode::Data,
                     item.image + ": is " + std::to_string(image->cols) + "x" + std::to_string(image->rows)
                         + ", but its annotation is " + std::to_string(ids.cols) + "x" + std::to_string(ids.rows),
                     item.image};

    sample->image = *image;
    const double share =
        std::min(image->cols / (kKeptScale * m_size.width), image->rows / (kKeptScale * m_size.height));
    if (share > 1 && m_windows.empty()) {
        const Size kept{static_cast<int>(std::lround(image->cols / share)),
                        static_cast<int>(std::lround(image->rows / share))};
        resizeSample(*image, sample->mask, kept, sample->image, sample->mask);
    }
    const auto bytes = sample->image.total() * 4;
    const std::lock_guard lock(m_mutex);
    const auto corrected = m_corrected.find(index);
    const bool isLatest = item.corrected == (corrected == m_corrected.end() ? nullptr : corrected->second);
    if (!m_cache[index] && isLatest && m_cachedBytes + bytes <= m_cacheBytes) {
        m_cachedBytes += bytes;
        m_cache[index] = sample;
    }
    return std::shared_ptr<const Decoded>(sample);
}

Result<std::shared_ptr<const SampleLoader::Decoded>> SampleLoader::resampled(std::size_t index,
                                                                             std::uint64_t variation) const
{
    try {
        const auto [item, window] = placeOf(index);
        const auto found = decoded(item);
        if (!found)
            return found.error();
        const auto &whole = **found;
        auto out = std::make_shared<Decoded>();
        out->combinations = whole.combinations;
        out->id = whole.id;
        out->shares = whole.shares;
        if (variation != 0) {
            Random rng(variation);
            resampleSample(whole.image, whole.mask, m_size, m_augmentation, rng, out->image, out->mask,
                           m_windows.empty() ? Framing::Stretched : Framing::Window);
        } else if (m_windows.empty()) {
            resizeSample(whole.image, whole.mask, m_size, out->image, out->mask);
        } else if (auto read = readTile(whole, window, out->image, out->mask); !read) {
            return read.error();
        }
        return std::shared_ptr<const Decoded>(std::move(out));
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, name(index) + ": not enough memory to prepare this sample", name(index)};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, name(index) + ": cannot be prepared as a sample: " + e.what(), name(index)};
    }
}

Result<void> SampleLoader::readTile(const Decoded &whole, std::size_t window, cv::Mat &image, cv::Mat1b &mask) const
{
    const auto tiles = tilesOf({whole.image.cols, whole.image.rows}, m_size);
    if (window >= tiles.size())
        return Error{ErrorCode::Data, "is smaller than when the training began; it must have been changed since"};
    const auto &[frame, own] = tiles[window];
    cv::Mat1b cut;
    cutWindow(whole.image, whole.mask, frame, image, cut);
    const cv::Rect counted(own.x - frame.x, own.y - frame.y, own.width, own.height);
    mask = cv::Mat1b(cut.size(), kIgnoreId);
    cut(counted).copyTo(mask(counted));
    return {};
}

Result<void> SampleLoader::readPixels(std::size_t index, std::uint64_t variation, cv::Mat &image, cv::Mat1b &mask) const
{
    const auto one = resampled(index, variation);
    if (!one)
        return one.error();
    image = (*one)->image;
    if (isOfImages(m_classes)) {
        mask = cv::Mat1b(image.size(), (*one)->id);
        return {};
    }
    mask = m_classes == Classes::Overlapping ? OverlapMap{(*one)->mask, (*one)->combinations}.top() : (*one)->mask;
    return {};
}

Result<void> SampleLoader::read(std::size_t index, std::uint64_t variation, std::span<float> image,
                                std::span<std::uint8_t> target) const
{
    const auto one = resampled(index, variation);
    if (!one)
        return one.error();
    const auto &mask = (*one)->mask;
    planarFromImage((*one)->image, image);
    if (m_classes == Classes::OfImages) {
        target[0] = (*one)->id;
        return {};
    }
    if (m_classes == Classes::SharesOfImages) {
        std::ranges::copy((*one)->shares, target.begin());
        return {};
    }
    if (m_classes == Classes::Overlapping) {
        planesFromOverlaps({mask, (*one)->combinations}, m_labels.size(), target);
        return {};
    }
    cv::Mat1b out(mask.rows, mask.cols, target.data());
    mask.copyTo(out);
    return {};
}

} // namespace masque
