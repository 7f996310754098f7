// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/bench_training.h"
#include "cli/command_line.h"
#include "cli/common.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>
#include <memory>

namespace masque {

void addBenchCommand(CLI::App &app, CommandList &commands, const PluginRegistry &registry,
                     const CanvasBenchCommand &canvas)
{
    auto *bench = app.add_subcommand("bench", "Measure how fast Masque is here");
    bench->require_subcommand(1);
    addTrainingBenches(*bench, commands, registry);
    auto *command = bench->add_subcommand(
        "canvas", canvas.run ? "Drive the canvas with mouse events and measure until its pixels are repainted"
                             : "Not in this build: it has no window");
    struct Given {
        std::map<std::string, std::string> words;
        bool asJson = false;
    };
    const auto given = std::make_shared<Given>();
    command->add_flag("--json", given->asJson, "print the table as JSON");
    for (const OptionSpec &spec : canvas.options)
        command->add_option(spec.flag(), given->words[spec.key], spec.help + " [" + spec.defaultValue.dump() + "]");
    commands.push_back({command, [given, canvas](const CommandContext &context) -> Result<void> {
                            if (!canvas.run)
                                return Error{ErrorCode::Unsupported, "bench canvas: this build has no window"};
                            Json options = Json::object();
                            for (const OptionSpec &spec : canvas.options) {
                                const std::string &word = given->words.at(spec.key);
                                if (word.empty())
                                    continue;
                                auto value = spec.parseWord(word);
                                if (!value)
                                    return value.error();
                                options.set(spec.key, std::move(*value));
                            }
                            const auto rows = canvas.run(options, context.registry, context.stop);
                            if (!rows)
                                return rows.error();
                            if (given->asJson) {
                                printJson(*rows);
                                return {};
                            }
                            std::printf("%-24s %9s %9s %9s %9s\n", "operation", "p50 ms", "p99 ms", "idle p99", "MiB");
                            for (const Json &row : rows->items())
                                std::printf("%-24s %9.3f %9.3f %9.3f %9.0f\n", row["op"].toString().c_str(),
                                            row["p50_ms"].toDouble(), row["p99_ms"].toDouble(),
                                            row["idle_p99_ms"].toDouble(), row["rss_mib"].toDouble());
                            return {};
                        }});
}

} // namespace masque
