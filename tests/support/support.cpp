// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/support.h"

#include "core/base/files.h"

#include <QCoreApplication>

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <sys/socket.h>
#include <unistd.h>

namespace masque {

TestFolder::TestFolder()
{
    if (!m_dir.isValid())
        qFatal("no temporary folder");
}

std::string TestFolder::write(const std::string &relative, const std::string &bytes) const
{
    const auto target = file(relative);
    if (!makeFolder(std::filesystem::path(target).parent_path().string()) || !writeFileAtomically(target, bytes))
        qFatal("cannot write %s", target.c_str());
    return target;
}

int freePort()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *const any = reinterpret_cast<sockaddr *>(&address);
    if (::bind(socket, any, size) != 0 || ::getsockname(socket, any, &size) != 0)
        qFatal("no free port");
    ::close(socket);
    return ntohs(address.sin_port);
}

void keepSettingsIn(const TestFolder &folder)
{
    qputenv("XDG_CONFIG_HOME", folder.file("config").c_str());
    qputenv("XDG_DATA_HOME", folder.file("share").c_str());
    QCoreApplication::setOrganizationName(QStringLiteral("masque"));
    QCoreApplication::setApplicationName(QStringLiteral("masque"));
}

std::string sharedData(const std::string &relative)
{
    const char *named = std::getenv("MASQUE_DATA");
    const std::filesystem::path base =
        named ? std::filesystem::path(named) : std::filesystem::path(MASQUE_SOURCE_DIR) / "../shared/data";
    const auto path = base / relative;
    std::error_code ignored;
    return std::filesystem::exists(path, ignored) ? path.lexically_normal().string() : std::string();
}

} // namespace masque
