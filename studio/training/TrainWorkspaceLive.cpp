// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainWorkspace.h"

#include "core/base/memory.h"
#include "core/base/text.h"
#include "studio/document/Document.h"
#include "studio/training/TrainingCurves.h"
#include "studio/training/TrainingForm.h"
#include "studio/training/TrainingJob.h"
#include "studio/training/TrainingLog.h"
#include "studio/training/ValidationPreview.h"
#include "studio/training/runs/RunsPanel.h"

#include <QLocale>

#include <algorithm>
#include <utility>

/// What goes between the Train workspace and the run that is being trained.
namespace masque {

QString TrainWorkspace::currentImage() const
{
    const auto dataset = m_document.dataset();
    const int index = m_document.currentIndex();
    return dataset && index >= 0 ? QString::fromStdString(dataset->items[static_cast<std::size_t>(index)].image)
                                 : QString();
}

void TrainWorkspace::passCorrection()
{
    const auto dataset = m_document.dataset();
    if (!isTraining() || !dataset || !m_trained || dataset->root != m_trained->root)
        return;
    if (m_known.contains(currentImage()))
        m_job->correct(currentImage(), m_document.annotation());
    else
        m_labelled = {currentImage(), m_document.annotation()};
    if (m_document.annotation().checked)
        passLabelled();
}

void TrainWorkspace::passLabelled()
{
    if (const auto labelled = std::exchange(m_labelled, {}))
        m_job->correct(labelled->first, labelled->second);
}

void TrainWorkspace::takeNews(const TrainingNews &news)
{
    if (news.start) {
        m_live = news.start->run;
        const QString folder = QString::fromStdString(m_live.folder);
        m_known.clear();
        for (const auto *items : {&news.start->split.train, &news.start->split.val, &news.start->split.test})
            for (const auto item : *items)
                m_known.insert(QString::fromStdString(m_trained->items[item].image));
        m_curves->beginLive(m_live);
        m_runs->model().updateRun(m_live);
        m_runs->setLiveRun(folder);
        m_preview->setRun(m_trained, folder, ValidationPreview::Source::Frames);
        m_log->add(tr("%1: %2 parameters, %3 training and %4 validation images, on %5")
                       .arg(QString::fromStdString(m_live.name), locale().toString(qlonglong(news.start->parameters)))
                       .arg(news.start->split.train.size())
                       .arg(news.start->split.val.size())
                       .arg(QString::fromStdString(news.start->device)));
        Q_EMIT m_document.changed({.kind = ChangeEvent::RunsChanged});
    }
    for (const QString &message : news.messages)
        m_log->add(message);
    for (const auto &finding : news.findings) {
        m_live.findings.push_back(finding);
        m_curves->addFinding(finding);
        if (finding.kind == "diverged")
            Q_EMIT noticed(tr("Training was rescued"), QString::fromStdString(finding.message));
        m_log->add((finding.kind == kCorrected ? QString() : QStringLiteral("! "))
                   + QString::fromStdString(finding.message));
    }
    for (const auto &step : news.steps)
        m_curves->addStep(step);
    if (news.frame)
        m_preview->showFrame(*news.frame);
    if (!news.steps.empty())
        takeStep(news.steps.back());
    for (const auto &epoch : news.epochs)
        takeEpoch(epoch);
}

void TrainWorkspace::takeStep(const StepReport &step)
{
    const double steps = std::max(1, step.steps);
    const double fraction =
        (step.epoch - 1 + (step.split == "train" ? step.step / steps : 1.0)) / std::max(1, step.epochs);
    const QString text = tr("Epoch %1 of %2, %3 images/s, %4 left")
                             .arg(step.epoch)
                             .arg(step.epochs)
                             .arg(step.imagesPerSecond, 0, 'f', step.imagesPerSecond < 10 ? 1 : 0)
                             .arg(QString::fromStdString(formatDuration(step.secondsLeft)));
    if (!m_job->isStopping())
        m_form->setProgress(fraction, text);
    Q_EMIT statusText(tr("Training: %1, %2, %3")
                          .arg(text, locale().formattedDataSize(usedMemory()), QString::fromStdString(m_live.device)));
}

void TrainWorkspace::takeEpoch(const EpochReport &epoch)
{
    m_curves->addEpoch(epoch);
    m_live.addEpoch(epoch);
    m_live.seconds += epoch.seconds;
    m_runs->model().updateRun(m_live);
    if (epoch.uncorrected)
        m_log->add(tr("Epoch %1 val without corrected images: mean IoU %2")
                       .arg(epoch.epoch)
                       .arg(epoch.uncorrected->metrics.meanIou, 0, 'f', 3));
    if (epoch.best)
        Q_EMIT m_document.changed({.kind = ChangeEvent::RunsChanged}); // its checkpoint can be looked at
    m_log->add(tr("Epoch %1 %2: loss %3, mean IoU %4%5")
                   .arg(epoch.epoch)
                   .arg(QString::fromStdString(epoch.split))
                   .arg(epoch.metrics.loss, 0, 'f', 4)
                   .arg(epoch.metrics.meanIou, 0, 'f', 3)
                   .arg(epoch.best ? tr(", best") : QString()));
}

void TrainWorkspace::takeResult(const Result<RunInfo> &result)
{
    m_curves->endLive();
    m_runs->setLiveRun({});
    const bool isPaused = m_isPausing && result && result->state == "stopped";
    m_isPausing = false;
    m_runs->setBusy(isPaused);
    m_form->setState(isPaused ? TrainingForm::State::Paused : TrainingForm::State::Idle);
    Q_EMIT statusText(isPaused ? tr("Training: paused") : QString());
    if (isPaused) {
        m_paused = QString::fromStdString(result->folder);
        m_form->setMessage(tr("Paused in epoch %1.").arg(result->epochsDone + 1));
        m_log->add(tr("Paused."));
    } else {
        sayEnd(result);
    }
    m_form->setBlocked(blockedReason());
    // A full disk or a lost device would fail the whole queue, run by run.
    const auto code = result ? ErrorCode::Internal : result.error().code;
    const bool isOwn = m_trained && QString::fromStdString(m_trained->root) == m_root;
    m_preview->setRun(m_trained, m_preview->run()); // its best checkpoint
    m_isNextDue = isOwn && !isPaused && !m_isClosing && code != ErrorCode::Io && code != ErrorCode::Device;
    m_runs->load(m_root);
    Q_EMIT m_document.changed({.kind = ChangeEvent::RunsChanged});
    if (result)
        Q_EMIT runFinished(QString::fromStdString(result->folder));
}

void TrainWorkspace::sayEnd(const Result<RunInfo> &result)
{
    if (!result) {
        const QString message = QString::fromStdString(result.error().message);
        m_form->showError(result.error());
        m_log->add(message);
        Q_EMIT noticed(tr("Training failed"), message);
        return;
    }
    m_log->add(result->state == "stopped" ? tr("Stopped.") : tr("Finished."));
    if (result->state == "finished")
        Q_EMIT noticed(tr("Training has finished"), tr("%1: best %2 %3 in epoch %4 of %5")
                                                        .arg(QString::fromStdString(result->name),
                                                             QString::fromStdString(result->options.training.metric))
                                                        .arg(result->bestMetric, 0, 'f', 3)
                                                        .arg(result->bestEpoch)
                                                        .arg(result->epochsDone));
}

} // namespace masque
