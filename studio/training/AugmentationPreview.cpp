// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/AugmentationPreview.h"

#include "core/inference/small_sample.h"
#include "core/training/mixup.h"
#include "studio/jobs/job_support.h"
#include "studio/training/pictures.h"

#include <algorithm>
#include <limits>

namespace masque {

namespace {

constexpr int kQuietMs = 150;
constexpr int kImages = 3, kVariations = 2;
constexpr int kSidePx = 160;

/// At the size that is shown.
PictureGrid::Picture picture(const cv::Mat &image, const cv::Mat1b &ids, const SmallSample &sample,
                             const Dataset &dataset)
{
    cv::Mat small;
    cv::Mat1b smallIds;
    resizeSample(image, ids, sizeWithin(image.size(), kSidePx), small, smallIds);
    const bool hasMask = dataset.task == Task::Segmentation;
    return {toQImage(small), hasMask ? idsToQImage(smallIds, dataset.labels) : QImage(),
            QString::fromStdString(sample.name)};
}

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

void AugmentationPreview::setOptions(const AugmentationOptions &options, Size size, Framing framing)
{
    m_options = options;
    m_size = size;
    m_framing = framing;
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
    const int sidePx = m_framing == Framing::Window ? std::numeric_limits<int>::max()
                                                    : std::max({kSidePx, m_size.width, m_size.height}) * 2;
    if (!m_samples || sidePx > m_decodedSidePx) {
        m_samples = std::make_shared<Samples>();
        m_decodedSidePx = sidePx;
    }
    const auto pictures = std::make_shared<std::vector<Picture>>();
    const auto work = [dataset = m_dataset, samples = m_samples, options = m_options, size = m_size,
                       framing = m_framing, sidePx, pictures](JobControl &control) -> Result<void> {
        stepBehindGui();
        if (samples->samples.empty())
            samples->samples = someSamples(*dataset, kImages, sidePx, control.stopToken());
        for (int variation = 0; variation < kVariations; ++variation) {
            std::vector<cv::Mat> images;
            std::vector<cv::Mat1b> ids(samples->samples.size());
            for (std::size_t i = 0; i < samples->samples.size() && !control.isStopRequested(); ++i) {
                const auto &sample = samples->samples[i];
                Random random = Random::of(i, variation);
                resampleSample(sample.image, sample.ids, size, options, random, images.emplace_back(), ids[i], framing);
            }
            const double own = mixShare(options.mixup, 1, 1, variation);
            for (std::size_t i = 0; i < images.size(); ++i) {
                cv::Mat mixed;
                cv::addWeighted(images[i], own, images[(i + images.size() - 1) % images.size()], 1 - own, 0, mixed);
                pictures->push_back(picture(own < 1 ? mixed : images[i], ids[i], samples->samples[i], *dataset));
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
