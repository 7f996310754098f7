// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ScriptModel.h"

#include "core/base/files.h"
#include "core/models/Network.h"
#include "core/training/onnx_model.h"
#include "core/training/weights/zip_archive.h"

#include <torch/script.h>

#include <regex>
#include <sstream>

namespace masque {

struct ScriptModel::Program {
    torch::jit::Module module;
    torch::Device device;
    std::string path;
};

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 32, kMostText = 64 << 20;

/// A call in the program's source that would touch files.
Result<void> checkSource(const ZipArchive &archive, const std::string &path)
{
    static const std::regex call(R"(\b(save|from_file|load|open)\s*\()");
    for (const auto &name : archive.names()) {
        if (!name.ends_with(".py"))
            continue;
        const auto source = archive.read(name, kMostText);
        if (!source)
            return Error{source.error().code, path + ": " + source.error().message, path};
        std::smatch found;
        if (std::regex_search(*source, found, call))
            return Error{ErrorCode::Unsupported,
                         path + ": its program calls " + found[1].str() + " (" + name
                             + "), which could read or write files, and is not run",
                         path};
    }
    return {};
}

torch::Tensor tensorOf(const c10::IValue &value)
{
    if (value.isTensor())
        return value.toTensor();
    if (value.isTuple() && !value.toTupleRef().elements().empty())
        return tensorOf(value.toTupleRef().elements()[0]);
    if (value.isList() && !value.toListRef().empty())
        return tensorOf(value.toListRef()[0]);
    if (value.isGenericDict()) {
        const auto dict = value.toGenericDict();
        if (const auto out = dict.find("out"); out != dict.end())
            return tensorOf(out->value());
    }
    TORCH_CHECK(false, "it gives ", value.tagKind(), " where a tensor is needed");
}

} // namespace

Result<ScriptModel> ScriptModel::load(const std::string &path, const std::string &device)
try {
    const auto bytes = readFile(path, kMostBytes);
    if (!bytes)
        return bytes.error();
    const auto archive = ZipArchive::open(*bytes);
    if (!archive)
        return Error{archive.error().code, path + ": is no TorchScript program: " + archive.error().message, path};
    if (auto fine = checkSource(*archive, path); !fine)
        return fine.error();
    std::istringstream in(*bytes);
    ScriptModel out;
    out.m_program = std::make_shared<Program>(Program{torch::jit::load(in), torch::Device(device), path});
    out.m_program->module.to(out.m_program->device);
    out.m_program->module.eval();
    return out;
} catch (...) {
    return torchError("reading " + path);
}

Result<Logits> ScriptModel::infer(std::span<const float> images, BatchShape shape)
try {
    setComputeThreads(0);
    const c10::InferenceMode guard;
    const auto input =
        torch::from_blob(const_cast<float *>(images.data()), {shape.count, shape.channels, shape.height, shape.width})
            .to(m_program->device);
    auto output = tensorOf(m_program->module.forward({input})).to(torch::kCPU, torch::kFloat).contiguous();
    if (output.dim() == 2)
        output = output.unsqueeze(2).unsqueeze(3);
    TORCH_CHECK(output.dim() == 4 && output.size(0) == shape.count && output.numel() > 0, "it gives ", output.sizes(),
                " where [N, K, H, W] or [N, K] is needed");
    Logits logits;
    logits.shape = {static_cast<int>(output.size(0)), static_cast<int>(output.size(1)),
                    static_cast<int>(output.size(2)), static_cast<int>(output.size(3))};
    logits.values.assign(output.data_ptr<float>(), output.data_ptr<float>() + output.numel());
    return logits;
} catch (...) {
    return torchError("running " + m_program->path);
}

std::optional<Json> modelFileFacts(const std::string &path)
{
    if (path.ends_with(".onnx"))
        return onnxFacts(path);
    const auto bytes = readFile(path, kMostBytes);
    if (!bytes)
        return {};
    const auto archive = ZipArchive::open(*bytes);
    if (!archive)
        return {};
    for (const auto &name : archive->names())
        if (name.ends_with("/extra/masque.json"))
            if (const auto text = archive->read(name, kMostText))
                if (auto facts = Json::parse(*text))
                    return std::move(*facts);
    return {};
}

} // namespace masque
