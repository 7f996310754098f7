// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ModelFile.h"

#include "core/base/files.h"
#include "core/training/Checkpoint.h"
#include "core/training/ScriptModel.h"
#include "core/training/checkpoint_file.h"
#include "core/training/initialise.h"
#include "core/training/onnx_model.h"
#include "core/training/weights/weights_file.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/script.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace masque {

namespace {

namespace jit = torch::jit;

struct Kind {
    ModelFileKind kind;
    std::string_view name, suffix;
};
constexpr std::array kKinds = {Kind{ModelFileKind::TorchScript, "torchscript", ".pt"},
                               Kind{ModelFileKind::Safetensors, "safetensors", ".safetensors"},
                               Kind{ModelFileKind::StateDict, "state-dict", ".pth"},
                               Kind{ModelFileKind::Onnx, "onnx", ".onnx"}};

/// The padding of Network::logits, in TorchScript.
constexpr const char *kForward = R"(
def forward(self, images: Tensor) -> Tensor:
    height = images.size(2)
    width = images.size(3)
    down = (self.stride - height % self.stride) % self.stride
    right = (self.stride - width % self.stride) % self.stride
    x = self.normalised(images)
    if down > 0 or right > 0:
        x = torch.replication_pad2d(x, [0, right, 0, down])
    y = self.of_normalised(x)
    return y[:, :, 0:height, 0:width]
)";

/// The same tree of modules with the same names, its tensors shared.
jit::Module treeOf(const torch::nn::Module &module, const std::string &name,
                   const std::shared_ptr<jit::CompilationUnit> &unit)
{
    jit::Module out(c10::QualifiedName("__torch__.masque." + name), unit, true);
    for (const auto &item : module.named_parameters(false))
        out.register_parameter(item.key(), item.value(), false);
    for (const auto &item : module.named_buffers(false))
        out.register_buffer(item.key(), item.value());
    for (const auto &item : module.named_children())
        out.register_module(item.key(), treeOf(*item.value(), name + "." + "m_" + item.key(), unit));
    return out;
}

/// What compute does with a tensor, recorded as a method of module.
void traceMethod(jit::Module &module, const std::string &name, const torch::Tensor &example,
                 const std::function<torch::Tensor(const torch::Tensor &)> &compute)
{
    const auto traced = jit::tracer::trace(
        {example}, [&](jit::Stack stack) { return jit::Stack{compute(stack.at(0).toTensor())}; },
        [](const torch::autograd::Variable &) { return std::string(); }, true, false, &module, {"images"});
    auto *method = module._ivalue()->compilation_unit()->create_function(
        c10::QualifiedName(*module.type()->name(), name), traced.first->graph);
    module.type()->addMethod(method);
}

/// The checkpoint's network as a program. The tensors that are traced must be those of the tree, so that each is known.
std::string torchScript(const LoadedCheckpoint &checkpoint, const Json &facts)
{
    auto &network = *checkpoint.network;
    network.eval();
    const torch::NoGradGuard noGradients;
    for (auto &parameter : network.parameters())
        parameter.set_requires_grad(false);
    const auto unit = std::make_shared<jit::CompilationUnit>();
    auto module = treeOf(network, "Network", unit);
    std::vector<std::string> classes;
    for (const auto &name : facts["classes"].items())
        classes.push_back(name.toString());
    module.register_attribute("classes", c10::ListType::ofStrings(), c10::List<std::string>(classes));
    module.register_attribute("input_size", c10::ListType::ofInts(),
                              c10::List<std::int64_t>({facts["height"].toInt(), facts["width"].toInt()}));
    module.register_attribute("stride", c10::IntType::get(), std::int64_t{network.stride()});
    const auto side = 4 * std::int64_t{network.stride()};
    const auto example = torch::rand({2, network.inputChannels(), side, side});
    const auto inside = network.normalised(example);
    traceMethod(module, "normalised", example, [&](const torch::Tensor &x) { return network.normalised(x); });
    traceMethod(module, "of_normalised", inside, [&](const torch::Tensor &x) { return network.ofNormalised(x); });
    module.define(kForward);
    std::ostringstream out;
    module.save(out, {{"masque.json", facts.dump(2)}});
    return out.str();
}

/// As torch.save writes a dict of tensors.
std::string stateArchive(const std::vector<TensorBlob> &blobs)
{
    std::string out;
    caffe2::serialize::PyTorchStreamWriter archive([&](const void *bytes, std::size_t size) {
        out.append(static_cast<const char *>(bytes), size);
        return size;
    });
    const auto pickled = pickledState(blobs);
    archive.writeRecord("data.pkl", pickled.data(), pickled.size());
    for (std::size_t i = 0; i < blobs.size(); ++i)
        archive.writeRecord("data/" + std::to_string(i), blobs[i].bytes.data(), blobs[i].bytes.size());
    archive.writeEndOfFile();
    return out;
}

NamedTensors plainTensors(const Network &network)
{
    auto tensors = networkTensors(network);
    for (auto &[name, tensor] : tensors) {
        name.erase(0, kNetworkPrefix.size());
        tensor = tensor.cpu().contiguous();
    }
    return tensors;
}

} // namespace

Result<ModelFileKind> modelFileKind(const std::string &name)
{
    std::string known;
    for (const auto &kind : kKinds) {
        if (kind.name == name)
            return kind.kind;
        known += (known.empty() ? "" : ", ") + std::string(kind.name);
    }
    return Error{ErrorCode::Option, "a model cannot be written as '" + name + "', there are: " + known, "to"};
}

std::string_view modelFileKindName(ModelFileKind kind)
{
    return kKinds[static_cast<std::size_t>(kind)].name;
}

std::string_view modelFileSuffix(ModelFileKind kind)
{
    return kKinds[static_cast<std::size_t>(kind)].suffix;
}

Result<void> writeModelFile(const LoadedCheckpoint &checkpoint, ModelFileKind kind, const Json &facts,
                            const std::string &path)
try {
    if (kind == ModelFileKind::TorchScript)
        return writeFileAtomically(path, torchScript(checkpoint, facts));
    if (kind == ModelFileKind::Onnx) {
        const auto step = checkpoint.network->stride();
        const auto rounded = [&](const char *side) {
            return (std::max(1, static_cast<int>(facts[side].toInt())) + step - 1) / step * step;
        };
        const auto model = onnxModel(*checkpoint.network, facts, rounded("height"), rounded("width"));
        return model ? writeFileAtomically(path, *model) : model.error();
    }
    const auto tensors = plainTensors(*checkpoint.network);
    std::vector<TensorBlob> blobs;
    for (const auto &[name, tensor] : tensors)
        blobs.push_back({name,
                         typeName(tensor.scalar_type()),
                         tensor.sizes().vec(),
                         {static_cast<const char *>(tensor.data_ptr()), tensor.nbytes()}});
    if (kind == ModelFileKind::Safetensors)
        return writeFileAtomically(path, writeSafetensors({{"masque", facts.dump()}}, blobs));
    return writeFileAtomically(path, stateArchive(blobs));
} catch (...) {
    return torchError("writing " + path);
}

Result<Logits> inferModelFile(const std::string &path, ModelFileKind kind, const NetworkSpec &spec,
                              const ModelList &models, std::span<const float> images, BatchShape shape)
try {
    if (kind == ModelFileKind::Onnx)
        return Error{ErrorCode::Unsupported, path + ": LibTorch reads no ONNX", path};
    if (kind != ModelFileKind::TorchScript) {
        const auto factory = findModel(models, spec.model);
        if (!factory)
            return factory.error();
        auto network = (*factory)->build(spec, 0);
        if (!network)
            return network.error();
        const auto report = initialiseFrom(path, "", **network);
        if (!report)
            return report.error();
        if (!report->missing.empty() || !report->misshaped.empty() || !report->unused.empty())
            return Error{ErrorCode::Internal, path + ": does not hold the whole network: " + report->text(), path};
        return infer(**network, images, shape, "cpu");
    }
    auto program = ScriptModel::load(path, "cpu");
    return program ? program->infer(images, shape) : program.error();
} catch (...) {
    return torchError("reading " + path);
}

} // namespace masque
