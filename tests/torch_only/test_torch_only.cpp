// SPDX-License-Identifier: GPL-3.0-or-later
// Trains a tiny network with nothing but LibTorch: "test_torch_only [device]", auto by default. What needs torch types
// to be tested stands here too, since Qt Test and LibTorch never meet in a file.
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/training/Checkpoint.h"
#include "core/training/Optimizer.h"
#include "core/training/WeightAverage.h"
#include "core/training/losses.h"
#include "core/training/train.h"
#include "tests/core/training/BlobSource.h"

#include <torch/nn/modules/linear.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <unistd.h>

using namespace masque;

namespace {

int g_passed = 0, g_failed = 0;
std::string g_device = "auto";

void expect(bool condition, const std::string &what)
{
    ++(condition ? g_passed : g_failed);
    std::printf("%s %s\n", condition ? "pass" : "FAIL", what.c_str());
}

struct Run {
    std::string folder;
    std::vector<std::string> curve;
    double firstLoss = 0, lastLoss = 0, bestMetric = 0;
    std::string error;
};

Run run(const std::string &folder, const std::string &precision, int stopAtRead, bool resume)
{
    BlobSource samples(16, 3);
    const BlobSource val(6, 3);
    std::stop_source stop;
    samples.before = [&](std::size_t) {
        if (samples.reads == stopAtRead)
            stop.request_stop();
        return Result<void>();
    };
    TrainingSetup setup;
    setup.spec = {.model = "unet", .outputChannels = 3, .options = Json::parse(R"({"base": 8, "depth": 3})").value()};
    setup.network = unetFactory()->build(setup.spec, 1).value();
    setup.train = &samples;
    setup.val = &val;
    setup.classNames = {"_background_", "a", "b"};
    setup.runFolder = folder;
    setup.resume = resume;
    setup.options.epochs = 6;
    setup.options.batch = 4;
    setup.options.lr = 5e-3;
    setup.options.loss = "ce";
    setup.options.schedule = "constant";
    setup.options.device = g_device;
    setup.options.precision = precision;
    setup.options.threads = 2;
    Run result;
    result.folder = folder;
    if (auto made = makeFolder(folder); !made)
        result.error = made.error().message;
    const auto outcome = train(setup, stop.get_token(), {});
    if (!outcome)
        result.error = outcome.error().message;
    else
        result.bestMetric = outcome->bestMetric;
    for (const auto &text : splitText(readFile(folder + "/log.jsonl").value_or(""), '\n')) {
        auto line = Json::parse(text).value_or(Json());
        if (line["event"].toString() != "epoch")
            continue;
        if (line["split"].toString() == "train") {
            result.lastLoss = line["loss"].toDouble();
            if (result.curve.empty())
                result.firstLoss = result.lastLoss;
        }
        line.remove("seconds");
        line.remove("images_per_second");
        result.curve.push_back(line.dump());
    }
    return result;
}

void checkTraining(const std::string &root, const std::string &precision)
{
    const auto whole = run(root + "/whole-" + precision, precision, 0, false);
    expect(whole.error.empty(), precision + ": trains " + whole.error);
    expect(whole.lastLoss < 0.7 * whole.firstLoss, precision + ": the loss falls");
    expect(whole.bestMetric > 0.5, precision + ": finds the blobs");
    const auto loaded = loadCheckpoint(whole.folder + "/best.ckpt", {unetFactory()});
    expect(loaded.has_value(), precision + ": best.ckpt loads");

    const auto resolved = resolveDevice(g_device);
    if (resolved && *resolved != "cpu")
        return; // some CUDA kernels add in no fixed order
    const auto again = run(root + "/again-" + precision, precision, 0, false);
    expect(again.curve == whole.curve, precision + ": same seed, same curve");
    run(root + "/parts-" + precision, precision, 40, false);
    const auto resumed = run(root + "/parts-" + precision, precision, 0, true);
    expect(resumed.curve == whole.curve && resumed.curve.size() == 12, precision + ": resumed equals uninterrupted");
}

/// Steps a layer by the options and another by LibTorch's own optimiser, with the same gradients.
void checkOptimizer(const std::string &what, const TrainingOptions &options,
                    const std::function<std::unique_ptr<torch::optim::Optimizer>(std::vector<torch::Tensor>)> &make)
{
    torch::manual_seed(3);
    torch::nn::Linear mine(5, 4), reference(5, 4);
    {
        const torch::NoGradGuard noGradients;
        reference->weight.copy_(mine->weight);
        reference->bias.copy_(mine->bias);
    }
    Optimizer optimizer(*mine, options);
    const auto expected = make(reference->parameters());
    for (int step = 0; step < 20; ++step) {
        const auto x = torch::randn({8, 5});
        optimizer.clearGradients();
        mine->forward(x).square().mean().backward();
        optimizer.step(0.02);
        expected->zero_grad();
        reference->forward(x).square().mean().backward();
        if (options.clipNorm > 0)
            torch::nn::utils::clip_grad_norm_(reference->parameters(), options.clipNorm);
        expected->step();
    }
    expect(torch::allclose(mine->weight, reference->weight, 1e-5, 1e-6)
               && torch::allclose(mine->bias, reference->bias, 1e-5, 1e-6),
           what + " steps as LibTorch's");
}

void checkOptimizers()
{
    namespace optim = torch::optim;
    using Parameters = std::vector<torch::Tensor>;
    TrainingOptions options;
    options.weightDecay = 0.01;
    checkOptimizer("adam", options, [](Parameters p) {
        return std::make_unique<optim::Adam>(p, optim::AdamOptions(0.02).weight_decay(0.01));
    });
    options.optimizer = "adamw";
    checkOptimizer("adamw", options, [](Parameters p) {
        return std::make_unique<optim::AdamW>(p, optim::AdamWOptions(0.02).weight_decay(0.01));
    });
    for (const double momentum : {0.0, 0.9}) {
        options.momentum = momentum;
        const auto with = " with momentum " + std::to_string(momentum);
        options.optimizer = "sgd";
        checkOptimizer("sgd" + with, options, [&](Parameters p) {
            return std::make_unique<optim::SGD>(p, optim::SGDOptions(0.02).weight_decay(0.01).momentum(momentum));
        });
        options.optimizer = "rmsprop";
        checkOptimizer("rmsprop" + with, options, [&](Parameters p) {
            return std::make_unique<optim::RMSprop>(p,
                                                    optim::RMSpropOptions(0.02).weight_decay(0.01).momentum(momentum));
        });
    }
    options.optimizer = "sgd";
    options.nesterov = true;
    options.clipNorm = 0.05;
    checkOptimizer("sgd with Nesterov's momentum and clipped gradients", options, [](Parameters p) {
        return std::make_unique<optim::SGD>(p,
                                            optim::SGDOptions(0.02).weight_decay(0.01).momentum(0.9).nesterov(true));
    });
}

void checkAverage()
{
    torch::nn::Linear layer(3, 2);
    WeightAverage average(*layer, 0.5);
    const auto start = layer->weight.detach().clone();
    {
        const torch::NoGradGuard noGradients;
        layer->weight.fill_(1);
    }
    average.update(); // decay (1 + 1) / (10 + 1)
    const auto wanted = start * (2.0 / 11) + 9.0 / 11;
    {
        const WeightAverage::Scope scope(&average);
        expect(torch::allclose(layer->weight, wanted), "the weight average follows the weights");
    }
    expect(layer->weight.eq(1).all().item<bool>(), "and leaves them as they were");
}

void checkLossGradients()
{
    for (const auto *loss : {"ce", "bce", "dice", "bce+dice", "ce+dice", "focal", "tversky", "lovasz"}) {
        auto targets = torch::randint(0, 3, {2, 4, 4}, torch::kByte);
        targets.select(0, 0).fill_(255);
        const auto logits = torch::randn({2, 3, 4, 4}).requires_grad_();
        segmentationLoss(LossSpec{.name = loss}, logits, targets).backward();
        expect(logits.grad().isfinite().all().item<bool>() && logits.grad()[1].abs().sum().item<double>() > 0,
               std::string(loss) + ": gradient is finite and reaches the logits");
        expect(logits.grad()[0].abs().sum().item<double>() == 0, std::string(loss) + ": none at ignored pixels");
        logits.mutable_grad().reset();
        const auto value = segmentationLoss(LossSpec{.name = loss}, logits, torch::full_like(targets, 255));
        value.backward();
        expect(value.item<double>() == 0 && logits.grad().abs().sum().item<double>() == 0,
               std::string(loss) + ": only ignored pixels give 0 and a gradient of 0");
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc > 1)
        g_device = argv[1];
    const auto device = resolveDevice(g_device);
    expect(device.has_value(), "device " + (device ? *device : device.error().message));
    const auto root =
        (std::filesystem::temp_directory_path() / ("masque-torch-only-" + std::to_string(::getpid()))).string();
    checkOptimizers();
    checkAverage();
    checkLossGradients();
    for (const auto *precision : {"auto", "exact", "float32", "bfloat16"})
        checkTraining(root, precision);
    std::filesystem::remove_all(root);
    std::printf("%d passed, %d failed\n", g_passed, g_failed);
    return g_failed == 0 ? 0 : 1;
}
