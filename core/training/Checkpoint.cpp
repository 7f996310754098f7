// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Checkpoint.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/training/TrainingOptions.h"
#include "core/training/checkpoint_file.h"
#include "core/training/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <set>

namespace masque {

namespace {

constexpr std::array<std::pair<std::string_view, torch::ScalarType>, 9> kTypes = {{{"F32", torch::kFloat},
                                                                                   {"F64", torch::kDouble},
                                                                                   {"F16", torch::kHalf},
                                                                                   {"BF16", torch::kBFloat16},
                                                                                   {"I64", torch::kLong},
                                                                                   {"I32", torch::kInt},
                                                                                   {"I16", torch::kShort},
                                                                                   {"U8", torch::kByte},
                                                                                   {"BOOL", torch::kBool}}};

std::string shapeText(c10::ArrayRef<std::int64_t> shape)
{
    std::string text = "[";
    for (const auto side : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

/// Copies the file's tensors into targets, which must all be there; of the file's "network." nothing may be left over.
Result<void> copyTensors(const std::string &path, const TensorFile &file, const NamedTensors &targets)
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
        target.copy_(tensorOf(blob, target.scalar_type()));
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
Result<Json> checkpointInfo(const std::string &path, const TensorFile &file)
{
    const Json metadata(file.metadata);
    if (metadata["format"].toString() != kCheckpointFormat)
        return Error{ErrorCode::Format,
                     path + ": is no checkpoint of Masque (format \"" + std::string(kCheckpointFormat) + "\" expected)",
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

std::string typeName(torch::ScalarType type)
{
    for (const auto &[name, known] : kTypes)
        if (known == type)
            return std::string(name);
    TORCH_CHECK(false, "tensors of this type are not saved");
}

NamedTensors networkTensors(const Network &network)
{
    NamedTensors tensors;
    for (const auto &item : network.named_parameters())
        tensors.emplace_back(std::string(kNetworkPrefix) + item.key(), item.value().variable_data());
    for (const auto &item : network.named_buffers())
        tensors.emplace_back(std::string(kNetworkPrefix) + item.key(), item.value().variable_data());
    return tensors;
}

std::optional<torch::ScalarType> typeNamed(std::string_view name)
{
    for (const auto &[known, type] : kTypes)
        if (known == name)
            return type;
    return {};
}

torch::Tensor tensorOf(const TensorBlob &blob, torch::ScalarType type)
{
    auto tensor = torch::empty(blob.shape, type);
    if (!blob.bytes.empty())
        std::memcpy(tensor.data_ptr(), blob.bytes.data(), blob.bytes.size());
    return tensor;
}

Json TrainingProgress::toJson() const
{
    Json json = Json::object();
    json.set("epoch", epoch);
    json.set("best_epoch", bestEpoch);
    json.set("best_metric", bestMetric);
    json.set("seconds", seconds);
    json.set("step", step);
    json.set("images", images);
    json.set("loss_sum", lossSum);
    json.set("last_loss", lastLoss);
    json.set("pass_seconds", passSeconds);
    json.set("rate_factor", rateFactor);
    json.set("rescues", rescues);
    json.set("plateau", plateau);
    json.set("first_steps", firstSteps);
    json.set("first_steps_sum", firstStepsSum);
    return json;
}

TrainingProgress TrainingProgress::fromJson(const Json &json)
{
    const auto whole = [&](const char *key) { return static_cast<int>(json[key].toInt()); };
    return {.epoch = whole("epoch"),
            .bestEpoch = whole("best_epoch"),
            .bestMetric = json["best_metric"].toDouble(),
            .seconds = json["seconds"].toDouble(),
            .step = whole("step"),
            .images = whole("images"),
            .lossSum = json["loss_sum"].toDouble(),
            .lastLoss = json["last_loss"].toDouble(),
            .passSeconds = json["pass_seconds"].toDouble(),
            .rateFactor = json["rate_factor"].toDouble(1),
            .rescues = whole("rescues"),
            .plateau = whole("plateau"),
            .firstSteps = whole("first_steps"),
            .firstStepsSum = json["first_steps_sum"].toDouble()};
}

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
    const Json::Object metadata = {{"format", std::string(kCheckpointFormat)},
                                   {"spec", spec.toJson().dump()},
                                   {"run_info", runInfo.dump()},
                                   {"progress", progress.toJson().dump()}};
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
    return TrainingProgress::fromJson((*info)["progress"]);
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
