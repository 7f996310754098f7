// SPDX-License-Identifier: GPL-3.0-or-later
// Every operation of the fast path against LibTorch's own in double precision: forward and all gradients, as relative
// L2 errors, which are printed.
#include "core/models/Network.h"
#include "core/models/fast/fast.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>

using namespace masque;
using torch::Tensor;
using torch::nn::BatchNorm2d, torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::ConvTranspose2d,
    torch::nn::ConvTranspose2dOptions, torch::nn::ReLU, torch::nn::Sequential;

namespace {

constexpr double kExact = 2e-6, kWinograd = 1e-4;
int g_passed = 0, g_failed = 0;

void expect(bool condition, const std::string &what)
{
    ++(condition ? g_passed : g_failed);
    if (!condition)
        std::printf("FAIL %s\n", what.c_str());
}

/// least: of the root mean square that the error is seen against.
double relativeError(const Tensor &is, const Tensor &should, double least = 0)
{
    const auto reference = should.to(torch::kDouble);
    const auto size = std::max(reference.norm().item<double>(), least * std::sqrt(reference.numel()));
    return (is.to(torch::kDouble) - reference).norm().item<double>() / (size > 0 ? size : 1);
}

/// What a function gave and what its gradients are under a loss: every output weighed at random, or the mean square.
struct Outcome {
    Tensor output;
    std::vector<Tensor> gradients;
};

enum class Loss { Random, MeanSquare };

Outcome outcomeOf(const std::function<Tensor()> &function, const std::vector<Tensor> &leaves, Loss loss)
{
    for (const auto &leaf : leaves)
        leaf.mutable_grad().reset();
    const auto output = function();
    torch::manual_seed(5);
    if (loss == Loss::Random)
        (output * at::randn(output.sizes(), torch::kFloat).to(output.scalar_type())).sum().backward();
    else
        output.square().mean().backward();
    Outcome outcome{output.variable_data(), {}};
    for (const auto &leaf : leaves)
        outcome.gradients.push_back(leaf.grad().clone());
    return outcome;
}

/// All gradients as one: in a network some are rounding alone (a bias before a normalisation), and a ReLU at nearly 0
/// may fall either way.
void joinGradients(Outcome &outcome)
{
    std::vector<Tensor> flat;
    for (const auto &gradient : outcome.gradients)
        flat.push_back(gradient.flatten());
    outcome.gradients = {at::cat(flat)};
}

void compare(const std::string &name, const Outcome &is, const Outcome &should, double tolerance)
{
    const auto forward = relativeError(is.output, should.output);
    double worst = 0;
    for (std::size_t i = 0; i < should.gradients.size(); ++i)
        worst = std::max(worst, relativeError(is.gradients[i], should.gradients[i]));
    std::printf("%-58s forward %.1e  worst gradient %.1e\n", name.c_str(), forward, worst);
    expect(forward < tolerance, name + ": output");
    expect(worst < tolerance, name + ": gradients");
}

Tensor leaf(std::vector<std::int64_t> sizes)
{
    return at::randn(sizes, torch::kFloat).requires_grad_();
}

/// The same function of the same values in float on the fast path and in double by LibTorch. function takes the inputs
/// and uses the modules.
void check(const std::string &name, std::vector<Tensor> inputs,
           const std::vector<std::shared_ptr<torch::nn::Module>> &modules,
           const std::function<Tensor(const std::vector<Tensor> &)> &function, double tolerance,
           Loss loss = Loss::Random)
{
    std::vector<std::vector<Tensor>> buffers;
    std::vector<Outcome> outcomes;
    std::vector<Tensor> before;
    for (const auto &module : modules)
        for (const auto &buffer : module->buffers())
            before.push_back(buffer.clone());
    for (const auto &[type, isFast] :
         {std::pair(torch::kFloat, true), {torch::kDouble, false}, {torch::kFloat, false}}) {
        std::vector<Tensor> leaves, converted;
        std::size_t k = 0;
        for (const auto &module : modules) {
            module->to(type);
            for (auto &buffer : module->buffers())
                buffer.copy_(before[k++]);
            for (const auto &parameter : module->parameters())
                if (parameter.requires_grad())
                    leaves.push_back(parameter);
        }
        for (const auto &input : inputs) {
            converted.push_back(input.variable_data().to(type).requires_grad_(input.requires_grad()));
            if (input.requires_grad())
                leaves.push_back(converted.back());
        }
        const fast::Scope scope(isFast);
        outcomes.push_back(outcomeOf([&] { return function(converted); }, leaves, loss));
        buffers.emplace_back();
        for (const auto &module : modules)
            for (const auto &buffer : module->buffers())
                buffers.back().push_back(buffer.clone());
    }
    if (loss == Loss::MeanSquare) // of a whole network
        for (auto &outcome : outcomes)
            joinGradients(outcome);
    // Where an input lies at a ReLU's corner the gradient falls either way, in LibTorch's float as in ours.
    double own = 0;
    for (std::size_t i = 0; i < outcomes[1].gradients.size(); ++i)
        own = std::max(own, relativeError(outcomes[2].gradients[i], outcomes[1].gradients[i]));
    if (10 * own > tolerance)
        std::printf("%-58s LibTorch's own worst gradient %.1e\n", name.c_str(), own);
    tolerance = std::max(tolerance, 10 * own);
    compare(name, outcomes[0], outcomes[1], tolerance);
    // after a linear bottleneck means are 0 but for rounding; variances are about 1
    const double least = loss == Loss::MeanSquare ? 0.01 : 0;
    for (std::size_t i = 0; i < buffers[0].size(); ++i)
        expect(relativeError(buffers[0][i], buffers[1][i], least) < tolerance, name + ": running statistics");
    for (const auto &module : modules)
        module->to(torch::kFloat);
}

struct ConvolutionCase {
    int images, in, out, height, width, kernel, stride, padding;
    bool bias;
    double tolerance;
    int dilation = 1, groups = 1;
};

void checkConvolutions()
{
    const ConvolutionCase cases[] = {
        {2, 16, 16, 9, 7, 3, 1, 1, true, kExact},           {3, 32, 48, 5, 6, 3, 1, 1, false, kExact},
        {2, 32, 64, 32, 32, 3, 1, 1, true, kWinograd},      {2, 64, 32, 33, 30, 3, 1, 1, false, kWinograd},
        {4, 128, 64, 24, 24, 3, 1, 1, true, kWinograd},     {2, 32, 16, 14, 11, 3, 2, 1, false, kExact},
        {2, 16, 32, 9, 12, 1, 1, 0, true, kExact},          {2, 16, 32, 9, 12, 1, 2, 0, false, kExact},
        {1, 16, 16, 1, 1, 3, 1, 1, true, kExact},           {1, 512, 512, 6, 6, 3, 1, 1, false, kExact},
        {2, 32, 16, 9, 12, 3, 1, 2, true, kExact, 2},       {2, 32, 48, 12, 7, 3, 1, 18, false, kExact, 18},
        {2, 48, 48, 9, 12, 3, 1, 1, true, kExact, 1, 48},   {2, 32, 32, 9, 12, 3, 2, 1, false, kExact, 1, 32},
        {2, 32, 32, 12, 12, 5, 1, 2, false, kExact, 1, 32},
    };
    using fast::Activation;
    for (const auto &c : cases)
        for (const auto &[activation, activationName] :
             {std::pair(Activation::None, ""), {Activation::Relu, " relu"}, {Activation::Relu6, " relu6"}}) {
            Conv2d conv(Conv2dOptions(c.in, c.out, c.kernel)
                            .stride(c.stride)
                            .padding(c.padding)
                            .bias(c.bias)
                            .dilation(c.dilation)
                            .groups(c.groups));
            if (activation == Activation::Relu6) {
                const torch::NoGradGuard noGradients;
                conv->weight *= 10; // so that 6 is reached
            }
            char name[120];
            std::snprintf(name, sizeof name, "conv %dx%d->%d %dx%d k%d s%d d%d g%d%s%s", c.images, c.in, c.out,
                          c.height, c.width, c.kernel, c.stride, c.dilation, c.groups, c.bias ? " bias" : "",
                          activationName);
            check(
                name, {leaf({c.images, c.in, c.height, c.width})}, {conv.ptr()},
                [&](const auto &x) { return fast::plain(fast::convNorm(x[0], *conv, nullptr, activation)); },
                c.tolerance);
        }
    for (const int kernel : {3, 7}) {
        Conv2d conv(Conv2dOptions(3, 64, kernel).stride(kernel == 7 ? 2 : 1).padding(kernel / 2));
        check(
            "first layer, kernel " + std::to_string(kernel), {at::randn({2, 3, 21, 34}, torch::kFloat)}, {conv.ptr()},
            [&](const auto &x) { return fast::plain(fast::convNorm(x[0], *conv, nullptr, fast::Activation::Relu)); },
            kExact);
        check(
            "first layer with a gradient of its input, kernel " + std::to_string(kernel), {leaf({2, 3, 21, 34})},
            {conv.ptr()},
            [&](const auto &x) { return fast::plain(fast::convNorm(x[0], *conv, nullptr, fast::Activation::None)); },
            kExact);
    }
    for (const int classes : {1, 6, 16, 21}) {
        Conv2d before(Conv2dOptions(16, 32, 1)), last(Conv2dOptions(32, classes, 1));
        check(
            "logits of " + std::to_string(classes) + " classes", {leaf({2, 16, 9, 11})}, {before.ptr(), last.ptr()},
            [&](const auto &x) {
                return fast::logits(fast::convNorm(x[0], *before, nullptr, fast::Activation::Relu), *last);
            },
            kExact);
    }
}

void checkNorms()
{
    for (const auto activation : {fast::Activation::None, fast::Activation::Relu, fast::Activation::Relu6})
        for (const auto &[images, height, width] : {std::tuple{3, 9, 7}, {2, 40, 33}, {2, 1, 1}}) {
            Conv2d conv(Conv2dOptions(16, 48, 1));
            BatchNorm2d norm(48);
            {
                const torch::NoGradGuard noGradients;
                norm->weight.uniform_(-4, 4);
                norm->bias.uniform_(-1, 1);
                conv->bias.fill_(3); // a mean well off zero
                norm->running_mean.uniform_(2, 4);
                norm->running_var.uniform_(0.5, 2);
            }
            const auto name = std::string("norm ") + std::to_string(height) + "x" + std::to_string(width)
                              + (activation == fast::Activation::Relu    ? " relu"
                                 : activation == fast::Activation::Relu6 ? " relu6"
                                                                         : "");
            const auto function = [&](const auto &x) {
                return fast::plain(fast::convNorm(x[0], *conv, norm.get(), activation));
            };
            const auto x = leaf({images, 16, height, width});
            // the bias before a normalisation has no effect: its gradient is rounding alone
            conv->bias.set_requires_grad(false);
            const auto withoutBias = [&](const auto &inputs) { return function(inputs); };
            if (images * height * width > 2)
                check(
                    name + ", training", {x}, {norm.ptr()},
                    [&](const auto &inputs) {
                        conv->to(inputs[0].scalar_type());
                        return withoutBias(inputs);
                    },
                    1e-5);
            conv->to(torch::kFloat);
            norm->eval();
            check(name + ", evaluation with gradients", {x}, {conv.ptr(), norm.ptr()}, function, 1e-5);
            const torch::NoGradGuard noGradients;
            const auto plain = function(std::vector{x});
            const fast::Scope scope(true);
            for (int repeat = 0; repeat < 2; ++repeat)
                expect(relativeError(function(std::vector{x}), plain) < 1e-5, name + ", folded");
            norm->running_mean += 1; // what was folded is of no use any more
            const auto moved = function(std::vector{x});
            expect(relativeError(moved, plain) > 1e-2, name + ", folded anew after a change");
        }
}

void checkOthers()
{
    Conv2d conv(Conv2dOptions(16, 32, 1)), other(Conv2dOptions(16, 16, 1));
    const auto blocked = [&](const Tensor &x) { return fast::convNorm(x, *conv, nullptr, fast::Activation::None); };
    const auto narrow = [&](const Tensor &x) { return fast::convNorm(x, *other, nullptr, fast::Activation::None); };
    for (const auto &[kernel, stride, padding] : {std::tuple{2, 2, 0}, {3, 2, 1}})
        for (const auto &[height, width] : {std::pair{8, 12}, {7, 5}})
            check(
                "max pool " + std::to_string(kernel) + " of " + std::to_string(height) + "x" + std::to_string(width),
                {leaf({2, 16, height, width})}, {conv.ptr()},
                [&](const auto &x) { return fast::plain(fast::maxPool(blocked(x[0]), kernel, stride, padding)); },
                kExact);
    check(
        "add and ReLU", {leaf({2, 16, 5, 6}), leaf({2, 16, 5, 6})}, {conv.ptr()},
        [&](const auto &x) { return fast::plain(fast::addRelu(blocked(x[0]), blocked(x[1]))); }, kExact);
    for (const auto &[height, width] : {std::pair{4, 6}, {1, 3}, {12, 12}}) {
        check(
            "joined with bilinear of " + std::to_string(height) + "x" + std::to_string(width),
            {leaf({2, 16, height, width}), leaf({2, 16, 2 * height, 2 * width})}, {conv.ptr(), other.ptr()},
            [&](const auto &x) { return fast::plain(fast::joined(fast::doubled(blocked(x[0])), {narrow(x[1])})); },
            kExact);
        ConvTranspose2d transposed(ConvTranspose2dOptions(32, 16, 2).stride(2));
        check(
            "joined with transposed of " + std::to_string(height) + "x" + std::to_string(width),
            {leaf({2, 16, height, width}), leaf({2, 16, 2 * height, 2 * width})},
            {conv.ptr(), other.ptr(), transposed.ptr()},
            [&](const auto &x) {
                return fast::plain(fast::joined({narrow(x[1])}, fast::doubled(blocked(x[0]), *transposed)));
            },
            kExact);
    }
    Conv2d odd(Conv2dOptions(16, 8, 1)), grouped(Conv2dOptions(32, 32, 3).padding(1).groups(2));
    check(
        "layers without a fast form in between", {leaf({2, 16, 8, 8})}, {conv.ptr(), odd.ptr(), grouped.ptr()},
        [&](const auto &x) {
            const auto y = fast::convNorm(blocked(x[0]), *grouped, nullptr, fast::Activation::Relu);
            const auto z = fast::convNorm(x[0], *odd, nullptr, fast::Activation::None);
            return fast::plain(fast::joined({y}, {z}));
        },
        kExact);
    check(
        "a plain and a doubled blocked one", {leaf({2, 8, 8, 8}), leaf({2, 16, 4, 4})}, {conv.ptr()},
        [&](const auto &x) { return fast::plain(fast::joined({x[0]}, fast::doubled(blocked(x[1])))); }, kExact);
    for (const bool isMixed : {false, true}) {
        const auto second = [&](const Tensor &x) { return isMixed ? x : narrow(x); };
        const std::string how = isMixed ? ", one of them plain" : "";
        check(
            "sum" + how, {leaf({2, 16, 5, 6}), leaf({2, 16, 5, 6})}, {other.ptr()},
            [&](const auto &x) { return fast::plain(fast::add(narrow(x[0]), second(x[1]))); }, kExact);
        check(
            "three side by side" + how, {leaf({2, 16, 5, 6}), leaf({2, 16, 5, 6})}, {conv.ptr(), other.ptr()},
            [&](const auto &x) {
                const auto y = narrow(x[0]);
                return fast::plain(fast::joined({blocked(x[0]), second(x[1]), y}));
            },
            kExact);
    }
}

/// Whole networks: a training step's output and gradients, and evaluation.
void checkNetwork(const std::string &name, const std::string &model, const std::string &options, int side)
{
    const auto &factory = *findModel(ownModels(), model).value();
    NetworkSpec spec{.model = factory.id(), .outputChannels = 6, .options = Json::parse(options).value()};
    const auto network = factory.build(spec, 3).value();
    torch::manual_seed(9);
    check(
        name + ", training", {at::randn({4, 3, side, side}, torch::kFloat).sigmoid()}, {network},
        [&](const auto &x) { return network->logits(x[0]); }, 5e-4, Loss::MeanSquare); // a ReLU near 0 may flip
    network->eval();
    const torch::InferenceMode inference;
    const auto x = torch::rand({2, 3, side - 3, side + 5});
    const auto plain = network->logits(x);
    const fast::Scope scope(true);
    const auto error = relativeError(network->logits(x), plain);
    std::printf("%-58s forward %.1e\n", (name + ", evaluation").c_str(), error);
    expect(error < kWinograd, name + ", evaluation");
}

} // namespace

int main()
{
    std::printf("fast path %s\n", fast::isAvailable() ? "available" : "not available: LibTorch against itself");
    setComputeThreads(2);
    torch::manual_seed(1);
    checkConvolutions();
    checkNorms();
    checkOthers();
    checkNetwork("unet", "unet", "{}", 96);
    checkNetwork("unet, 8 wide, bilinear", "unet", R"({"base": 8, "depth": 3, "upsampling": "bilinear"})", 64);
    checkNetwork("unet without normalisation", "unet", R"({"norm": "none"})", 64);
    checkNetwork("unet with group normalisation", "unet", R"({"norm": "group"})", 64);
    checkNetwork("resnet18-unet", "resnet18-unet", "{}", 96);
    checkNetwork("resnet18-unet without normalisation", "resnet18-unet", R"({"norm": "none"})", 96);
    checkNetwork("resnet34-unet", "resnet34-unet", "{}", 64);
    checkNetwork("deeplabv3-resnet18", "deeplabv3-resnet18", R"({"dropout": 0})", 96);
    checkNetwork("mobile-unet", "mobile-unet", "{}", 96);
    checkNetwork("mobile-unet, half as wide", "mobile-unet", R"({"width": 0.5})", 64);
    std::printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed == 0 ? 0 : 1;
}
