// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/training/SampleSource.h"

#include <memory>
#include <mutex>
#include <vector>

namespace masque {

/// Ground truth in another set's class ids, mapped by name; a class that the other set does not know becomes ignore.
/// Where the other set knows no name at all and has as many classes, they are the same ones renamed (train
/// --class-names), and the ids stay.
cv::Mat1b mapToLabels(const cv::Mat1b &ids, const LabelSet &from, const LabelSet &to);

/// Image (CV_8UC3 RGB) -> float32 [3, H, W], 0..1. out has 3 * H * W elements.
void planarFromImage(const cv::Mat &image, std::span<float> out);

/// The dataset's images and label maps as training samples: decoded, augmented, stretched to the network's size. What
/// was decoded once is kept (reduced to what the network can use) as long as the budget lasts. Thread-safe.
class SampleLoader : public SampleSource {
public:
    /// items: positions in dataset->items. labels: the run's classes. augmentation is used for samples with a
    /// variation.
    SampleLoader(std::shared_ptr<const Dataset> dataset, std::vector<std::size_t> items, LabelSet labels, Size size,
                 AugmentationOptions augmentation, std::size_t cacheBytes = std::size_t{2} << 30);

    std::size_t size() const override { return m_items.size(); }
    int channels() const override { return 3; }
    int height() const override { return m_size.height; }
    int width() const override { return m_size.width; }
    std::size_t targetElements() const override;
    Result<void> read(std::size_t index, std::uint64_t variation, std::span<float> image,
                      std::span<std::uint8_t> target) const override;
    std::string name(std::size_t index) const override;

    /// The sample as pixels, for the form's preview: image CV_8UC3 RGB and mask at the network's size.
    Result<void> readPixels(std::size_t index, std::uint64_t variation, cv::Mat &image, cv::Mat1b &mask) const;

private:
    struct Decoded {
        cv::Mat image;
        cv::Mat1b mask;
    };
    Result<std::shared_ptr<const Decoded>> decoded(std::size_t index) const;

    std::shared_ptr<const Dataset> m_dataset;
    std::vector<std::size_t> m_items;
    LabelSet m_labels;
    Size m_size;
    AugmentationOptions m_augmentation;
    std::size_t m_cacheBytes;
    mutable std::mutex m_mutex;
    mutable std::vector<std::shared_ptr<const Decoded>> m_cache;
    mutable std::size_t m_cachedBytes = 0;
};

} // namespace masque
