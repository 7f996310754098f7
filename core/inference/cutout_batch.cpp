// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/cutout_batch.h"

#include "core/base/files.h"
#include "core/inference/outputs.h"

#include <exception>
#include <filesystem>
#include <optional>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr const char *kSuffix = "_cutout.png";

Result<std::vector<std::string>> targetsOf(const CutoutRequest &request)
{
    std::vector<std::string> targets, taken;
    std::set<std::string> used;
    std::error_code ignored;
    for (const auto &item : request.dataset.items) {
        const fs::path target = fs::path(request.out) / (outputStem(item.image, used) + kSuffix);
        const fs::path image = request.dataset.absolute(item.image);
        if (fs::equivalent(target.parent_path(), image.parent_path(), ignored))
            return Error{ErrorCode::Option,
                         request.out + ": is the folder of " + image.string()
                             + " itself; name another folder for the cut-outs",
                         request.out};
        targets.push_back(target.string());
        if (request.existing == CutoutRequest::Existing::Refuse && fs::exists(target, ignored))
            taken.push_back(targets.back());
    }
    if (!taken.empty())
        return Error{ErrorCode::Io,
                     taken.front() + ": is there already"
                         + (taken.size() > 1 ? ", as are " + std::to_string(taken.size() - 1) + " more" : ""),
                     taken.front()};
    return targets;
}

Result<void> cutOutOne(const CutoutRequest &request, const Item &item, const Cutter &cutter,
                       std::optional<Predictor> &predictor, const std::string &target)
try {
    const auto image = readImage(request.dataset.absolute(item.image));
    if (!image)
        return image.error();
    cv::Mat1f foreground;
    if (predictor) {
        const auto prediction = predictor->predict(*image, PredictionDetail::Probabilities);
        if (!prediction)
            return prediction.error();
        foreground = foregroundOf(*prediction, cutter.options().smallestPart);
    } else {
        const auto ids = readLabelMap(request.dataset, item);
        if (!ids)
            return ids.error();
        foreground = foregroundOf(*ids);
    }
    if (auto folder = makeFolder(fs::path(target).parent_path().string()); !folder)
        return folder;
    return writeImage(target, cutter.cut(*image, foreground).picture);
} catch (const std::exception &e) {
    return Error{ErrorCode::Internal, item.image + ": cannot be cut out: " + e.what(), item.image};
}

} // namespace

Result<CutoutReport> cutOutAll(const CutoutRequest &request, const ModelList &models, std::stop_token stop,
                               const Progress &progress)
{
    const auto cutter = Cutter::make(request.options);
    if (!cutter)
        return cutter.error();
    const auto targets = targetsOf(request);
    if (!targets)
        return targets.error();
    std::optional<Predictor> predictor;
    if (!request.run.empty()) {
        auto loaded = Predictor::load(request.run, models);
        if (!loaded)
            return loaded.error();
        if (loaded->isOfImages())
            return Error{ErrorCode::Data,
                         request.run + ": tells classes of whole images and has no masks to cut out by", request.run};
        predictor = std::move(*loaded);
    }
    CutoutReport report;
    const auto &items = request.dataset.items;
    for (std::size_t i = 0; i < items.size() && !stop.stop_requested(); ++i) {
        if (!predictor && !hasAnnotation(request.dataset, items[i])) {
            ++report.unlabelled;
        } else if (const auto done = cutOutOne(request, items[i], *cutter, predictor, (*targets)[i]); done) {
            ++report.written;
        } else if (report.failed++ == 0) {
            report.problem = done.error().message;
        }
        if (progress)
            progress(i + 1, items.size());
    }
    return report;
}

Result<Dataset> datasetOfFolder(const std::string &path, const FormatList &formats, std::stop_token stop)
{
    auto dataset = openDataset(path, formats);
    if (!dataset)
        return dataset.error();
    return indexDataset(std::move(*dataset), stop).dataset;
}

} // namespace masque
