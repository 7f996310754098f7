// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Checkpoint.h"

#include "core/base/files.h"
#include "core/training/checkpoint_file.h"
#include "core/training/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <set>

namespace masque {

namespace {

constexpr auto kFormat = "masque-checkpoint-1";
constexpr auto kNetworkPrefix = "network.";

constexpr std::array<std::pair<std::string_view, torch::ScalarType>, 9> kTypes = {{{"F32", torch::kFloat},
                                                                                   {"F64", torch::kDouble},
                                                                                   {"F16", torch::kHalf},
                                                                                   {"BF16", torch::kBFloat16},
                                                                                   {"I64", torch::kLong},
                                                                                   {"I32", torch::kInt},
                                                                                   {"I16", torch::kShort},
                                                                                   {"U8", torch::kByte},
                                                                                   {"BOOL", torch::kBool}}};

std::string typeName(torch::ScalarType type)
{
    for (const auto &[name, known] : kTypes)
        if (known == type)
            return std::string(name);
    TORCH_CHECK(false, "tensors of this type are not saved");
}

std::string shapeText(c10::ArrayRef<std::int64_t> shape)
{
    std::string text = "[";
    for (const auto side : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

NamedTensors networkTensors(const Network &network)
{
    NamedTensors tensors;
    for (const auto &item : network.named_parameters())
        tensors.emplace_back(kNetworkPrefix + item.key(), item.value().variable_data());
    for (const auto &item : network.named_buffers())
        tensors.emplace_back(kNetworkPrefix + item.key(), item.value().variable_data());
    return tensors;
}

/// Copies the file's tensors into targets, which must all be there; of the file's "network." nothing may be left over.
Result<void> copyTensors(const std::string &path, const SafeTensors &file, const NamedTensors &targets)
{
    std::map<std::string_view, const TensorBlob *> blobs;
    for (const auto &blob : file.tensors)
        blobs.emplace(blob.name, &blob);
    const torch::NoGradGuard noGradients;
    for (const auto &[name, target] : targets) {
        const auto bad = [&, &name = name](const std::string &why) {
            return Error{ErrorCode::Format, path + ": parameter \"" + name + "\" " + why, path};
        };
        const auto found = blobs.find(name);
        if (found == blobs.end())
            return bad("is missing; the checkpoint is of another network");
        const auto &blob = *found->second;
        if (target.sizes() != blob.shape)
            return bad("has shape " + shapeText(blob.shape) + ", the network's has " + shapeText(target.sizes()));
        if (blob.type != typeName(target.scalar_type()))
            return bad("is of type " + blob.type + ", expected " + typeName(target.scalar_type()));
        auto copy = torch::empty(blob.shape, target.scalar_type());
        if (!blob.bytes.empty())
            std::memcpy(copy.data_ptr(), blob.bytes.data(), blob.bytes.size());
        target.copy_(copy);
        blobs.erase(found);
    }
    for (const auto &[name, blob] : blobs)
        if (name.starts_with(kNetworkPrefix))
            return Error{
                ErrorCode::Format,
                path + ": parameter \"" + std::string(name) + "\" is unknown to the network of this checkpoint", path};
    return {};
}

/// __metadata__'s texts as the JSON they hold.
Result<Json> checkpointInfo(const std::string &path, const SafeTensors &file)
{
    const Json metadata(file.metadata);
    if (metadata["format"].toString() != kFormat)
        return Error{ErrorCode::Format, path + ": is no checkpoint of Masque (format \"" + kFormat + "\" expected)",
                     path};
    Json info = Json::object();
    for (const auto *key : {"spec", "run_info", "progress"}) {
        auto json = Json::parse(metadata[key].toString());
        if (!json || !json->isObject())
            return Error{ErrorCode::Format, path + ": \"" + key + "\" in its metadata is no JSON object", path};
        info.set(key, std::move(*json));
    }
    const auto epoch = info["progress"]["epoch"].toInt(-1);
    if (epoch < 0 || epoch > std::numeric_limits<int>::max())
        return Error{ErrorCode::Format, path + ": \"progress\" in its metadata has no valid epoch", path};
    info.set("epoch", epoch);
    return info;
}

Result<NetworkSpec> specOf(const std::string &path, const Json &info)
{
    auto spec = NetworkSpec::fromJson(info["spec"]);
    if (!spec)
        return Error{spec.error().code, path + ": " + spec.error().message, path};
    return spec;
}

} // namespace

Result<void> saveCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                            const NamedTensors &more, const Json &runInfo, const TrainingProgress &progress)
try {
    auto tensors = networkTensors(network);
    tensors.insert(tensors.end(), more.begin(), more.end());
    std::vector<TensorBlob> blobs;
    for (auto &[name, tensor] : tensors) {
        tensor = tensor.cpu().contiguous();
        const auto *bytes = static_cast<const char *>(tensor.data_ptr());
        blobs.push_back({name, typeName(tensor.scalar_type()), tensor.sizes().vec(), {bytes, tensor.nbytes()}});
    }
    Json state = Json::object();
    state.set("epoch", progress.epoch);
    state.set("best_epoch", progress.bestEpoch);
    state.set("best_metric", progress.bestMetric);
    state.set("seconds", progress.seconds);
    const Json::Object metadata = {
        {"format", kFormat}, {"spec", spec.toJson().dump()}, {"run_info", runInfo.dump()}, {"progress", state.dump()}};
    return writeFileAtomically(path, writeSafetensors(metadata, blobs));
} catch (...) {
    return torchError("writing " + path);
}

Result<TrainingProgress> restoreCheckpoint(const std::string &path, const NetworkSpec &spec, const Network &network,
                                           const NamedTensors &more)
try {
    const auto file = readSafetensors(path, SafetensorsPart::All);
    if (!file)
        return file.error();
    const auto info = checkpointInfo(path, **file);
    if (!info)
        return info.error();
    if ((*info)["spec"] != spec.toJson())
        return Error{ErrorCode::Format,
                     path + ": is of another network (" + (*info)["spec"].dump() + ") than the run's ("
                         + spec.toJson().dump() + "), so that the run cannot be resumed",
                     path};
    auto targets = networkTensors(network);
    targets.insert(targets.end(), more.begin(), more.end());
    if (auto copied = copyTensors(path, **file, targets); !copied)
        return copied.error();
    const auto &state = (*info)["progress"];
    return TrainingProgress{.epoch = static_cast<int>(state["epoch"].toInt()),
                            .bestEpoch = static_cast<int>(state["best_epoch"].toInt()),
                            .bestMetric = state["best_metric"].toDouble(),
                            .seconds = state["seconds"].toDouble()};
} catch (...) {
    return torchError("reading " + path);
}

Result<LoadedCheckpoint> loadCheckpoint(const std::string &path, const ModelList &models)
try {
    const auto file = readSafetensors(path, SafetensorsPart::All);
    if (!file)
        return file.error();
    const auto info = checkpointInfo(path, **file);
    if (!info)
        return info.error();
    const auto spec = specOf(path, *info);
    if (!spec)
        return spec.error();
    const auto factory = findModel(models, spec->model);
    if (!factory)
        return Error{factory.error().code, path + ": " + factory.error().message, path};
    const auto network = (*factory)->build(*spec, 0);
    if (!network)
        return Error{network.error().code, path + ": " + network.error().message, path};
    if (auto copied = copyTensors(path, **file, networkTensors(**network)); !copied)
        return copied.error();
    (*network)->eval();
    return LoadedCheckpoint{*spec, *network, (*info)["run_info"], static_cast<int>((*info)["epoch"].toInt())};
} catch (...) {
    return torchError("reading " + path);
}

Result<Json> readCheckpointInfo(const std::string &path)
try {
    const auto file = readSafetensors(path, SafetensorsPart::Header);
    if (!file)
        return file.error();
    return checkpointInfo(path, **file);
} catch (...) {
    return torchError("reading " + path);
}

} // namespace masque
