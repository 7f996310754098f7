// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/demo.h"
#include "core/plugins/PluginHost.h"
#include "studio/compare/CompareWorkspace.h"
#include "studio/document/Document.h"
#include "studio/training/TrainWorkspace.h"
#include "tests/support/support.h"

#include <QLineEdit>
#include <QSpinBox>
#include <QVBoxLayout>

namespace masque {

inline constexpr int kTrainingMs = 120000;
inline constexpr int kLoadingMs = 20000;

/// What MainWindow puts together, without its menus.
struct Studio {
    explicit Studio(const std::string &folder)
        : jobs(makeThreadedJobRunner()), document(*jobs, plugins.registry().formats)
    {
        auto *layout = new QVBoxLayout(&window);
        train = new TrainWorkspace(document, plugins.registry(), *jobs);
        compare = new CompareWorkspace(document, plugins.registry(), *jobs);
        layout->addWidget(train);
        layout->addWidget(compare);
        compare->hide();
        window.resize(1600, 1000);
        window.show();
        if (!folder.empty())
            document.open(QString::fromStdString(folder));
    }
    template <typename Control>
    Control *find(const char *name)
    {
        auto *control = window.findChild<Control *>(QString::fromLatin1(name));
        if (!control)
            qFatal("there is no %s", name);
        return control;
    }
    /// Small enough for a test.
    void setOptions(int epochs)
    {
        find<QSpinBox>("option-epochs")->setValue(epochs);
        find<QSpinBox>("option-batch")->setValue(4);
        find<QLineEdit>("option-size")->setText(QStringLiteral("32"));
        if (auto *width = window.findChild<QSpinBox *>(QStringLiteral("option-base")))
            width->setValue(width->minimum());
    }
    void showCompare()
    {
        train->hide();
        compare->show();
    }

    PluginHost plugins;
    std::unique_ptr<JobRunner> jobs;
    Document document;
    QWidget window; // gone before what its children use
    TrainWorkspace *train = nullptr;
    CompareWorkspace *compare = nullptr;
};

/// A sample dataset of small images.
inline std::string smallDemo(const TestFolder &folder, const char *name, int count = 12)
{
    DemoOptions options;
    options.count = count;
    options.size = 64;
    if (!writeDemoShapes(folder.file(name), options))
        qFatal("no demo dataset");
    return folder.file(name);
}

inline bool isLabelled(const Document &document)
{
    return document.dataset() && !document.summaries().empty()
           && document.summaries().back().status == ItemStatus::Labelled;
}

} // namespace masque
