// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/fast/blocked.h"
#include "core/models/fast/kernels.h"
#include "core/models/fast/primitives.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/nn/modules/batchnorm.h>

#include <bit>
#include <list>
#include <mutex>

namespace masque::fast {

bool isAvailable()
{
    static const bool available = [] {
        const auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
        const auto there = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
        return dnnl::version()->major == DNNL_VERSION_MAJOR && (there & needed) == needed;
    }();
    return available;
}

namespace blocked {

namespace {

using torch::Tensor;
using torch::autograd::AutogradContext, torch::autograd::variable_list;

/// Winograd's scratch memory for a whole batch can be larger than the batch: so many bytes at once, a few images each.
constexpr std::int64_t kScratchBytes = 96 << 20;

ConvolutionShape shapeOf(Pass pass, const Tensor &x, const Filter &filter)
{
    ConvolutionShape shape;
    shape.pass = pass;
    shape.plainInput = x.dim() == 4;
    shape.images = x.size(0);
    shape.in = shape.plainInput ? x.size(1) : x.size(1) * kBlock;
    shape.height = x.size(2);
    shape.width = x.size(3);
    shape.out = filter.weight.size(0);
    shape.kernelHeight = filter.weight.size(2);
    shape.kernelWidth = filter.weight.size(3);
    shape.stride = filter.stride;
    shape.padding = filter.padding;
    shape.depthwise = filter.depthwise;
    shape.bias = filter.bias.has_value();
    shape.threads = at::get_num_threads();
    const auto channels = filter.depthwise ? shape.out : filter.weight.size(1);
    TORCH_CHECK(channels == shape.in, "a convolution of ", channels, " channels got ", shape.in);
    return shape;
}

dnnl::memory memoryOf(const dnnl::memory::desc &desc, const Tensor &tensor)
{
    return {desc, processor(), tensor.data_ptr()};
}

Tensor bytes(const dnnl::memory::desc &desc)
{
    return at::empty({static_cast<std::int64_t>(desc.get_size())}, torch::kByte);
}

void reorder(const CompiledConvolution &compiled, const dnnl::memory &from, const dnnl::memory &to)
{
    compiled.reorder.execute(stream(), {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}});
}

/// The weights in the form that the compiled convolution wants.
Tensor reordered(const CompiledConvolution &compiled, const Tensor &weight)
{
    const auto source = weight.contiguous();
    auto target = bytes(compiled.weights);
    reorder(compiled, memoryOf(compiled.plainWeights, source), memoryOf(compiled.weights, target));
    return target;
}

/// Calls run(compiled, first, count) for the images of the batch, as many at once as the scratch memory allows.
template <typename Run>
void inChunks(ConvolutionShape shape, Run run)
{
    const auto images = shape.images;
    const auto whole = compiledConvolution(shape);
    const auto scratch = static_cast<std::int64_t>(whole->scratch.get_size());
    const auto chunk = scratch <= kScratchBytes ? images : std::max<std::int64_t>(1, images * kScratchBytes / scratch);
    for (std::int64_t first = 0; first < images; first += chunk) {
        shape.images = std::min(chunk, images - first);
        run(shape.images == images ? *whole : *compiledConvolution(shape), first, shape.images);
    }
}

Tensor forward(const Tensor &x, const ConvolutionShape &shape, const Tensor &weights, const Tensor &bias)
{
    const auto blocks = (shape.out + kBlock - 1) / kBlock;
    auto y = at::empty({shape.images, blocks, shape.outHeight(), shape.outWidth(), kBlock}, x.options());
    inChunks(shape, [&](const CompiledConvolution &compiled, std::int64_t first, std::int64_t count) {
        const auto scratch = bytes(compiled.scratch);
        std::unordered_map<int, dnnl::memory> arguments = {
            {DNNL_ARG_SRC, memoryOf(compiled.input, x.narrow(0, first, count))},
            {DNNL_ARG_WEIGHTS, memoryOf(compiled.weights, weights)},
            {DNNL_ARG_DST, memoryOf(compiled.output, y.narrow(0, first, count))},
            {DNNL_ARG_SCRATCHPAD, memoryOf(compiled.scratch, scratch)}};
        if (shape.bias)
            arguments.emplace(DNNL_ARG_BIAS, memoryOf(compiled.bias, bias));
        compiled.primitive.execute(stream(), arguments);
        stream().wait();
    });
    return y;
}

Tensor inputGradient(const Tensor &x, const ConvolutionShape &shape, const Tensor &weight, const Tensor &grad)
{
    auto gradX = at::empty(x.sizes(), x.options());
    Tensor weights;
    inChunks(shape, [&](const CompiledConvolution &compiled, std::int64_t first, std::int64_t count) {
        if (!weights.defined())
            weights = reordered(compiled, weight);
        const auto scratch = bytes(compiled.scratch);
        compiled.primitive.execute(stream(),
                                   {{DNNL_ARG_DIFF_DST, memoryOf(compiled.output, grad.narrow(0, first, count))},
                                    {DNNL_ARG_WEIGHTS, memoryOf(compiled.weights, weights)},
                                    {DNNL_ARG_DIFF_SRC, memoryOf(compiled.input, gradX.narrow(0, first, count))},
                                    {DNNL_ARG_SCRATCHPAD, memoryOf(compiled.scratch, scratch)}});
        stream().wait();
    });
    return gradX;
}

/// gradBias is filled, if defined.
Tensor weightGradient(const Tensor &x, const ConvolutionShape &shape, const Tensor &weight, const Tensor &grad,
                      const Tensor &gradBias)
{
    const auto compiled = compiledConvolution(shape);
    const auto scratch = bytes(compiled->scratch), result = bytes(compiled->weights);
    std::unordered_map<int, dnnl::memory> arguments = {{DNNL_ARG_SRC, memoryOf(compiled->input, x)},
                                                       {DNNL_ARG_DIFF_DST, memoryOf(compiled->output, grad)},
                                                       {DNNL_ARG_DIFF_WEIGHTS, memoryOf(compiled->weights, result)},
                                                       {DNNL_ARG_SCRATCHPAD, memoryOf(compiled->scratch, scratch)}};
    if (gradBias.defined())
        arguments.emplace(DNNL_ARG_DIFF_BIAS, memoryOf(compiled->bias, gradBias));
    compiled->primitive.execute(stream(), arguments);
    auto gradWeight = at::empty(weight.sizes(), x.options());
    reorder(*compiled, memoryOf(compiled->weights, result), memoryOf(compiled->plainWeights, gradWeight));
    stream().wait();
    return gradWeight;
}

Tensor activationGradient(const Tensor &z, const Tensor &grad, Activation activation)
{
    auto out = at::empty(z.sizes(), z.options());
    const auto *zs = z.data_ptr<float>(), *grads = grad.data_ptr<float>();
    auto *outs = out.data_ptr<float>();
    at::parallel_for(0, z.numel() / kBlock, 4096, [&](std::int64_t first, std::int64_t last) {
        kernels::activationGradient(zs + first * kBlock, grads + first * kBlock, outs + first * kBlock,
                                    (last - first) * kBlock, activation);
    });
    return out;
}

class Convolution : public torch::autograd::Function<Convolution> {
public:
    static Tensor forward(AutogradContext *context, const Tensor &x, const Tensor &weight,
                          const c10::optional<Tensor> &bias, const Filter &filter, Activation activation)
    {
        auto shape = shapeOf(Pass::Forward, x, filter);
        shape.activation = activation;
        const auto weights = reordered(*compiledConvolution(shape), weight);
        auto y = blocked::forward(x, shape, weights, bias ? bias->contiguous() : Tensor());
        const bool isPlain = activation == Activation::None;
        context->save_for_backward(isPlain ? variable_list{x, weight} : variable_list{x, weight, y});
        context->saved_data["layout"] = std::vector<std::int64_t>{filter.stride, filter.padding};
        context->saved_data["depthwise"] = filter.depthwise;
        context->saved_data["activation"] = static_cast<std::int64_t>(activation);
        context->saved_data["bias"] = bias.has_value();
        return y;
    }

    static variable_list backward(AutogradContext *context, const variable_list &gradients)
    {
        const auto saved = context->get_saved_variables();
        const auto &x = saved[0], &weight = saved[1];
        auto grad = gradients[0].contiguous();
        if (saved.size() > 2)
            grad =
                activationGradient(saved[2], grad, static_cast<Activation>(context->saved_data["activation"].toInt()));
        const auto layout = context->saved_data["layout"].toIntVector();
        auto shape = shapeOf(Pass::InputGradient, x,
                             {.weight = weight,
                              .stride = layout[0],
                              .padding = layout[1],
                              .depthwise = context->saved_data["depthwise"].toBool()});
        Tensor gradX, gradWeight, gradBias;
        if (context->needs_input_grad(0))
            gradX = inputGradient(x, shape, weight, grad);
        shape.pass = Pass::WeightGradient;
        shape.bias = context->saved_data["bias"].toBool();
        if (shape.bias)
            gradBias = at::empty({shape.out}, x.options());
        if (context->needs_input_grad(1) || shape.bias)
            gradWeight = weightGradient(x, shape, weight, grad, gradBias);
        return {gradX, gradWeight, gradBias, Tensor(), Tensor()};
    }
};

/// What inference made of a layer's weights, for as long as all that it was made of stays as it was. The storages are
/// held weakly: they may go, but no other takes their address meanwhile.
class FoldedWeights {
public:
    struct Folded {
        Tensor weights, bias;
    };
    using Sources = std::vector<Tensor>;

    std::optional<Folded> find(const Sources &sources, const dnnl::memory::desc &desc)
    {
        const std::lock_guard lock(m_mutex);
        m_entries.remove_if([](const Entry &entry) { return entry.isGone(); });
        for (const auto &entry : m_entries)
            if (entry.desc == desc && entry.states == statesOf(sources))
                return entry.folded;
        return {};
    }
    void keep(const Sources &sources, const dnnl::memory::desc &desc, const Folded &folded)
    {
        const std::lock_guard lock(m_mutex);
        const auto states = statesOf(sources);
        m_entries.remove_if([&](const Entry &entry) { return entry.states[0].storage == states[0].storage; });
        Entry entry{states, {}, desc, folded};
        for (const auto &source : sources)
            entry.alive.push_back(source.storage().getWeakStorageImpl());
        m_entries.push_back(std::move(entry));
    }

private:
    struct State {
        const c10::StorageImpl *storage;
        std::int64_t offset;
        std::int64_t version;
        std::uint64_t sample; ///< a few values: a change through another view of the storage may leave the version
        bool operator==(const State &) const = default;
    };
    struct Entry {
        std::vector<State> states;
        std::vector<c10::weak_intrusive_ptr<c10::StorageImpl>> alive;
        dnnl::memory::desc desc;
        Folded folded;
        bool isGone() const
        {
            return std::any_of(alive.begin(), alive.end(), [](const auto &storage) { return storage.expired(); });
        }
    };
    static c10::StorageImpl *storageOf(const Tensor &tensor) { return tensor.storage().unsafeGetStorageImpl(); }
    static std::vector<State> statesOf(const Sources &sources)
    {
        std::vector<State> states;
        for (const auto &source : sources)
            states.push_back({storageOf(source), source.storage_offset(), source._version(), sampleOf(source)});
        return states;
    }
    static std::uint64_t sampleOf(const Tensor &tensor)
    {
        constexpr std::int64_t kValues = 64;
        const auto *values = tensor.data_ptr<float>();
        const auto count = tensor.numel(), step = std::max<std::int64_t>(1, count / kValues);
        std::uint64_t hash = 0;
        for (std::int64_t i = 0; i < count; i += step)
            hash = hash * 0x9e3779b97f4a7c15ull + std::bit_cast<std::uint32_t>(values[i]);
        return hash;
    }

    std::mutex m_mutex;
    std::list<Entry> m_entries;
};

FoldedWeights::Folded fold(const CompiledConvolution &compiled, const Filter &filter,
                           const torch::nn::BatchNorm2dImpl *norm)
{
    if (norm == nullptr)
        return {reordered(compiled, filter.weight), filter.bias ? filter.bias->contiguous() : Tensor()};
    const auto scale = norm->weight / (norm->running_var + norm->options.eps()).sqrt();
    const auto bias = filter.bias ? *filter.bias - norm->running_mean : -norm->running_mean;
    return {reordered(compiled, filter.weight * scale.view({-1, 1, 1, 1})), bias * scale + norm->bias};
}

} // namespace

Tensor convolution(const Tensor &x, const Filter &filter, Activation activation)
{
    const auto bias = filter.bias ? c10::optional<Tensor>(*filter.bias) : c10::nullopt;
    return Convolution::apply(x.contiguous(), filter.weight, bias, filter, activation);
}

Tensor foldedConvolution(const Tensor &x, const Filter &filter, torch::nn::BatchNorm2dImpl *norm, Activation activation)
{
    static FoldedWeights kept;
    auto shape = shapeOf(Pass::Forward, x, filter);
    shape.bias = shape.bias || norm != nullptr;
    shape.activation = activation;
    const auto compiled = compiledConvolution(shape);
    FoldedWeights::Sources sources = {filter.weight};
    if (filter.bias)
        sources.push_back(*filter.bias);
    if (norm != nullptr)
        sources.insert(sources.end(), {norm->weight, norm->bias, norm->running_mean, norm->running_var});
    const bool countsChanges =
        std::none_of(sources.begin(), sources.end(), [](const Tensor &t) { return t.is_inference(); });
    auto folded = countsChanges ? kept.find(sources, compiled->weights) : std::nullopt;
    if (!folded) {
        folded = fold(*compiled, filter, norm);
        if (countsChanges)
            kept.keep(sources, compiled->weights, *folded);
    }
    return forward(x.contiguous(), shape, folded->weights, folded->bias);
}

} // namespace blocked
} // namespace masque::fast
