// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/PluginHost.h"

#include "core/plugins/Plugin.h"

#include <QJsonObject>
#include <QPluginLoader>

#include <algorithm>
#include <exception>

namespace masque {

namespace {

/// Why a plugin with this metadata may not be loaded; empty if it may.
std::string refusal(const QJsonObject &metaData)
{
    const auto about = metaData["MetaData"].toObject();
    if (about["id"].toString().isEmpty())
        return "its metadata has no id";
    const int version = about["apiVersion"].toInt();
    if (version != kPluginApiVersion)
        return "it was made for plugin API " + std::to_string(version) + ", this program has "
               + std::to_string(kPluginApiVersion);
    return {};
}

template <typename List, typename Name>
void listOffers(const List &list, std::size_t first, const char *kind, Name name, std::vector<std::string> &out)
{
    for (auto i = first; i < list.size(); ++i)
        out.push_back(std::string(kind) + " " + name(*list[i]));
}

void load(const QStaticPlugin &library, PluginRegistry &registry, PluginInfo &info)
{
    const auto formats = registry.formats.size(), models = registry.models.size(), tools = registry.tools.size();
    try {
        auto *plugin = qobject_cast<Plugin *>(library.instance());
        if (!plugin) {
            info.refused = "it does not implement " MasquePlugin_iid;
            return;
        }
        plugin->offer(registry);
        listOffers(
            registry.formats, formats, "format", [](const auto &f) { return f.id(); }, info.offers);
        listOffers(
            registry.models, models, "model", [](const auto &m) { return m.id(); }, info.offers);
        listOffers(
            registry.tools, tools, "tool", [](const auto &t) { return t.description().id; }, info.offers);
    } catch (const std::exception &e) {
        registry.formats.resize(formats);
        registry.models.resize(models);
        registry.tools.resize(tools);
        info.offers.clear();
        info.refused = std::string("it failed while loading: ") + e.what();
    }
}

} // namespace

PluginHost::PluginHost()
{
    for (const auto &library : QPluginLoader::staticPlugins()) {
        const auto metaData = library.metaData();
        if (metaData["IID"].toString() != MasquePlugin_iid)
            continue; // Qt's own static plugins
        const auto about = metaData["MetaData"].toObject();
        const auto text = [&](const char *key) { return about[key].toString().toStdString(); };
        PluginInfo info{text("id"), text("title"), text("version"), text("license"), "built in", {}, {}};
        info.refused = refusal(metaData);
        if (info.refused.empty())
            load(library, m_registry, info);
        m_plugins.push_back(std::move(info));
    }
    std::stable_sort(m_plugins.begin(), m_plugins.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
    std::stable_sort(m_registry.tools.begin(), m_registry.tools.end(),
                     [](const auto &a, const auto &b) { return a->description().order < b->description().order; });
    std::stable_sort(m_registry.models.begin(), m_registry.models.end(),
                     [](const auto &a, const auto &b) { return a->id() < b->id(); });
}

} // namespace masque
