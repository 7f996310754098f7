// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/cutout.h"
#include "studio/compare/comparison.h"

#include <QImage>

namespace masque {

/// One image before and after it is cut out, at the size of a screen.
struct CutoutPreview {
    QImage before, after; ///< of one size; what is clear lies over a chequered ground
};

/// Cuts out one image again and again as options change; image and mask are kept. Thread-safe: one at a time.
class CutoutPreviewer {
public:
    explicit CutoutPreviewer(const ModelList &models) : m_predictors(models) {}
    struct Request {
        std::string run = {}; ///< empty: the image's own annotation
        std::shared_ptr<const Dataset> dataset;
        Item item = {};
        CutoutOptions options = {};
    };
    Result<CutoutPreview> preview(const Request &);

private:
    Result<void> read(const Request &);

    std::mutex m_mutex;
    PredictorCache m_predictors;
    Request m_read; ///< what image and foreground are of
    cv::Mat m_image;
    cv::Mat1f m_foreground;
};

} // namespace masque
