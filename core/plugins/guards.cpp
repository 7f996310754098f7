// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/guards.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>

namespace masque {

void PluginTroubles::add(const std::string &what)
{
    const std::scoped_lock lock(m_mutex);
    if (m_all.size() < kMost && std::find(m_all.begin(), m_all.end(), what) == m_all.end())
        m_all.push_back(what);
}

std::vector<std::string> PluginTroubles::all() const
{
    const std::scoped_lock lock(m_mutex);
    return m_all;
}

std::vector<std::string> PluginInfo::troubles() const
{
    return calls ? calls->all() : std::vector<std::string>();
}

namespace {

using Troubles = std::shared_ptr<PluginTroubles>;

/// Tools of others stand behind the built-in ones, the first of which is active at the start.
constexpr int kFirstOfOthers = 1000;
/// A look at a folder that takes longer keeps every other format waiting.
constexpr std::chrono::seconds kSlowProbe{2};

/// The sentence of the exception in flight; call it in catch (...).
std::string thrown(const std::string &whose)
{
    try {
        throw;
    } catch (const std::exception &e) {
        return whose + " failed: " + e.what();
    } catch (...) {
        return whose + " failed and does not say why";
    }
}

/// call(), or what orElse makes of the sentence.
template <typename Call, typename OrElse>
auto caught(const Troubles &troubles, const std::string &whose, Call call, OrElse orElse) -> decltype(call())
{
    std::string sentence;
    try {
        return call();
    } catch (...) {
        sentence = thrown(whose);
    }
    troubles->add(sentence);
    return orElse(sentence);
}

template <typename T>
std::shared_ptr<const T> notNull(std::shared_ptr<const T> offered)
{
    if (!offered)
        throw std::runtime_error("it offers nothing where it says that it does");
    return offered;
}

class GuardedSource : public AnnotationSource {
public:
    GuardedSource(std::shared_ptr<const AnnotationSource> source, std::string whose, Troubles troubles)
        : m_source(std::move(source)), m_whose(std::move(whose)), m_troubles(std::move(troubles))
    {
    }
    Result<Annotation> read(const Dataset &dataset, const Item &item) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_source->read(dataset, item); },
            [&](const auto &why) -> Result<Annotation> {
                return Error{ErrorCode::Data, item.image + ": " + why, item.image};
            });
    }
    std::vector<std::string> files(const Item &item) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_source->files(item); },
            [](const auto &) { return std::vector<std::string>(); });
    }

private:
    std::shared_ptr<const AnnotationSource> m_source;
    std::string m_whose;
    Troubles m_troubles;
};

class GuardedFormat : public DatasetFormat {
public:
    GuardedFormat(std::shared_ptr<const DatasetFormat> format, Troubles troubles)
        : m_format(notNull(std::move(format))), m_troubles(std::move(troubles)), m_id(m_format->id()),
          m_title(m_format->title()), m_canWrite(m_format->canWrite()), m_whose("the plugin's format '" + m_id + "'")
    {
    }
    std::string id() const override { return m_id; }
    std::string title() const override { return m_title; }
    bool canWrite() const override { return m_canWrite; }
    int probe(const std::string &path) const override
    {
        if (m_isSlow)
            return 0;
        const auto started = std::chrono::steady_clock::now();
        const int score = caught(
            m_troubles, m_whose, [&] { return m_format->probe(path); }, [](const auto &) { return 0; });
        if (std::chrono::steady_clock::now() - started > kSlowProbe) {
            m_isSlow = true;
            m_troubles->add(m_whose + " took more than two seconds to look at " + path
                            + "; until the next start it is used only where it is named");
        }
        return score;
    }
    Result<Dataset> read(const std::string &path) const override
    {
        auto dataset = caught(
            m_troubles, m_whose, [&] { return m_format->read(path); },
            [&](const auto &why) -> Result<Dataset> {
                return Error{ErrorCode::Data, path + ": " + why, path};
            });
        if (dataset && dataset->source)
            dataset->source = std::make_shared<GuardedSource>(dataset->source, m_whose, m_troubles);
        return dataset;
    }
    std::vector<std::string> outputFiles(const Dataset &dataset) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_format->outputFiles(dataset); },
            [](const auto &) { return std::vector<std::string>(); });
    }
    std::vector<std::string> losses(const Dataset &dataset, std::stop_token stop,
                                    const Progress &progress) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_format->losses(dataset, stop, progress); },
            [](const auto &why) { return std::vector<std::string>{"What is lost is not known: " + why + "."}; });
    }
    Result<void> write(const Dataset &dataset, const std::string &folder, std::stop_token stop,
                       const Progress &progress) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_format->write(dataset, folder, stop, progress); },
            [&](const auto &why) -> Result<void> {
                return Error{ErrorCode::Data, folder + ": " + why, folder};
            });
    }

private:
    std::shared_ptr<const DatasetFormat> m_format;
    Troubles m_troubles;
    std::string m_id, m_title;
    bool m_canWrite;
    std::string m_whose;
    mutable std::atomic<bool> m_isSlow = false;
};

class GuardedModel : public ModelFactory {
public:
    GuardedModel(std::shared_ptr<const ModelFactory> model, Troubles troubles)
        : m_model(notNull(std::move(model))), m_troubles(std::move(troubles)), m_id(m_model->id()),
          m_title(m_model->title()), m_task(m_model->task()), m_help(m_model->help()), m_options(m_model->optionSpecs())
    {
    }
    std::string id() const override { return m_id; }
    std::string title() const override { return m_title; }
    std::string task() const override { return m_task; }
    std::string help() const override { return m_help; }
    const std::vector<OptionSpec> &optionSpecs() const override { return m_options; }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &spec, std::uint64_t seed) const override
    {
        using Built = Result<std::shared_ptr<Network>>;
        const auto failed = [&](const std::string &why) -> Built { return Error{ErrorCode::Unsupported, why, m_id}; };
        const std::string whose = "the plugin's network '" + m_id + "'";
        auto network = caught(
            m_troubles, whose, [&] { return m_model->build(spec, seed); }, failed);
        return network && !*network ? failed(whose + " was not built") : network;
    }

private:
    std::shared_ptr<const ModelFactory> m_model;
    Troubles m_troubles;
    std::string m_id, m_title, m_task, m_help;
    std::vector<OptionSpec> m_options;
};

class GuardedTool : public Tool {
public:
    GuardedTool(std::unique_ptr<Tool> tool, std::string whose, Troubles troubles)
        : m_tool(std::move(tool)), m_whose(std::move(whose)), m_troubles(std::move(troubles))
    {
    }
    ToolResult press(const ToolContext &context, const PointerEvent &event) override
    {
        return result([&] { return m_tool->press(context, event); });
    }
    ToolResult move(const ToolContext &context, const PointerEvent &event, bool buttonDown) override
    {
        return result([&] { return m_tool->move(context, event, buttonDown); });
    }
    ToolResult release(const ToolContext &context, const PointerEvent &event) override
    {
        return result([&] { return m_tool->release(context, event); });
    }
    ToolResult finish(const ToolContext &context) override
    {
        return result([&] { return m_tool->finish(context); });
    }
    ToolResult back(const ToolContext &context) override
    {
        return result([&] { return m_tool->back(context); });
    }
    ToolResult cancel() override
    {
        return result([&] { return m_tool->cancel(); });
    }
    ToolResult nudge(const ToolContext &context, Point delta) override
    {
        return result([&] { return m_tool->nudge(context, delta); });
    }
    ToolResult removeChosen(const ToolContext &context) override
    {
        return result([&] { return m_tool->removeChosen(context); });
    }
    void leaveImage() override
    {
        caught(
            m_troubles, m_whose, [&] { m_tool->leaveImage(); }, [](const auto &) {});
    }
    bool isBusy() const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_tool->isBusy(); }, [](const auto &) { return false; });
    }
    ToolPreview preview(const ToolContext &context) const override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_tool->preview(context); }, [](const auto &) { return ToolPreview(); });
    }
    ToolWork nextWork(const ToolContext &context) override
    {
        return caught(
            m_troubles, m_whose, [&] { return m_tool->nextWork(context); }, [](const auto &) { return ToolWork(); });
    }
    ToolResult takeWork(const ToolContext &context, std::any work) override
    {
        return result([&] { return m_tool->takeWork(context, std::move(work)); });
    }

private:
    template <typename Call>
    ToolResult result(Call call) const
    {
        return caught(m_troubles, m_whose, call, [](const auto &why) { return ToolResult{.problem = why}; });
    }

    std::unique_ptr<Tool> m_tool;
    std::string m_whose;
    Troubles m_troubles;
};

class GuardedTools : public ToolFactory {
public:
    GuardedTools(std::shared_ptr<const ToolFactory> factory, Troubles troubles)
        : m_factory(notNull(std::move(factory))), m_troubles(std::move(troubles)),
          m_description(m_factory->description())
    {
        m_description.order = std::max(m_description.order, kFirstOfOthers);
        if (!m_factory->create()) // tried while it can still be refused
            throw std::runtime_error("its tool '" + m_description.id + "' cannot be made");
    }
    ToolDescription description() const override { return m_description; }
    std::unique_ptr<Tool> create() const override
    {
        const std::string whose = "the plugin's tool '" + m_description.id + "'";
        auto tool = caught(
            m_troubles, whose, [&] { return m_factory->create(); },
            [](const auto &) { return std::unique_ptr<Tool>(); });
        return tool ? std::make_unique<GuardedTool>(std::move(tool), whose, m_troubles) : nullptr;
    }

private:
    std::shared_ptr<const ToolFactory> m_factory;
    Troubles m_troubles;
    ToolDescription m_description;
};

} // namespace

std::shared_ptr<const DatasetFormat> guarded(std::shared_ptr<const DatasetFormat> format, Troubles troubles)
{
    return std::make_shared<GuardedFormat>(std::move(format), std::move(troubles));
}

std::shared_ptr<const ModelFactory> guarded(std::shared_ptr<const ModelFactory> model, Troubles troubles)
{
    return std::make_shared<GuardedModel>(std::move(model), std::move(troubles));
}

std::shared_ptr<const ToolFactory> guarded(std::shared_ptr<const ToolFactory> tool, Troubles troubles)
{
    return std::make_shared<GuardedTools>(std::move(tool), std::move(troubles));
}

} // namespace masque
