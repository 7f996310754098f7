// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ClassKeyMenu.h"

#include "studio/document/label_keys.h"

#include <QCoreApplication>
#include <QMenu>

namespace masque {

void assignClassKey(Document &document, int id, std::optional<int> key)
{
    const std::optional<int> before = document.labels()[id].key;
    for (int other = 0; key && other < document.labels().size(); ++other)
        if (other != id && document.labels()[other].key == key)
            document.setLabelKey(other, before);
    document.setLabelKey(id, key);
}

QMenu *makeClassKeyMenu(Document &document, QWidget *parent, std::function<std::optional<int>()> currentId)
{
    const auto tr = [](const char *text) { return QCoreApplication::translate("ClassKeyMenu", text); };
    auto *menu = new QMenu(tr("Key"), parent);
    menu->setObjectName(QStringLiteral("label-key"));
    const auto fill = [&document, menu, currentId, tr] {
        menu->clear();
        const auto id = currentId();
        if (!id || *id >= document.labels().size())
            return;
        const auto keys = labelKeys(document.labels());
        const auto add = [&](const QString &text, std::optional<int> key, bool isChecked) {
            QAction *action =
                menu->addAction(text, menu, [&document, id = *id, key] { assignClassKey(document, id, key); });
            action->setCheckable(true);
            action->setChecked(isChecked);
        };
        const std::optional<int> own = document.labels()[*id].key;
        for (int digit = 1; digit <= 9; ++digit) {
            QString text = QStringLiteral("&%1").arg(digit);
            for (std::size_t other = 0; other < keys.size(); ++other)
                if (keys[other] == digit)
                    text += QStringLiteral("    ")
                            + QString::fromStdString(document.labels()[static_cast<int>(other)].name);
            add(text, digit, own == digit);
        }
        menu->addSeparator();
        add(tr("&Next free digit"), std::nullopt, !own);
    };
    QObject::connect(menu, &QMenu::aboutToShow, menu, fill);
    return menu;
}

} // namespace masque
