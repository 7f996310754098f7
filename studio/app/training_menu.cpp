// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/training_menu.h"

#include "studio/training/NextImages.h"
#include "studio/training/TrainWorkspace.h"

#include <QAction>
#include <QCoreApplication>
#include <QMenu>
#include <QSettings>

namespace masque {

namespace {

const QString kNotifyKey = QStringLiteral("notifyTraining");

QString tr(const char *text)
{
    return QCoreApplication::translate("masque::TrainingMenu", text);
}

} // namespace

bool isEndNotified()
{
    return QSettings().value(kNotifyKey, true).toBool();
}

void addTrainingActions(QMenu &menu, TrainWorkspace &train, std::function<void()> show)
{
    auto *start = menu.addAction(tr("&Start Training"), &train, [&train, show = std::move(show)] {
        show();
        train.startTraining();
    });
    start->setObjectName(QStringLiteral("start-training"));
    start->setShortcut(QKeySequence(QStringLiteral("Ctrl+Return")));
    auto *stop = menu.addAction(tr("S&top Training"), &train, [&train] { train.stopTraining(); });
    stop->setObjectName(QStringLiteral("stop-training"));
    menu.addSeparator();
    auto *notify = menu.addAction(tr("&Notify When Training Ends"));
    notify->setObjectName(QStringLiteral("notify-training"));
    notify->setCheckable(true);
    notify->setChecked(isEndNotified());
    QObject::connect(notify, &QAction::toggled, notify, [](bool isOn) { QSettings().setValue(kNotifyKey, isOn); });
    QObject::connect(&menu, &QMenu::aboutToShow, &train, [&train, start, stop] {
        start->setText(train.isTraining() ? tr("Add to the &Queue") : tr("&Start Training"));
        stop->setEnabled(train.isTraining());
    });
}

void addNextImageAction(QMenu &menu, NextImages &images, std::function<void()> show)
{
    auto *next = menu.addAction(tr("Next Image to &Label"), &images, [&images, show = std::move(show)] {
        show();
        images.goToNext();
    });
    next->setObjectName(QStringLiteral("next-to-label"));
    next->setShortcut(QKeySequence(QStringLiteral("Alt+D")));
    next->setToolTip(tr("The unlabelled image that the newest network would learn most from"));
}

} // namespace masque
