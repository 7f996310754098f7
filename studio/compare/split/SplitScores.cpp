// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/SplitScores.h"

#include "core/runs/index/run_keeping.h"
#include "core/runs/run.h"
#include "studio/jobs/job_support.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include <filesystem>

namespace masque {

/// What a job brings back.
struct SplitScores::Scores {
    std::vector<std::optional<double>> iou; ///< parallel to the items
    ConfusionMatrix confusion;
    int images = 0;
};

SplitScores::SplitScores(JobRunner &jobs, const ModelList &models, QWidget *parent)
    : QWidget(parent), m_jobs(jobs), m_models(models)
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
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("compare-split-message"));
    m_message->setProperty("role", "muted");
    m_message->setWordWrap(true);
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
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(28);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(DisagreementModel::Image, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(DisagreementModel::Iou, QHeaderView::ResizeToContents);

    auto *controls = new QHBoxLayout;
    controls->setContentsMargins(16, 8, 16, 0);
    controls->setSpacing(8);
    controls->addWidget(m_which, 1);
    controls->addWidget(m_evaluate);
    auto *note = new QHBoxLayout;
    note->setContentsMargins(16, 8, 16, 8);
    note->addWidget(m_message);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(controls);
    layout->addLayout(note);
    auto *list = new QHBoxLayout;
    list->setContentsMargins(12, 0, 8, 8); // so that the columns begin under the controls
    list->addWidget(m_table);
    layout->addLayout(list, 1);

    connect(m_which, &QComboBox::activated, this, &SplitScores::listItems);
    connect(m_evaluate, &QPushButton::clicked, this, &SplitScores::evaluateSplit);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex &index) {
        if (const int item = m_model->itemAt(index.row()); item >= 0 && item != m_current)
            Q_EMIT itemChosen(item);
    });
    setRun(nullptr, {});
}

void SplitScores::setRun(std::shared_ptr<const Dataset> dataset, const QString &folder)
{
    m_dataset = std::move(dataset);
    m_folder = m_dataset ? folder : QString();
    m_split = {};
    listItems();
    if (m_folder.isEmpty())
        return;
    const auto split = std::make_shared<SplitIndices>();
    m_jobs.start(makeJob(
        tr("Reading the run's split"),
        [split, source = m_dataset, path = m_folder.toStdString()](JobControl &) -> Result<void> {
            auto read = readRunSplit(path, *source);
            if (!read)
                return read.error();
            *split = std::move(*read);
            return {};
        },
        [this, split, generation = m_generation](const Result<void> &result, bool) {
            if (generation != m_generation)
                return;
            m_split = std::move(*split);
            if (m_split.val.empty() && splitKey() == QLatin1String("val"))
                m_which->setCurrentIndex(m_which->findData(QStringLiteral("train")));
            listItems();
            if (!result)
                m_message->setText(QString::fromStdString(result.error().message));
        }));
}

void SplitScores::setDataset(std::shared_ptr<const Dataset> dataset)
{
    m_dataset = std::move(dataset);
}

QString SplitScores::splitKey() const
{
    return m_which->currentData().toString();
}

std::vector<std::size_t> SplitScores::items() const
{
    const QString key = splitKey();
    return key == QLatin1String("val") ? m_split.val : key == QLatin1String("test") ? m_split.test : m_split.train;
}

void SplitScores::listItems()
{
    ++m_generation;
    m_jobs.cancel(m_job);
    std::vector<DisagreementModel::Entry> entries;
    for (const std::size_t i : items())
        entries.push_back({static_cast<int>(i), QString::fromStdString(m_dataset->items[i].image), {}});
    const bool isEmpty = entries.empty();
    m_model->setEntries(std::move(entries));
    m_evaluate->setEnabled(!isEmpty);
    m_message->setText(m_folder.isEmpty() ? tr("The images of a run's splits are listed here.")
                       : isEmpty          ? tr("This split has no images.")
                                          : tr("Images: %1").arg(m_model->rowCount()));
    Q_EMIT evaluated({});
    setCurrentItem(m_current);
}

void SplitScores::setCurrentItem(int item)
{
    m_current = item;
    const int row = m_model->rowOfItem(item);
    if (row >= 0)
        m_table->setCurrentIndex(m_model->index(row, 0));
    else
        m_table->setCurrentIndex({});
}

int SplitScores::itemAfter(int item) const
{
    const int row = m_model->rowOfItem(item);
    return row < 0 ? -1 : m_model->itemAt(row + 1);
}

void SplitScores::evaluateSplit()
{
    if (m_folder.isEmpty())
        return;
    listItems(); // another click begins anew
    m_evaluate->setEnabled(false);
    const auto scores = std::make_shared<Scores>();
    const auto work = [scores, dataset = m_dataset, folder = m_folder.toStdString(), wanted = items(),
                       key = splitKey().toStdString(), models = m_models](JobControl &control) -> Result<void> {
        stepBehindGui();
        auto predictor = Predictor::load(folder, models);
        if (!predictor)
            return predictor.error();
        scores->confusion = ConfusionMatrix(predictor->labels().size());
        std::string firstProblem;
        double lossSum = 0;
        for (std::size_t k = 0; k < wanted.size() && !control.isStopRequested(); ++k) {
            control.report(static_cast<double>(k) / static_cast<double>(wanted.size()));
            const auto one = evaluate(*predictor, *dataset, {wanted[k]}, key, control.stopToken());
            if (!one && (one.error().code == ErrorCode::Device || one.error().code == ErrorCode::Memory))
                return one.error();
            if (!one && firstProblem.empty())
                firstProblem = one.error().message;
            scores->iou.push_back(one && one->images > 0 ? std::optional(one->metrics.meanIou) : std::nullopt);
            if (one && one->images > 0) {
                scores->confusion.add(one->confusion);
                ++scores->images;
                lossSum += one->metrics.loss;
            }
        }
        if (control.isStopRequested())
            return {};
        if (scores->images == 0)
            return Error{ErrorCode::Data, firstProblem};
        if (key != "test")
            return {};
        const bool hasBackground = predictor->labels().hasBackground();
        return recordTestUse(folder,
                             {.split = key,
                              .checkpoint = std::filesystem::path(predictor->checkpointPath()).filename().string(),
                              .images = scores->images,
                              .metrics = MetricValues::of(scores->confusion, lossSum / scores->images, hasBackground)});
    };
    m_job = m_jobs.start(makeJob(tr("Evaluating"), work,
                                 [this, scores, generation = m_generation](const Result<void> &result, bool canceled) {
                                     if (generation == m_generation)
                                         takeScores(*scores, result, canceled);
                                 }));
    if (m_jobs.isRunning(m_job)) {
        m_message->setText(tr("Evaluating..."));
        Q_EMIT statusText(tr("Evaluating..."));
    }
}

void SplitScores::takeScores(const Scores &scores, const Result<void> &result, bool canceled)
{
    m_evaluate->setEnabled(true);
    Q_EMIT statusText({});
    if (canceled)
        return;
    if (!result) {
        m_message->setText(QString::fromStdString(result.error().message));
        return;
    }
    auto entries = m_model->entries(); // still in the order of items(): listItems came before
    for (std::size_t i = 0; i < entries.size() && i < scores.iou.size(); ++i)
        entries[i].iou = scores.iou[i];
    m_model->setEntries(std::move(entries));
    setCurrentItem(m_current);
    m_message->setText(tr("Images: %1").arg(scores.images) + QStringLiteral(", ")
                       + tr("mean IoU %1, pixel accuracy %2")
                             .arg(scores.confusion.meanIou(), 0, 'f', 3)
                             .arg(scores.confusion.pixelAccuracy(), 0, 'f', 3));
    Q_EMIT evaluated(scores.confusion);
}

} // namespace masque
