// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/inference/outputs.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/inference/evaluate.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <exception>
#include <filesystem>

namespace masque {

namespace {

constexpr std::pair<std::string_view, OutputKind> kKinds[] = {
    {"labelme", OutputKind::LabelMe},
    {"mask", OutputKind::Mask},
    {"overlay", OutputKind::Overlay},
    {"cutout", OutputKind::Cutout},
    {"probabilities", OutputKind::Probabilities},
};

std::string safeName(std::string name)
{
    for (char &c : name)
        if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
            c = '_';
    return name;
}

Result<void> writeLabelMeOutput(const Prediction &prediction, const std::string &imagePath, const LabelSet &labels,
                                const OutputOptions &options, const std::string &path)
{
    Annotation annotation;
    const auto addShapes = [&](const cv::Mat1b &ids) {
        for (auto &shape : shapesFromLabelMap(ids, labels, options.style, options.tolerancePx))
            annotation.shapes.push_back(std::move(shape));
    };
    if (prediction.layers.empty())
        addShapes(prediction.labels);
    for (std::size_t k = 0; k < prediction.layers.size(); ++k)
        addShapes(cv::Mat1b(prediction.layers[k] & static_cast<double>(k + 1))); // its id where it is
    for (auto &shape : annotation.shapes) {
        Json source = Json::object();
        source.set("score", std::round(shapeScore(shape, prediction, labels) * 1e4) / 1e4);
        shape.source = std::make_shared<const Json>(std::move(source));
    }
    std::error_code ignored;
    const auto folder = std::filesystem::absolute(std::filesystem::path(path).parent_path(), ignored);
    annotation.imagePath = std::filesystem::relative(imagePath, folder, ignored).generic_string();
    if (annotation.imagePath.empty())
        annotation.imagePath = imagePath;
    annotation.imageSize = Size{prediction.labels.cols, prediction.labels.rows};
    return writeLabelMe(path, annotation);
}

Result<void> writeProbabilities(const Prediction &prediction, const LabelSet &labels, ProbabilityFormat format,
                                const std::string &base, std::vector<std::string> &files)
{
    if (format == ProbabilityFormat::Npy) {
        files.push_back(base + "_probabilities.npy");
        return writeFileAtomically(files.back(), encodeNpy(prediction.probabilities));
    }
    for (int id = 0; id < labels.size(); ++id) {
        cv::Mat scaled;
        prediction.probabilities[static_cast<std::size_t>(id)].convertTo(scaled, CV_16U, 65535);
        std::vector<std::uint8_t> png;
        cv::imencode(".png", scaled, png);
        const auto path = base + "_probabilities_" + safeName(labels[id].name) + ".png";
        if (auto done = writeFileAtomically(path, {reinterpret_cast<const char *>(png.data()), png.size()}); !done)
            return done;
        files.push_back(path);
    }
    return {};
}

Result<void> writeOne(OutputKind kind, const Prediction &prediction, const cv::Mat &image, const std::string &imagePath,
                      const LabelSet &labels, const OutputOptions &options, const std::string &base,
                      std::vector<std::string> &files)
{
    std::string path;
    Result<void> done;
    switch (kind) {
    case OutputKind::LabelMe:
        path = base + ".json";
        done = writeLabelMeOutput(prediction, imagePath, labels, options, path);
        break;
    case OutputKind::Mask: {
        path = base + ".png";
        const auto png = encodeIdPng(prediction.labels, labels.palette());
        done = png ? writeFileAtomically(path, *png) : png.error();
        break;
    }
    case OutputKind::Overlay:
        path = base + "_overlay.jpg";
        done = writeImage(path, overlay(image, prediction.labels, labels, 0.5));
        break;
    case OutputKind::Cutout:
        path = base + "_cutout.png";
        done = writeImage(
            path, options.cutter.cut(image, foregroundOf(prediction, options.cutter.options().smallestPart)).picture);
        break;
    case OutputKind::Probabilities: return writeProbabilities(prediction, labels, options.probabilities, base, files);
    }
    if (done)
        files.push_back(path);
    return done;
}

} // namespace

std::string outputStem(const std::string &image, std::set<std::string> &used)
{
    const std::filesystem::path path(image);
    const auto whole = (path.parent_path() / path.stem()).generic_string();
    auto stem = whole;
    if (used.count(stem))
        stem += "_" + path.extension().string().substr(1);
    for (int i = 2; !used.insert(stem).second; ++i)
        stem = whole + "_" + std::to_string(i);
    return stem;
}

Result<std::vector<OutputKind>> parseOutputKinds(const std::string &list)
{
    std::vector<OutputKind> kinds;
    std::vector<std::string> known;
    for (const auto &[name, kind] : kKinds)
        known.emplace_back(name);
    for (const auto &part : splitText(list, ',')) {
        const auto word = trimmed(part);
        const auto *found =
            std::find_if(std::begin(kKinds), std::end(kKinds), [&](const auto &k) { return k.first == word; });
        if (found == std::end(kKinds))
            return Error{ErrorCode::Option, "cannot write '" + word + "'; known are " + joinText(known, ", "), "write"};
        kinds.push_back(found->second);
    }
    return kinds;
}

std::string encodeNpy(const std::vector<cv::Mat1f> &planes)
{
    constexpr std::size_t kAlignment = 64, kMagicBytes = 10;
    const int rows = planes.empty() ? 0 : planes.front().rows, cols = planes.empty() ? 0 : planes.front().cols;
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(planes.size()) + ", "
                         + std::to_string(rows) + ", " + std::to_string(cols) + "), }";
    while ((kMagicBytes + header.size() + 1) % kAlignment != 0)
        header += ' ';
    header += '\n';
    std::string out("\x93NUMPY\x01\0", 8);
    out += static_cast<char>(header.size() & 0xff);
    out += static_cast<char>(header.size() >> 8);
    out += header;
    for (const auto &plane : planes)
        for (int y = 0; y < plane.rows; ++y) // the machines that this is built for are little-endian
            out.append(reinterpret_cast<const char *>(plane[y]), static_cast<std::size_t>(plane.cols) * sizeof(float));
    return out;
}

double shapeScore(const Shape &shape, const Prediction &prediction, const LabelSet &labels)
{
    const auto id = labels.idOf(shape.label);
    if (!id || *id >= prediction.probabilities.size())
        return 0;
    const auto mask = shapeMask(shape, {prediction.labels.cols, prediction.labels.rows});
    if (mask.box.isEmpty())
        return 0;
    const cv::Rect box(mask.box.x, mask.box.y, mask.box.width, mask.box.height);
    return cv::mean(prediction.probabilities[*id](box), mask.bits)[0];
}

Result<std::vector<std::string>> writeOutputs(const Prediction &prediction, const cv::Mat &image,
                                              const std::string &imagePath, const LabelSet &labels,
                                              const OutputOptions &options, const std::string &folder,
                                              const std::string &stem)
{
    std::vector<std::string> files;
    try {
        for (const auto kind : options.kinds)
            if (auto done = writeOne(kind, prediction, image, imagePath, labels, options, folder + "/" + stem, files);
                !done)
                return done.error();
    } catch (const std::exception &e) {
        return Error{ErrorCode::Internal, folder + "/" + stem + ": cannot be made: " + e.what(), folder};
    }
    return files;
}

} // namespace masque
