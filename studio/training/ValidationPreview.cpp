// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/ValidationPreview.h"

#include "core/inference/Predictor.h"
#include "core/inference/classify.h"
#include "studio/jobs/job_support.h"
#include "studio/training/PictureGrid.h"
#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <QFileInfo>
#include <QLabel>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

/// Read once a run, used by one job at a time.
struct ValidationPreview::Pins {
    RunInfo run;
    std::vector<SmallSample> samples;
};

/// What is shown at once.
struct ValidationPreview::Look {
    std::vector<WatchedImage> images = {}; ///< labels empty: nothing predicted yet
    LabelSet labels = {};
    bool hasCurrent = false; ///< the first is the image that is open in Label
    double at = 0;           ///< epochs done
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
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(QStringLiteral("preview-slider"));
    m_slider->setAccessibleName(tr("Epoch of the predictions"));
    m_slider->setToolTip(tr("What the network saw after earlier epochs; at the right end, what it sees now"));
    m_slider->setPageStep(1);
    connect(m_slider, &QSlider::valueChanged, this, [this](int value) {
        want(value < static_cast<int>(m_epochs.size()) ? m_epochs[static_cast<std::size_t>(value)] : 0);
    });
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(title);
    layout->addWidget(m_caption);
    layout->addWidget(m_slider);
    layout->addSpacing(8);
    layout->addWidget(m_grid, 1);
    setRun(nullptr, {});
}

ValidationPreview::~ValidationPreview() = default;

void ValidationPreview::setRun(std::shared_ptr<const Dataset> dataset, const QString &folder, Source source)
{
    m_dataset = std::move(dataset);
    m_folder = m_dataset ? folder : QString();
    m_pins = std::make_shared<Pins>();
    m_wanted.reset();
    m_frame.reset();
    m_grid->setPictures({});
    m_grid->setEmptyText(m_folder.isEmpty()
                             ? tr("Four images of the validation split appear here, with what the network sees in "
                                  "them while it learns.")
                             : tr("The first prediction comes within seconds."));
    m_caption->setText(m_folder.isEmpty() ? QString() : QFileInfo(m_folder).fileName());
    m_caption->setVisible(!m_folder.isEmpty());
    setEpochs(m_folder.isEmpty() ? std::vector<int>() : keptPreviews(m_folder.toStdString()));
    if (!m_folder.isEmpty() && source == Source::Checkpoint)
        want(0);
}

void ValidationPreview::setEpochs(std::vector<int> epochs)
{
    const bool isNewest = m_slider->value() == m_slider->maximum();
    m_epochs = std::move(epochs);
    const QSignalBlocker blocker(m_slider); // what is shown stays
    m_slider->setMaximum(static_cast<int>(m_epochs.size()));
    if (isNewest)
        m_slider->setValue(m_slider->maximum());
    m_slider->setVisible(!m_epochs.empty());
}

void ValidationPreview::showFrame(WatchFrame frame)
{
    if (m_folder.isEmpty())
        return;
    if (frame.isKept && (m_epochs.empty() || m_epochs.back() < frame.moment.epoch)) {
        auto epochs = m_epochs;
        epochs.push_back(frame.moment.epoch);
        setEpochs(std::move(epochs));
    }
    m_frame = std::move(frame);
    if (m_slider->value() == m_slider->maximum())
        want(0);
}

void ValidationPreview::want(int epoch)
{
    if (epoch == 0 && m_frame) {
        m_wanted.reset();
        Look look{.images = m_frame->pinned, .hasCurrent = m_frame->current.has_value(), .at = m_frame->moment.at};
        look.labels = m_frame->labels;
        if (m_frame->current)
            look.images.insert(look.images.begin(), *m_frame->current);
        showLook(look);
        return;
    }
    m_wanted = epoch;
    load();
}

void ValidationPreview::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    load();
}

void ValidationPreview::load()
{
    if (!m_wanted || m_folder.isEmpty() || !isVisible() || m_jobs.isRunning(m_job))
        return;
    const int epoch = *std::exchange(m_wanted, std::nullopt);
    const auto look = std::make_shared<Look>();
    const auto work = [dataset = m_dataset, folder = m_folder.toStdString(), epoch, pins = m_pins, look,
                       models = m_models](JobControl &control) -> Result<void> {
        stepBehindGui();
        if (pins->samples.empty()) {
            const auto split = readRunSplit(folder, *dataset);
            if (!split)
                return split.error();
            auto run = readRun(folder);
            if (!run)
                return run.error();
            pins->run = std::move(*run);
            pins->samples = readPins(pins->run, *dataset, *split);
        }
        look->labels = pins->run.labels;
        look->at = epoch;
        std::vector<std::string> names;
        for (const auto &sample : pins->samples) {
            names.push_back(sample.name);
            look->images.push_back({sample, {}});
        }
        if (epoch > 0) {
            auto kept = readPreviews(folder, epoch, names);
            for (std::size_t k = 0; k < kept.size(); ++k)
                look->images[k].labels = std::move(kept[k]);
            return {};
        }
        auto predictor = Predictor::load(folder, models, "cpu");
        if (!predictor)
            return {}; // before the first epoch ends there is no checkpoint: truth alone
        look->at = predictor->epoch();
        for (auto &image : look->images) {
            if (control.isStopRequested())
                return {};
            if (predictor->isOfImages()) {
                const auto probabilities = classify(*predictor, image.sample.image);
                if (!probabilities)
                    return probabilities.error();
                const ImageClass seen{.item = 0, .truth = 0, .probabilities = *probabilities};
                image.labels = cv::Mat1b(image.sample.image.size(), static_cast<std::uint8_t>(seen.said()));
                continue;
            }
            auto prediction = predictor->predict(image.sample.image);
            if (!prediction)
                return prediction.error();
            image.labels = std::move(prediction->labels);
        }
        return {};
    };
    const auto done = [this, pins = m_pins, look](const Result<void> &result, bool canceled) {
        if (!canceled && pins == m_pins) {
            if (result)
                showLook(*look);
            else
                m_grid->setEmptyText(QString::fromStdString(result.error().message));
        }
        load();
    };
    m_job = m_jobs.start(makeJob(tr("Predicting validation images"), work, done));
}

void ValidationPreview::showLook(const Look &look)
{
    std::vector<PictureGrid::Picture> pictures;
    for (std::size_t k = 0; k < look.images.size(); ++k) {
        const auto &[sample, labels] = look.images[k];
        const QString name = QString::fromStdString(sample.name);
        const QImage image = toQImage(sample.image);
        const bool isCurrent = look.hasCurrent && k == 0;
        pictures.push_back({image, {}, isCurrent ? tr("%1: open in Label").arg(name) : name});
        const auto add = [&](const cv::Mat1b &ids, const QString &text) {
            PictureGrid::Picture picture{ids.empty() ? QImage() : image, {}, text};
            if (m_dataset && m_dataset->task == Task::Classification) {
                if (const int id = ids.empty() ? kIgnoreId : ids(0, 0); id < look.labels.size()) {
                    picture.caption = QString::fromStdString(look.labels[id].name);
                    picture.color = toQColor(look.labels[id].color);
                }
            } else {
                picture.overlay = idsToQImage(ids, look.labels);
            }
            pictures.push_back(std::move(picture));
        };
        add(sample.ids, tr("%1: ground truth").arg(name));
        add(labels, tr("%1: prediction").arg(name));
    }
    m_grid->setPictures(std::move(pictures));
    const QString name = QFileInfo(m_folder).fileName();
    m_caption->setText(look.at > 0 ? tr("%1, epoch %2").arg(name, locale().toString(look.at, 'g', 4)) : name);
}

} // namespace masque
