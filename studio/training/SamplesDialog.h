// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "core/runs/sample_losses.h"
#include "studio/jobs/Job.h"

#include <QDialog>

#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
class QTreeWidget;
QT_END_NAMESPACE

namespace masque {

struct Dataset;
class PictureGrid;

/// Training images with what they lost, the worst first: those behind a point of the curve, or those that stayed high.
/// Beside each its ground truth and, once the run has a checkpoint, where its best network is wrong today. Everything
/// is read in a job, which closing the dialog cancels.
class SamplesDialog : public QDialog {
    Q_OBJECT
public:
    SamplesDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                  QWidget *parent = nullptr);
    ~SamplesDialog() override;

    void showStep(const QString &runFolder, double at); ///< epochs done, with fractions
    void showAlwaysHigh(const QString &runFolder);

Q_SIGNALS:
    void openRequested(const QString &image); ///< a path as in Dataset::items

private:
    struct Loaded;
    void load(const QString &runFolder, std::function<Result<void>(Loaded &)> choose);
    void showLoaded(const Loaded &loaded);

    const std::shared_ptr<const Dataset> m_dataset;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_job = 0;
    QLabel *m_caption = nullptr;
    QTreeWidget *m_list = nullptr;
    PictureGrid *m_pictures = nullptr;
};

} // namespace masque
