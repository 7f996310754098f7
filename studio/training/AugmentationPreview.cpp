// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/AugmentationPreview.h"

#include "studio/jobs/job_support.h"
#include "studio/training/pictures.h"
#include "studio/training/small_sample.h"

#include <algorithm>

namespace masque {

namespace {

constexpr int kQuietMs = 150;
constexpr int kImages = 3, kVariations = 2;
constexpr int kSidePx = 160;

} // namespace

/// Used by one job at a time.
struct AugmentationPreview::Samples {
    std::vector<SmallSample> samples;
};

AugmentationPreview::AugmentationPreview(JobRunner &jobs, QWidget *parent)
    : PictureGrid(kImages, {}, parent), m_jobs(jobs)
{
    setObjectName(QStringLiteral("augmentation-preview"));
    setAccessibleName(tr("Augmented samples"));
    setEmptyText(tr("Open a dataset to see its samples as the network will."));
    m_quiet.setSingleShot(true);
    m_quiet.setInterval(kQuietMs);
    connect(&m_quiet, &QTimer::timeout, this, &AugmentationPreview::make);
}

void AugmentationPreview::setDataset(std::shared_ptr<const Dataset> dataset)
{
    const bool isSameFolder = dataset && m_dataset && dataset->root == m_dataset->root;
    const bool isSame =
        isSameFolder && dataset->items.size() == m_dataset->items.size() && dataset->labels == m_dataset->labels;
    if (!isSameFolder)
        setPictures({});
    m_dataset = std::move(dataset);
    if (isSame)
        return;
    m_samples.reset();
    m_isStale = true;
    m_quiet.start();
}

void AugmentationPreview::setOptions(const AugmentationOptions &options, Size size)
{
    m_options = options;
    const double shrink = std::min(1.0, kSidePx / static_cast<double>(std::max({size.width, size.height, 1})));
    m_size = {std::max(1, static_cast<int>(size.width * shrink)), std::max(1, static_cast<int>(size.height * shrink))};
    m_isStale = true;
    m_quiet.start();
}

void AugmentationPreview::showEvent(QShowEvent *event)
{
    PictureGrid::showEvent(event);
    if (m_isStale)
        m_quiet.start();
}

void AugmentationPreview::make()
{
    if (!isVisible() || !m_dataset || m_dataset->items.empty() || m_size.isEmpty())
        return;
    if (m_jobs.isRunning(m_job)) { // one at a time, the samples are shared
        m_quiet.start();
        return;
    }
    m_isStale = false;
    if (!m_samples)
        m_samples = std::make_shared<Samples>();
    const auto pictures = std::make_shared<std::vector<Picture>>();
    const auto work = [dataset = m_dataset, samples = m_samples, options = m_options, size = m_size,
                       pictures](JobControl &control) -> Result<void> {
        stepBehindGui();
        if (samples->samples.empty())
            samples->samples = someSamples(*dataset, kImages, kSidePx * 2, control.stopToken());
        for (int variation = 0; variation < kVariations; ++variation) {
            for (std::size_t i = 0; i < samples->samples.size() && !control.isStopRequested(); ++i) {
                const auto &sample = samples->samples[i];
                Random random = Random::of(i, variation);
                cv::Mat image;
                cv::Mat1b ids;
                resampleSample(sample.image, sample.ids, size, options, random, image, ids);
                pictures->push_back(
                    {toQImage(image), idsToQImage(ids, dataset->labels), QString::fromStdString(sample.name)});
            }
        }
        return {};
    };
    m_job = m_jobs.start(makeJob(tr("Augmented samples"), work,
                                 [this, pictures, samples = m_samples](const Result<void> &result, bool canceled) {
                                     if (canceled || samples != m_samples)
                                         return;
                                     if (result)
                                         setPictures(std::move(*pictures));
                                     else
                                         setEmptyText(QString::fromStdString(result.error().message));
                                 }));
}

} // namespace masque
