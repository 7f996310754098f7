// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/recent_menu.h"

#include "studio/document/Document.h"

#include <QCoreApplication>
#include <QDir>
#include <QMenu>
#include <QSettings>

namespace masque {

namespace {

constexpr int kRecentCount = 8;

QString tr(const char *text)
{
    return QCoreApplication::translate("RecentMenu", text);
}

QStringList recentFolders()
{
    return QSettings().value(QStringLiteral("recent")).toStringList();
}

void remember(const QString &root)
{
    auto folders = recentFolders();
    folders.removeAll(root);
    folders.prepend(root);
    QSettings settings;
    settings.setValue(QStringLiteral("recent"), folders.mid(0, kRecentCount));
    settings.setValue(QStringLiteral("lastFolder"), root);
}

} // namespace

void addRecentMenu(QMenu &menu, Document &document, std::function<void(const QString &folder)> open)
{
    auto *recent = menu.addMenu(tr("Open &Recent"));
    recent->setObjectName(QStringLiteral("open-recent"));
    QObject::connect(recent, &QMenu::aboutToShow, recent, [recent, open = std::move(open)] {
        recent->clear();
        const auto folders = recentFolders();
        for (const auto &folder : folders)
            recent->addAction(QDir::toNativeSeparators(folder), recent, [open, folder] { open(folder); });
        if (folders.isEmpty())
            recent->addAction(tr("Nothing opened yet"))->setEnabled(false);
    });
    QObject::connect(&document, &Document::changed, recent, [&document](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened && document.datasetError().isEmpty() && document.dataset())
            remember(QString::fromStdString(document.dataset()->root));
    });
}

} // namespace masque
