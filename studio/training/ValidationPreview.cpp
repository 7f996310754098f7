// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/ValidationPreview.h"

#include "core/inference/Predictor.h"
#include "core/runs/SampleLoader.h"
#include "studio/jobs/job_support.h"
#include "studio/training/PictureGrid.h"
#include "studio/training/pictures.h"
#include "studio/training/small_sample.h"

#include <QFileInfo>
#include <QLabel>
#include <QVBoxLayout>

namespace masque {

namespace {

constexpr std::size_t kPinned = 4;
constexpr int kSidePx = 384;

/// Evenly over the validation split, or the training split where there is none.
std::vector<std::size_t> pinnedItems(const SplitIndices &split)
{
    const auto &from = split.val.empty() ? split.train : split.val;
    const std::size_t count = std::min(kPinned, from.size());
    std::vector<std::size_t> items;
    for (std::size_t k = 0; k < count; ++k)
        items.push_back(from[k * from.size() / count]);
    return items;
}

} // namespace

/// Read once a run, used by one job at a time.
struct ValidationPreview::Pins {
    std::vector<SmallSample> samples;
    int epoch = 0;
};

ValidationPreview::ValidationPreview(JobRunner &jobs, const ModelList &models, QWidget *parent)
    : QWidget(parent), m_jobs(jobs), m_models(models)
{
    auto *title = new QLabel(tr("Validation images"));
    title->setProperty("role", "title");
    m_caption = new QLabel;
    m_caption->setProperty("role", "muted");
    m_caption->setObjectName(QStringLiteral("validation-caption"));
    m_caption->setWordWrap(true);
    m_grid = new PictureGrid(3, {tr("Image"), tr("Truth"), tr("Prediction")});
    m_grid->setObjectName(QStringLiteral("validation-preview"));
    m_grid->setAccessibleName(tr("Validation images, ground truth and prediction"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(title);
    layout->addWidget(m_caption);
    layout->addSpacing(8);
    layout->addWidget(m_grid, 1);
    setRun(nullptr, {});
}

ValidationPreview::~ValidationPreview() = default;

void ValidationPreview::setRun(std::shared_ptr<const Dataset> dataset, const QString &folder)
{
    m_dataset = std::move(dataset);
    m_folder = m_dataset ? folder : QString();
    m_pins = std::make_shared<Pins>();
    m_wanted.clear();
    m_grid->setPictures({});
    m_grid->setEmptyText(m_folder.isEmpty()
                             ? tr("Four images of the validation split appear here, with what the network sees in "
                                  "them after each epoch.")
                             : tr("The first prediction comes after the first epoch."));
    m_caption->setText(m_folder.isEmpty() ? QString() : QFileInfo(m_folder).fileName());
    m_caption->setVisible(!m_folder.isEmpty());
    if (!m_folder.isEmpty())
        refresh(m_folder);
}

void ValidationPreview::refresh(const QString &checkpoint)
{
    m_wanted = checkpoint;
    predict();
}

void ValidationPreview::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    predict();
}

void ValidationPreview::predict()
{
    if (m_wanted.isEmpty() || !isVisible() || m_jobs.isRunning(m_job))
        return;
    const auto checkpoint = std::exchange(m_wanted, {}).toStdString();
    const auto pictures = std::make_shared<std::vector<PictureGrid::Picture>>();
    const auto work = [dataset = m_dataset, folder = m_folder.toStdString(), checkpoint, pins = m_pins, pictures,
                       models = m_models](JobControl &control) -> Result<void> {
        stepBehindGui();
        if (pins->samples.empty()) {
            const auto split = readRunSplit(folder, *dataset);
            if (!split)
                return split.error();
            const auto run = readRun(folder);
            const auto window = run && run->options.data.tiles ? parseSize(run->options.data.size).value() : Size{};
            for (const std::size_t i : pinnedItems(*split)) {
                const auto &item = dataset->items[i];
                if (auto sample = window.isEmpty() ? readSmallSample(*dataset, item, kSidePx)
                                                   : readMiddle(*dataset, item, window))
                    pins->samples.push_back(std::move(*sample));
            }
        }
        auto predictor = Predictor::load(checkpoint, models, "cpu");
        const bool hasCheckpoint = predictor.has_value(); // before the first epoch ends there is none: truth alone
        const LabelSet &labels = hasCheckpoint ? predictor->labels() : dataset->labels;
        pins->epoch = hasCheckpoint ? predictor->epoch() : 0;
        for (const auto &sample : pins->samples) {
            if (control.isStopRequested())
                return {};
            const QString name = QString::fromStdString(sample.name);
            const QImage image = toQImage(sample.image);
            const cv::Mat1b truth = hasCheckpoint && !sample.ids.empty()
                                        ? mapToLabels(sample.ids, dataset->labels, predictor->labels())
                                        : sample.ids;
            QImage predicted;
            if (hasCheckpoint) {
                const auto prediction = predictor->predict(sample.image);
                if (!prediction)
                    return prediction.error();
                predicted = idsToQImage(prediction->labels, labels);
            }
            pictures->push_back({image, {}, name});
            pictures->push_back({image, idsToQImage(truth, labels), tr("%1: ground truth").arg(name)});
            pictures->push_back({hasCheckpoint ? image : QImage(), predicted, tr("%1: prediction").arg(name)});
        }
        return {};
    };
    const auto done = [this, pins = m_pins, pictures](const Result<void> &result, bool canceled) {
        if (!canceled && pins == m_pins) {
            const QString name = QFileInfo(m_folder).fileName();
            if (result) {
                m_grid->setPictures(std::move(*pictures));
                m_caption->setText(pins->epoch > 0 ? tr("%1, epoch %2").arg(name).arg(pins->epoch) : name);
            } else {
                m_grid->setEmptyText(QString::fromStdString(result.error().message));
            }
        }
        predict();
    };
    m_job = m_jobs.start(makeJob(tr("Predicting validation images"), work, done));
}

} // namespace masque
