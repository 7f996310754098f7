// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace masque {

class Network; // core/models/Network.h, needs LibTorch

/// Everything that is needed to build the same network again; saved in every checkpoint.
struct NetworkSpec {
    std::string model; ///< ModelFactory::id()
    int inputChannels = 3;
    int outputChannels = 2;        ///< logits a pixel (or an image)
    Json options = Json::object(); ///< by the factory's optionSpecs; missing ones take their default

    Json toJson() const;
    static Result<NetworkSpec> fromJson(const Json &);
};

/// A kind of network, as plugins offer it and the form lists it. No LibTorch in sight.
class ModelFactory {
public:
    virtual ~ModelFactory() = default;
    virtual std::string id() const = 0;    ///< "resnet18-unet"
    virtual std::string title() const = 0; ///< English
    virtual std::string task() const = 0;  ///< "segmentation" or "classification"
    virtual std::string help() const = 0;  ///< one or two sentences: what it is good for, source
    virtual const std::vector<OptionSpec> &optionSpecs() const = 0;
    /// Weights initialised from seed. Errors name the option.
    virtual Result<std::shared_ptr<Network>> build(const NetworkSpec &, std::uint64_t seed) const = 0;
};
using ModelList = std::vector<std::shared_ptr<const ModelFactory>>;

/// The networks of this room, for their plugins to offer.
std::shared_ptr<const ModelFactory> unetFactory();
std::shared_ptr<const ModelFactory> resnet18UnetFactory();
std::shared_ptr<const ModelFactory> resnet34UnetFactory();
std::shared_ptr<const ModelFactory> deeplabv3ResNet18Factory();
std::shared_ptr<const ModelFactory> mobileUnetFactory();
std::shared_ptr<const ModelFactory> emotionResNet9Factory();
std::shared_ptr<const ModelFactory> emotionSmallFactory();
std::shared_ptr<const ModelFactory> mlpFactory();
std::shared_ptr<const ModelFactory> resnet18Factory();
/// All of them.
ModelList ownModels();

/// The factory named by spec.model, or an error that lists what there is.
Result<std::shared_ptr<const ModelFactory>> findModel(const ModelList &, const std::string &id);

std::int64_t parameterCount(const Network &);
/// What height and width are padded to multiples of.
int strideOf(const Network &);

/// Devices that this LibTorch has now: "cpu", "cuda".
std::vector<std::string> availableDevices();
/// auto, cpu, cuda (or cuda:1) -> the device's name; an error if it is not there.
Result<std::string> resolveDevice(const std::string &wanted);

/// Shape of a dense batch, N x C x H x W.
struct BatchShape {
    int count = 0, channels = 0, height = 0, width = 0;
    std::size_t elements() const
    {
        return static_cast<std::size_t>(count) * static_cast<std::size_t>(channels) * static_cast<std::size_t>(height)
               * static_cast<std::size_t>(width);
    }
};
struct Logits {
    BatchShape shape;
    std::vector<float> values; ///< N x C x H x W
};
/// Evaluates the network (eval mode, no gradients) on images: float32 [N, C, H, W], RGB, 0..1 (normalised by the
/// network itself). Any H and W: padded to the network's stride and cropped back. Uses as many
/// threads as the machine has. Moves the network to device; one call at a time a network.
Result<Logits> infer(Network &, std::span<const float> images, BatchShape, const std::string &device);

} // namespace masque
