// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/training/Metrics.h"

#include <optional>
#include <string>

namespace masque {

/// At the end of each epoch, once for train and once for val; also a line of log.jsonl.
struct EpochReport {
    int epoch = 0;
    std::string split;
    MetricValues metrics;
    double lr = 0, seconds = 0, imagesPerSecond = 0; ///< lr: of the last step
    bool best = false; ///< the best so far, best.ckpt was written; of training where there is no validation
    /// Of validation where images of it were corrected since the run began: the figures without those images, which go
    /// on as if nothing had been corrected.
    struct Uncorrected {
        int correctedImages = 0;
        MetricValues metrics;
    };
    std::optional<Uncorrected> uncorrected = {};
    Json toJson() const;
    static EpochReport fromJson(const Json &);

    /// A figure by its key in log.jsonl: "mean_iou", ...
    double value(const std::string &key) const;
};

} // namespace masque
