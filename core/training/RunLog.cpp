// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/RunLog.h"

#include "core/base/files.h"
#include "core/base/text.h"

#include <filesystem>

namespace masque {

RunLog::RunLog(const std::string &runFolder) : m_path(runFolder + "/log.jsonl") {}

Result<void> RunLog::start()
{
    return writeFileAtomically(m_path, "");
}

Result<void> RunLog::cutAfter(int epoch)
{
    std::error_code error;
    if (!std::filesystem::exists(m_path, error))
        return start();
    const auto text = readFile(m_path);
    if (!text)
        return text.error();
    std::string kept;
    for (const auto &line : splitText(*text, '\n')) {
        const auto json = Json::parse(line);
        if (!json || ((*json)["event"].toString() == "epoch" && (*json)["epoch"].toInt() > epoch))
            break;
        kept += line + "\n";
    }
    return writeFileAtomically(m_path, kept);
}

Result<void> RunLog::write(const Json &line)
{
    return appendLine(m_path, line.dump());
}

Result<void> RunLog::writeMessage(const std::string &message)
{
    Json line = Json::object();
    line.set("event", "message");
    line.set("message", message);
    return write(line);
}

} // namespace masque
