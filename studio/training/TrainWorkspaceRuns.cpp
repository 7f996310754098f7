// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainWorkspace.h"

#include "core/runs/index/run_keeping.h"
#include "core/runs/sample_losses.h"
#include "studio/document/Document.h"
#include "studio/training/SamplesDialog.h"
#include "studio/training/TrainingCurves.h"
#include "studio/training/TrainingForm.h"
#include "studio/training/TrainingLog.h"
#include "studio/training/ValidationPreview.h"
#include "studio/training/runs/RunsPanel.h"

#include <algorithm>

/// What the Train workspace does with runs that do not train: those that wait and those that are looked at.
namespace masque {

void TrainWorkspace::enqueue(const RunRequest &request)
{
    const auto name = std::make_shared<QString>();
    m_jobs.start(makeJob(
        tr("Adding to the queue"),
        [request, name](JobControl &) -> Result<void> {
            const auto run = queueRun(request);
            if (!run)
                return run.error();
            *name = QString::fromStdString(run->name);
            return {};
        },
        [this, name](const Result<void> &result, bool) {
            if (result)
                m_log->add(tr("%1 waits in the queue.").arg(*name));
            else
                m_form->showError(result.error());
            m_isNextDue = m_isNextDue || !isTraining(); // what it waited for may have ended meanwhile
            m_runs->load(m_root);
        }));
}

void TrainWorkspace::startQueue()
{
    m_isNextDue = true;
    m_runs->load(m_root);
}

void TrainWorkspace::startNext()
{
    const auto waiting = waitingRuns(m_runs->model().runs());
    if (!isTraining() && m_paused.isEmpty() && !m_isClosing && !waiting.empty())
        resumeTraining(QString::fromStdString(waiting.front().folder));
}

void TrainWorkspace::showSelectedRuns()
{
    QStringList folders = m_runs->selectedFolders();
    const auto isUntrained = [this](const QString &folder) {
        const RunInfo *run = m_runs->model().find(folder);
        return !run || !run->canPredict();
    };
    folders.erase(std::remove_if(folders.begin(), folders.end(), isUntrained), folders.end());
    if (folders.isEmpty() && !isTraining() && m_live.folder.empty())
        for (const auto &run : m_runs->model().runs()) // the latest, so that there is something to see
            if (folders.isEmpty() && run.canPredict())
                folders.append(QString::fromStdString(run.folder));
    if (folders.isEmpty())
        return;
    loadCurves(folders);
    if (!isTraining() && folders.first() != m_preview->run())
        m_preview->setRun(m_document.dataset(), folders.first());
}

void TrainWorkspace::loadCurves(const QStringList &folders)
{
    struct Curves {
        std::vector<RunInfo> runs;
        std::vector<std::vector<StepPoint>> steps;
    };
    const auto curves = std::make_shared<Curves>();
    m_jobs.cancel(m_curvesJob);
    m_curvesJob = m_jobs.start(makeJob(
        tr("Reading the curves"),
        [curves, folders](JobControl &control) -> Result<void> {
            for (const QString &folder : folders) {
                auto run = readRun(folder.toStdString());
                if (!run || control.isStopRequested())
                    continue;
                curves->runs.push_back(std::move(*run));
                curves->steps.push_back(stepCurve(folder.toStdString()).value_or(std::vector<StepPoint>()));
            }
            return {};
        },
        [this, curves](const Result<void> &result, bool canceled) {
            if (!result || canceled || curves->runs.empty())
                return;
            m_curves->showRuns(curves->runs, std::move(curves->steps));
        }));
}

SamplesDialog *TrainWorkspace::newSamplesDialog()
{
    auto *dialog = new SamplesDialog(m_document.dataset(), m_models, m_jobs, this);
    connect(dialog, &SamplesDialog::openRequested, this, &TrainWorkspace::openRequested);
    dialog->show();
    return dialog;
}

} // namespace masque
