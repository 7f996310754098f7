// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/SearchHelp.h"

#include <QFontDatabase>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>

namespace masque {

SearchHelp::SearchHelp(QWidget *parent) : QFrame(parent, Qt::Popup)
{
    setObjectName(QStringLiteral("search-help"));
    setAccessibleName(tr("Help on searching"));
    setAttribute(Qt::WA_DeleteOnClose);
    setProperty("role", QStringLiteral("overlay"));
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setHorizontalSpacing(16);
    layout->setVerticalSpacing(4);
    const std::pair<const char *, QString> lines[] = {
        {"street", tr("Part of the name")},
        {"label:car", tr("A shape's class contains this")},
        {"label:\"car\"", tr("Exactly this class; quotes hold blanks together")},
        {"status:new", tr("new, labelled, reviewed or problem")},
        {"split:val", tr("train, val, test or none")},
        {"shapes:>3", tr("Number of shapes; also =3, <=3, 2..5")},
        {"flag:blurred", tr("A flag of the image is set")},
        {"checked:no", tr("Reviewed or not: yes, no")},
        {"iou:<0.6", tr("Agreement with the model last evaluated in Compare")},
        {"uncertainty:>0.3", tr("How unsure that model was, from 0 to 1")},
        {"agreement:<0.7", tr("How far several raters agree, on the image or on the face they agree on least")},
        {"-label:car", tr("A minus turns a term round")}};
    int row = 0;
    for (const auto &[example, meaning] : lines) {
        auto *take = new QPushButton(QLatin1String(example), this);
        take->setObjectName(QStringLiteral("search-example-%1").arg(row));
        take->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
        take->setFlat(true);
        take->setStyleSheet(QStringLiteral("text-align: left; padding: 2px 8px;"));
        layout->addWidget(take, row, 0);
        layout->addWidget(new QLabel(meaning, this), row++, 1);
        connect(take, &QPushButton::clicked, this, [this, take] {
            Q_EMIT exampleChosen(take->text());
            close();
        });
    }
    auto *note = new QLabel(tr("All terms must hold. Next and previous image walk through what is found."), this);
    note->setProperty("role", QStringLiteral("muted"));
    note->setContentsMargins(8, 8, 0, 0);
    layout->addWidget(note, row, 0, 1, 2);
}

void SearchHelp::showBelow(const QWidget &button)
{
    adjustSize();
    move(button.mapToGlobal(QPoint(0, button.height() + 4)));
    show();
}

} // namespace masque
