// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/emotions.h"
#include "core/image/image_file.h"
#include "core/runs/run.h"
#include "tests/support/datasets.h"

#include <opencv2/imgproc.hpp>

namespace masque {

/// folder/faces: three drawn faces for learning and one for validation of each of the seven emotions, with a run of
/// `emotion-small`, "first", that has seen them once. The dataset's root, empty if it could not be made.
inline std::string makeEmotionRun(const TestFolder &folder, const ModelList &models)
{
    const std::string root = folder.file("faces");
    for (std::size_t k = 0; k < kEmotions.size(); ++k)
        for (int i = 0; i < 4; ++i) {
            cv::Mat3b face(24, 24, cv::Vec3b::all(40));
            cv::line(face, {4, 4 + 2 * static_cast<int>(k)}, {20, 12 + i}, cv::Scalar::all(200), 2);
            const std::string file =
                std::string(i < 3 ? "train/" : "valid/") + std::string(kEmotions[k]) + "/" + std::to_string(i) + ".png";
            folder.write("faces/" + file, "");
            if (!writeImage(root + "/" + file, face))
                return {};
        }
    const DemoData data = openIndexed(root);
    RunOptions options;
    options.data.model = "emotion-small";
    options.data.task = "emotion";
    options.data.size = "24";
    options.training.epochs = 1;
    const auto run =
        data.dataset ? executeRun({data.dataset, data.summaries, options, root + "/.masque/runs/first"}, models, {}, {})
                     : Error{ErrorCode::Io, "no dataset", root};
    return run ? root : std::string();
}

} // namespace masque
