// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/classify.h"
#include "core/models/ModelFactory.h"
#include "studio/jobs/Job.h"

#include <QDialog>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

class ConfusionView;

/// How well a run tells classes of whole images: its figures, the confusion matrix over its validation images, and
/// beside it the images of a cell, or those that it was most sure of and wrong. Everything is read in a job, which
/// closing the dialog cancels.
class ClassReportDialog : public QDialog {
    Q_OBJECT
public:
    ClassReportDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                      const QString &runFolder, QWidget *parent = nullptr);
    ~ClassReportDialog() override;

Q_SIGNALS:
    void openRequested(const QString &image); ///< a path as in Dataset::items

private:
    struct Loaded;
    void start(const QString &runFolder);
    void showReport(std::shared_ptr<const Loaded> loaded);
    void listImages(std::optional<std::pair<int, int>> cell);
    void save();

    const std::shared_ptr<const Dataset> m_dataset;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_job = 0, m_reading = 0;
    std::shared_ptr<const Loaded> m_loaded;
    QWidget *m_body = nullptr;
    QLabel *m_summary = nullptr, *m_listTitle = nullptr;
    QProgressBar *m_progress = nullptr;
    ConfusionView *m_confusion = nullptr;
    QListWidget *m_images = nullptr;
    QPushButton *m_save = nullptr;
};

} // namespace masque
