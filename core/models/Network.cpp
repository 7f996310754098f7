// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/Network.h"

#include "core/models/fast/KeptMemory.h"
#include "core/models/fast/fast.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/replication_pad2d.h>

#include <algorithm>

namespace masque {

Network::Network(int inputChannels, InputNorm norm) : m_inputChannels(inputChannels)
{
    if (norm == InputNorm::Image)
        return;
    const bool rgb = inputChannels == 3;
    const auto shape = {std::int64_t{inputChannels}, std::int64_t{1}, std::int64_t{1}};
    m_mean = register_buffer("mean",
                             rgb ? torch::tensor({0.485f, 0.456f, 0.406f}).reshape(shape) : torch::full(shape, 0.45f));
    m_std = register_buffer("std",
                            rgb ? torch::tensor({0.229f, 0.224f, 0.225f}).reshape(shape) : torch::full(shape, 0.225f));
}

torch::Tensor Network::normalised(const torch::Tensor &images) const
{
    if (m_mean.defined())
        return (images - m_mean) / m_std;
    constexpr double kLeastSpread = 0.02; // what is nearly one colour is not blown up to noise
    const auto centred = images - images.mean({2, 3}, true);
    return centred / centred.square().mean({1, 2, 3}, true).sqrt().clamp_min(kLeastSpread);
}

torch::Tensor Network::logits(const torch::Tensor &images)
{
    TORCH_CHECK(images.dim() == 4, "a network takes images as [N, C, H, W]");
    TORCH_CHECK(images.size(1) == m_inputChannels, "this network takes ", m_inputChannels, " channels, not ",
                images.size(1));
    const auto height = images.size(2), width = images.size(3), step = std::int64_t{stride()};
    TORCH_CHECK(height > 0 && width > 0, "an image of ", width, "x", height, " pixels is empty");
    auto x = normalised(images);
    const auto down = (step - height % step) % step, right = (step - width % step) % step;
    if (down > 0 || right > 0)
        x = at::replication_pad2d(x, {0, right, 0, down}).contiguous(images.suggest_memory_format());
    return forward(x).slice(2, 0, height).slice(3, 0, width);
}

SeededScope::SeededScope(std::uint64_t seed)
{
    static std::mutex mutex;
    m_lock = std::unique_lock(mutex);
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard guard(generator.mutex());
    m_state = generator.get_state();
    generator.set_current_seed(seed);
}

SeededScope::~SeededScope()
{
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard guard(generator.mutex());
    generator.set_state(m_state);
}

Result<Json> checkedOptions(const NetworkSpec &spec, const std::vector<OptionSpec> &specs)
{
    Json given = spec.options;
    if (const auto *old = given.find("batch_norm"); old && findOption(specs, "norm")) { // of earlier checkpoints
        given.set("norm", old->toBool() ? "batch" : "none");
        given.remove("batch_norm");
    }
    if (auto valid = validateOptions(specs, given); !valid)
        return valid.error();
    if (spec.inputChannels < 1 || spec.outputChannels < 1)
        return Error{ErrorCode::Option, "a network needs at least one input and one output channel", "model"};
    Json options = Json::object();
    for (const auto &option : specs)
        options.set(option.key, given.contains(option.key) ? given[option.key] : option.defaultValue);
    return options;
}

std::int64_t parameterCount(const Network &network)
{
    std::int64_t count = 0;
    for (const auto &parameter : network.parameters())
        count += parameter.numel();
    return count;
}

int strideOf(const Network &network)
{
    return network.stride();
}

Result<Logits> infer(Network &network, std::span<const float> images, BatchShape shape, const std::string &device)
try {
    if (images.size() != shape.elements())
        return Error{ErrorCode::Internal, "inference: " + std::to_string(images.size()) + " values for "
                                              + std::to_string(shape.elements()) + " pixels"};
    setComputeThreads(0);
    constexpr std::size_t kKept = 256 << 20; // for the next image
    const fast::KeptMemory memory(kKept);
    const c10::InferenceMode guard;
    const torch::Device target(device);
    network.to(target);
    network.eval();
    const fast::Scope fastPath(target.is_cpu());
    // from_blob wants a mutable pointer; the copy below only reads it
    const auto input =
        torch::from_blob(const_cast<float *>(images.data()), {shape.count, shape.channels, shape.height, shape.width})
            .to(target)
            .contiguous(target.is_cpu() && fast::isAvailable() ? at::MemoryFormat::Contiguous
                                                               : at::MemoryFormat::ChannelsLast);
    const auto output = network.logits(input).to(torch::kCPU, torch::kFloat).contiguous();
    Logits logits;
    logits.shape = {static_cast<int>(output.size(0)), static_cast<int>(output.size(1)),
                    static_cast<int>(output.size(2)), static_cast<int>(output.size(3))};
    const auto *values = output.data_ptr<float>();
    logits.values.assign(values, values + output.numel());
    return logits;
} catch (...) {
    return torchError("inference");
}

} // namespace masque
