// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "studio/jobs/Job.h"
#include "studio/training/PictureGrid.h"

#include <QTimer>

#include <memory>

namespace masque {

/// What the network will be given: a few samples of the dataset, resized and augmented as the form says. Made in a job
/// shortly after the last change, and only while it can be seen.
class AugmentationPreview : public PictureGrid {
    Q_OBJECT
public:
    explicit AugmentationPreview(JobRunner &jobs, QWidget *parent = nullptr);

    void setDataset(std::shared_ptr<const Dataset> dataset); ///< null: none
    void setOptions(const AugmentationOptions &options, Size size, Framing framing);

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Samples;
    void make();

    JobRunner &m_jobs;
    std::shared_ptr<const Dataset> m_dataset;
    std::shared_ptr<Samples> m_samples; ///< decoded once a dataset and resolution
    AugmentationOptions m_options;
    Size m_size;
    Framing m_framing = Framing::Stretched;
    int m_decodedSidePx = 0; ///< of m_samples
    QTimer m_quiet;
    JobId m_job = 0;
    bool m_isStale = true;
};

} // namespace masque
