// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/CompareSide.h"

#include "core/inference/evaluate.h"
#include "studio/compare/split/ConfusionView.h"
#include "studio/compare/split/DisagreementModel.h"
#include "studio/compare/split/IouHistogram.h"
#include "studio/training/pictures.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

QLabel *makeMuted(const char *name)
{
    auto *label = new QLabel;
    label->setObjectName(QLatin1String(name));
    label->setProperty("role", "muted");
    label->setWordWrap(true);
    return label;
}

} // namespace

CompareSide::CompareSide(QWidget *parent) : QWidget(parent)
{
    auto *tabs = new QTabWidget;
    tabs->setObjectName(QStringLiteral("compare-tabs"));
    tabs->setDocumentMode(true);
    tabs->addTab(makeFigures(), tr("Figures"));
    tabs->addTab(makeConfusion(), tr("Confusion"));
    m_histogram = new IouHistogram;
    tabs->addTab(m_histogram, tr("Histogram"));
    tabs->setTabToolTip(1, tr("What was taken for what over the whole split"));
    tabs->setTabToolTip(2, tr("How many images have which IoU"));

    auto *title = new QLabel(tr("Difference"));
    title->setProperty("role", "title");
    m_legendNote = makeMuted("compare-legend-note");
    m_legend = new QWidget;
    m_legend->setObjectName(QStringLiteral("compare-legend"));
    auto *below = new QVBoxLayout;
    below->setContentsMargins(16, 16, 16, 16);
    below->setSpacing(8);
    below->addWidget(title);
    below->addWidget(m_legendNote);
    below->addWidget(m_legend);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(tabs, 1);
    layout->addLayout(below);
    connect(m_confusion, &ConfusionView::cellChosen, this, &CompareSide::cellChosen);
    connect(m_histogram, &IouHistogram::rangeChosen, this, &CompareSide::iouRangeChosen);
    setEvaluation(nullptr);
}

QWidget *CompareSide::makeFigures()
{
    m_scores = new ClassScoresModel(this);
    m_message = makeMuted("compare-figures-message");
    auto *table = new QTableView;
    table->setObjectName(QStringLiteral("compare-figures"));
    table->setAccessibleName(tr("IoU, Dice and boundary F1 a class, of this image and of the split"));
    table->setModel(m_scores);
    table->setProperty("role", "plain");
    table->setShowGrid(false);
    table->setTabKeyNavigation(false);
    table->setSelectionMode(QAbstractItemView::NoSelection);
    table->setIconSize({12, 12});
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(28);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setMinimumSectionSize(40);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setSectionResizeMode(ClassScoresModel::Class, QHeaderView::Stretch);
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(12, 12, 8, 0); // so that the columns begin under the message
    layout->setSpacing(8);
    auto *message = new QHBoxLayout;
    message->setContentsMargins(4, 0, 0, 0);
    message->addWidget(m_message);
    layout->addLayout(message);
    layout->addWidget(table, 1);
    return page;
}

QWidget *CompareSide::makeConfusion()
{
    m_confusion = new ConfusionView;
    m_confusionMessage = makeMuted("compare-confusion-message");
    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 12, 16, 0);
    layout->setSpacing(8);
    layout->addWidget(m_confusionMessage);
    layout->addWidget(m_confusion, 1);
    return page;
}

void CompareSide::setMessage(const QString &text)
{
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

void CompareSide::setEvaluation(std::shared_ptr<const Evaluation> evaluation)
{
    std::vector<double> ious;
    if (evaluation)
        for (const auto &score : evaluation->scores)
            ious.push_back(score.meanIou);
    m_histogram->setValues(ious);
    m_confusionMessage->setText(
        evaluation ? tr("Rows are the ground truth, columns the prediction, in percent of the row. Choose a square to "
                        "see the images and the pixels behind it.")
                   : tr("Evaluate the split, then what was taken for what appears here."));
    if (evaluation)
        m_confusion->setCounts(evaluation->labels, evaluation->confusion, [evaluation](int truth, int said) {
            return std::ranges::count_if(evaluation->scores,
                                         [&](const ImageScore &score) { return pixelsOf(score, truth, said) > 0; });
        });
    else
        m_confusion->setCounts({}, ConfusionMatrix(), {});
}

void CompareSide::setChosen(std::optional<std::pair<int, int>> cell, std::optional<std::pair<double, double>> iou)
{
    m_confusion->setChosen(cell);
    m_histogram->setChosen(iou);
}

void CompareSide::setLegend(const std::vector<std::pair<Color, QString>> &colors, const QString &note)
{
    delete m_legend->layout();
    qDeleteAll(m_legend->findChildren<QLabel *>());
    auto *grid = new QGridLayout(m_legend);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(8);
    grid->setVerticalSpacing(8);
    for (int row = 0; const auto &[color, text] : colors) {
        QPixmap pixmap(12, 12);
        pixmap.fill(toQColor(color));
        auto *swatch = new QLabel;
        swatch->setPixmap(pixmap);
        grid->addWidget(swatch, row, 0);
        grid->addWidget(new QLabel(text), row++, 1);
    }
    grid->setColumnStretch(1, 1);
    m_legendNote->setText(note);
    m_legendNote->setVisible(!note.isEmpty());
}

} // namespace masque
