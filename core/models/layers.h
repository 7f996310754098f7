// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/OptionSpec.h"
#include "core/models/Network.h"

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/conv.h>

#include <functional>
#include <string>
#include <vector>

/// What the networks of this room share; private to it.
namespace masque {

/// Registers modules as owner's "name.0", "name.1", ...
template <typename Module>
void registerList(torch::nn::Module &owner, const std::string &name, const std::vector<Module> &modules)
{
    const auto list = owner.register_module(name, torch::nn::ModuleList());
    for (const auto &module : modules)
        list->push_back(module);
}

enum class Norm {
    Batch,
    Group, ///< Wu and He 2018, "Group normalization": groups of eight channels or more, at most 32
    None
};
OptionSpec normSpec();
/// The value of that option.
Norm normOf(const Json &options);

/// What a layer's channels are normalised by; nothing for Norm::None.
void addNorm(torch::nn::Sequential &layers, Norm norm, int channels);
/// Convolution of same size, normalisation and ReLU, added to layers.
void addConvBlock(torch::nn::Sequential &layers, int in, int out, int kernel, Norm norm);
torch::nn::Sequential convBlock(int in, int out, int kernel, Norm norm);
/// A convolution of same size without bias, for a batch normalisation to follow; each channel by itself where
/// depthwise.
torch::nn::Conv2d bareConv(int in, int out, int kernel, int stride, int dilation = 1);
torch::nn::Conv2d depthwiseConv(int channels, int kernel, int stride);

/// A U-Net's way up from features at 1/2, 1/4, ... of the image to the first of them: each time what there is, doubled,
/// beside the next feature's lateral layers, goes through the next of up.
torch::Tensor decoded(const std::vector<torch::Tensor> &features, const std::vector<torch::nn::Sequential> &lateral,
                      const std::vector<torch::nn::Sequential> &up);

/// He et al. 2015, "Delving deep into rectifiers", for convolutions under a ReLU: by what comes in, biases 0.
void initForRelu(torch::nn::Module &module);
/// That for all of a network but its "encoder" and its last layer. LibTorch's own initialisation shrinks the signal
/// from layer to layer: without normalisation a decoder would learn next to nothing in its first epochs.
void initDecoder(torch::nn::Module &network, const torch::nn::Module &last);
/// The same by what goes out, as torchvision begins its encoders; for convolutions without bias.
void initByOutputs(torch::nn::Module &module);

OptionSpec dropoutSpec(double defaultValue);
OptionSpec inputNormSpec();
/// The value of that option.
InputNorm inputNorm(const Json &options);

/// What a person reads about a network.
struct NetworkText {
    std::string id, title, help, task = "segmentation";
};
/// A factory of networks. make gets the options with all defaults, under the seed, and may throw.
std::shared_ptr<const ModelFactory>
networkFactory(NetworkText text, std::vector<OptionSpec> specs,
               std::function<std::shared_ptr<Network>(const NetworkSpec &, const Json &options)> make);

} // namespace masque
