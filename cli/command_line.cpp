// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"

#include "cli/common.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace masque {

namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

int fail(int code, const std::string &message)
{
    std::fprintf(stderr, "masque: error: %s\n", message.c_str());
    return code;
}

/// Turns Ctrl+C and SIGTERM into a stop request: a handler may only write to a pipe, a thread waits for it.
class InterruptWatcher {
public:
    InterruptWatcher()
    {
        if (::pipe(s_pipe) != 0)
            return;
        std::signal(SIGINT, onSignal);
        std::signal(SIGTERM, onSignal);
        m_thread = std::thread([this] {
            char byte = 0;
            while (::read(s_pipe[0], &byte, 1) == 1) {
                if (byte == 'q')
                    return;
                m_stop.request_stop();
                std::signal(SIGINT, SIG_DFL); // a second Ctrl+C ends the program at once
            }
        });
    }
    ~InterruptWatcher()
    {
        if (!m_thread.joinable())
            return;
        std::signal(SIGINT, SIG_DFL);
        std::signal(SIGTERM, SIG_DFL);
        notify('q');
        m_thread.join();
    }
    InterruptWatcher(const InterruptWatcher &) = delete;
    InterruptWatcher &operator=(const InterruptWatcher &) = delete;
    std::stop_token token() const { return m_stop.get_token(); }

private:
    static void notify(char byte) { [[maybe_unused]] const auto written = ::write(s_pipe[1], &byte, 1); }
    static void onSignal(int) { notify('s'); }

    static inline int s_pipe[2] = {-1, -1};
    std::stop_source m_stop;
    std::thread m_thread;
};

int run(const CommandList &commands, const PluginRegistry &plugins)
{
    for (const auto &command : commands) {
        if (!command.app->parsed())
            continue;
        InterruptWatcher watcher;
        const CommandContext context{plugins, watcher.token()};
        const auto done = command.run(context);
        if (done)
            return 0;
        return fail(done.error().code == ErrorCode::Option ? kWrongUsage : kFailed, done.error().message);
    }
    return 0;
}

} // namespace

void restartWithPassiveWaiting(char **argv)
{
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed); // its own name, for ps and top
    if (!failed && std::getenv("OMP_WAIT_POLICY") == nullptr && ::setenv("OMP_WAIT_POLICY", "PASSIVE", 1) == 0)
        ::execv(program.c_str(), argv); // returns only where it cannot: then the program runs as it is
}

int runCommandLine(int argc, char **argv, const OpenStudio &openStudio, const CanvasBenchCommand &canvasBench)
{
    try {
        const PluginHost plugins;
        CLI::App app{"Masque: make training data and the models that learn from it.", "masque"};
        bool isVersionAsked = false, isVerbose = false;
        app.add_flag("--version", isVersionAsked, "print the version");
        app.add_flag("--verbose", isVerbose, "with --version: libraries, devices and plugins, for a report of a fault");
        app.footer("Without a command the studio opens on PATH: a folder, an image or a run.\n"
                   "Exit codes: 0 done, 1 failed, 2 wrong usage.");
        app.require_subcommand(0, 1);
        std::string path;
        app.add_option("path", path, "folder, image or run to open in the studio")->option_text("PATH");
        CommandList commands;
        addDataCommands(app, commands);
        addRunCommands(app, commands, plugins.registry());
        addRunsCommand(app, commands);
        addCheckCommands(app, commands, plugins.registry());
        addPredictCommand(app, commands);
        addExportCommand(app, commands);
        addImportCommand(app, commands);
        addErrorsCommand(app, commands);
        addNextCommand(app, commands);
        addLiveCommand(app, commands, openStudio);
        addTeachCommand(app, commands);
        addDoctorCommand(app, commands);
        addManualCommand(app, commands);
        addBenchCommand(app, commands, plugins.registry(), canvasBench);

        try {
            app.parse(argc, argv);
        } catch (const CLI::Success &e) {
            return app.exit(e); // --help, --version
        } catch (const CLI::ParseError &e) {
            return fail(kWrongUsage, std::string(e.what()) + " (masque --help lists what there is)");
        }
        if (isVersionAsked) {
            std::printf("%s", isVerbose ? versionText(plugins.registry()).c_str() : "masque " MASQUE_VERSION "\n");
            return 0;
        }
        if (!app.get_subcommands().empty())
            return run(commands, plugins.registry());
        if (!openStudio)
            return fail(kWrongUsage, "this build has no window; masque --help lists the commands");
        std::error_code ignored;
        if (!path.empty() && !std::filesystem::exists(path, ignored))
            return fail(kWrongUsage, path + ": no such command, file or folder (masque --help lists the commands)");
        return openStudio({.path = path}, plugins.registry());
    } catch (const std::exception &e) {
        return fail(kFailed, e.what());
    }
}

} // namespace masque
