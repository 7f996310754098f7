// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/training/SampleSource.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace masque {

/// Ground truth in another set's class ids, mapped by name; a class that the other set does not know becomes ignore.
/// Where the other set knows no name at all and has as many classes, they are the same ones renamed (train
/// --class-names), and the ids stay.
cv::Mat1b mapToLabels(const cv::Mat1b &ids, const LabelSet &from, const LabelSet &to);

/// The same where classes may overlap: what the other set does not know is left out of each combination.
OverlapMap mapToLabels(const OverlapMap &map, const LabelSet &from, const LabelSet &to);
/// A plane for each class but the background, 1 inside, 0 outside, 255 ignored. out has (classes - 1) * H * W elements.
void planesFromOverlaps(const OverlapMap &map, int classes, std::span<std::uint8_t> out);

/// Image (CV_8UC3 RGB) -> float32 [3, H, W], 0..1; where out has H * W elements: its brightness (ITU-R BT.601) alone.
void planarFromImage(const cv::Mat &image, std::span<float> out);

/// How many windows of a size cover each item's image (tilesOf). Errors name an image that cannot be read.
Result<std::vector<std::size_t>> windowCounts(const Dataset &, const std::vector<std::size_t> &items, Size size);

/// The dataset's images and label maps as training samples: decoded, augmented, stretched to the network's size; or
/// windows of that size at the image's own scale, as many as cover it: at random places where there is a variation,
/// else side by side, each pixel's label in one of them and ignore in the others. What was decoded once is kept
/// (reduced to what the network can use) as long as the budget lasts. Thread-safe.
class SampleLoader : public SampleSource {
public:
    /// What a target says: of each pixel its class's id, or of each class whether the pixel has it (SampleSource), or
    /// the class of the whole image (imageClass), or its share of each class (imageShares).
    enum class Classes { Exclusive, Overlapping, OfImages, SharesOfImages };
    static bool isOfImages(Classes classes) { return classes >= Classes::OfImages; }
    /// items: positions in dataset->items. labels: the run's classes. augmentation is used for samples with a
    /// variation. windows: of each item (windowCounts); empty: whole images are stretched. channels: 3, or 1 for grey.
    SampleLoader(std::shared_ptr<const Dataset> dataset, std::vector<std::size_t> items, LabelSet labels, Size size,
                 AugmentationOptions augmentation, Classes classes = Classes::Exclusive,
                 std::vector<std::size_t> windows = {}, int channels = 3,
                 std::size_t cacheBytes = std::size_t{2} << 30);

    std::size_t size() const override { return m_starts.back(); }
    const std::shared_ptr<const Dataset> &dataset() const { return m_dataset; }
    Classes classes() const { return m_classes; }
    const std::vector<std::size_t> &windows() const { return m_windows; }
    int channels() const override { return m_channels; }
    int height() const override { return m_size.height; }
    int width() const override { return m_size.width; }
    std::size_t targetElements() const override;
    Result<void> read(std::size_t index, std::uint64_t variation, std::span<float> image,
                      std::span<std::uint8_t> target) const override;
    std::string name(std::size_t index) const override;

    /// From now on the image of this name (as in Dataset::items) has this annotation; what its labels call a class that
    /// the run does not know is ignored. False if the image is not among the items.
    bool correct(const std::string &image, std::shared_ptr<const Annotation> annotation);
    /// An image of the dataset that is not among the items joins them, its samples after all others. Not while samples
    /// are read. False if there is no such image, or it cannot be read.
    bool add(const std::string &image);
    /// The samples made of an image; none if it is not among the items.
    std::vector<std::size_t> samplesOf(const std::string &image) const;

    /// The sample as pixels, for the form's preview: image CV_8UC3 RGB and mask at the network's size; of overlapping
    /// classes the one drawn last, of a whole image's class that one everywhere.
    Result<void> readPixels(std::size_t index, std::uint64_t variation, cv::Mat &image, cv::Mat1b &mask) const;

private:
    struct Decoded {
        cv::Mat image;
        cv::Mat1b mask;                                      ///< class ids, or indices into combinations
        std::vector<std::vector<std::uint8_t>> combinations; ///< as OverlapMap::classes
        std::uint8_t id = kIgnoreId;                         ///< of the whole image; mask is empty then
        std::vector<std::uint8_t> shares;                    ///< of each class, in 1 / kWholeShare
    };
    /// A sample's item and which of its windows it is.
    struct Place {
        std::size_t item = 0, window = 0;
    };
    Place placeOf(std::size_t index) const;
    std::optional<std::size_t> indexOf(const std::string &image) const; ///< in m_items
    Result<std::shared_ptr<const Decoded>> decoded(std::size_t item) const;
    /// A sample at the network's size, from a decoded one.
    Result<std::shared_ptr<const Decoded>> resampled(std::size_t index, std::uint64_t variation) const;
    Result<void> readTile(const Decoded &whole, std::size_t window, cv::Mat &image, cv::Mat1b &mask) const;

    std::shared_ptr<const Dataset> m_dataset;
    std::vector<std::size_t> m_items;
    LabelSet m_labels;
    Size m_size;
    AugmentationOptions m_augmentation;
    Classes m_classes;
    std::vector<std::size_t> m_windows;
    int m_channels;
    std::vector<std::size_t> m_starts; ///< the first sample of each item, and the end
    std::size_t m_cacheBytes;
    mutable std::mutex m_mutex;
    mutable std::vector<std::shared_ptr<const Decoded>> m_cache;
    mutable std::size_t m_cachedBytes = 0;
    std::map<std::size_t, std::shared_ptr<const Annotation>> m_corrected; ///< by index in m_items
};

} // namespace masque
