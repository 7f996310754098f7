// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"
#include "core/plugins/PluginHost.h"

#include <functional>
#include <stop_token>
#include <string>

namespace CLI {
class App;
}

namespace masque {

/// What every command gets.
struct CommandContext {
    const PluginRegistry &registry;
    std::stop_token stop; ///< Ctrl+C
    bool isQuiet = false; ///< another process tells of the progress
};

/// A command: adds itself to the application and, when chosen, runs and returns the exit code.
using Command = std::function<Result<void>(const CommandContext &)>;
struct RegisteredCommand {
    CLI::App *app;
    Command run;
};
using CommandList = std::vector<RegisteredCommand>;
struct CanvasBenchCommand;
struct StudioStart;

void addDataCommands(CLI::App &, CommandList &);                          ///< demo, info, convert, formats, plugins
void addModelsCommand(CLI::App &, CommandList &);                         ///< models
void addRunCommands(CLI::App &, CommandList &, const PluginRegistry &);   ///< train, evaluate
void addRunsCommand(CLI::App &, CommandList &);                           ///< runs
void addCheckCommands(CLI::App &, CommandList &, const PluginRegistry &); ///< check, find-rate, find-batch
void addPredictCommand(CLI::App &, CommandList &);                        ///< predict
void addExportCommand(CLI::App &, CommandList &);                         ///< export
void addImportCommand(CLI::App &, CommandList &);                         ///< import
void addErrorsCommand(CLI::App &, CommandList &);                         ///< errors
void addNextCommand(CLI::App &, CommandList &);                           ///< next
void addLiveCommand(CLI::App &, CommandList &,
                    const std::function<int(const StudioStart &, const PluginRegistry &)> &openStudio); ///< live
void addBenchCommand(CLI::App &, CommandList &, const PluginRegistry &, const CanvasBenchCommand &);    ///< bench ...

void addTeachCommand(CLI::App &, CommandList &);  ///< teach [LESSON]
void addDoctorCommand(CLI::App &, CommandList &); ///< doctor
void addManualCommand(CLI::App &, CommandList &); ///< manual
/// What --version --verbose says.
std::string versionText(const PluginRegistry &);

/// Progress on stderr: a bar with time left on a terminal, a plain line every two seconds otherwise.
class ProgressLine {
public:
    explicit ProgressLine(std::string title);
    ~ProgressLine(); ///< ends the line
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;
    void show(double fraction, const std::string &text);
    void message(const std::string &text); ///< a whole line above the bar
    Progress counter();                    ///< for core's (done, total)

private:
    std::string m_title;
    bool m_terminal;
    bool m_open = false;
    double m_started, m_shown = -1e9;
};

/// One JSON document on stdout.
void printJson(const Json &json);
/// Or a line for each of a list's objects.
void printRows(const Json &list);

/// Opens and indexes a dataset with progress on stderr; classNames ("a,b,c") renames its classes in id order.
Result<IndexedDataset> openIndexed(const CommandContext &, const std::string &path, const std::string &format,
                                   const std::string &classNames);

} // namespace masque
