// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <cstdint>
#include <span>
#include <string>

namespace masque {

/// Where training's samples come from, without saying how: images and labels are written into the caller's memory, so
/// that whoever implements it needs no LibTorch. read is thread-safe.
class SampleSource {
public:
    /// A share of 1 in targets of LossSpec::isSoft: a byte tells shares in steps of half a per cent, exact for ten
    /// raters.
    static constexpr int kWholeShare = 200;
    virtual ~SampleSource() = default;
    virtual std::size_t size() const = 0;
    virtual int channels() const = 0;
    virtual int height() const = 0; ///< of the network's input
    virtual int width() const = 0;
    /// Elements of one target: height * width for segmentation (class id a pixel), 1 for classification. Where classes
    /// may overlap (TrainingOptions::multiLabel): such a plane for each class but the background, 1 inside, 0 outside.
    /// For the loss soft-ce: one for each class, its share of the raters' votes in 1 / kWholeShare; all 0 is ignored.
    virtual std::size_t targetElements() const = 0;
    /// Fills image: float32 [C, H, W], RGB, 0..1, and target: class ids, 255 = ignore. variation seeds the augmentation
    /// (the same index and variation give the same sample); 0 means none.
    virtual Result<void> read(std::size_t index, std::uint64_t variation, std::span<float> image,
                              std::span<std::uint8_t> target) const = 0;
    /// The sample's name for messages and logs.
    virtual std::string name(std::size_t index) const = 0;
};

} // namespace masque
