// SPDX-License-Identifier: GPL-3.0-or-later
// Networks that say a class of a whole image: logits as [N, K, 1, 1].
#include "core/models/ResNetEncoder.h"
#include "core/models/fast/fast.h"
#include "core/models/layers.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <torch/nn/modules/dropout.h>

#include <array>

namespace masque {

namespace {

using torch::nn::Conv2d, torch::nn::Conv2dOptions, torch::nn::Dropout, torch::nn::Sequential;

/// The last layer, on features [N, C, 1, 1]: as many weights as a linear one.
Conv2d classLayer(int in, const NetworkSpec &spec)
{
    return Conv2d(Conv2dOptions(in, spec.outputChannels, 1));
}

/// The mean over the image, [N, C, 1, 1].
torch::Tensor pooledMean(const torch::Tensor &x)
{
    return fast::plain(x).mean({2, 3}, true);
}

/// Eight convolutions with two residual additions, then the maximum over the image (Page 2019, "How to train your
/// ResNet"; He et al. 2015).
class EmotionResNet9 : public Network {
public:
    EmotionResNet9(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)),
          m_dropout(register_module("dropout", Dropout(options["dropout"].toDouble())))
    {
        const auto norm = normOf(options);
        for (const auto &[in, out] : {std::pair{spec.inputChannels, 64}, {64, 128}, {128, 256}, {256, 512}})
            m_stages.push_back(convBlock(in, out, 3, norm));
        for (const int channels : {128, 128, 512, 512})
            m_residual.push_back(convBlock(channels, channels, 3, norm));
        m_last = register_module("last", classLayer(512, spec));
        registerList(*this, "stages", m_stages);
        registerList(*this, "residual", m_residual);
        initDecoder(*this, *m_last);
    }
    int stride() const override { return 8; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto halved = [](const torch::Tensor &y) { return fast::maxPool(y, 2, 2, 0); };
        const auto through = [](Sequential &layers, const torch::Tensor &y) { return fast::forward(*layers, y); };
        x = halved(through(m_stages[1], through(m_stages[0], x)));
        x = fast::add(through(m_residual[1], through(m_residual[0], x)), x);
        x = halved(through(m_stages[3], halved(through(m_stages[2], x))));
        x = fast::add(through(m_residual[3], through(m_residual[2], x)), x);
        return fast::logits(m_dropout->forward(fast::plain(x).amax({2, 3}, true)), *m_last);
    }

private:
    std::vector<Sequential> m_stages, m_residual;
    Dropout m_dropout;
    Conv2d m_last{nullptr};
};

/// Five convolutions, each but the last halving the image: small enough for live use.
class EmotionSmall : public Network {
public:
    EmotionSmall(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)),
          m_dropout(register_module("dropout", Dropout(options["dropout"].toDouble())))
    {
        const std::array channels = {spec.inputChannels, 32, 64, 96, 128, 160};
        for (std::size_t k = 0; k + 1 < channels.size(); ++k)
            m_stages.push_back(convBlock(channels[k], channels[k + 1], 3, normOf(options)));
        m_last = register_module("last", classLayer(channels.back(), spec));
        registerList(*this, "stages", m_stages);
        initDecoder(*this, *m_last);
    }
    int stride() const override { return 16; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        for (std::size_t k = 0; k < m_stages.size(); ++k) {
            x = fast::forward(*m_stages[k], x);
            if (k + 1 < m_stages.size())
                x = fast::maxPool(x, 2, 2, 0);
        }
        return fast::logits(m_dropout->forward(pooledMean(x)), *m_last);
    }

private:
    std::vector<Sequential> m_stages;
    Dropout m_dropout;
    Conv2d m_last{nullptr};
};

/// 784 grey pixels, one hidden layer (LeCun et al. 1998, sec. 3.C.2): the teaching example. A linear layer over all
/// pixels is a 1 x 1 convolution with the pixels as channels.
class Mlp : public Network {
public:
    Mlp(const NetworkSpec &spec, const Json &options)
        : Network(spec.inputChannels, inputNorm(options)),
          m_hidden(register_module("hidden", Conv2d(Conv2dOptions(kSide * kSide, options["hidden"].toInt(), 1)))),
          m_last(register_module("last", classLayer(static_cast<int>(options["hidden"].toInt()), spec)))
    {
    }
    int stride() const override { return 1; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        const auto pixels = at::adaptive_avg_pool2d(x.mean(1, true), {kSide, kSide}).reshape({-1, kSide * kSide, 1, 1});
        return fast::logits(fast::convNorm(pixels, *m_hidden, nullptr, fast::Activation::Relu), *m_last);
    }

private:
    static constexpr int kSide = 28;
    Conv2d m_hidden, m_last;
};

/// He et al. 2015, "Deep residual learning", with torchvision's names but for the last layer.
class ResNetClassifier : public Network {
public:
    ResNetClassifier(const NetworkSpec &spec, const Json &options, const std::array<int, 4> &blocks)
        : Network(spec.inputChannels, inputNorm(options)),
          m_encoder(register_module(
              "encoder", std::make_shared<ResNetEncoder>(spec.inputChannels, blocks, ResNetEncoder::Last::Strided))),
          m_last(register_module("last", classLayer(ResNetEncoder::kChannels.back(), spec)))
    {
    }
    int stride() const override { return 32; }

protected:
    torch::Tensor forward(torch::Tensor x) override
    {
        return fast::logits(pooledMean(m_encoder->forward(x).back()), *m_last);
    }

private:
    std::shared_ptr<ResNetEncoder> m_encoder;
    Conv2d m_last;
};

template <typename Net>
std::shared_ptr<const ModelFactory> factory(NetworkText text, std::vector<OptionSpec> specs)
{
    text.task = "classification";
    return networkFactory(std::move(text), std::move(specs), [](const NetworkSpec &spec, const Json &options) {
        return std::make_shared<Net>(spec, options);
    });
}

} // namespace

std::shared_ptr<const ModelFactory> emotionResNet9Factory()
{
    static const auto result =
        factory<EmotionResNet9>({"emotion-resnet9", "Emotion ResNet-9",
                                 "Tells the emotion of a face of about 48 pixels, or classes of other small pictures; "
                                 "eight convolutions with residual additions (He et al. 2015; Page 2019)."},
                                {normSpec(), dropoutSpec(0.2), inputNormSpec()});
    return result;
}

std::shared_ptr<const ModelFactory> emotionSmallFactory()
{
    static const auto result =
        factory<EmotionSmall>({"emotion-small", "Emotion, small",
                               "A twentieth of emotion-resnet9: fast enough for live use, a little less exact."},
                              {normSpec(), dropoutSpec(0.1), inputNormSpec()});
    return result;
}

std::shared_ptr<const ModelFactory> mlpFactory()
{
    static const auto result = factory<Mlp>({"mlp", "Perceptron with one hidden layer",
                                             "The teaching example on handwritten digits: 784 grey pixels, a hidden "
                                             "layer, the classes (LeCun et al. 1998)."},
                                            {{.key = "hidden",
                                              .label = "Hidden units",
                                              .help = "Width of the hidden layer.",
                                              .group = "Model",
                                              .type = OptionType::Int,
                                              .defaultValue = 256,
                                              .minimum = 1,
                                              .maximum = 4096},
                                             inputNormSpec()});
    return result;
}

std::shared_ptr<const ModelFactory> resnet18Factory()
{
    static const auto result = networkFactory(
        {"resnet18", "ResNet-18", "Tells classes of larger pictures; ResNet-18 (He et al. 2015) trained from scratch.",
         "classification"},
        {inputNormSpec()}, [](const NetworkSpec &spec, const Json &options) {
            return std::make_shared<ResNetClassifier>(spec, options, kResNet18);
        });
    return result;
}

} // namespace masque
