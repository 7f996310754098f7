// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/BatchReader.h"

#include "core/base/Random.h"
#include "core/models/Network.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace masque {

namespace {

constexpr int kIgnore = 255;

/// Says which sample it is about, unless the error does already.
Error named(Error error, const std::string &sample)
{
    if (error.message.find(sample) == std::string::npos)
        error.message = sample + ": " + error.message;
    if (error.context.empty())
        error.context = sample;
    return error;
}

/// Never 0, which would be none.
template <typename... Parts>
std::uint64_t variationOf(Parts... parts)
{
    return std::max<std::uint64_t>(1, Random::of(parts...).next());
}

} // namespace

std::vector<BatchReader::Item> BatchReader::shuffled(std::size_t size, std::uint64_t seed, int epoch,
                                                     const std::vector<std::size_t> &again)
{
    auto items = inOrder(size);
    for (auto &item : items)
        item.variation = variationOf(seed, epoch, item.index);
    for (std::size_t k = 0; k < again.size(); ++k)
        items.push_back({again[k], variationOf(seed, epoch, again[k], k + 1)});
    Random::of(seed, epoch).shuffle(items);
    return items;
}

std::vector<BatchReader::Item> BatchReader::balanced(const std::vector<std::uint8_t> &classes, std::uint64_t seed,
                                                     int epoch, const std::vector<std::size_t> &again)
{
    std::map<std::uint8_t, std::vector<std::size_t>> byClass;
    for (std::size_t i = 0; i < classes.size(); ++i)
        if (classes[i] != 255) // of one that is ignored
            byClass[classes[i]].push_back(i);
    if (byClass.empty())
        return shuffled(classes.size(), seed, epoch, again);
    Random random = Random::of(seed, epoch);
    std::vector<Item> items;
    auto members = byClass.begin();
    for (std::size_t k = 0; k < classes.size(); ++k) {
        const auto &of = members->second;
        const std::size_t index = of[static_cast<std::size_t>(random.below(static_cast<int>(of.size())))];
        items.push_back({index, variationOf(seed, epoch, index, k + 1)});
        if (++members == byClass.end())
            members = byClass.begin();
    }
    for (std::size_t k = 0; k < again.size(); ++k)
        items.push_back({again[k], variationOf(seed, epoch, again[k], classes.size() + k + 1)});
    random.shuffle(items);
    return items;
}

std::vector<BatchReader::Item> BatchReader::inOrder(std::size_t size)
{
    std::vector<Item> items(size);
    for (std::size_t i = 0; i < size; ++i)
        items[i].index = i;
    return items;
}

BatchReader::BatchReader(const SampleSource &source, std::vector<Item> items, Settings settings, std::stop_token stop)
    : m_source(source), m_items(std::move(items)), m_settings(settings), m_stop(std::move(stop))
{
    const auto size = m_items.size(), ranks = static_cast<std::size_t>(m_settings.ranks);
    const auto batch = ranks * static_cast<std::size_t>(m_settings.batch);
    for (std::size_t at = 0; at < size; at += batch)
        if (at == 0 || m_settings.batch == 1 || size - at >= 2 * ranks)
            m_starts.push_back(at);
    m_starts.push_back(size);
    m_step = static_cast<std::size_t>(m_settings.firstStep);
    prefetch();
}

std::vector<std::size_t> BatchReader::samples(int step) const
{
    std::vector<std::size_t> indices;
    for (auto i = m_starts[static_cast<std::size_t>(step)]; i < m_starts[static_cast<std::size_t>(step) + 1]; ++i)
        indices.push_back(m_items[i].index);
    return indices;
}

Result<Batch> BatchReader::next()
{
    auto batch = m_next.get();
    prefetch();
    return batch;
}

void BatchReader::prefetch()
{
    if (m_step + 1 < m_starts.size())
        m_next = std::async(std::launch::async, [this, step = m_step++] { return read(step); });
}

Result<Batch> BatchReader::read(std::size_t step) const
try {
    const auto start = m_starts[step], total = m_starts[step + 1] - start;
    const auto rank = static_cast<std::size_t>(m_settings.rank), ranks = static_cast<std::size_t>(m_settings.ranks);
    auto first = start + total * rank / ranks, last = start + total * (rank + 1) / ranks;
    const auto options = torch::TensorOptions().pinned_memory(m_settings.pinned);
    Batch batch;
    batch.count = static_cast<int>(last - first);
    batch.first = static_cast<int>(first - start);
    batch.total = static_cast<int>(total);
    if (first == last) { // a rank without an image takes part all the same
        first = start;
        last = start + 1;
    }
    const auto images = static_cast<std::int64_t>(last - first);
    batch.images =
        torch::empty({images, m_source.channels(), m_source.height(), m_source.width()}, options.dtype(torch::kFloat));
    const bool isWhole = m_source.targetElements() == static_cast<std::size_t>(std::max(1, m_settings.planes));
    std::vector<std::int64_t> sizes = {images, isWhole ? 1 : m_source.height(), isWhole ? 1 : m_source.width()};
    if (m_settings.planes > 0)
        sizes.insert(sizes.begin() + 1, m_settings.planes);
    batch.targets = torch::empty(sizes, options.dtype(torch::kByte));
    const auto slices = std::clamp<std::size_t>(static_cast<std::size_t>(m_settings.threads), 1, last - first);
    std::vector<std::future<Result<void>>> others;
    const auto cut = [&](std::size_t slice) { return first + (last - first) * slice / slices; };
    for (std::size_t k = 1; k < slices; ++k)
        others.push_back(
            std::async(std::launch::async, [&, k] { return readSamples(cut(k), cut(k + 1), first, batch); }));
    auto done = readSamples(cut(0), cut(1), first, batch);
    for (auto &other : others)
        if (auto result = other.get(); done && !result)
            done = result;
    if (!done)
        return done.error();
    return batch;
} catch (...) {
    return torchError("reading a batch");
}

Result<void> BatchReader::readSamples(std::size_t first, std::size_t last, std::size_t offset, const Batch &batch) const
try {
    const auto imageSize = static_cast<std::size_t>(batch.images.stride(0));
    const auto targetSize = static_cast<std::size_t>(batch.targets.stride(0));
    auto *images = batch.images.data_ptr<float>();
    auto *targets = batch.targets.data_ptr<std::uint8_t>();
    for (auto i = first; i < last && !m_stop.stop_requested(); ++i) {
        const auto [index, variation] = m_items[i];
        const std::span image(images + (i - offset) * imageSize, imageSize);
        const std::span target(targets + (i - offset) * targetSize, targetSize);
        if (auto done = m_source.read(index, variation, image, target); !done)
            return named(done.error(), m_source.name(index));
        if (!std::all_of(image.begin(), image.end(), [](float value) { return std::isfinite(value); }))
            return named({ErrorCode::Data, "has pixel values that are no finite numbers (NaN)"}, m_source.name(index));
        for (const auto id : target)
            if (id != kIgnore && id >= m_settings.classes)
                return named({ErrorCode::Data, "its mask has class id " + std::to_string(id) + ", but there are "
                                                   + std::to_string(m_settings.classes)
                                                   + " classes (and 255 for ignore)"},
                             m_source.name(index));
    }
    return {};
} catch (...) {
    return torchError("reading a sample");
}

} // namespace masque
