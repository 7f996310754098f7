// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"

#include <mutex>

/// What stands between the program and plugins of others, private to core/plugins: calls that throw end here.
namespace masque {

/// What went wrong in calls of one plugin, each once. Thread-safe.
class PluginTroubles {
public:
    void add(const std::string &what);
    std::vector<std::string> all() const;

private:
    static constexpr std::size_t kMost = 20;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_all;
};

/// The same, whose calls throw nothing: what the plugin throws becomes an Error (a tool's ToolResult::problem) and one
/// of the troubles. A format whose probe takes long is not asked again, unless it is named. Throw what id() and its
/// like throw, so that the plugin is refused.
std::shared_ptr<const DatasetFormat> guarded(std::shared_ptr<const DatasetFormat>, std::shared_ptr<PluginTroubles>);
std::shared_ptr<const ModelFactory> guarded(std::shared_ptr<const ModelFactory>, std::shared_ptr<PluginTroubles>);
std::shared_ptr<const ToolFactory> guarded(std::shared_ptr<const ToolFactory>, std::shared_ptr<PluginTroubles>);

} // namespace masque
