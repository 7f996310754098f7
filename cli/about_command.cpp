// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/common.h"

#include "core/base/files.h"
#include "core/base/memory.h"
#include "core/base/text.h"
#include "core/faces/FaceDetector.h"
#include "core/models/machine.h"

#include <CLI/CLI.hpp>

#include <opencv2/core.hpp>

#include <QtGlobal>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sys/utsname.h>
#include <unistd.h>

namespace fs = std::filesystem;

namespace masque {

namespace {

std::string systemText()
{
    utsname system{};
    std::string out = ::uname(&system) == 0 ? std::string(system.sysname) + " " + system.release + " " + system.machine
                                            : std::string("unknown");
    if (const auto release = readFile("/etc/os-release"))
        for (const auto &line : splitText(*release, '\n'))
            if (line.starts_with("PRETTY_NAME="))
                out = trimmed(line.substr(13, line.size() - 14)) + ", " + out;
    return out;
}

std::string processorText()
{
    if (const auto cpus = readFile("/proc/cpuinfo"))
        for (const auto &line : splitText(*cpus, '\n'))
            if (line.starts_with("model name"))
                return trimmed(line.substr(line.find(':') + 1));
    return "unknown";
}

std::string gibibytes(std::int64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (std::int64_t{1} << 30));
    return bytes < 0 ? "unknown" : text;
}

/// One thing that the program needs or can use, and how to mend it where it is missing.
struct Check {
    enum class State { Fine, Lacking, Broken };
    std::string what;
    State state = State::Fine;
    std::string said, mending = {};
};

Check writable(const std::string &what, const std::string &folder)
{
    std::error_code ignored;
    auto there = fs::path(folder);
    while (!there.empty() && !fs::exists(there, ignored))
        there = there.parent_path();
    if (::access(there.c_str(), W_OK | X_OK) == 0)
        return {what, Check::State::Fine, folder};
    return {what, Check::State::Broken, folder + " cannot be written", "chown or chmod " + there.string()};
}

Check space(const std::string &folder)
{
    constexpr std::uintmax_t kNeeded = std::uintmax_t{2} << 30;
    std::error_code failed;
    auto there = fs::path(folder);
    while (!there.empty() && !fs::exists(there, failed))
        there = there.parent_path();
    const auto free = fs::space(there, failed).available;
    const auto text = gibibytes(static_cast<std::int64_t>(free)) + " free on " + there.string();
    if (failed || free >= kNeeded)
        return {"disk", Check::State::Fine, failed ? "unknown" : text};
    return {"disk", Check::State::Lacking, text, "checkpoints of a large network need more; remove old runs"};
}

std::string homeFolder(const char *variable, const char *fallback)
{
    if (const char *given = std::getenv(variable); given && *given == '/')
        return std::string(given) + "/masque";
    const char *home = std::getenv("HOME");
    return std::string(home ? home : "/") + "/" + fallback + "/masque";
}

Check fonts()
{
    for (const char *folder : {"/usr/share/fonts/opentype/noto", "/usr/share/fonts/truetype/noto",
                               "/usr/share/fonts/noto-cjk", "/usr/share/fonts/truetype/wqy"}) {
        std::error_code ignored;
        for (const auto &entry : fs::directory_iterator(folder, ignored))
            if (const auto name = entry.path().filename().string();
                name.find("CJK") != std::string::npos || name.starts_with("wqy"))
                return {"Chinese font", Check::State::Fine, entry.path().string()};
    }
    return {"Chinese font", Check::State::Lacking, "none found; Chinese names show as boxes",
            "apt install fonts-noto-cjk"};
}

std::vector<Check> checks(const PluginRegistry &plugins)
{
    using State = Check::State;
    const auto machine = thisMachine();
    std::vector<Check> out;
    out.push_back(machine.isFast ? Check{"fast path", State::Fine, "oneDNN " + machine.oneDnn + ", AVX-512"}
                                 : Check{"fast path", State::Lacking,
                                         "not taken; LibTorch's own operations are, 2 to 4 times slower",
                                         "it needs a processor with AVX-512 and a build with libdnnl-dev (oneDNN 2)"});
    out.push_back(machine.devices.size() > 1
                      ? Check{"graphics card", State::Fine, joinText(machine.devices, ", ")}
                      : Check{"graphics card", State::Lacking,
                              "none that LibTorch can use; networks run on the processor",
                              "it needs an NVIDIA card, its driver and a LibTorch that is built with CUDA"});
    const auto memory = availableMemory();
    constexpr std::int64_t kLeastMemory = std::int64_t{2} << 30;
    out.push_back({"memory", memory < 0 || memory >= kLeastMemory ? State::Fine : State::Lacking,
                   gibibytes(memory) + " can be had", "close other programs, or train with a smaller batch or size"});
    out.push_back(writable("settings", homeFolder("XDG_CONFIG_HOME", ".config")));
    out.push_back(writable("kept data", homeFolder("XDG_DATA_HOME", ".local/share")));
    out.push_back(writable("thumbnails", homeFolder("XDG_CACHE_HOME", ".cache")));
    out.push_back(space(homeFolder("XDG_DATA_HOME", ".local/share")));
    const auto detector = makeFaceDetector({});
    out.push_back(detector
                      ? Check{"face detection", State::Fine, (*detector)->name()}
                      : Check{"face detection", State::Broken, detector.error().message, "apt install opencv-data"});
    out.push_back(fonts());
    for (const auto &plugin : plugins.plugins)
        if (!plugin.refused.empty())
            out.push_back({"plugin " + plugin.id, State::Broken, plugin.refused, "remove or replace " + plugin.origin});
    return out;
}

Result<void> examine(const PluginRegistry &plugins)
{
    int broken = 0;
    for (const auto &check : checks(plugins)) {
        const bool isFine = check.state == Check::State::Fine;
        broken += check.state == Check::State::Broken;
        std::printf("%-8s %-15s %s\n",
                    isFine                                 ? "ok"
                    : check.state == Check::State::Lacking ? "without"
                                                           : "BROKEN",
                    check.what.c_str(), check.said.c_str());
        if (!isFine)
            std::printf("%-24s -> %s\n", "", check.mending.c_str());
    }
    if (broken > 0)
        return Error{ErrorCode::Unsupported,
                     std::to_string(broken) + (broken == 1 ? " thing is" : " things are") + " broken",
                     {}};
    return {};
}

} // namespace

std::string versionText(const PluginRegistry &plugins)
{
    const auto machine = thisMachine();
    const auto line = [](const char *what, const std::string &text) {
        char head[16];
        std::snprintf(head, sizeof head, "%-12s ", what);
        return head + text + "\n";
    };
    std::string out = "masque " MASQUE_VERSION "\n";
    out += line("LibTorch", machine.torch);
    out += line("oneDNN", machine.oneDnn.empty() ? "none" : machine.oneDnn);
    out += line("fast path", machine.isFast ? "yes" : "no");
    out += line("OpenCV", cv::getVersionString());
    out += line("Qt", qVersion());
    out += line("devices", joinText(machine.devices, ", "));
    out += line("processor", processorText() + ", " + std::to_string(machine.processors) + " threads for this program");
    out += line("memory", gibibytes(availableMemory()) + " can be had");
    out += line("system", systemText());
    for (const auto &plugin : plugins.plugins) {
        const auto state = plugin.refused.empty() ? joinText(plugin.offers, ", ") : "refused: " + plugin.refused;
        out += line("plugin", plugin.id + " " + plugin.version + " (" + plugin.origin + "): " + state);
    }
    return out;
}

void addDoctorCommand(CLI::App &app, CommandList &commands)
{
    auto *command = app.add_subcommand("doctor", "Check this installation, and say how to mend what is missing");
    commands.push_back({command, [](const CommandContext &context) { return examine(context.registry); }});
}

} // namespace masque
