// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"
#include "core/runs/run.h"
#include "studio/document/Document.h"

#include <QDialog>
#include <QElapsedTimer>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

class ReviewQueue;

/// Predicts many images of the dataset as proposals: which run, which images, how far it is; pause and cancel. It may
/// be closed meanwhile; the prediction goes on. What is done stays, annotations are never touched.
class PredictDialog : public QDialog {
    Q_OBJECT
public:
    PredictDialog(Document &document, ReviewQueue &queue, const ModelList &models, JobRunner &jobs, QWidget *parent);
    ~PredictDialog() override;

    void begin(); ///< shows it, with today's runs

private:
    enum class Which { Unlabelled, WithoutProposal, All, Current };
    enum class State { Idle, Running, Pausing, Paused };
    void takeRuns(const std::vector<RunInfo> &runs);
    void start();
    void runRest();
    void pauseOrResume();
    void stop();
    void drain();
    void ended(const Result<void> &result);
    void showState();
    std::vector<std::size_t> chosenItems() const;

    Document &m_document;
    ReviewQueue &m_queue;
    const ModelList m_models;
    JobRunner &m_jobs;
    QComboBox *m_runs = nullptr, *m_which = nullptr;
    QLabel *m_message = nullptr;
    QProgressBar *m_progress = nullptr;
    QPushButton *m_start = nullptr, *m_pause = nullptr, *m_stop = nullptr;
    struct Work;
    std::shared_ptr<Work> m_work; ///< shared with the job
    std::vector<std::size_t> m_rest;
    std::shared_ptr<const Dataset> m_dataset; ///< that is being predicted
    QString m_run, m_error;
    State m_state = State::Idle;
    int m_total = 0, m_done = 0, m_failed = 0;
    int m_doneBefore = 0; ///< when the clock was started
    QElapsedTimer m_clock;
    JobId m_job = 0;
};

} // namespace masque
