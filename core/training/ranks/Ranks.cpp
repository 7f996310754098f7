// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ranks/Ranks.h"

#include "core/training/ranks/own_address.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef USE_C10D_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <thread>
#include <unistd.h>

namespace masque {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kJoining = 5min;  ///< for all ranks to come
constexpr auto kSilence = 10min; ///< of one rank, after which it counts as gone
constexpr auto kTry = 5s;        ///< at reaching rank 0
constexpr auto kLast = 3s;       ///< for the others to say that they are still there, and to be told why this one ends
constexpr auto kPause = 20ms;    ///< between two looks at what the others have said

Error joiningFailed(ErrorCode code, const Launch &launch, const std::string &why)
{
    return {code,
            "joining " + std::to_string(launch.size) + " ranks at " + launch.address + ":" + std::to_string(launch.port)
                + ": " + why,
            Ranks::kContext};
}

std::string firstLine(const std::string &text)
{
    return text.substr(0, text.find('\n'));
}

std::string key(const char *what, int rank)
{
    return std::string(what) + "/" + std::to_string(rank);
}

std::string hostName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "";
}

/// A small database that rank 0 holds: who is there, who has gone and why.
using Store = c10::intrusive_ptr<c10d::TCPStore>;

void put(const Store &store, const std::string &name, const std::string &text)
{
    store->set(name, std::vector<std::uint8_t>(text.begin(), text.end()));
}

std::string textOf(const Store &store, const std::string &name)
{
    const auto bytes = store->get(name);
    return {bytes.begin(), bytes.end()};
}

Result<Store> reachStore(const Launch &launch, const std::stop_token &stop)
{
    const auto end = Clock::now() + kJoining;
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(launch.port);
    options.isServer = launch.rank == 0;
    options.waitWorkers = false;
    options.timeout = kTry;
    for (;;) {
        try {
            return c10::make_intrusive<c10d::TCPStore>(launch.address, options);
        } catch (const std::exception &e) {
            if (launch.rank == 0)
                return joiningFailed(ErrorCode::Io, launch,
                                     firstLine(e.what()) + "; MASTER_PORT can name another port");
            if (Clock::now() > end)
                return joiningFailed(ErrorCode::Io, launch, "rank 0 does not answer; " + firstLine(e.what()));
        }
        if (stop.stop_requested())
            return joiningFailed(ErrorCode::Io, launch, "interrupted");
        std::this_thread::sleep_for(kPause);
    }
}

/// Waits until all have come.
Result<void> meet(const Launch &launch, const Store &store, const std::stop_token &stop)
{
    const auto end = Clock::now() + kJoining;
    if (store->add(key("rank", launch.rank), 1) != 1)
        return joiningFailed(ErrorCode::Option, launch, "rank " + std::to_string(launch.rank) + " is there twice");
    put(store, key("host", launch.rank), hostName());
    store->add("there", 1);
    for (;;) {
        const auto there = store->add("there", 0);
        if (there == launch.size)
            return {};
        if (stop.stop_requested())
            return joiningFailed(ErrorCode::Io, launch, "interrupted");
        if (Clock::now() > end)
            return joiningFailed(ErrorCode::Io, launch, "only " + std::to_string(there) + " came within five minutes");
        std::this_thread::sleep_for(kPause);
    }
}

std::shared_ptr<gloo::transport::Device> ownDevice(const Launch &launch, bool isOneMachine)
{
    if (const char *interface = std::getenv("GLOO_SOCKET_IFNAME"); interface && *interface) // as PyTorch has it
        return c10d::ProcessGroupGloo::createDeviceForInterface(interface);
    return c10d::ProcessGroupGloo::createDeviceForHostname(isOneMachine ? "127.0.0.1" : ownAddress(launch.address));
}

} // namespace

struct Ranks::Group {
    Store store = {};
    int localSize = 1;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo = {};
#ifdef USE_C10D_NCCL
    c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl = {};
#endif
    std::optional<Error> error = {}; ///< the first
    std::set<int> gone = {};

    void close()
    {
        gloo.reset();
#ifdef USE_C10D_NCCL
        nccl.reset();
#endif
    }
    /// Of ranks that ended: those that say why, else those that do not say, within a while, that they are there.
    std::string whoIsGone(const Launch &launch);
    template <typename Use>
    c10::intrusive_ptr<c10d::Work> onTransport(const at::Tensor &tensor, const Use &use)
    {
        TORCH_CHECK(gloo, "the ranks have parted");
        std::vector<at::Tensor> tensors = {tensor};
#ifdef USE_C10D_NCCL
        if (nccl && tensor.is_cuda())
            return use(*nccl, tensors);
#endif
        return use(*gloo, tensors);
    }
};

Ranks::Ranks(const Launch &launch, std::unique_ptr<Group> group) : m_launch(launch), m_group(std::move(group)) {}

Result<std::unique_ptr<Ranks>> Ranks::join(const Launch &launch, std::stop_token stop)
try {
    auto store = reachStore(launch, stop);
    if (!store)
        return store.error();
    if (auto met = meet(launch, *store, stop); !met)
        return met.error();
    auto group = std::make_unique<Group>();
    group->store = *store;
    group->localSize = 0;
    for (int rank = 0; rank < launch.size; ++rank)
        group->localSize += textOf(*store, key("host", rank)) == hostName();
    (*store)->setTimeout(kJoining);
    const auto options = c10d::ProcessGroupGloo::Options::create(kSilence);
    options->devices.push_back(ownDevice(launch, group->localSize == launch.size));
    group->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(*store, launch.rank, launch.size, options);
#ifdef USE_C10D_NCCL
    group->nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", *store),
                                                              launch.rank, launch.size);
#endif
    (*store)->setTimeout(kLast);
    return std::unique_ptr<Ranks>(new Ranks(launch, std::move(group)));
} catch (const std::exception &e) {
    return joiningFailed(ErrorCode::Io, launch, firstLine(e.what()));
}

Ranks::~Ranks()
{
    m_group->close();
    try { // rank 0 takes the store with it
        put(m_group->store, key("parted", rank()), "");
        const auto end = Clock::now() + kLast;
        for (int other = 1; isFirst() && other < size(); ++other)
            while (!m_group->gone.count(other) && !m_group->store->check({key("parted", other)}) && Clock::now() < end)
                std::this_thread::sleep_for(kPause);
    } catch (const std::exception &) { // it is gone already
    }
}

int Ranks::localSize() const
{
    return m_group->localSize;
}

std::string Ranks::transport([[maybe_unused]] const std::string &device) const
{
#ifdef USE_C10D_NCCL
    if (m_group->nccl && device.starts_with("cuda"))
        return "nccl";
#endif
    return "gloo";
}

std::function<void()> Ranks::startSum(const at::Tensor &tensor)
{
    const auto work = m_group->onTransport(
        tensor, [](auto &transport, std::vector<at::Tensor> &tensors) { return transport.allreduce(tensors); });
    return [work] { work->wait(); };
}

Result<void> Ranks::sum(const std::vector<at::Tensor> &tensors)
try {
    std::vector<std::function<void()>> waits;
    for (const auto &tensor : tensors)
        waits.push_back(startSum(tensor));
    for (const auto &wait : waits)
        wait();
    return {};
} catch (const std::exception &e) {
    return lost(e.what());
}

Result<void> Ranks::share(const std::vector<at::Tensor> &tensors)
try {
    std::vector<c10::intrusive_ptr<c10d::Work>> works;
    for (const auto &tensor : tensors)
        works.push_back(m_group->onTransport(
            tensor, [](auto &transport, std::vector<at::Tensor> &one) { return transport.broadcast(one); }));
    for (const auto &work : works)
        work->wait();
    return {};
} catch (const std::exception &e) {
    return lost(e.what());
}

Result<std::string> Ranks::share(const std::string &text)
{
    auto length = at::empty({1}, at::kLong);
    *length.data_ptr<std::int64_t>() = static_cast<std::int64_t>(text.size());
    if (auto shared = share({length}); !shared)
        return shared.error();
    std::string out = text;
    out.resize(static_cast<std::size_t>(*length.data_ptr<std::int64_t>()));
    auto bytes = at::empty({static_cast<std::int64_t>(out.size())}, at::kByte);
    if (out.empty())
        return out;
    std::memcpy(bytes.data_ptr(), out.data(), out.size());
    if (auto shared = share({bytes}); !shared)
        return shared.error();
    std::memcpy(out.data(), bytes.data_ptr(), out.size());
    return out;
}

Result<void> Ranks::agree(const Json &object, const std::string &what)
{
    const auto text = share(object.dump());
    if (!text)
        return text.error();
    const auto first = Json::parse(*text).value_or(Json());
    std::string other;
    for (const auto &[key, value] : object.members())
        if (first[key] != value)
            other += (other.empty() ? "" : ", ") + key;
    const auto differing = at::zeros({size()}, at::kInt);
    differing.data_ptr<int>()[rank()] = other.empty() ? 0 : 1;
    if (auto summed = sum({differing}); !summed)
        return summed;
    if (!other.empty())
        return Error{ErrorCode::Option,
                     what + " of rank " + std::to_string(rank()) + " are not those of rank 0: " + other, kContext};
    for (int rank = 0; rank < size(); ++rank)
        if (differing.data_ptr<int>()[rank] != 0)
            return Error{ErrorCode::Option,
                         what + " of rank " + std::to_string(rank)
                             + " are not those of rank 0; what it says itself tells which",
                         kContext};
    return {};
}

std::string Ranks::Group::whoIsGone(const Launch &launch)
try {
    const auto name = [&](int other) { return "rank " + std::to_string(other) + " of " + std::to_string(launch.size); };
    put(store, key("heard", launch.rank), "");
    for (const auto end = Clock::now() + kLast;;) {
        gone.clear();
        for (int other = 0; other < launch.size; ++other) {
            if (other == launch.rank)
                continue;
            if (store->check({key("reason", other)})) {
                gone = {other};
                return name(other) + " ended: " + textOf(store, key("reason", other));
            }
            if (!store->check({key("heard", other)}))
                gone.insert(other);
        }
        if (gone.size() <= 1 || Clock::now() > end)
            break;
        std::this_thread::sleep_for(kPause);
    }
    std::string names;
    for (const int other : gone)
        names += (names.empty() ? "" : ", ") + name(other);
    return gone.empty() ? "the ranks lost each other" : names + (gone.size() == 1 ? " is gone" : " are gone");
} catch (const std::exception &) {
    gone = {0};
    return "rank 0 of " + std::to_string(launch.size) + " is gone";
}

Error Ranks::lost(const std::string &why)
{
    auto &error = m_group->error;
    if (!error) {
        m_group->close(); // so that whoever waits for this rank hears of it at once
        error = Error{ErrorCode::Io, m_group->whoIsGone(m_launch) + " (" + firstLine(why) + ")", kContext};
    }
    return *error;
}

void Ranks::leave(const std::string &why)
{
    if (m_group->error)
        return;
    m_group->error = Error{ErrorCode::Io, "this rank has left", kContext};
    try {
        put(m_group->store, key("reason", rank()), why);
    } catch (const std::exception &) { // rank 0 is gone, and nobody to be told
    }
}

} // namespace masque
