// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/datasets.h"

#include "core/datasets/demo.h"
#include "core/plugins/PluginHost.h"

#include <filesystem>

namespace masque {

DemoData makeDemo(const TestFolder &folder, int count, bool withoutAnnotations)
{
    const auto root = folder.file("data");
    DemoOptions options;
    options.count = count;
    options.size = 64;
    if (const auto made = writeDemoShapes(root, options); !made) {
        qWarning("%s", made.error().message.c_str());
        return {};
    }
    if (withoutAnnotations)
        for (const auto &entry : std::filesystem::directory_iterator(root))
            if (entry.path().extension() == ".json")
                std::filesystem::remove(entry.path());
    return openIndexed(root);
}

DemoData openIndexed(const std::string &root)
{
    static const PluginHost plugins;
    auto dataset = openDataset(root, plugins.registry().formats);
    if (!dataset) {
        qWarning("%s", dataset.error().message.c_str());
        return {};
    }
    auto indexed = indexDataset(std::move(*dataset));
    return {std::make_shared<const Dataset>(std::move(indexed.dataset)), std::move(indexed.summaries)};
}

} // namespace masque
