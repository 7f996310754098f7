// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "studio/jobs/Job.h"

#include <QDialog>

#include <memory>

class QLabel;
class QLineEdit;
class QPushButton;

namespace masque {

class OptionsForm;

/// Takes a model file of another program as a run of the dataset: asks once what it takes and gives. A file that the
/// studio exported says so itself.
class ImportModelDialog : public QDialog {
    Q_OBJECT
public:
    ImportModelDialog(std::shared_ptr<const Dataset> dataset, JobRunner &jobs, QWidget *parent = nullptr);
    ~ImportModelDialog() override;

    void chooseFile();

Q_SIGNALS:
    void imported(const QString &folder);

private:
    void readFile(); ///< what it says of itself
    void import();
    void show(const QString &text, bool isError);

    const std::shared_ptr<const Dataset> m_dataset;
    JobRunner &m_jobs;
    JobId m_job = 0;
    QString m_read;
    QLineEdit *m_file;
    OptionsForm *m_form;
    QLabel *m_result;
    QPushButton *m_import;
};

} // namespace masque
