// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "cli/train_options.h"

#include "core/inference/model_import.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace masque {

namespace {

struct ImportOptions {
    std::string file, data, name;
    OptionWords words;
};

Result<void> import(const CommandContext &context, const ImportOptions &given)
{
    auto description = describedInside(given.file).value_or(ModelDescription());
    Json said = Json::object();
    if (auto parsed = parseOptionWords(given.words, modelDescriptionTable().specs(), "", said); !parsed)
        return parsed.error();
    if (auto applied = modelDescriptionTable().apply(said, description); !applied)
        return applied.error();
    const auto indexed = openIndexed(context, given.data, {}, {});
    if (!indexed)
        return indexed.error();
    const auto run =
        importModel({.file = given.file, .description = description, .dataset = indexed->dataset, .name = given.name});
    if (!run)
        return run.error();
    std::printf("%s\n", run->folder.c_str());
    return {};
}

} // namespace

void addImportCommand(CLI::App &app, CommandList &commands)
{
    auto given = std::make_shared<ImportOptions>();
    auto *command = app.add_subcommand("import", "Take a TorchScript program or an ONNX network as a run of a dataset");
    command->add_option("file", given->file, "the model: .pt, .torchscript or .onnx")->required();
    command->add_option("data", given->data, "the dataset's folder")->required();
    command->add_option("--name", given->name, "of the run [the file's]");
    for (const auto &spec : modelDescriptionTable().specs())
        addOptionFlag(*command, spec, given->words, spec.group);
    command->footer("What a file written by masque export says of itself need not be told.");
    commands.push_back({command, [given](const CommandContext &context) { return import(context, *given); }});
}

} // namespace masque
