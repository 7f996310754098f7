// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
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
class LookChoice;
class RunChoice;
class SplitScores;
class Thumbnails;

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
    QWidget *makeViews();
    void addKeys();
    void documentChanged(const ChangeEvent &event);
    void useRun(const QString &folder);
    void useOther(const QString &path);
    void refresh();
    void compareAnew();
    ComparisonLook look() const;
    Truth truth() const;
    void takeComparison(const Result<Comparison> &result);
    void showPictures();
    void showLegend();
    void takeEvaluation();
    void clearViews(const QString &reason);
    void takeAsAnnotation(Then then);
    void updateButtons();

    Document &m_document;
    JobRunner &m_jobs;
    const std::shared_ptr<PredictorCache> m_predictors, m_others; ///< shared with jobs
    LinkedViews *m_views = nullptr;
    Thumbnails *m_thumbnails = nullptr;
    SplitScores *m_split = nullptr;
    CompareSide *m_side = nullptr;
    RunChoice *m_runs = nullptr;
    LookChoice *m_look = nullptr;
    QComboBox *m_style = nullptr;
    QPushButton *m_take = nullptr, *m_acceptNext = nullptr;
    QTimer *m_quiet = nullptr; ///< a stroke changes the annotation many times
    QString m_run, m_other;    ///< a folder, and a checkpoint file that it is compared with
    std::optional<Comparison> m_comparison;
    std::pair<QString, int> m_shown; ///< run and item that m_comparison is of, or will be
    JobId m_job = 0;
    quint64 m_generation = 0; ///< what a job's result belongs to
    bool m_isTaking = false;
};

} // namespace masque
