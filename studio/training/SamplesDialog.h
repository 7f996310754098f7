// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "core/runs/sample_losses.h"
#include "studio/jobs/Job.h"

#include <QDialog>

#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
class QTreeWidget;
QT_END_NAMESPACE

namespace masque {

struct Dataset;
class PictureGrid;

/// Images with what speaks against them, the worst first: those behind a point of the curve, those whose loss stayed
/// high, or those whose labels the network doubts. Beside each its ground truth and, once the run has a checkpoint,
/// where its best network is wrong today, or what it sees in the place that is doubted. Everything is read in a job,
/// which closing the dialog cancels.
class SamplesDialog : public QDialog {
    Q_OBJECT
public:
    SamplesDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                  QWidget *parent = nullptr);
    ~SamplesDialog() override;

    void showStep(const QString &runFolder, double at); ///< epochs done, with fractions
    void showAlwaysHigh(const QString &runFolder);
    void showLabelErrors(const QString &runFolder); ///< of all labelled images; cross-validated if the person wishes

Q_SIGNALS:
    void openRequested(const QString &image); ///< a path as in Dataset::items

private:
    struct Loaded;
    using Work = std::function<Result<void>(Loaded &, JobControl &)>;
    void start(const QString &title, Work work);
    void lookForErrors(const QString &runFolder, int folds); ///< 0: by the run's own network
    void load(const QString &title, const QString &runFolder, Work choose);
    void showLoaded(const Loaded &loaded);

    const std::shared_ptr<const Dataset> m_dataset;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_job = 0;
    QProgressBar *m_progress = nullptr;
    QLabel *m_caption = nullptr;
    QPushButton *m_crossValidate = nullptr;
    QTreeWidget *m_list = nullptr;
    PictureGrid *m_pictures = nullptr;
};

} // namespace masque
