// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/TrainingWatcher.h"
#include "core/runs/run.h"
#include "studio/jobs/Job.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

QT_BEGIN_NAMESPACE
class QLabel;
class QSlider;
QT_END_NAMESPACE

namespace masque {

class PictureGrid;

/// Four pinned validation images of a run: image | ground truth | prediction. While the run trains they come from the
/// training thread (TrainingWatcher), with the image that is open in Label before them; else the best checkpoint is
/// applied by a job on the CPU, behind everything else, one at a time. A slider goes back through the epochs whose
/// predictions the run has kept.
class ValidationPreview : public QWidget {
    Q_OBJECT
public:
    ValidationPreview(JobRunner &jobs, const ModelList &models, QWidget *parent = nullptr);
    ~ValidationPreview() override;

    enum class Source { Checkpoint, Frames };
    /// Shows another run, as its checkpoint sees it or by the frames that will come; an empty folder shows none.
    void setRun(std::shared_ptr<const Dataset> dataset, const QString &folder, Source source = Source::Checkpoint);
    QString run() const { return m_folder; }
    void showFrame(WatchFrame frame);

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Pins;
    struct Look;
    void want(int epoch); ///< 0: the newest
    void load();
    void showLook(const Look &look);
    void setEpochs(std::vector<int> epochs);

    JobRunner &m_jobs;
    const ModelList m_models;
    PictureGrid *m_grid = nullptr;
    QLabel *m_caption = nullptr;
    QSlider *m_slider = nullptr;
    std::shared_ptr<const Dataset> m_dataset;
    QString m_folder;
    std::optional<int> m_wanted; ///< epoch that is still to be shown
    std::optional<WatchFrame> m_frame;
    std::vector<int> m_epochs; ///< of the slider, the newest look after them
    std::shared_ptr<Pins> m_pins;
    JobId m_job = 0;
};

} // namespace masque
