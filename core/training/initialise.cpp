// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/initialise.h"

#include "core/base/text.h"
#include "core/training/TrainingOptions.h"
#include "core/training/checkpoint_file.h"
#include "core/training/weights/weights_file.h"

#include <algorithm>
#include <map>
#include <set>

namespace masque {

namespace {

using Blobs = std::map<std::string, const TensorBlob *>;

constexpr const char *kEncoder = "encoder.";
constexpr std::size_t kPrefixParts = 4;

std::string shapeText(const std::vector<std::int64_t> &shape)
{
    std::vector<std::string> sides;
    for (const auto side : shape)
        sides.push_back(std::to_string(side));
    return "[" + joinText(sides, ", ") + "]";
}

/// What a file's and a network's names begin with where they mean the same.
struct Beginnings {
    std::string file, network;

    /// The file's name of a network's parameter; empty if it is beyond these beginnings.
    std::string nameInFile(const std::string &name) const
    {
        return name.starts_with(network) ? file + name.substr(network.size()) : std::string();
    }
};

/// The pair by which most of the network's names, with the same number of dimensions, are in the file; of equals the
/// shortest.
Beginnings bestBeginnings(const Blobs &blobs, const NamedTensors &targets)
{
    std::set<std::string> prefixes = {""};
    for (const auto &[name, blob] : blobs) {
        std::size_t end = 0;
        for (std::size_t part = 0; part < kPrefixParts && (end = name.find('.', end)) != std::string::npos; ++part)
            prefixes.insert(name.substr(0, ++end));
    }
    Beginnings best;
    std::size_t most = 0;
    for (const auto &network : {std::string(), std::string(kEncoder)})
        for (const auto &file : prefixes) {
            const Beginnings tried{file, network};
            const auto fits = std::ranges::count_if(targets, [&](const auto &target) {
                const auto found = blobs.find(tried.nameInFile(target.first));
                return found != blobs.end()
                       && static_cast<std::int64_t>(found->second->shape.size()) == target.second.dim();
            });
            if (static_cast<std::size_t>(fits) > most) {
                most = static_cast<std::size_t>(fits);
                best = tried;
            }
        }
    return best;
}

/// A first convolution's weights [O, C, h, w] for another number of channels; undefined where it is none.
torch::Tensor forChannels(const torch::Tensor &weights, const torch::Tensor &target, int inputChannels)
{
    const bool isFirst = weights.dim() == 4 && target.dim() == 4 && target.size(1) == inputChannels
                         && weights.size(0) == target.size(0) && weights.size(2) == target.size(2)
                         && weights.size(3) == target.size(3) && (weights.size(1) == 1 || weights.size(1) == 3);
    if (!isFirst)
        return {};
    const auto from = weights.size(1), to = target.size(1);
    if (to == 1)
        return weights.sum(1, true);
    return weights.repeat({1, (to + from - 1) / from, 1, 1}).slice(1, 0, to)
           * (static_cast<double>(from) / static_cast<double>(to));
}

} // namespace

std::string InitReport::text() const
{
    const auto list = [](const char *title, const std::vector<std::string> &names) {
        constexpr std::size_t kShown = 5;
        if (names.empty())
            return std::string();
        const std::vector<std::string> shown(names.begin(),
                                             names.begin() + static_cast<long>(std::min(kShown, names.size())));
        return std::string("; ") + std::to_string(names.size()) + " " + title + ": " + joinText(shown, ", ")
               + (names.size() > kShown ? ", ..." : "");
    };
    return std::to_string(loaded.size()) + " tensors loaded" + list("fitted to the images' channels", adapted)
           + list("left as initialised", missing) + list("of another shape", misshaped)
           + list("of the file not used", unused);
}

Result<InitReport> initialiseFrom(const std::string &path, const std::string &layers, Network &network)
try {
    const auto file = readWeights(path);
    if (!file)
        return file.error();
    InitReport report;
    report.isOwn = Json((*file)->metadata)["format"].toString() == kCheckpointFormat;
    Blobs blobs;
    for (const auto &blob : (*file)->tensors)
        if (!report.isOwn || blob.name.starts_with(kNetworkPrefix)) // the rest is the optimiser's
            blobs.emplace(report.isOwn ? blob.name.substr(kNetworkPrefix.size()) : blob.name, &blob);
    auto targets = networkTensors(network);
    for (auto &[name, target] : targets)
        name.erase(0, kNetworkPrefix.size());
    const auto beginnings = bestBeginnings(blobs, targets);
    report.isEncoder = !beginnings.network.empty();
    const torch::NoGradGuard noGradients;
    for (const auto &[name, target] : targets) {
        const auto found = blobs.find(beginnings.nameInFile(name));
        if (found == blobs.end() || (!layers.empty() && !isAmongLayers(layers, name))) {
            report.missing.push_back(name);
            if (found != blobs.end())
                blobs.erase(found);
            continue;
        }
        const TensorBlob &blob = *found->second;
        const auto type = typeNamed(blob.type);
        const bool isAlike = type && torch::isFloatingType(*type) == target.is_floating_point();
        auto tensor = isAlike ? tensorOf(blob, *type) : torch::Tensor();
        const bool isFitted = isAlike && tensor.sizes() != target.sizes();
        if (isFitted)
            tensor = forChannels(tensor.to(torch::kFloat), target, network.inputChannels());
        if (tensor.defined()) {
            target.copy_(tensor);
            report.loaded.push_back(name);
            if (isFitted)
                report.adapted.push_back(name);
        } else {
            report.misshaped.push_back(name
                                       + (isAlike
                                              ? " " + shapeText(blob.shape) + " for " + shapeText(target.sizes().vec())
                                              : " of type " + blob.type));
        }
        blobs.erase(found);
    }
    for (const auto &[name, blob] : blobs)
        report.unused.push_back(name);
    if (report.loaded.empty())
        return Error{ErrorCode::Format, path + ": nothing of it fits this network: " + report.text(), path};
    return report;
} catch (...) {
    return torchError("reading " + path);
}

} // namespace masque
