// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/support.h"

#include "core/base/files.h"

#include <QCoreApplication>

#include <cstdlib>
#include <filesystem>

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
