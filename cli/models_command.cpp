// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "core/models/summary.h"
#include "core/runs/RunOptions.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <memory>

namespace masque {

namespace {

struct ModelsOptions {
    std::string model, size = DataOptions{}.size;
    std::vector<std::string> settings; ///< "base=32"
    int classes = 2;
    bool json = false;
};

Json modelRows(const ModelList &models)
{
    Json rows = Json::array();
    for (const auto &model : models) {
        Json row = Json::object();
        row.set("id", model->id());
        row.set("task", model->task());
        row.set("help", model->help());
        rows.push_back(std::move(row));
    }
    return rows;
}

Result<NetworkSpec> networkSpec(const ModelFactory &factory, const ModelsOptions &given)
{
    NetworkSpec spec{.model = given.model, .outputChannels = given.classes};
    for (const auto &setting : given.settings) {
        const auto equals = std::min(setting.find('='), setting.size());
        const auto index = findOption(factory.optionSpecs(), setting.substr(0, equals));
        if (!index)
            return index.error();
        const auto &option = factory.optionSpecs()[*index];
        auto value = option.parseWord(setting.substr(std::min(equals + 1, setting.size())));
        if (!value)
            return value.error();
        spec.options.set(option.key, std::move(*value));
    }
    return spec;
}

void printLayers(const NetworkSummary &summary)
{
    std::size_t width = 5;
    for (const auto &layer : summary.layers)
        width = std::max(width, layer.name.size());
    std::printf("%-*s  %-34s %16s %12s\n", static_cast<int>(width), "layer", "kind", "output", "parameters");
    for (const auto &layer : summary.layers) {
        const auto &shape = layer.output;
        const auto output =
            std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" + std::to_string(shape.width);
        std::printf("%-*s  %-34s %16s %12lld\n", static_cast<int>(width), layer.name.c_str(), layer.kind.c_str(),
                    output.c_str(), static_cast<long long>(layer.parameters));
    }
    std::printf("%lld parameters; the outputs take %.1f MiB for one image\n",
                static_cast<long long>(summary.parameters), static_cast<double>(summary.activationBytes) / (1 << 20));
}

Result<void> showModel(const CommandContext &context, const ModelsOptions &given)
{
    const auto factory = findModel(context.registry.models, given.model);
    if (!factory)
        return factory.error();
    const auto size = parseSize(given.size);
    if (!size)
        return size.error();
    const auto spec = networkSpec(**factory, given);
    if (!spec)
        return spec.error();
    const auto summary = summarise(context.registry.models, *spec, size->height, size->width);
    if (!summary)
        return summary.error();
    if (!given.json) {
        printLayers(*summary);
        return {};
    }
    auto json = summary->toJson();
    json.set("network", spec->toJson());
    printJson(json);
    return {};
}

} // namespace

void addModelsCommand(CLI::App &app, CommandList &commands)
{
    auto options = std::make_shared<ModelsOptions>();
    auto *command = app.add_subcommand("models", "List the networks, or the layers of one");
    command->add_option("name", options->model, "a network: its layers with output shapes and parameters");
    command->add_option("--size", options->size, "of its input: SIDE or WIDTHxHEIGHT")->capture_default_str();
    command->add_option("--classes", options->classes, "that it tells apart")
        ->check(CLI::Range(1, 255))
        ->capture_default_str();
    command->add_option("--set", options->settings, "an option of the network: base=32");
    command->add_flag("--json", options->json, "one JSON document on stdout");
    commands.push_back({command, [options](const CommandContext &context) -> Result<void> {
                            if (!options->model.empty())
                                return showModel(context, *options);
                            const auto rows = modelRows(context.registry.models);
                            if (options->json)
                                printJson(rows);
                            else
                                printRows(rows);
                            return {};
                        }});
}

} // namespace masque
