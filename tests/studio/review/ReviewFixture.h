// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Random.h"
#include "core/inference/proposals.h"
#include "tests/studio/label/LabelFixture.h"

#include <string>
#include <vector>

namespace masque {

inline const std::vector<std::string> kReviewClasses = {"_background_", "car", "tree"};
inline constexpr Size kReviewImage{64, 48};

struct Patch {
    cv::Rect where;
    int id;
    int confidence = 255; ///< in steps of 5, as files have it
};

inline StoredProposal proposalOf(const std::vector<Patch> &patches)
{
    StoredProposal out{.proposal = {cv::Mat1b(kReviewImage.height, kReviewImage.width, std::uint8_t{0}),
                                    cv::Mat1b(kReviewImage.height, kReviewImage.width, std::uint8_t{255}),
                                    kReviewClasses},
                       .run = "2026-11-22-unet",
                       .epoch = 3};
    for (const Patch &patch : patches) {
        out.proposal.ids(patch.where).setTo(patch.id);
        out.proposal.confidence(patch.where).setTo(patch.confidence);
    }
    return out;
}

inline void writeProposal(const LabelFixture &data, const std::string &image, const std::vector<Patch> &patches)
{
    const std::string root = data.path().toStdString();
    if (!writeProposal(proposalFile(root, image), proposalOf(patches), data.file(image)))
        qFatal("no proposal");
}

} // namespace masque
