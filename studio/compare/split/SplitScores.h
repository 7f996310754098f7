// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/split.h"
#include "studio/compare/split/DisagreementModel.h"
#include "studio/compare/split/split_evaluation.h"

#include <QWidget>

#include <map>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
class QToolButton;
QT_END_NAMESPACE

namespace masque {

/// The left column of Compare: the images of the run's splits, evaluated in a job on demand, sorted by what is wanted
/// and filtered by class, by a cell of the confusion matrix or by IoU.
class SplitScores : public QWidget {
    Q_OBJECT
public:
    SplitScores(JobRunner &jobs, const ModelList &models, QWidget *parent = nullptr);

    void setRun(std::shared_ptr<const Dataset> dataset, const QString &folder); ///< empty folder: none
    void setDataset(std::shared_ptr<const Dataset> dataset);                    ///< the same images with other classes
    void setOther(const QString &path); ///< a run's folder or checkpoint to compare with; empty: none
    void setCurrentItem(int item);      ///< marks its row
    int itemAfter(int item) const;      ///< the next one of the list, -1 at its end
    DisagreementModel &model() { return *m_model; }
    const SplitEvaluation &evaluation() const { return m_evaluation; }

    void setCell(std::optional<std::pair<int, int>> cell); ///< only images where truth was taken for prediction
    void setIouRange(std::optional<std::pair<double, double>> iou); ///< only images whose mean IoU lies in it

Q_SIGNALS:
    void itemChosen(int item);
    void evaluated();     ///< evaluation() is another, or of nothing
    void filterChanged(); ///< of the model
    void statusText(const QString &text);

private:
    void makeControls();
    void makeTable();
    std::vector<std::size_t> items() const;
    QString splitKey() const;
    void listItems();
    void evaluateAll();
    void startEvaluation(std::shared_ptr<const Evaluation> known);
    void takeEvaluation(SplitEvaluation evaluation);
    void showEntries();
    void chooseFigure();
    void setFilter(DisagreementModel::Filter filter);
    void saveTable();

    JobRunner &m_jobs;
    const ModelList m_models;
    std::shared_ptr<const Dataset> m_dataset;
    QString m_folder, m_other;
    SplitIndices m_split;
    std::map<std::string, double> m_trainingLosses; ///< by image
    SplitEvaluation m_evaluation;
    DisagreementModel *m_model = nullptr;
    QComboBox *m_which = nullptr, *m_sort = nullptr, *m_class = nullptr;
    QPushButton *m_evaluate = nullptr;
    QToolButton *m_save = nullptr, *m_filter = nullptr;
    QLabel *m_message = nullptr;
    QTableView *m_table = nullptr;
    JobId m_job = 0;
    int m_current = -1;
    quint64 m_generation = 0; ///< what a job belongs to
};

} // namespace masque
