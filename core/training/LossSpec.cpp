// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/LossSpec.h"

namespace masque {

LossSpec LossSpec::of(const TrainingOptions &options, std::vector<float> classWeights)
{
    return {.name = options.loss,
            .diceWeight = options.diceWeight,
            .labelSmoothing = options.labelSmoothing,
            .focalGamma = options.focalGamma,
            .tverskyAlpha = options.tverskyAlpha,
            .tverskyBeta = options.tverskyBeta,
            .classWeights = std::move(classWeights),
            .binaryOutputs = options.binaryOutputs,
            .multiLabel = options.multiLabel};
}

Json LossSpec::toJson() const
{
    Json json = Json::object();
    json.set("name", name);
    json.set("dice_weight", diceWeight);
    json.set("label_smoothing", labelSmoothing);
    json.set("focal_gamma", focalGamma);
    json.set("tversky_alpha", tverskyAlpha);
    json.set("tversky_beta", tverskyBeta);
    Json weights = Json::array();
    for (const float weight : classWeights)
        weights.push_back(static_cast<double>(weight));
    json.set("class_weights", std::move(weights));
    json.set("binary_outputs", binaryOutputs);
    json.set("multi_label", multiLabel);
    return json;
}

LossSpec LossSpec::fromJson(const Json &json)
{
    LossSpec spec;
    if (!json.isObject()) {
        spec.name = json.toString(spec.name);
        return spec;
    }
    spec.name = json["name"].toString(spec.name);
    spec.diceWeight = json["dice_weight"].toDouble(spec.diceWeight);
    spec.labelSmoothing = json["label_smoothing"].toDouble(spec.labelSmoothing);
    spec.focalGamma = json["focal_gamma"].toDouble(spec.focalGamma);
    spec.tverskyAlpha = json["tversky_alpha"].toDouble(spec.tverskyAlpha);
    spec.tverskyBeta = json["tversky_beta"].toDouble(spec.tverskyBeta);
    for (const auto &weight : json["class_weights"].items())
        spec.classWeights.push_back(static_cast<float>(weight.toDouble()));
    spec.binaryOutputs = json["binary_outputs"].toString(spec.binaryOutputs);
    spec.multiLabel = json["multi_label"].toBool(false);
    return spec;
}

bool LossSpec::isSoftmax() const
{
    return !multiLabel && (name == "ce" || name == "ce+dice" || name == "focal" || name == "lovasz" || isSoft());
}

int LossSpec::outputChannels(int classes) const
{
    if (multiLabel)
        return classes - 1;
    if (classes != 2 || isSoft())
        return classes;
    return binaryOutputs == "one" || (binaryOutputs == "auto" && !isSoftmax()) ? 1 : 2;
}

} // namespace masque
