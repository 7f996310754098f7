// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ranks/launch.h"

#include <charconv>
#include <cstdlib>
#include <limits>

namespace masque {

namespace {

constexpr int kMaxRanks = 1 << 16, kMaxPort = 65535;
constexpr int kPort = 29500; // torchrun's

Result<int> whole(const char *name, const std::string &text, int low, int high)
{
    int value = 0;
    const auto *end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || read != end || value < low || value > high)
        return Error{ErrorCode::Option,
                     std::string(name) + ": '" + text + "' is not one of " + std::to_string(low) + " to "
                         + std::to_string(high),
                     name};
    return value;
}

struct Launcher {
    const char *rank, *size, *localRank;
    const char *localSize; ///< by it is known that all are on one machine
    const char *nodes;     ///< Slurm's list of hosts
    bool isRankEnough;     ///< to say that this is the launcher; Slurm's is there without a step, too
};
constexpr Launcher kLaunchers[] = {
    {"RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", nullptr, true},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE",
     nullptr, true},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", nullptr, "SLURM_STEP_NODELIST", false},
    {"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", nullptr, true},
};

Result<std::string> addressOf(const Launcher &launcher, const std::string &size, const Variables &variables)
{
    if (auto address = variables("MASTER_ADDR"))
        return std::move(*address);
    if (const auto nodes = launcher.nodes ? variables(launcher.nodes) : std::nullopt)
        return firstHost(*nodes);
    if (launcher.localSize && variables(launcher.localSize) == size)
        return std::string("127.0.0.1");
    return Error{ErrorCode::Option, "MASTER_ADDR is not set: the name or address of the machine of rank 0 was expected",
                 "MASTER_ADDR"};
}

/// Slurm's jobs may share a machine: each gets a port of its own, alike for all its processes.
Result<int> portOf(const Launcher &launcher, const Variables &variables)
{
    if (const auto port = variables("MASTER_PORT"))
        return whole("MASTER_PORT", *port, 1, kMaxPort);
    const auto job = launcher.nodes ? variables("SLURM_JOB_ID") : std::nullopt;
    if (!job)
        return kPort;
    const auto number = whole("SLURM_JOB_ID", *job, 0, std::numeric_limits<int>::max());
    if (!number)
        return number.error();
    constexpr int kFirst = 20000, kCount = 10000; // below those that systems give away themselves
    return kFirst + *number % kCount;
}

} // namespace

Result<std::string> firstHost(const std::string &nodes)
{
    std::string host;
    bool isInside = false, isTaken = false; // of brackets, whose first number counts
    for (const char c : nodes) {
        if (c == '[' && !isInside) {
            isInside = true;
            isTaken = false;
        } else if (c == ']' && isInside) {
            isInside = false;
        } else if (isInside) {
            isTaken = isTaken || c == '-' || c == ',';
            if (!isTaken)
                host += c;
        } else if (c == ',') {
            break;
        } else {
            host += c;
        }
    }
    if (host.empty() || isInside || host.find(']') != host.npos)
        return Error{ErrorCode::Option, "SLURM_STEP_NODELIST: '" + nodes + "' is no list of hosts such as n[01-04],m1",
                     "SLURM_STEP_NODELIST"};
    return host;
}

Result<std::optional<Launch>> readLaunch(const Variables &variables)
{
    for (const auto &launcher : kLaunchers) {
        const auto rank = variables(launcher.rank), size = variables(launcher.size);
        if (!size && !(rank && launcher.isRankEnough))
            continue;
        if (!rank || !size)
            return Error{ErrorCode::Option,
                         std::string(rank ? launcher.rank : launcher.size) + " is set and "
                             + (rank ? launcher.size : launcher.rank) + " is not; a launcher sets both",
                         rank ? launcher.size : launcher.rank};
        const auto ranks = whole(launcher.size, *size, 1, kMaxRanks);
        if (!ranks)
            return ranks.error();
        const auto own = whole(launcher.rank, *rank, 0, *ranks - 1);
        if (!own)
            return own.error();
        if (*ranks == 1)
            return std::optional<Launch>();
        const auto local = whole(launcher.localRank, variables(launcher.localRank).value_or("0"), 0, *ranks - 1);
        if (!local)
            return local.error();
        auto address = addressOf(launcher, *size, variables);
        if (!address)
            return address.error();
        const auto port = portOf(launcher, variables);
        if (!port)
            return port.error();
        return std::optional<Launch>(
            {.rank = *own, .size = *ranks, .localRank = *local, .address = std::move(*address), .port = *port});
    }
    return std::optional<Launch>();
}

Result<std::optional<Launch>> readLaunch()
{
    return readLaunch([](const char *name) -> std::optional<std::string> {
        const char *value = std::getenv(name);
        return value && *value ? std::optional<std::string>(value) : std::nullopt;
    });
}

} // namespace masque
