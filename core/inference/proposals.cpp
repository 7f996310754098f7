// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/proposals.h"

#include "core/annotations/labelme.h"
#include "core/annotations/mask_ops.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/inference/uncertainty.h"

#include <opencv2/imgcodecs.hpp>

#include <array>
#include <cmath>
#include <filesystem>

namespace masque {

namespace {

namespace fs = std::filesystem;

constexpr const char *kKey = "proposal";
constexpr int kStep = 5; ///< of confidence; what is certain stays 255

Error bad(const std::string &file, const std::string &what)
{
    return {ErrorCode::Format, file + ": is no proposal that can be used: " + what, file};
}

cv::Mat1b quantised(const cv::Mat1f &probability)
{
    std::array<std::uint8_t, 256> steps;
    for (int i = 0; i < 256; ++i)
        steps[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i / kStep * kStep);
    cv::Mat1b bytes, out;
    probability.convertTo(bytes, CV_8U, 255);
    cv::LUT(bytes, cv::Mat(1, 256, CV_8U, steps.data()), out);
    return out;
}

Result<StoredProposal> fromJson(Json document, const std::string &file)
{
    const Json meta = document[kKey];
    if (!meta.isObject())
        return bad(file, "the key \"proposal\" is missing");
    StoredProposal out;
    for (const Json &name : meta["classes"].items())
        out.proposal.classes.push_back(name.toString());
    out.run = meta["run"].toString();
    out.epoch = static_cast<int>(meta["epoch"].toInt());
    out.uncertainty = meta["uncertainty"].toDouble();
    const LabelSet labels(out.proposal.classes);
    if (out.proposal.classes.empty() || labels.names() != out.proposal.classes)
        return bad(file, "its classes are missing or not distinct");
    const std::string png = base64Decode(meta["confidence"].toString());
    const auto confidence = decodeImage(png, file);
    if (!confidence)
        return bad(file, "the confidence cannot be read");
    cv::extractChannel(*confidence, out.proposal.confidence, 0);
    auto annotation = labelMeFromJson(std::move(document), file);
    if (!annotation)
        return annotation.error();
    if (annotation->imageSize != Size{out.proposal.confidence.cols, out.proposal.confidence.rows})
        return bad(file, "the confidence is of another size");
    out.proposal.ids = labelMapOf(*annotation, labels, *annotation->imageSize);
    if (out.proposal.ids.empty())
        return bad(file, "the image is too large");
    return out;
}

} // namespace

std::string proposalsFolder(const std::string &datasetRoot)
{
    const std::string inside = datasetRoot + "/.masque/proposals";
    std::error_code ignored;
    if (fs::is_directory(inside, ignored) || isWritableFolder(datasetRoot))
        return inside;
    return fallbackFolder(datasetRoot) + "/proposals";
}

std::string proposalFile(const std::string &datasetRoot, const std::string &image)
{
    return proposalsFolder(datasetRoot) + "/" + image + ".json";
}

std::vector<std::string> imagesWithProposal(const std::string &datasetRoot)
{
    std::vector<std::string> images;
    const fs::path folder = proposalsFolder(datasetRoot);
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
        std::error_code ignored;
        if (at->path().extension() == ".json" && at->is_regular_file(ignored))
            images.push_back(at->path().lexically_relative(folder).replace_extension().generic_string());
    }
    return images;
}

Result<void> writeProposal(const std::string &file, const StoredProposal &stored, const std::string &imagePath)
{
    const Proposal &proposal = stored.proposal;
    const auto png = encodeGreyPng(proposal.confidence);
    if (!png)
        return png.error();
    Annotation annotation;
    annotation.shapes = shapesFromLabelMap(proposal.ids, LabelSet(proposal.classes), ShapeStyle::Masks);
    for (Shape &shape : annotation.shapes) {
        const double mean = cv::mean(proposal.confidence(toCv(shape.mask->box)), shape.mask->bits)[0] / 255;
        Json source = Json::object();
        source.set("score", std::round(mean * 1e4) / 1e4);
        shape.source = std::make_shared<const Json>(std::move(source));
    }
    annotation.imageSize = proposal.size();
    const fs::path folder = fs::path(file).parent_path();
    std::error_code ignored;
    annotation.imagePath = fs::proximate(imagePath, folder, ignored).generic_string();
    Json meta = Json::object();
    meta.set("run", stored.run);
    meta.set("epoch", stored.epoch);
    meta.set("uncertainty", std::round(stored.uncertainty * 1e6) / 1e6);
    Json::Array classes(proposal.classes.begin(), proposal.classes.end());
    meta.set("classes", std::move(classes));
    meta.set("confidence", base64Encode(*png));
    Json document = labelMeToJson(annotation);
    if (document.isNull())
        return Error{ErrorCode::Internal, file + ": the proposal cannot be written as LabelMe JSON", file};
    document.set(kKey, std::move(meta));
    if (auto made = makeFolder(folder.string()); !made)
        return made;
    return writeFileAtomically(file, document.dump(2));
}

Result<StoredProposal> readProposal(const std::string &file)
{
    try {
        auto document = readJsonFile(file);
        if (!document)
            return document.error();
        return fromJson(std::move(*document), file);
    } catch (const std::exception &e) { // OpenCV, memory
        return bad(file, e.what());
    }
}

Result<void> removeProposal(const std::string &datasetRoot, const std::string &image)
{
    const std::string file = proposalFile(datasetRoot, image);
    std::error_code failed;
    fs::remove(file, failed);
    if (failed)
        return Error{ErrorCode::Io, file + ": " + failed.message(), file};
    return {};
}

Result<StoredProposal> propose(Predictor &predictor, const cv::Mat &image)
{
    auto logits = predictor.logits(image);
    if (!logits)
        return logits.error();
    Logits seen = *logits;
    const auto small =
        predictor.prediction(seen, {seen.shape.width, seen.shape.height}, PredictionDetail::Probabilities);
    if (!small)
        return small.error();
    auto whole = predictor.prediction(*logits, {image.cols, image.rows}, PredictionDetail::LabelsOnly);
    if (!whole)
        return whole.error();
    const fs::path checkpoint = predictor.checkpointPath();
    return StoredProposal{.proposal = {whole->labels, quantised(whole->confidence), predictor.labels().names()},
                          .run = checkpoint.parent_path().filename().string(),
                          .epoch = predictor.epoch(),
                          .uncertainty = uncertaintyOf(entropyMap(*small))};
}

Result<void> proposeAll(Predictor &predictor, const Dataset &dataset, const std::vector<std::size_t> &items,
                        std::stop_token stop, const ProposalSink &sink)
{
    const std::string folder = proposalsFolder(dataset.root);
    for (const std::size_t item : items) {
        if (stop.stop_requested())
            return {};
        const std::string &name = dataset.items[item].image;
        const std::string path = dataset.absolute(name);
        Result<void> done;
        if (const auto image = readImage(path); !image) {
            done = image.error();
        } else if (const auto stored = propose(predictor, *image); !stored) {
            if (stored.error().code == ErrorCode::Device || stored.error().code == ErrorCode::Memory)
                return stored.error();
            done = stored.error();
        } else if (auto written = writeProposal(folder + "/" + name + ".json", *stored, path); !written) {
            return written;
        }
        sink(item, done);
    }
    return {};
}

} // namespace masque
