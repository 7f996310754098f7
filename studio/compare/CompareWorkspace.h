// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"
#include "studio/compare/comparison.h"
#include "studio/document/ChangeEvent.h"
#include "studio/jobs/Job.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QHBoxLayout;
class QPushButton;
class QTimer;
QT_END_NAMESPACE

namespace masque {

class CompareSide;
class Document;
class LinkedViews;
class SplitScores;

/// The Compare workspace: a run's prediction of the current image beside its ground truth, and the way from a
/// prediction to an annotation. Predicts in a job while it can be seen; a newer request drops an older one.
class CompareWorkspace : public QWidget {
    Q_OBJECT
public:
    CompareWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);
    ~CompareWorkspace() override;

    /// Shows a run's predictions from now on; without this the latest run that has a checkpoint is shown.
    void setRun(const QString &folder);

Q_SIGNALS:
    void editRequested(); ///< a prediction became the annotation and wants to be corrected in Label
    void statusText(const QString &text);

protected:
    void showEvent(QShowEvent *event) override;

private:
    enum class Then { Edit, Next };
    QHBoxLayout *makeBar();
    void documentChanged(const ChangeEvent &event);
    void loadRuns();
    void takeRuns(const std::vector<RunInfo> &runs);
    void useRun(const QString &folder);
    void refresh();
    void compareTruth();
    Truth truth() const;
    void takeComparison(const Result<Comparison> &result);
    void clearViews(const QString &reason);
    void takeAsAnnotation(Then then);
    void updateButtons();

    Document &m_document;
    JobRunner &m_jobs;
    const std::shared_ptr<PredictorCache> m_predictors; ///< shared with jobs
    LinkedViews *m_views = nullptr;
    SplitScores *m_split = nullptr;
    CompareSide *m_side = nullptr;
    QComboBox *m_runs = nullptr, *m_style = nullptr;
    QPushButton *m_take = nullptr, *m_acceptNext = nullptr;
    QTimer *m_quiet = nullptr; ///< a stroke changes the annotation many times
    QString m_run, m_wanted;   ///< m_wanted: asked for by setRun; empty: the latest
    QString m_root;
    std::optional<Comparison> m_comparison;
    std::pair<QString, int> m_shown; ///< run and item that m_comparison is of, or will be
    JobId m_job = 0;
    quint64 m_generation = 0; ///< what a job's result belongs to
    bool m_isTaking = false;
};

} // namespace masque
