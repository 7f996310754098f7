// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/command_line.h"
#include "studio/app/MainWindow.h"
#include "studio/bench/CanvasBench.h"
#include "studio/theme/Theme.h"

#include <QApplication>
#include <QSettings>

int main(int argc, char **argv)
{
    masque::restartWithPassiveWaiting(argv);
    const auto openStudio = [&](const masque::StudioStart &start, const masque::PluginRegistry &plugins) {
        QApplication app(argc, argv);
        QApplication::setApplicationName(QStringLiteral("masque"));
        QApplication::setApplicationDisplayName(QStringLiteral("Masque"));
        QApplication::setApplicationVersion(QStringLiteral(MASQUE_VERSION));
        QApplication::setOrganizationName(QStringLiteral("masque"));
        QApplication::setDesktopFileName(QStringLiteral("masque"));

        auto &theme = masque::Theme::instance();
        theme.setMode(static_cast<masque::ThemeMode>(QSettings().value(QStringLiteral("theme"), 0).toInt()));
        QApplication::setWindowIcon(theme.icon(QStringLiteral("masque")));

        masque::MainWindow window(plugins);
        window.show();
        if (!start.live.empty())
            window.playLive(QString::fromStdString(start.path), QString::fromStdString(start.live));
        else if (!start.path.empty())
            window.open(QString::fromStdString(start.path));
        return QApplication::exec();
    };
    return masque::runCommandLine(argc, argv, openStudio, {masque::canvasBenchOptions().specs(), masque::benchCanvas});
}
