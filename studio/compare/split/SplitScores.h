// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/split.h"
#include "core/inference/evaluate.h"
#include "studio/compare/DisagreementModel.h"
#include "studio/jobs/Job.h"

#include <QWidget>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
QT_END_NAMESPACE

namespace masque {

/// The left column of Compare: the images of the run's splits, evaluated in a job on demand and then sorted by
/// disagreement.
class SplitScores : public QWidget {
    Q_OBJECT
public:
    SplitScores(JobRunner &jobs, const ModelList &models, QWidget *parent = nullptr);

    void setRun(std::shared_ptr<const Dataset> dataset, const QString &folder); ///< empty folder: none
    void setDataset(std::shared_ptr<const Dataset> dataset);                    ///< the same images with other classes
    void setCurrentItem(int item);                                              ///< marks its row
    int itemAfter(int item) const; ///< the next one of the list, -1 at its end
    const DisagreementModel &model() const { return *m_model; }

Q_SIGNALS:
    void itemChosen(int item);
    void evaluated(const std::optional<masque::ConfusionMatrix> &confusion); ///< of the split; nothing: not known
    void statusText(const QString &text);

private:
    struct Scores;
    std::vector<std::size_t> items() const;
    QString splitKey() const;
    void listItems();
    void evaluateSplit();
    void takeScores(const Scores &scores, const Result<void> &result, bool canceled);

    JobRunner &m_jobs;
    const ModelList m_models;
    std::shared_ptr<const Dataset> m_dataset;
    QString m_folder;
    SplitIndices m_split;
    DisagreementModel *m_model = nullptr;
    QComboBox *m_which = nullptr;
    QPushButton *m_evaluate = nullptr;
    QLabel *m_message = nullptr;
    QTableView *m_table = nullptr;
    JobId m_job = 0;
    int m_current = -1;
    quint64 m_generation = 0; ///< what a job belongs to
};

} // namespace masque
