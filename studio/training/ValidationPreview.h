// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"
#include "studio/jobs/Job.h"

#include <QWidget>

#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace masque {

class PictureGrid;

/// Four pinned validation images of a run: image | ground truth | prediction, predicted anew when a checkpoint has been
/// written. Works on the CPU behind everything else, one job at a time; what comes meanwhile is done afterwards.
class ValidationPreview : public QWidget {
    Q_OBJECT
public:
    ValidationPreview(JobRunner &jobs, const ModelList &models, QWidget *parent = nullptr);
    ~ValidationPreview() override;

    /// Shows another run (its best checkpoint if it has one); an empty folder shows none.
    void setRun(std::shared_ptr<const Dataset> dataset, const QString &folder);
    QString run() const { return m_folder; }
    void refresh(const QString &checkpoint); ///< a file of the run that has just been written

protected:
    void showEvent(QShowEvent *event) override;

private:
    struct Pins;
    void predict();

    JobRunner &m_jobs;
    const ModelList m_models;
    PictureGrid *m_grid = nullptr;
    QLabel *m_caption = nullptr;
    std::shared_ptr<const Dataset> m_dataset;
    QString m_folder, m_wanted; ///< m_wanted: checkpoint still to be shown
    std::shared_ptr<Pins> m_pins;
    JobId m_job = 0;
};

} // namespace masque
