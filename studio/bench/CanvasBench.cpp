// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/bench/CanvasBench.h"

#include "core/base/text.h"
#include "studio/bench/BenchScript.h"

#include <QApplication>
#include <QTemporaryDir>

namespace masque {

const OptionTable<CanvasBenchOptions> &canvasBenchOptions()
{
    using O = CanvasBenchOptions;
    static const auto table = [] {
        OptionTable<O> t;
        t.add({.key = "ops", .help = "Operations to measure, comma-separated; all of them if empty."}, &O::ops);
        const auto number = [&](const char *key, const char *help, double least, double most, int O::*member) {
            t.add({.key = key, .help = help, .type = OptionType::Int, .minimum = least, .maximum = most}, member);
        };
        number("width", "Width of the large image.", 64, 16000, &O::width);
        number("height", "Height of the large image.", 64, 16000, &O::height);
        number("polygons", "Polygons on the crowded image.", 1, 100000, &O::polygons);
        number("vertices", "Vertices of a polygon.", 3, 10000, &O::vertices);
        number("events", "Events an operation.", 10, 100000, &O::events);
        number("images", "Images that are walked through.", 4, 100000, &O::images);
        number("walk_size", "Width of those images.", 64, 8000, &O::walkSize);
        return t;
    }();
    return table;
}

Result<Json> benchCanvas(const Json &json, const PluginRegistry &plugins, std::stop_token stop)
{
    CanvasBenchOptions options;
    if (auto applied = canvasBenchOptions().apply(json, options); !applied)
        return applied.error();
    if (qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY")
        && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    int argc = 1;
    char name[] = "masque";
    char *argv[] = {name, nullptr};
    QApplication app(argc, argv);
    QTemporaryDir folder;
    if (!folder.isValid())
        return Error{ErrorCode::Io, "no temporary folder can be made"};
    BenchScript script(options, plugins, folder.path(), std::move(stop));
    QObject::connect(&script, &BenchScript::finished, &app, &QCoreApplication::quit, Qt::QueuedConnection);
    script.start();
    QApplication::exec();
    return script.result();
}

} // namespace masque
