// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Proposal.h"
#include "core/datasets/Dataset.h"
#include "core/inference/Predictor.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

/// Proposals as files beside the dataset: one LabelMe JSON an image in .masque/proposals, a mask shape a class with its
/// `score`, and what LabelMe has no place for under `proposal`: the run, its epoch and classes, the image's uncertainty
/// and the confidence of each pixel (PNG in base64, in steps of 5 of 255). Annotations are never touched here.
namespace masque {

struct StoredProposal {
    Proposal proposal;
    std::string run;        ///< name of the run's folder
    int epoch = 0;          ///< of the checkpoint
    double uncertainty = 0; ///< mean entropy, 0..1, at the network's scale
};

/// root/.masque/proposals, or under XDG_DATA_HOME where root cannot be written.
std::string proposalsFolder(const std::string &datasetRoot);
/// The file of an image's proposal, image relative to the root.
std::string proposalFile(const std::string &datasetRoot, const std::string &image);
/// Images with a proposal, as paths relative to the root, in no order.
std::vector<std::string> imagesWithProposal(const std::string &datasetRoot);

/// imagePath is noted in the file relative to it.
Result<void> writeProposal(const std::string &file, const StoredProposal &, const std::string &imagePath);
/// Errors name the file: none there, damaged, not a proposal.
Result<StoredProposal> readProposal(const std::string &file);
/// No error if there is none.
Result<void> removeProposal(const std::string &datasetRoot, const std::string &image);

/// What the network proposes for an image, CV_8UC3 RGB.
Result<StoredProposal> propose(Predictor &, const cv::Mat &image);

/// Told after each image, on the calling thread; error where it could not be predicted (the others go on).
using ProposalSink = std::function<void(std::size_t item, const Result<void> &)>;
/// Writes a proposal for each item, one after the other; a stop leaves those that are done. An error of the device, of
/// memory or of the disk ends it.
Result<void> proposeAll(Predictor &, const Dataset &, const std::vector<std::size_t> &items, std::stop_token,
                        const ProposalSink &);

} // namespace masque
