// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/SampleLoader.h"

#include "core/datasets/tiles.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <exception>

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

void planarFromImage(const cv::Mat &image, std::span<float> out)
{
    const auto plane = static_cast<std::size_t>(image.rows) * static_cast<std::size_t>(image.cols);
    std::vector<cv::Mat> planes;
    for (std::size_t c = 0; c < 3; ++c)
        planes.emplace_back(image.rows, image.cols, CV_32F, out.data() + c * plane);
    cv::Mat scaled;
    image.convertTo(scaled, CV_32F, 1.0 / 255.0);
    cv::split(scaled, planes);
}

SampleLoader::SampleLoader(std::shared_ptr<const Dataset> dataset, std::vector<std::size_t> items, LabelSet labels,
                           Size size, AugmentationOptions augmentation, std::vector<std::size_t> windows,
                           std::size_t cacheBytes)
    : m_dataset(std::move(dataset)), m_items(std::move(items)), m_labels(std::move(labels)), m_size(size),
      m_augmentation(augmentation), m_windows(std::move(windows)), m_cacheBytes(cacheBytes), m_cache(m_items.size())
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

std::size_t SampleLoader::targetElements() const
{
    return static_cast<std::size_t>(m_size.height) * static_cast<std::size_t>(m_size.width);
}

std::string SampleLoader::name(std::size_t index) const
{
    return m_dataset->items[m_items[placeOf(index).item]].image;
}

Result<std::shared_ptr<const SampleLoader::Decoded>> SampleLoader::decoded(std::size_t index) const
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_cache[index])
            return m_cache[index];
    }
    const auto &item = m_dataset->items[m_items[index]];
    auto image = readImage(m_dataset->absolute(item.image));
    if (!image)
        return image.error();
    auto ids = readLabelMap(*m_dataset, item);
    if (!ids)
        return ids.error();
    if (ids->size() != image->size())
        return Error{ErrorCode::Data,
                     item.image + ": is " + std::to_string(image->cols) + "x" + std::to_string(image->rows)
                         + ", but its annotation is " + std::to_string(ids->cols) + "x" + std::to_string(ids->rows),
                     item.image};

    auto sample = std::make_shared<Decoded>();
    sample->image = *image;
    sample->mask = mapToLabels(*ids, m_dataset->labels, m_labels);
    const double share =
        std::min(image->cols / (kKeptScale * m_size.width), image->rows / (kKeptScale * m_size.height));
    if (share > 1 && m_windows.empty()) {
        const Size kept{static_cast<int>(std::lround(image->cols / share)),
                        static_cast<int>(std::lround(image->rows / share))};
        resizeSample(*image, sample->mask, kept, sample->image, sample->mask);
    }
    const auto bytes = sample->image.total() * 4;
    const std::lock_guard lock(m_mutex);
    if (!m_cache[index] && m_cachedBytes + bytes <= m_cacheBytes) {
        m_cachedBytes += bytes;
        m_cache[index] = sample;
    }
    return std::shared_ptr<const Decoded>(sample);
}

Result<void> SampleLoader::readPixels(std::size_t index, std::uint64_t variation, cv::Mat &image, cv::Mat1b &mask) const
{
    try {
        const auto [item, window] = placeOf(index);
        auto sample = decoded(item);
        if (!sample)
            return sample.error();
        const auto &[whole, ids] = **sample;
        if (variation != 0) {
            Random rng(variation);
            resampleSample(whole, ids, m_size, m_augmentation, rng, image, mask,
                           m_windows.empty() ? Framing::Stretched : Framing::Window);
        } else if (m_windows.empty()) {
            resizeSample(whole, ids, m_size, image, mask);
        } else {
            return readTile(whole, ids, window, image, mask);
        }
        return {};
    } catch (const std::bad_alloc &) {
        return Error{ErrorCode::Memory, name(index) + ": not enough memory to prepare this sample", name(index)};
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, name(index) + ": cannot be prepared as a sample: " + e.what(), name(index)};
    }
}

Result<void> SampleLoader::readTile(const cv::Mat &whole, const cv::Mat1b &ids, std::size_t window, cv::Mat &image,
                                    cv::Mat1b &mask) const
{
    const auto tiles = tilesOf({whole.cols, whole.rows}, m_size);
    if (window >= tiles.size())
        return Error{ErrorCode::Data, "is smaller than when the training began; it must have been changed since"};
    const auto &[frame, own] = tiles[window];
    cv::Mat1b cut;
    cutWindow(whole, ids, frame, image, cut);
    const cv::Rect counted(own.x - frame.x, own.y - frame.y, own.width, own.height);
    mask = cv::Mat1b(cut.size(), kIgnoreId);
    cut(counted).copyTo(mask(counted));
    return {};
}

Result<void> SampleLoader::read(std::size_t index, std::uint64_t variation, std::span<float> image,
                                std::span<std::uint8_t> target) const
{
    cv::Mat pixels;
    cv::Mat1b mask;
    if (auto done = readPixels(index, variation, pixels, mask); !done)
        return done;
    planarFromImage(pixels, image);
    cv::Mat1b out(mask.rows, mask.cols, target.data());
    mask.copyTo(out);
    return {};
}

} // namespace masque
