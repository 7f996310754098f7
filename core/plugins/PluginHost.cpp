// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/PluginHost.h"

#include "core/base/text.h"
#include "core/plugins/Plugin.h"
#include "core/plugins/guards.h"

#include <QJsonObject>
#include <QPluginLoader>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <set>
#include <stdexcept>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr std::string_view kIidStart = "org.masque.Plugin/";

/// Why a plugin with this metadata may not be loaded; empty if it may.
std::string refusal(const QJsonObject &metaData)
{
    const auto made = [](const std::string &version) {
        return "it was made for plugin API " + version + ", this program has " + std::to_string(kPluginApiVersion);
    };
    const std::string iid = metaData["IID"].toString().toStdString();
    if (!iid.starts_with(kIidStart))
        return "it is a plugin for another program (" + iid + ")";
    if (iid != MasquePlugin_iid)
        return made(iid.substr(kIidStart.size()));
    const auto about = metaData["MetaData"].toObject();
    if (about["id"].toString().isEmpty())
        return "its metadata has no id";
    const int version = about["apiVersion"].toInt();
    return version == kPluginApiVersion ? std::string() : made(std::to_string(version));
}

/// Lists what joined a list, and refuses what is there already by that name.
template <typename List, typename Name>
void listOffers(const List &list, std::size_t first, const char *kind, Name name, std::vector<std::string> &out)
{
    std::set<std::string> known;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string id = name(*list[i]);
        if (!known.insert(id).second)
            throw std::runtime_error("it offers the " + std::string(kind) + " '" + id + "', which is there already");
        if (i >= first)
            out.push_back(std::string(kind) + " " + id);
    }
}

/// Takes what the plugin offers into the registry, all of it or, with the reason in info, nothing.
void load(const std::function<QObject *()> &instance, PluginRegistry &registry, PluginInfo &info,
          const std::shared_ptr<PluginTroubles> &troubles)
{
    const auto formats = registry.formats.size(), models = registry.models.size(), tools = registry.tools.size();
    const auto refuse = [&](const std::string &why) {
        registry.formats.resize(formats);
        registry.models.resize(models);
        registry.tools.resize(tools);
        info.offers.clear();
        info.refused = why;
    };
    const auto guardFrom = [&](auto &list, std::size_t first) {
        for (auto i = first; troubles && i < list.size(); ++i)
            list[i] = guarded(list[i], troubles);
    };
    try {
        auto *plugin = qobject_cast<Plugin *>(instance());
        if (!plugin)
            throw std::runtime_error("it does not implement " MasquePlugin_iid);
        plugin->offer(registry);
        guardFrom(registry.formats, formats);
        guardFrom(registry.models, models);
        guardFrom(registry.tools, tools);
        listOffers(
            registry.formats, formats, "format", [](const auto &f) { return f.id(); }, info.offers);
        listOffers(
            registry.models, models, "model", [](const auto &m) { return m.id(); }, info.offers);
        listOffers(
            registry.tools, tools, "tool", [](const auto &t) { return t.description().id; }, info.offers);
    } catch (const std::exception &e) {
        refuse(std::string("it failed while loading: ") + e.what());
    } catch (...) {
        refuse("it failed while loading and does not say why");
    }
}

PluginInfo infoOf(const QJsonObject &metaData, const std::string &origin)
{
    const auto about = metaData["MetaData"].toObject();
    const auto text = [&](const char *key) { return about[key].toString().toStdString(); };
    PluginInfo info{text("id"), text("title"), text("version"), text("license"), origin, {}, {}, {}};
    info.refused = refusal(metaData);
    return info;
}

PluginInfo loadFile(const std::string &path, PluginRegistry &registry)
{
    QPluginLoader loader(QString::fromStdString(path));
    // What is missing is told now and not by a crash in a call; and what it offered lives as long as the program.
    loader.setLoadHints(QLibrary::ResolveAllSymbolsHint | QLibrary::PreventUnloadHint);
    const auto metaData = loader.metaData(); // read from the file, nothing of which runs
    auto info = infoOf(metaData, path);
    if (info.id.empty())
        info.id = fs::path(path).stem().string();
    if (metaData.isEmpty())
        info.refused = "it is no plugin: " + loader.errorString().toStdString();
    for (const auto &other : registry.plugins)
        if (info.refused.empty() && other.id == info.id && other.refused.empty())
            info.refused = "a plugin with this id is loaded already: " + other.origin;
    if (!info.refused.empty())
        return info;
    const auto troubles = std::make_shared<PluginTroubles>();
    info.calls = troubles;
    const auto instance = [&loader] {
        if (!loader.load())
            throw std::runtime_error(loader.errorString().toStdString());
        return loader.instance();
    };
    load(instance, registry, info, troubles);
    return info;
}

std::string variable(const char *name)
{
    const char *value = std::getenv(name);
    return value ? value : "";
}

} // namespace

std::string userPluginFolder()
{
    const std::string data = variable("XDG_DATA_HOME");
    return (data.empty() ? variable("HOME") + "/.local/share" : data) + "/masque/plugins";
}

std::vector<std::string> pluginFolders()
{
    std::vector<std::string> folders;
    for (const auto &part : splitText(variable("MASQUE_PLUGIN_PATH"), ':'))
        if (!part.empty())
            folders.push_back(part);
    folders.push_back(userPluginFolder());
    std::error_code unknown;
    if (const auto program = fs::read_symlink("/proc/self/exe", unknown); !unknown)
        folders.push_back((program.parent_path().parent_path() / MASQUE_PLUGIN_DIR).string());
    return folders;
}

PluginHost::PluginHost(const std::vector<std::string> &folders)
{
    auto &plugins = m_registry.plugins;
    for (const auto &library : QPluginLoader::staticPlugins()) {
        const auto metaData = library.metaData();
        if (metaData["IID"].toString() != QLatin1String(MasquePlugin_iid))
            continue; // Qt's own static plugins
        auto info = infoOf(metaData, "built in");
        if (info.refused.empty())
            load([&library] { return library.instance(); }, m_registry, info, nullptr);
        plugins.push_back(std::move(info));
    }
    std::set<std::string> seen; // a file is one plugin, however many folders and links lead to it
    for (const auto &folder : folders) {
        std::vector<std::string> files;
        std::error_code ignored;
        for (fs::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored))
            if (it->path().extension() == ".so")
                files.push_back(it->path().string());
        std::sort(files.begin(), files.end());
        for (const auto &file : files)
            if (seen.insert(fs::weakly_canonical(file, ignored).string()).second)
                plugins.push_back(loadFile(file, m_registry));
    }
    std::ranges::stable_sort(plugins, {}, &PluginInfo::id);
    std::stable_sort(m_registry.tools.begin(), m_registry.tools.end(),
                     [](const auto &a, const auto &b) { return a->description().order < b->description().order; });
    std::stable_sort(m_registry.models.begin(), m_registry.models.end(),
                     [](const auto &a, const auto &b) { return a->id() < b->id(); });
}

} // namespace masque
