// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/ModelFactory.h"

#include "core/base/text.h"

namespace masque {

namespace {

constexpr std::int64_t kMaxChannels = 1024;

} // namespace

Json NetworkSpec::toJson() const
{
    Json json = Json::object();
    json.set("model", model);
    json.set("input_channels", inputChannels);
    json.set("output_channels", outputChannels);
    json.set("options", options);
    return json;
}

Result<NetworkSpec> NetworkSpec::fromJson(const Json &json)
{
    NetworkSpec spec;
    spec.model = json["model"].toString();
    if (spec.model.empty())
        return Error{ErrorCode::Format, "the network's description has no \"model\"", "model"};
    for (const auto &[key, target] :
         {std::pair{"input_channels", &spec.inputChannels}, std::pair{"output_channels", &spec.outputChannels}}) {
        const auto channels = json[key].toInt();
        if (channels < 1 || channels > kMaxChannels)
            return Error{ErrorCode::Format,
                         std::string("the network's description has no valid \"") + key + "\" (1 to "
                             + std::to_string(kMaxChannels) + ")",
                         key};
        *target = static_cast<int>(channels);
    }
    if (const auto *options = json.find("options")) {
        if (!options->isObject())
            return Error{ErrorCode::Format, "the network's description has \"options\" that are no object", "options"};
        spec.options = *options;
    }
    return spec;
}

ModelList ownModels()
{
    return {unetFactory(), resnet18UnetFactory(), resnet34UnetFactory(), deeplabv3ResNet18Factory(),
            mobileUnetFactory(), emotionResNet9Factory(), emotionSmallFactory(), mlpFactory(), resnet18Factory()};
}

Result<std::shared_ptr<const ModelFactory>> findModel(const ModelList &models, const std::string &id)
{
    std::vector<std::string> ids;
    for (const auto &model : models) {
        if (model->id() == id)
            return model;
        ids.push_back(model->id());
    }
    return Error{ErrorCode::Option, "unknown model '" + id + "', there are: " + joinText(ids, ", "), "model"};
}

} // namespace masque
