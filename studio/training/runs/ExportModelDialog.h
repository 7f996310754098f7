// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "core/inference/export_run.h"
#include "studio/jobs/Job.h"

#include <QDialog>

#include <memory>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;

namespace masque {

/// Writes a run's network for other programs and says how far the file is from what the studio says. The writing is a
/// job, which closing the dialog cancels.
class ExportModelDialog : public QDialog {
    Q_OBJECT
public:
    ExportModelDialog(const QString &run, std::shared_ptr<const Dataset> dataset, ModelList models, JobRunner &jobs,
                      QWidget *parent = nullptr);
    ~ExportModelDialog() override;

private:
    ModelFileKind kind() const;
    void chooseFile();
    void showKind(); ///< what it is for; and the file's name ends as it should
    void showFiles();
    void write();
    void show(const QString &text, bool isError);

    const QString m_run;
    const std::shared_ptr<const Dataset> m_dataset;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_job = 0;
    QString m_allowed; ///< the file that a person said may be written over
    QComboBox *m_kind;
    QLineEdit *m_file;
    QLabel *m_about, *m_files, *m_result;
    QProgressBar *m_progress;
    QPushButton *m_write;
};

} // namespace masque
