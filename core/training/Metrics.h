// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace masque {

/// Counts of (ground truth, prediction) over pixels, from which every segmentation metric is derived. Rows are ground
/// truth. Pixels whose truth is 255 (ignore) are left out. Sums over a whole split: add images one after another.
class ConfusionMatrix {
public:
    explicit ConfusionMatrix(int classes = 0);
    ConfusionMatrix(int classes, std::vector<std::int64_t> counts); ///< counts: classes x classes, row by row
    int classes() const { return m_classes; }
    void add(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> prediction);
    void add(const ConfusionMatrix &other);
    std::int64_t at(int truth, int prediction) const;
    std::int64_t total() const;

    /// A class occurs when truth or prediction has it; others are left out of every mean.
    bool occurs(int id) const;
    double iou(int id) const;  ///< intersection over union, 0..1; 0 if it does not occur
    double dice(int id) const; ///< 2 |A n B| / (|A| + |B|)
    std::int64_t truthPixels(int id) const;
    std::int64_t predictedPixels(int id) const;
    double pixelAccuracy() const;
    double recall(int id) const;    ///< the share of the class's truth that is predicted so; 0 if there is none
    double precision(int id) const; ///< the share of what is predicted so that is
    double balancedAccuracy() const; ///< mean recall of the classes that truth has
    /// Means over the classes that occur; firstClass 1 leaves the background out. 0 if none occurs.
    double meanIou(int firstClass = 0) const;
    double meanDice(int firstClass = 0) const;

private:
    double meanOver(int firstClass, double (ConfusionMatrix::*value)(int) const) const;

    int m_classes = 0;
    std::vector<std::int64_t> m_counts;
};

/// One epoch's (or evaluation's) figures, all ratios 0..1. Of whole images pixelAccuracy is their accuracy and meanDice
/// the macro F1, which is the same formula.
struct MetricValues {
    double loss = 0;
    double pixelAccuracy = 0, balancedAccuracy = 0, meanIou = 0, meanDice = 0, foregroundIou = 0, foregroundDice = 0;
    static MetricValues of(const ConfusionMatrix &, double loss, bool hasBackground);
    void addTo(Json &object) const; ///< as members loss, pixel_accuracy, mean_iou, ...
    static MetricValues from(const Json &object);
};

} // namespace masque
