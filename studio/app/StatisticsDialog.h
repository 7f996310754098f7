// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/statistics.h"
#include "studio/document/Document.h"

#include <QDialog>

#include <memory>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTreeWidget;

namespace masque {

/// What the open dataset holds, of all images or of a split: the share of each class, the images' sizes, how many
/// shapes they have. Counted in a job, which closing the dialog cancels.
class StatisticsDialog : public QDialog {
    Q_OBJECT
public:
    StatisticsDialog(Document &document, JobRunner &jobs, QWidget *parent = nullptr);
    ~StatisticsDialog() override;

private:
    void count();
    void fill();
    void save();

    Document &m_document;
    JobRunner &m_jobs;
    JobId m_job = 0;
    std::shared_ptr<const DatasetStatistics> m_statistics;
    QComboBox *m_split;
    QLabel *m_summary;
    QProgressBar *m_progress;
    QTreeWidget *m_classes, *m_sizes, *m_shapes;
    QPushButton *m_save;
};

} // namespace masque
