// SPDX-License-Identifier: GPL-3.0-or-later
// "dump_networks FOLDER": for each network and loss one safetensors file with weights, a batch, logits, loss and
// gradients, to be worked out again by reference.py.
#include "core/base/Random.h"
#include "core/base/files.h"
#include "core/models/Network.h"
#include "core/training/losses.h"
#include "core/training/weights/safetensors.h"

#include <cstdio>

using namespace masque;

namespace {

constexpr int kSeed = 4; ///< of what a training step draws

struct Case {
    const char *name;
    const char *model;
    const char *options; ///< of the model, as JSON
    LossSpec loss;
    int classes = 4, height = 32, width = 48;
};

std::vector<Case> cases()
{
    constexpr auto unet = "unet", resnet = "resnet18-unet";
    return {
        {"unet-ce+dice", unet, "{}", {.name = "ce+dice", .diceWeight = 0.3}},
        {"unet-padded-ce",
         unet,
         "{}",
         {.name = "ce", .labelSmoothing = 0.1, .classWeights = {0.2f, 1, 2, 3}},
         4,
         30,
         41},
        {"unet-bilinear-bce", unet, R"({"upsampling": "bilinear", "norm": "none", "depth": 3})", {.name = "bce"}, 2},
        {"unet-base8-bce",
         unet,
         R"({"base": 8})",
         {.name = "bce", .labelSmoothing = 0.2, .classWeights = {1, 2, 1, 5}}},
        {"unet-dice", unet, "{}", {.name = "dice"}},
        {"unet-binary-dice", unet, "{}", {.name = "dice"}, 2},
        {"unet-bce+dice", unet, "{}", {.name = "bce+dice"}},
        {"unet-focal", unet, "{}", {.name = "focal", .focalGamma = 1.5, .classWeights = {1, 2, 3, 4}}},
        {"unet-tversky", unet, "{}", {.name = "tversky", .tverskyAlpha = 0.2, .tverskyBeta = 0.9}},
        {"unet-lovasz", unet, "{}", {.name = "lovasz"}},
        {"resnet18-unet-ce", resnet, R"({"input_norm": "imagenet"})", {.name = "ce"}, 4, 64, 96},
        {"resnet18-unet-ce+dice", resnet, R"({"norm": "none"})", {.name = "ce+dice"}, 7, 64, 64},
        {"unet-group-dropout-ce", unet, R"({"norm": "group", "base": 20, "dropout": 0.3})", {.name = "ce"}},
        {"unet-depth5-base64-ce", unet, R"({"depth": 5, "base": 64})", {.name = "ce"}, 4, 32, 64},
        {"resnet34-unet-group-ce", "resnet34-unet", R"({"norm": "group"})", {.name = "ce"}, 4, 64, 96},
        {"deeplabv3-resnet18-ce", "deeplabv3-resnet18", "{}", {.name = "ce"}, 4, 64, 96},
        {"deeplabv3-resnet18-padded-bce", "deeplabv3-resnet18", R"({"dropout": 0})", {.name = "bce"}, 2, 70, 90},
        {"mobile-unet-ce", "mobile-unet", "{}", {.name = "ce"}, 4, 64, 96},
        {"mobile-unet-narrow-ce+dice", "mobile-unet", R"({"width": 0.35})", {.name = "ce+dice"}, 4, 64, 64},
        {"unet-one-output-ce+dice", unet, "{}", {.name = "ce+dice", .binaryOutputs = "one"}, 2},
        {"unet-two-outputs-dice", unet, "{}", {.name = "dice", .binaryOutputs = "two"}, 2},
        {"unet-planes-bce+dice", unet, "{}", {.name = "bce+dice", .multiLabel = true}},
        {"unet-planes-focal", unet, "{}", {.name = "focal", .focalGamma = 1.5, .multiLabel = true}},
        {"unet-planes-tversky", unet, "{}", {.name = "tversky", .tverskyAlpha = 0.2, .multiLabel = true}},
        {"unet-planes-lovasz", unet, "{}", {.name = "lovasz", .multiLabel = true}},
    };
}

/// The same on every machine.
torch::Tensor images(int height, int width)
{
    auto out = torch::empty({3, 3, height, width});
    Random random(7);
    auto *values = out.data_ptr<float>();
    for (std::int64_t i = 0; i < out.numel(); ++i)
        values[i] = static_cast<float>(random.uniform());
    return out;
}

/// Class ids, or planes of 0 and 1.
torch::Tensor targets(int classes, int planes, int height, int width)
{
    auto out = planes > 0 ? torch::empty({3, planes, height, width}, torch::kByte)
                          : torch::empty({3, height, width}, torch::kByte);
    classes = planes > 0 ? 2 : classes;
    Random random(8);
    auto *ids = out.data_ptr<std::uint8_t>();
    for (std::int64_t i = 0; i < out.numel(); ++i) {
        const int id = random.below(classes + 1); // one more: ignored
        ids[i] = static_cast<std::uint8_t>(id == classes ? 255 : id);
    }
    if (planes > 0) // ignored is a pixel of all planes or of none
        out.masked_fill_(out.narrow(1, 0, 1).eq(255), 255).masked_fill_(out.eq(255) & out.narrow(1, 0, 1).ne(255), 1);
    return out;
}

Result<void> dump(const Case &test, const std::string &folder)
{
    NetworkSpec spec;
    spec.model = test.model;
    spec.options = Json::parse(test.options).value();
    spec.outputChannels = test.loss.outputChannels(test.classes);
    const auto factory = findModel(ownModels(), spec.model);
    if (!factory)
        return factory.error();
    const auto network = (*factory)->build(spec, 11);
    if (!network)
        return network.error();
    std::vector<std::pair<std::string, torch::Tensor>> tensors;
    for (const auto &item : (*network)->named_parameters())
        tensors.emplace_back("network." + item.key(), item.value().variable_data().clone());
    for (const auto &item : (*network)->named_buffers())
        tensors.emplace_back("network." + item.key(), item.value().clone());
    const auto batch = images(test.height, test.width),
               ids = targets(test.classes, test.loss.multiLabel ? test.classes - 1 : 0, test.height, test.width);
    (*network)->train();
    torch::manual_seed(kSeed);
    const auto logits = (*network)->logits(batch);
    const auto loss = segmentationLoss(test.loss, logits, ids);
    loss.backward();
    tensors.emplace_back("images", batch);
    tensors.emplace_back("targets", ids);
    tensors.emplace_back("logits", logits.variable_data());
    tensors.emplace_back("loss", loss.variable_data());
    for (const auto &item : (*network)->named_parameters())
        tensors.emplace_back("gradient." + item.key(), item.value().grad());
    std::vector<TensorBlob> blobs;
    for (auto &[name, tensor] : tensors) {
        tensor = tensor.contiguous();
        const auto *type = tensor.scalar_type() == torch::kByte   ? "U8"
                           : tensor.scalar_type() == torch::kLong ? "I64"
                                                                  : "F32";
        blobs.push_back(
            {name, type, tensor.sizes().vec(), {static_cast<const char *>(tensor.data_ptr()), tensor.nbytes()}});
    }
    return writeFileAtomically(folder + "/" + test.name + ".safetensors",
                               writeSafetensors({{"spec", spec.toJson().dump()},
                                                 {"loss", test.loss.toJson().dump()},
                                                 {"seed", std::to_string(kSeed)},
                                                 {"parameters", std::to_string(parameterCount(**network))}},
                                                blobs));
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    for (const auto &test : cases())
        if (const auto done = dump(test, argv[1]); !done) {
            std::fprintf(stderr, "%s: %s\n", test.name, done.error().message.c_str());
            return 1;
        }
    return 0;
}
