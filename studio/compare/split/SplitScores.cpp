// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/SplitScores.h"

#include "core/runs/run.h"
#include "core/runs/sample_losses.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace masque {

using Figure = DisagreementModel::Figure;

SplitScores::SplitScores(JobRunner &jobs, const ModelList &models, QWidget *parent)
    : QWidget(parent), m_jobs(jobs), m_models(models)
{
    makeControls();
    makeTable();
    auto *controls = new QHBoxLayout;
    controls->setSpacing(8);
    controls->addWidget(m_which, 1);
    controls->addWidget(m_evaluate);
    auto *order = new QHBoxLayout;
    order->setSpacing(8);
    order->addWidget(m_sort, 1);
    order->addWidget(m_save);
    auto *above = new QVBoxLayout;
    above->setContentsMargins(16, 8, 16, 8);
    above->setSpacing(8);
    above->addLayout(controls);
    above->addLayout(order);
    above->addWidget(m_class);
    above->addWidget(m_filter);
    above->addWidget(m_message);
    auto *list = new QHBoxLayout;
    list->setContentsMargins(12, 0, 8, 8); // so that the columns begin under the controls
    list->addWidget(m_table);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(above);
    layout->addLayout(list, 1);
    setRun(nullptr, {});
}

void SplitScores::setRun(std::shared_ptr<const Dataset> dataset, const QString &folder)
{
    m_dataset = std::move(dataset);
    m_folder = m_dataset ? folder : QString();
    m_split = {};
    m_trainingLosses.clear();
    listItems();
    if (m_folder.isEmpty())
        return;
    struct Read {
        SplitIndices split;
        std::map<std::string, double> losses;
    };
    const auto found = std::make_shared<Read>();
    m_jobs.start(makeJob(
        tr("Reading the run's split"),
        [found, source = m_dataset, path = m_folder.toStdString()](JobControl &) -> Result<void> {
            auto read = readRunSplit(path, *source);
            if (!read)
                return read.error();
            found->split = std::move(*read);
            if (const auto losses = alwaysHighLosses(path)) // a run of an older version may have kept none
                for (const auto &[image, loss] : *losses)
                    found->losses.emplace(image, loss);
            return {};
        },
        [this, found, generation = m_generation](const Result<void> &result, bool) {
            if (generation != m_generation)
                return;
            m_split = std::move(found->split);
            m_trainingLosses = std::move(found->losses);
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

void SplitScores::setOther(const QString &path)
{
    if (path == m_other)
        return;
    m_other = path;
    const int at = m_sort->findData(static_cast<int>(Figure::Gain));
    if (path.isEmpty() && at >= 0)
        m_sort->removeItem(at);
    if (!path.isEmpty() && at < 0) {
        m_sort->addItem(tr("Gain over the other"), static_cast<int>(Figure::Gain));
        m_sort->setItemData(m_sort->count() - 1, tr("Where the other is better comes first"), Qt::ToolTipRole);
    }
    m_sort->setCurrentIndex(m_sort->findData(static_cast<int>(path.isEmpty() ? Figure::Iou : Figure::Gain)));
    chooseFigure();
    if (m_evaluation.own && !path.isEmpty())
        startEvaluation(m_evaluation.own);
    else if (m_evaluation.own)
        takeEvaluation({m_evaluation.own, nullptr});
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
    takeEvaluation({});
    const auto count = static_cast<int>(items().size());
    m_evaluate->setEnabled(count > 0);
    m_message->setText(m_folder.isEmpty() ? tr("The images of a run's splits are listed here.")
                       : count == 0       ? tr("This split has no images.")
                                          : tr("Images: %1").arg(count));
}

void SplitScores::showEntries()
{
    std::map<std::size_t, const ImageScore *> own, other;
    if (m_evaluation.own)
        for (const auto &score : m_evaluation.own->scores)
            own.emplace(score.item, &score);
    if (m_evaluation.other)
        for (const auto &score : m_evaluation.other->scores)
            other.emplace(score.item, &score);
    const auto copyOf = [](const auto &scores, std::size_t item) {
        const auto it = scores.find(item);
        return it == scores.end() ? std::optional<ImageScore>() : *it->second;
    };
    std::vector<DisagreementModel::Entry> entries;
    for (const std::size_t i : items()) {
        const auto &image = m_dataset->items[i].image;
        const auto loss = m_trainingLosses.find(image);
        entries.push_back({static_cast<int>(i), QString::fromStdString(image), copyOf(own, i), copyOf(other, i),
                           loss == m_trainingLosses.end() ? std::nullopt : std::optional(loss->second)});
    }
    m_model->setEntries(std::move(entries));
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

void SplitScores::chooseFigure()
{
    const auto figure = static_cast<Figure>(m_sort->currentData().toInt());
    m_model->setFigure(figure);
    const int train = m_which->findData(QStringLiteral("train"));
    if (figure == Figure::TrainingLoss && m_which->currentIndex() != train) { // no other image was trained on
        m_which->setCurrentIndex(train);
        listItems();
    }
    setCurrentItem(m_current);
}

void SplitScores::setFilter(DisagreementModel::Filter filter)
{
    if (filter == m_model->filter())
        return;
    m_model->setFilter(filter);
    m_filter->setVisible(filter.cell || filter.iou);
    if (filter.cell && m_evaluation.own) {
        const auto name = [&](int id) { return QString::fromStdString(m_evaluation.own->labels[id].name); };
        const auto [truth, said] = *filter.cell;
        m_filter->setText(truth == said ? tr("%1, found").arg(name(truth))
                                        : tr("%1 taken for %2").arg(name(truth), name(said)));
    } else if (filter.iou) {
        m_filter->setText(tr("IoU from %1 to %2").arg(filter.iou->first, 0, 'f', 2).arg(filter.iou->second, 0, 'f', 2));
    }
    m_filter->setAccessibleName(tr("Filter: %1; press to show all images").arg(m_filter->text()));
    setCurrentItem(m_current);
    Q_EMIT filterChanged();
}

void SplitScores::setCell(std::optional<std::pair<int, int>> cell)
{
    auto filter = m_model->filter();
    filter.cell = cell;
    filter.iou.reset();
    setFilter(filter);
}

void SplitScores::setIouRange(std::optional<std::pair<double, double>> iou)
{
    auto filter = m_model->filter();
    filter.iou = iou;
    filter.cell.reset();
    setFilter(filter);
}

void SplitScores::evaluateAll()
{
    listItems(); // another click begins anew
    startEvaluation(nullptr);
}

void SplitScores::startEvaluation(std::shared_ptr<const Evaluation> known)
{
    if (m_folder.isEmpty())
        return;
    ++m_generation;
    m_jobs.cancel(m_job);
    m_evaluate->setEnabled(false);
    const auto result = std::make_shared<SplitEvaluation>();
    SplitRequest request{
        m_dataset, items(), splitKey().toStdString(), m_folder.toStdString(), m_other.toStdString(), std::move(known)};
    const auto work = [result, request, models = m_models](JobControl &control) -> Result<void> {
        auto evaluation = evaluateSplit(request, models, control);
        if (!evaluation)
            return evaluation.error();
        *result = std::move(*evaluation);
        return {};
    };
    m_job = m_jobs.start(makeJob(tr("Evaluating"), work,
                                 [this, result, generation = m_generation](const Result<void> &done, bool canceled) {
                                     if (generation != m_generation)
                                         return;
                                     m_evaluate->setEnabled(true);
                                     Q_EMIT statusText({});
                                     if (!done)
                                         m_message->setText(QString::fromStdString(done.error().message));
                                     else if (!canceled)
                                         takeEvaluation(std::move(*result));
                                 }));
    if (m_jobs.isRunning(m_job)) {
        m_message->setText(tr("Evaluating..."));
        Q_EMIT statusText(tr("Evaluating..."));
    }
}

void SplitScores::takeEvaluation(SplitEvaluation evaluation)
{
    const bool isSameLabels = m_evaluation.own && evaluation.own && m_evaluation.own->labels == evaluation.own->labels;
    m_evaluation = std::move(evaluation);
    if (!isSameLabels) {
        const QSignalBlocker quiet(m_class);
        m_class->clear();
        m_class->addItem(tr("All classes"), -1);
        if (m_evaluation.own)
            for (int id = 0; id < m_evaluation.own->labels.size(); ++id)
                m_class->addItem(QString::fromStdString(m_evaluation.own->labels[id].name), id);
        setFilter({});
    }
    m_class->setVisible(m_evaluation.own != nullptr);
    m_save->setEnabled(m_evaluation.own != nullptr);
    showEntries();
    if (const auto &own = m_evaluation.own) {
        QString text = tr("Images: %1").arg(own->images) + QStringLiteral(", ")
                       + tr("mean IoU %1, pixel accuracy %2")
                             .arg(own->metrics.meanIou, 0, 'f', 3)
                             .arg(own->metrics.pixelAccuracy, 0, 'f', 3);
        if (m_evaluation.other)
            text += QStringLiteral("; ") + tr("the other %1").arg(m_evaluation.other->metrics.meanIou, 0, 'f', 3);
        if (!own->skipped.empty())
            text += QStringLiteral("; ") + tr("left out: %1").arg(own->skipped.size());
        m_message->setText(text);
        m_message->setToolTip(own->skipped.empty() ? QString()
                                                   : QString::fromStdString(own->skipped.front().file + ": "
                                                                            + own->skipped.front().message));
    }
    Q_EMIT evaluated();
}

} // namespace masque
