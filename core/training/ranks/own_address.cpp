// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ranks/own_address.h"

#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

namespace masque {

namespace {

/// A datagram socket that is connected knows by which address it would send.
std::string addressTowards(const std::string &other)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_DGRAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(other.c_str(), "9", &hints, &found) != 0)
        return {};
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, ::freeaddrinfo);
    std::string address;
    for (const auto *entry = list.get(); entry && address.empty(); entry = entry->ai_next) {
        const int socket = ::socket(entry->ai_family, entry->ai_socktype, entry->ai_protocol);
        if (socket < 0)
            continue;
        sockaddr_storage own{};
        socklen_t size = sizeof own;
        auto *const ownAddress = reinterpret_cast<sockaddr *>(&own);
        char text[NI_MAXHOST] = {};
        if (::connect(socket, entry->ai_addr, entry->ai_addrlen) == 0 && ::getsockname(socket, ownAddress, &size) == 0
            && ::getnameinfo(ownAddress, size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
            address = text;
        ::close(socket);
    }
    return address;
}

bool isLoopback(const std::string &address)
{
    return address.starts_with("127.") || address == "::1";
}

} // namespace

std::string ownAddress(const std::string &other)
{
    auto address = addressTowards(other);
    if (!address.empty() && !isLoopback(address))
        return address;
    // Debian gives a machine's own name 127.0.1.1; this one is kept for examples (RFC 5737), so it lies beyond the
    // network
    const auto outer = addressTowards("192.0.2.1");
    return outer.empty() ? address : outer;
}

} // namespace masque
