// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/SampleSource.h"

#include <torch/types.h>

#include <future>
#include <stop_token>
#include <vector>

namespace masque {

struct Batch {
    torch::Tensor images;     ///< float32 [N, C, H, W]
    torch::Tensor targets;    ///< uint8 [N, H, W], or [N, planes, H, W]; of whole images [N, 1, 1] or [N, planes, 1, 1]
    int count = 0;            ///< of them that are this rank's; 0: there is one all the same, which counts for nothing
    int first = 0, total = 0; ///< where they are in the whole batch; its images on all ranks
};

/// Reads the batches of one epoch in their order; the next one is read while the caller works on the last one.
class BatchReader {
public:
    struct Item {
        std::size_t index = 0;
        std::uint64_t variation = 0;
    };
    struct Settings {
        int batch = 1;           ///< images a rank
        int rank = 0, ranks = 1; ///< a batch is as many images for each rank, of which this one reads its own
        int classes = 2;         ///< a target beyond is an error
        int planes = 0;          ///< of targets whose classes may overlap, or that are shares; 0: ids
        bool pinned = false;     ///< memory that a CUDA device copies from while it computes
        int threads = 1;         ///< that read one batch
        int firstStep = 0;       ///< the batches before it are left out
    };
    /// Every index in an order and with variations that depend on seed and epoch alone.
    /// again: indices that come once more, varied otherwise.
    static std::vector<Item> shuffled(std::size_t size, std::uint64_t seed, int epoch,
                                      const std::vector<std::size_t> &again = {});
    /// As many, each time of a class drawn evenly from those that there are (WeightedRandomSampler of PyTorch with
    /// weights of one over the class's count): with replacement, in an order that depends on seed and epoch alone.
    static std::vector<Item> balanced(const std::vector<std::uint8_t> &classes, std::uint64_t seed, int epoch,
                                      const std::vector<std::size_t> &again = {});
    /// 0, 1, 2, ... without variation.
    static std::vector<Item> inOrder(std::size_t size);

    /// A last batch that would leave a rank a single image or none joins the one before it, since batch normalisation
    /// could not live with it; unless that is what every batch does.
    BatchReader(const SampleSource &source, std::vector<Item> items, Settings settings, std::stop_token stop);
    int steps() const { return static_cast<int>(m_starts.size()) - 1; }
    /// Sample indices of a step on all ranks, in the batch's order.
    std::vector<std::size_t> samples(int step) const;
    /// To be called steps() - firstStep times. Errors name the sample. After a stop request the batch is not whole.
    Result<Batch> next();

private:
    Result<Batch> read(std::size_t step) const;
    Result<void> readSamples(std::size_t first, std::size_t last, std::size_t offset, const Batch &batch) const;
    void prefetch();

    const SampleSource &m_source;
    std::vector<Item> m_items;
    Settings m_settings;
    std::stop_token m_stop;
    std::vector<std::size_t> m_starts; ///< of each batch, and the end
    std::size_t m_step = 0;            ///< the next to be read
    std::future<Result<Batch>> m_next; ///< last member: its destructor waits for the reading thread
};

} // namespace masque
