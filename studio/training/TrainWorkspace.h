// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "core/runs/run.h"
#include "studio/document/ChangeEvent.h"
#include "studio/jobs/Job.h"

#include <QSet>
#include <QWidget>

#include <optional>
#include <utility>

QT_BEGIN_NAMESPACE
class QTimer;
QT_END_NAMESPACE

namespace masque {

class Document;
class RunsPanel;
class SamplesDialog;
class TrainingCurves;
class TrainingForm;
class TrainingJob;
class TrainingLog;
struct TrainingNews;
class ValidationPreview;

/// The Train workspace: form, curves, runs, log and validation images around one TrainingJob. Trains on a snapshot of
/// the document's dataset, so labelling goes on meanwhile.
class TrainWorkspace : public QWidget {
    Q_OBJECT
public:
    TrainWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);
    ~TrainWorkspace() override;

    /// Begins what the form asks for, or puts it into the queue while something trains; goes on with what is paused.
    void startTraining();
    void startQueue();    ///< the first run that waits; the others follow
    void checkTraining(); ///< in a dialog, before anything is trained
    void findRate();      ///< in a dialog
    void findBatch();
    void showModel();
    void pauseTraining();                       ///< resumeTraining(its folder) goes on with it
    void resumeTraining(const QString &folder); ///< a run that was paused, stopped or broken off
    void stopTraining();
    bool isTraining() const;
    bool stopAndWait(int ms); ///< asks training to stop; true if nothing runs afterwards

Q_SIGNALS:
    void runFinished(const QString &folder);
    void compareRequested(const QString &folder);
    void cutoutRequested(const QString &folder);
    void openRequested(const QString &image); ///< in Label; a path as in Dataset::items
    void statusText(const QString &text);     ///< progress, speed, time left, memory, device; empty: nothing to say
    void noticed(const QString &title, const QString &text); ///< for somebody who looks elsewhere: an end, a rescue

private:
    void documentChanged(const ChangeEvent &event);
    void updateDataset();
    QString currentImage() const; ///< as in Dataset::items; empty: none
    /// Of the current image, to the training that learns from it; of one that is none of the run's when it is done: the
    /// user goes on from it, or marks it as reviewed.
    void passCorrection();
    void passLabelled();
    void watchCurrent();
    QString blockedReason() const;
    /// What the form asks for, on the saved dataset; nothing if something stands against it, which is said.
    std::optional<RunRequest> newRequest();
    /// Shows a dialog about a new request.
    template <typename Dialog>
    Dialog *ask();
    /// Adds the dataset, saved; false if that cannot be, which is said.
    bool complete(RunRequest &request);
    void begin(RunRequest request);
    void enqueue(const RunRequest &request);
    void startNext();
    bool dropPause(); ///< true if something was paused
    void sayEnd(const Result<RunInfo> &result);
    void takeNews(const TrainingNews &news);
    void takeStep(const StepReport &step);
    void takeEpoch(const EpochReport &epoch);
    void takeResult(const Result<RunInfo> &result);
    void showSelectedRuns();
    void loadCurves(const QStringList &folders);
    SamplesDialog *newSamplesDialog();

    Document &m_document;
    const ModelList m_models;
    JobRunner &m_jobs;
    JobId m_curvesJob = 0;
    TrainingJob *m_job = nullptr;
    TrainingForm *m_form = nullptr;
    TrainingCurves *m_curves = nullptr;
    RunsPanel *m_runs = nullptr;
    TrainingLog *m_log = nullptr;
    ValidationPreview *m_preview = nullptr;
    QTimer *m_quiet = nullptr;                                ///< document changes come in crowds
    std::shared_ptr<const Dataset> m_trained;                 ///< what the live run learns from
    RunInfo m_live;                                           ///< the run being trained, as far as it is known
    QSet<QString> m_known;                                    ///< images of the live run, of whichever split
    std::optional<std::pair<QString, Annotation>> m_labelled; ///< an image that is none of them, with its new labels
    QString m_paused;                                         ///< folder of the run that waits for Resume; empty: none
    bool m_isPausing = false;                                 ///< the stop that was asked for is a pause
    bool m_isNextDue = false;                                 ///< the next of the queue begins once the runs are read
    bool m_isClosing = false;
    QString m_root; ///< of the dataset whose runs are listed
};

} // namespace masque
