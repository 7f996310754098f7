// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "studio/compare/split/SplitScores.h"
#include "studio/theme/Theme.h"

#include <QComboBox>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>

/// SplitScores' controls.
namespace masque {

using Figure = DisagreementModel::Figure;

void SplitScores::makeControls()
{
    m_which = new QComboBox;
    m_which->setObjectName(QStringLiteral("compare-split"));
    m_which->setAccessibleName(tr("Split"));
    m_which->addItem(tr("Validation"), QStringLiteral("val"));
    m_which->addItem(tr("Test"), QStringLiteral("test"));
    m_which->addItem(tr("Training"), QStringLiteral("train"));
    m_which->setItemData(1, tr("For one final, honest figure: never choose anything by it."), Qt::ToolTipRole);
    m_evaluate = new QPushButton(tr("Evaluate"));
    m_evaluate->setObjectName(QStringLiteral("compare-evaluate"));
    m_evaluate->setAccessibleName(tr("Evaluate the split"));
    m_evaluate->setToolTip(tr("Predicts every image of the split and puts the worst first"));
    m_sort = new QComboBox;
    m_sort->setObjectName(QStringLiteral("compare-sort"));
    m_sort->setAccessibleName(tr("Sort by"));
    const std::tuple<Figure, QString, QString> figures[] = {
        {Figure::Iou, tr("Disagreement"), tr("Least IoU first")},
        {Figure::Boundary, tr("Borders"), tr("Least boundary F1 first")},
        {Figure::Entropy, tr("Uncertainty"), tr("Greatest mean entropy first")},
        {Figure::Margin, tr("Uncertainty (margin)"), tr("Least lead of the most probable class first")},
        {Figure::Loss, tr("Loss"), tr("Greatest loss first")},
        {Figure::TrainingLoss, tr("High loss in training"),
         tr("What the network did not learn by the end of its training: often a wrong label")}};
    for (const auto &[figure, name, meaning] : figures) {
        m_sort->addItem(name, static_cast<int>(figure));
        m_sort->setItemData(m_sort->count() - 1, meaning, Qt::ToolTipRole);
    }
    m_class = new QComboBox;
    m_class->setObjectName(QStringLiteral("compare-class"));
    m_class->setAccessibleName(tr("Only images with this class"));
    m_class->setToolTip(tr("Only images with this class, and its IoU"));
    m_class->hide();
    for (auto *choice : {m_which, m_sort, m_class}) {
        choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        choice->setMinimumContentsLength(6);
    }
    m_save = new QToolButton;
    m_save->setObjectName(QStringLiteral("compare-save"));
    m_save->setIcon(Theme::instance().icon(QStringLiteral("save")));
    m_save->setAccessibleName(tr("Save the figures as CSV"));
    m_save->setToolTip(tr("Save the figures of all evaluated images as CSV"));
    m_filter = new QToolButton;
    m_filter->setObjectName(QStringLiteral("compare-filter"));
    m_filter->setIcon(Theme::instance().icon(QStringLiteral("remove")));
    m_filter->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_filter->setToolTip(tr("Show all images again"));
    m_filter->setAccessibleName(m_filter->toolTip());
    m_filter->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_filter->hide();
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("compare-split-message"));
    m_message->setProperty("role", "muted");
    m_message->setWordWrap(true);

    connect(m_which, &QComboBox::activated, this, &SplitScores::listItems);
    connect(m_evaluate, &QPushButton::clicked, this, &SplitScores::evaluateAll);
    connect(m_sort, &QComboBox::activated, this, &SplitScores::chooseFigure);
    connect(m_class, &QComboBox::activated, this, [this] {
        auto filter = m_model->filter();
        const int id = m_class->currentData().toInt();
        filter.classId = id < 0 ? std::nullopt : std::optional(id);
        setFilter(filter);
    });
    connect(m_save, &QToolButton::clicked, this, &SplitScores::saveTable);
    connect(m_filter, &QToolButton::clicked, this, [this] {
        auto filter = m_model->filter();
        filter.cell.reset();
        filter.iou.reset();
        setFilter(filter);
    });
}

void SplitScores::makeTable()
{
    m_model = new DisagreementModel(this);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("compare-images"));
    m_table->setAccessibleName(tr("Images of the split"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setProperty("role", "plain");
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setIconSize({48, 36});
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(44);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(DisagreementModel::Image, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(DisagreementModel::Score, QHeaderView::ResizeToContents);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &index) {
        if (const int item = m_model->itemAt(index.row()); item >= 0 && item != m_current)
            Q_EMIT itemChosen(item);
    });
}

void SplitScores::saveTable()
{
    auto *dialog = new QFileDialog(this, tr("Save the figures"), {}, tr("Values (*.csv)"));
    dialog->setObjectName(QStringLiteral("compare-csv-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QStringLiteral("evaluation-%1.csv").arg(splitKey()));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, evaluation = m_evaluation, dataset = m_dataset](const QString &path) {
                m_jobs.start(makeJob(
                    tr("Saving the figures"),
                    [evaluation, dataset, file = path.toStdString()](JobControl &) {
                        return writeFileAtomically(file, scoresCsv(evaluation, *dataset));
                    },
                    [this, path](const Result<void> &result, bool) {
                        Q_EMIT statusText(result ? tr("Saved %1").arg(path)
                                                 : QString::fromStdString(result.error().message));
                    }));
            });
    dialog->open();
}

} // namespace masque
