// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"
#include "core/training/teach/lessons.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>
#include <memory>

namespace masque {

namespace {

struct Given {
    std::map<std::string, std::string> words;
    bool asJson = false;
};

template <typename Options>
Result<Options> readOptions(const OptionTable<Options> &table, const Given &given)
{
    Options options;
    Json json = Json::object();
    for (const auto &spec : table.specs()) {
        const auto &word = given.words.at(spec.key);
        if (word.empty())
            continue;
        auto value = spec.parseWord(word);
        if (!value)
            return value.error();
        json.set(spec.key, std::move(*value));
    }
    if (auto applied = table.apply(json, options); !applied)
        return applied.error();
    return options;
}

void printSteps(const LineFit &fit)
{
    std::printf("%5s %9s %10s %10s %12s %12s %12s\n", "epoch", "lr", "w", "b", "loss", "dL/dw", "dL/db");
    for (const auto &step : fit.steps)
        std::printf("%5d %9.4g %10.4g %10.4g %12.5g %12.4g %12.4g\n", step.epoch, step.lr, step.slope, step.intercept,
                    step.loss, step.slopeGradient, step.interceptGradient);
}

Result<void> teachLine(const LineOptions &options, bool asJson)
{
    const auto fit = fitLine(options);
    if (!fit)
        return fit.error();
    if (asJson) {
        printJson(fit->toJson());
        return {};
    }
    printSteps(*fit);
    const auto &last = fit->steps.back();
    std::printf("found %s; the points were drawn from %s\n", lineText(last.slope, last.intercept).c_str(),
                lineText(kTrueSlope, kTrueIntercept).c_str());
    return {};
}

Result<void> teachGraph(const GraphOptions &options, bool asJson)
{
    const auto lesson = differentiateGraph(options);
    if (!lesson)
        return lesson.error();
    if (asJson) {
        printJson(lesson->toJson());
        return {};
    }
    auto pass = GraphStep::Pass::Backward;
    for (const auto &step : lesson->steps) {
        if (step.pass != pass)
            std::printf("%s\n", step.pass == GraphStep::Pass::Forward ? "forward: values" : "backward: gradients");
        pass = step.pass;
        std::printf("  %s\n", step.text.c_str());
    }
    std::printf("autograd finds the same gradients (greatest difference %.2g)\n", lesson->difference());
    return {};
}

Result<void> teachRates(const RatesOptions &options, bool asJson)
{
    const auto all = compareRates(options);
    if (!all)
        return all.error();
    Json json = Json::array();
    for (const auto &lesson : *all) {
        if (asJson) {
            auto entry = lesson.fit.toJson();
            entry.set("lr", lesson.lr);
            entry.set("verdict", lesson.verdict);
            json.push_back(std::move(entry));
            continue;
        }
        std::printf("learning rate %.4g\n", lesson.lr);
        printSteps(lesson.fit);
        std::printf("%s\n\n", lesson.verdict.c_str());
    }
    if (asJson)
        printJson(json);
    return {};
}

template <typename Options>
void addLesson(CLI::App &teach, CommandList &commands, const std::string &id, const OptionTable<Options> &table,
               Result<void> (*run)(const Options &, bool asJson))
{
    const auto given = std::make_shared<Given>();
    CLI::App *command = nullptr;
    for (const auto &lesson : lessons())
        if (lesson.id == id)
            command = teach.add_subcommand(id, lesson.title)->footer(lesson.text);
    for (const auto &spec : table.specs()) {
        const auto usual = spec.defaultValue.isString() ? spec.defaultValue.toString() : spec.defaultValue.dump();
        command->add_option(spec.flag(), given->words[spec.key], spec.help + " [" + usual + "]");
    }
    command->add_flag("--json", given->asJson, "one JSON document on stdout");
    commands.push_back({command, [&table, given, run](const CommandContext &) -> Result<void> {
                            const auto options = readOptions(table, *given);
                            return options ? run(*options, given->asJson) : options.error();
                        }});
}

void listLessons(bool asJson)
{
    Json json = Json::array();
    for (const auto &lesson : lessons()) {
        Json entry = Json::object();
        entry.set("lesson", lesson.id);
        entry.set("title", lesson.title);
        entry.set("text", lesson.text);
        json.push_back(std::move(entry));
        if (!asJson)
            std::printf("masque teach %-6s  %s\n", lesson.id.c_str(), lesson.title.c_str());
    }
    if (asJson)
        printJson(json);
}

} // namespace

void addTeachCommand(CLI::App &app, CommandList &commands)
{
    auto *teach = app.add_subcommand("teach", "Small lessons on how a network learns, with every figure");
    teach->require_subcommand(0, 1);
    addLesson(*teach, commands, "line", lineTable(), &teachLine);
    addLesson(*teach, commands, "graph", graphTable(), &teachGraph);
    addLesson(*teach, commands, "rates", ratesTable(), &teachRates);
    const auto asJson = std::make_shared<bool>(false);
    teach->add_flag("--json", *asJson, "the list of lessons as JSON");
    commands.push_back(
        {teach, [asJson](const CommandContext &) -> Result<void> { // after the lessons: no lesson is named
             listLessons(*asJson);
             return {};
         }});
}

} // namespace masque
