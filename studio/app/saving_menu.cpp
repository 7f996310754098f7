// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/saving_menu.h"

#include "studio/document/Document.h"

#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>
#include <QSettings>

#include <limits>

namespace masque {

namespace {

constexpr auto kUnlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kJournalSizes[] = {100'000'000, 500'000'000, 2'000'000'000, kUnlimited};
constexpr std::uint64_t kDefaultSize = 500'000'000;

QString tr(const char *text)
{
    return QCoreApplication::translate("SavingMenu", text);
}

QString sizeText(std::uint64_t bytes)
{
    if (bytes == kUnlimited)
        return tr("Without Limit");
    return bytes >= 1'000'000'000 ? tr("%1 GB").arg(bytes / 1'000'000'000) : tr("%1 MB").arg(bytes / 1'000'000);
}

} // namespace

void addSavingActions(QMenu &menu, Document &document)
{
    QSettings settings;
    auto *forAll = menu.addAction(tr("Save for Every labelme and X-AnyLabeling"));
    forAll->setObjectName(QStringLiteral("save-for-all"));
    forAll->setCheckable(true);
    forAll->setToolTip(
        tr("labelme before 5.4 and X-AnyLabeling do not know masks: they are saved as polygons. Holes are filled "
           "and the tiniest regions left out; the notice above the image says how many."));
    QObject::connect(forAll, &QAction::toggled, &document, [&document](bool isOn) {
        document.setLabelMeVariant(isOn ? LabelMeVariant::ForAll : LabelMeVariant::Full);
        QSettings().setValue(QStringLiteral("saveForAll"), isOn);
    });
    QObject::connect(&document, &Document::changed, forAll, [forAll, &document](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::SaveStateChanged) // also chosen elsewhere
            forAll->setChecked(document.labelMeVariant() == LabelMeVariant::ForAll);
    });
    forAll->setChecked(
        settings.value(QStringLiteral("saveForAll"), settings.value(QStringLiteral("saveForOldLabelme"), false))
            .toBool());

    auto *sizes = menu.addMenu(tr("Undo &History on Disk"));
    sizes->setObjectName(QStringLiteral("journal-size"));
    sizes->setToolTipsVisible(true);
    auto *group = new QActionGroup(sizes);
    const std::uint64_t chosen =
        settings.value(QStringLiteral("journalBytes"), QVariant::fromValue<quint64>(kDefaultSize)).toULongLong();
    for (const std::uint64_t bytes : kJournalSizes) {
        auto *action = sizes->addAction(sizeText(bytes));
        action->setObjectName(QStringLiteral("journal-size-%1").arg(bytes));
        action->setToolTip(tr("The histories of a dataset together; the oldest go first, unsaved work never"));
        action->setCheckable(true);
        action->setChecked(bytes == chosen);
        group->addAction(action);
        QObject::connect(action, &QAction::triggered, &document, [&document, bytes] {
            document.setJournalLimit(bytes);
            QSettings().setValue(QStringLiteral("journalBytes"), QVariant::fromValue<quint64>(bytes));
        });
    }
    document.setJournalLimit(chosen);
}

} // namespace masque
