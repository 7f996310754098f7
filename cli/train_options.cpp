// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/train_options.h"

#include <CLI/CLI.hpp>

namespace masque {

namespace {

void addOptionFlags(CLI::App &command, const PluginRegistry &registry, const std::shared_ptr<TrainOptions> &options)
{
    for (const auto &spec : runOptionSpecs({}))
        addOptionFlag(command, spec, options->words, spec.group);
    for (const auto &model : registry.models)
        for (const auto &spec : model->optionSpecs())
            addOptionFlag(command, spec, options->words, "Model " + model->id());
}

/// Options file first, then the flags that were given.
Result<RunOptions> readRunOptions(const TrainOptions &given, const Dataset &dataset, const PluginRegistry &registry)
{
    Json json = Json::object();
    if (!given.optionsFile.empty()) {
        auto file = readJsonFile(given.optionsFile);
        if (!file)
            return file.error();
        if (!file->isObject())
            return Error{ErrorCode::Format, given.optionsFile + ": a JSON object of options was expected",
                         given.optionsFile};
        json = std::move(*file);
    }
    RunOptions options;
    const auto &taskWord = given.words.at("task");
    const auto task = !taskWord.empty() ? taskWord : json["task"].toString(options.data.task);
    if (task == options.data.task ? dataset.task == Task::Classification : task != taskName(Task::Segmentation))
        options.data = suggestedOptions(dataset, Task::Classification);
    const auto &modelWord = given.words.at("model");
    const auto modelId = !modelWord.empty() ? modelWord : json["model"].toString(options.data.model);
    const auto model = findModel(registry.models, modelId);
    if (!model)
        return model.error();
    const auto specs = runOptionSpecs((*model)->optionSpecs());
    if (auto parsed = parseOptionWords(given.words, specs, modelId, json); !parsed)
        return parsed.error();
    if (auto applied = applyRunOptions(json, (*model)->optionSpecs(), options); !applied)
        return applied.error();
    return options;
}

} // namespace

void addOptionFlag(CLI::App &command, const OptionSpec &spec, OptionWords &words, const std::string &group)
{
    if (words.count(spec.key))
        return; // two models may share an option's name
    auto &word = words[spec.key];
    const auto help = spec.help + " ["
                      + (spec.defaultValue.isString() ? spec.defaultValue.toString() : spec.defaultValue.dump())
                      + (spec.unit.empty() ? "" : " " + spec.unit) + "]";
    auto *option = spec.type == OptionType::Bool
                       ? command.add_flag(spec.flag() + "{true},!--no-" + spec.flag().substr(2), word, help)
                       : command.add_option(spec.flag(), word, help);
    option->group(group);
}

Result<void> parseOptionWords(const OptionWords &words, const std::vector<OptionSpec> &specs, const std::string &model,
                              Json &out)
{
    for (const auto &[key, word] : words) {
        if (word.empty())
            continue;
        const auto index = findOption(specs, key);
        if (!index)
            return Error{ErrorCode::Option, "model '" + model + "' has no option '" + key + "'", key};
        auto value = specs[*index].parseWord(word);
        if (!value)
            return value.error();
        out.set(key, std::move(*value));
    }
    return {};
}

void addTrainOptions(CLI::App &command, const PluginRegistry &registry, const std::shared_ptr<TrainOptions> &options)
{
    command.add_option("data", options->data, "the dataset's folder");
    command.add_option("--options", options->optionsFile, "options.json of another run, or one of your own");
    command.add_option("--format", options->format, "the dataset's format, if it is not recognised");
    command.add_option("--class-names", options->classNames, "rename the classes: a,b,c");
    addOptionFlags(command, registry, options);
}

Result<RunRequest> runRequest(const CommandContext &context, const TrainOptions &given)
{
    RunRequest request;
    std::string data = given.data, format = given.format;
    if (data.empty() && given.resume.empty())
        return Error{ErrorCode::Option, "the dataset's folder is missing", "data"};
    if (!given.resume.empty()) {
        auto run = readRun(given.resume);
        if (!run)
            return run.error();
        request.resume = true;
        request.folder = run->folder;
        data = run->datasetRoot;
        format = run->datasetFormat;
    }
    auto indexed = openIndexed(context, data, format, given.classNames);
    if (!indexed)
        return indexed.error();
    if (!request.resume) {
        auto options = readRunOptions(given, indexed->dataset, context.registry);
        if (!options)
            return options.error();
        request.options = std::move(*options);
        request.folder = given.run;
    }
    request.summaries = std::move(indexed->summaries);
    request.dataset = std::make_shared<const Dataset>(std::move(indexed->dataset));
    return request;
}

} // namespace masque
