// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/CompareSide.h"

#include "core/inference/evaluate.h"
#include "studio/training/pictures.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

namespace masque {

namespace {

QLabel *makeSwatch(DifferenceKind kind)
{
    QPixmap pixmap(12, 12);
    pixmap.fill(toQColor(differenceColor(kind)));
    auto *swatch = new QLabel;
    swatch->setPixmap(pixmap);
    return swatch;
}

} // namespace

CompareSide::CompareSide(QWidget *parent) : QWidget(parent)
{
    m_scores = new ClassScoresModel(this);
    auto *title = new QLabel(tr("Figures"));
    title->setProperty("role", "title");
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("compare-figures-message"));
    m_message->setProperty("role", "muted");
    m_message->setWordWrap(true);
    auto *table = new QTableView;
    table->setObjectName(QStringLiteral("compare-figures"));
    table->setAccessibleName(tr("IoU and Dice a class, of this image and of the split"));
    table->setModel(m_scores);
    table->setProperty("role", "plain");
    table->setShowGrid(false);
    table->setTabKeyNavigation(false);
    table->setSelectionMode(QAbstractItemView::NoSelection);
    table->setIconSize({12, 12});
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(28);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setMinimumSectionSize(56);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(ClassScoresModel::Class, QHeaderView::Stretch);

    auto *legendTitle = new QLabel(tr("Difference"));
    legendTitle->setProperty("role", "title");
    auto *legend = new QGridLayout;
    legend->setContentsMargins(16, 0, 16, 16);
    legend->setHorizontalSpacing(8);
    legend->setVerticalSpacing(8);
    legend->addWidget(legendTitle, 0, 0, 1, 2);
    const std::pair<DifferenceKind, QString> kinds[] = {
        {DifferenceKind::Right, tr("Right")},
        {DifferenceKind::Missed, tr("Missed: in the ground truth only")},
        {DifferenceKind::False, tr("False: in the prediction only")},
        {DifferenceKind::WrongClass, tr("Another class")},
        {DifferenceKind::Ignored, tr("Ignored")},
    };
    for (int row = 1; const auto &[kind, text] : kinds) {
        legend->addWidget(makeSwatch(kind), row, 0);
        legend->addWidget(new QLabel(text), row++, 1);
    }
    legend->setColumnStretch(1, 1);

    auto *heading = new QVBoxLayout;
    heading->setContentsMargins(16, 16, 16, 8);
    heading->setSpacing(8);
    heading->addWidget(title);
    heading->addWidget(m_message);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(heading);
    auto *figures = new QHBoxLayout;
    figures->setContentsMargins(12, 0, 8, 0); // so that the columns begin under the title
    figures->addWidget(table);
    layout->addLayout(figures, 1);
    layout->addSpacing(16);
    layout->addLayout(legend);
}

void CompareSide::setMessage(const QString &text)
{
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

} // namespace masque
