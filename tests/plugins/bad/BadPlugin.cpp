// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plugins/Plugin.h"

#include <QObject>

#include <chrono>
#include <stdexcept>
#include <thread>

#if BAD_KIND == 7
#define BAD_IID "org.example.Other/1"
#else
#define BAD_IID MasquePlugin_iid
#endif

int gone();

namespace {

using namespace masque;

enum Kind { Good, Throws, Constructor, Duplicate, Misbehaves, Library, Version, Foreign };
constexpr int kKind = BAD_KIND;

class BadFormat : public DatasetFormat {
public:
    std::string id() const override { return kKind == Duplicate ? "coco" : "bad-format"; }
    std::string title() const override { return "Bad"; }
    bool canWrite() const override { return true; }
    int probe(const std::string &path) const override
    {
        if (path.ends_with("slow"))
            std::this_thread::sleep_for(std::chrono::milliseconds(2100));
        if (kKind == Misbehaves && !path.ends_with("slow"))
            throw std::runtime_error("no idea");
        return 0;
    }
    Result<Dataset> read(const std::string &) const override { throw 7; }
    Result<void> write(const Dataset &, const std::string &, std::stop_token, const Progress &) const override
    {
        throw std::runtime_error("out of ink");
    }
};

class BadTool : public Tool {
public:
    ToolResult press(const ToolContext &, const PointerEvent &) override { throw std::runtime_error("ouch"); }
    ToolResult move(const ToolContext &, const PointerEvent &, bool) override { return {}; }
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {}; }
    ToolResult cancel() override { return {}; }
    bool isBusy() const override { throw std::runtime_error("busy?"); }
    ToolPreview preview(const ToolContext &) const override { throw std::runtime_error("nothing to see"); }
};

class BadTools : public ToolFactory {
public:
    ToolDescription description() const override { return {.id = "bad-tool", .title = "Bad"}; }
    std::unique_ptr<Tool> create() const override { return std::make_unique<BadTool>(); }
};

class BadModel : public ModelFactory {
public:
    std::string id() const override { return "bad-model"; }
    std::string title() const override { return "Bad"; }
    std::string task() const override { return "segmentation"; }
    std::string help() const override { return "Bad."; }
    const std::vector<OptionSpec> &optionSpecs() const override
    {
        static const std::vector<OptionSpec> none;
        return none;
    }
    Result<std::shared_ptr<Network>> build(const NetworkSpec &, std::uint64_t) const override
    {
        throw std::runtime_error("no bricks");
    }
};

class BadPlugin : public QObject, public Plugin {
    Q_OBJECT
    Q_PLUGIN_METADATA(IID BAD_IID FILE "bad.json")
    Q_INTERFACES(masque::Plugin)

public:
    BadPlugin()
    {
        if (kKind == Constructor)
            throw std::runtime_error("not today");
    }
    void offer(PluginRegistry &registry) override
    {
#if BAD_KIND == 5
        gone();
#endif
        registry.formats.push_back(std::make_shared<BadFormat>());
        registry.tools.push_back(std::make_shared<BadTools>());
        registry.models.push_back(std::make_shared<BadModel>());
        if (kKind == Throws)
            throw std::runtime_error("half way");
    }
};

} // namespace

#include "BadPlugin.moc"
