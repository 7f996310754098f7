// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainWorkspace.h"

#include "studio/document/Document.h"
#include "studio/training/BatchDialog.h"
#include "studio/training/ModelDialog.h"
#include "studio/training/PreflightDialog.h"
#include "studio/training/RateDialog.h"
#include "studio/training/SamplesDialog.h"
#include "studio/training/TrainingCurves.h"
#include "studio/training/TrainingForm.h"
#include "studio/training/TrainingJob.h"
#include "studio/training/TrainingLog.h"
#include "studio/training/ValidationPreview.h"
#include "studio/training/runs/ExportModelDialog.h"
#include "studio/training/runs/ImportModelDialog.h"
#include "studio/training/runs/RunsPanel.h"

#include <QHBoxLayout>
#include <QSplitter>
#include <QTimer>

#include <algorithm>
#include <utility>

namespace masque {

namespace {

constexpr int kQuietMs = 200;

} // namespace

TrainWorkspace::TrainWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_models(plugins.models), m_jobs(jobs)
{
    setObjectName(QStringLiteral("train-workspace"));
    m_job = new TrainingJob(this);
    m_form = new TrainingForm(plugins, jobs);
    m_curves = new TrainingCurves;
    m_runs = new RunsPanel(jobs);
    m_preview = new ValidationPreview(jobs, plugins.models);
    m_log = new TrainingLog;
    const auto makeSplitter = [](Qt::Orientation orientation, std::initializer_list<QWidget *> parts) {
        auto *splitter = new QSplitter(orientation);
        splitter->setChildrenCollapsible(false);
        splitter->setHandleWidth(1);
        for (auto *part : parts)
            splitter->addWidget(part);
        return splitter;
    };
    auto *lower = makeSplitter(Qt::Horizontal, {m_runs, m_log});
    lower->setSizes({600, 320});
    auto *centre = makeSplitter(Qt::Vertical, {m_curves, lower});
    centre->setSizes({560, 300});
    auto *whole = makeSplitter(Qt::Horizontal, {m_form, centre, m_preview});
    whole->setObjectName(QStringLiteral("train-splitter"));
    whole->setStretchFactor(1, 1);
    whole->setSizes({336, 920, 344});
    m_form->setMinimumWidth(304);
    m_preview->setMinimumWidth(240);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(whole);

    m_quiet = new QTimer(this);
    m_quiet->setSingleShot(true);
    m_quiet->setInterval(kQuietMs);
    connect(m_quiet, &QTimer::timeout, this, &TrainWorkspace::updateDataset);
    connect(&m_document, &Document::changed, this, &TrainWorkspace::documentChanged);
    connect(m_form, &TrainingForm::startClicked, this, &TrainWorkspace::startTraining);
    connect(m_form, &TrainingForm::checkClicked, this, &TrainWorkspace::checkTraining);
    connect(m_form, &TrainingForm::findRateClicked, this, &TrainWorkspace::findRate);
    connect(m_form, &TrainingForm::findBatchClicked, this, &TrainWorkspace::findBatch);
    connect(m_form, &TrainingForm::modelClicked, this, &TrainWorkspace::showModel);
    connect(m_form, &TrainingForm::pauseClicked, this, &TrainWorkspace::pauseTraining);
    connect(m_form, &TrainingForm::resumeClicked, this, [this] { resumeTraining(m_paused); });
    connect(m_form, &TrainingForm::stopClicked, this, &TrainWorkspace::stopTraining);
    connect(m_job, &TrainingJob::news, this, &TrainWorkspace::takeNews);
    connect(m_job, &TrainingJob::finished, this, &TrainWorkspace::takeResult);
    connect(m_runs, &RunsPanel::compareRequested, this, &TrainWorkspace::compareRequested);
    connect(m_curves, &TrainingCurves::clicked, this,
            [this](const QString &folder, double at) { newSamplesDialog()->showStep(folder, at); });
    connect(m_runs, &RunsPanel::hardImagesRequested, this,
            [this](const QString &folder) { newSamplesDialog()->showAlwaysHigh(folder); });
    connect(m_runs, &RunsPanel::labelErrorsRequested, this,
            [this](const QString &folder) { newSamplesDialog()->showLabelErrors(folder); });
    connect(m_runs, &RunsPanel::exportRequested, this, [this](const QString &folder) {
        (new ExportModelDialog(folder, m_document.dataset(), m_models, m_jobs, this))->open();
    });
    connect(m_runs, &RunsPanel::importRequested, this, [this] {
        if (!m_document.dataset())
            return;
        auto *dialog = new ImportModelDialog(m_document.dataset(), m_jobs, this);
        connect(dialog, &ImportModelDialog::imported, this, [this] {
            m_runs->load(QString::fromStdString(m_document.dataset()->root));
            Q_EMIT m_document.changed({.kind = ChangeEvent::RunsChanged});
        });
        dialog->open();
    });
    connect(m_runs, &RunsPanel::cutoutRequested, this, &TrainWorkspace::cutoutRequested);
    connect(m_runs, &RunsPanel::resumeRequested, this, &TrainWorkspace::resumeTraining);
    connect(m_runs, &RunsPanel::selectionChanged, this, &TrainWorkspace::showSelectedRuns);
    connect(m_runs, &RunsPanel::loaded, this, [this] {
        showSelectedRuns();
        if (std::exchange(m_isNextDue, false))
            startNext();
    });
    connect(m_runs, &RunsPanel::startQueueRequested, this, &TrainWorkspace::startQueue);
    connect(m_runs, &RunsPanel::failed, m_log, &TrainingLog::add);
    connect(m_runs, &RunsPanel::runDeleted, this,
            [this] { Q_EMIT m_document.changed({.kind = ChangeEvent::RunsChanged}); });
    updateDataset();
}

TrainWorkspace::~TrainWorkspace() = default;

void TrainWorkspace::documentChanged(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened: updateDataset(); break;
    case ChangeEvent::ItemsIndexed:
    case ChangeEvent::LabelsChanged:
    case ChangeEvent::SaveStateChanged:
        if (!m_quiet->isActive())
            m_quiet->start();
        break;
    case ChangeEvent::CurrentItem: passLabelled(); [[fallthrough]];
    case ChangeEvent::ImageLoaded: watchCurrent(); break;
    case ChangeEvent::AnnotationChanged:
        passCorrection();
        watchCurrent();
        break;
    default: break;
    }
}

void TrainWorkspace::watchCurrent()
{
    m_job->setCurrent(currentImage(), m_document.image(), m_document.annotation());
}

void TrainWorkspace::updateDataset()
{
    const auto dataset = m_document.dataset();
    const QString root = dataset ? QString::fromStdString(dataset->root) : QString();
    if (root != m_root) {
        m_root = root;
        dropPause(); // the list of runs keeps it
        if (!isTraining()) {
            m_curves->clear();
            m_preview->setRun(nullptr, {});
        }
        m_runs->load(root);
    }
    m_form->setDataset(dataset);
    m_form->setBlocked(blockedReason());
}

QString TrainWorkspace::blockedReason() const
{
    const auto dataset = m_document.dataset();
    if (!dataset)
        return tr("Open a folder of images first.");
    const auto &summaries = m_document.summaries();
    const bool isKnown = !summaries.empty() && std::none_of(summaries.begin(), summaries.end(), [](const auto &s) {
        return s.status == ItemStatus::Unknown;
    });
    const auto labelled = std::count_if(summaries.begin(), summaries.end(), [](const auto &s) {
        return s.status == ItemStatus::Labelled || s.status == ItemStatus::Reviewed;
    });
    if (isKnown && labelled == 0)
        return tr("No image has an annotation yet. Label a few, then train.");
    return {};
}

bool TrainWorkspace::isTraining() const
{
    return m_job->isRunning();
}

std::optional<RunRequest> TrainWorkspace::newRequest()
{
    m_form->setBlocked(blockedReason());
    if (!m_paused.isEmpty() || !blockedReason().isEmpty())
        return {};
    auto options = m_form->options();
    if (!options)
        return {};
    RunRequest request;
    request.options = std::move(*options);
    if (!complete(request))
        return {};
    return request;
}

void TrainWorkspace::startTraining()
{
    if (!m_paused.isEmpty()) {
        resumeTraining(m_paused);
        return;
    }
    auto request = newRequest();
    if (!request)
        return;
    if (isTraining()) {
        enqueue(*request);
        return;
    }
    m_live = {};
    m_live.options = request->options;
    begin(std::move(*request));
}

template <typename Dialog>
Dialog *TrainWorkspace::ask()
{
    auto request = isTraining() ? std::nullopt : newRequest();
    if (!request)
        return nullptr;
    auto *dialog = new Dialog(std::move(*request), m_models, m_jobs, this);
    connect(dialog, &Dialog::failed, m_form, &TrainingForm::showError);
    dialog->show();
    return dialog;
}

void TrainWorkspace::checkTraining()
{
    if (auto *dialog = ask<PreflightDialog>())
        connect(dialog, &PreflightDialog::startClicked, this, &TrainWorkspace::startTraining);
}

void TrainWorkspace::findRate()
{
    if (auto *dialog = ask<RateDialog>())
        connect(dialog, &RateDialog::rateChosen, m_form, [this](double rate) { m_form->setOption("lr", rate); });
}

void TrainWorkspace::findBatch()
{
    if (auto *dialog = ask<BatchDialog>())
        connect(dialog, &BatchDialog::batchChosen, m_form, [this](int images) { m_form->setOption("batch", images); });
}

void TrainWorkspace::showModel()
{
    const auto options = m_form->options();
    if (!options)
        return;
    const auto dataset = m_document.dataset();
    const int classes = std::max(2, dataset ? dataset->labels.size() : 0);
    NetworkSpec spec{.model = options->data.model,
                     .outputChannels = LossSpec::of(options->training, {}).outputChannels(classes),
                     .options = options->model};
    auto *dialog =
        new ModelDialog(std::move(spec), parseSize(options->data.size).value_or(Size{}), m_models, m_jobs, this);
    connect(dialog, &ModelDialog::failed, m_form, &TrainingForm::showError);
    dialog->show();
}

void TrainWorkspace::resumeTraining(const QString &folder)
{
    if (isTraining() || folder.isEmpty())
        return;
    RunRequest request;
    request.folder = folder.toStdString();
    request.resume = true;
    if (!complete(request))
        return;
    if (const RunInfo *run = m_runs->model().find(folder))
        m_live = *run;
    begin(std::move(request));
}

bool TrainWorkspace::complete(RunRequest &request)
{
    request.dataset = m_document.dataset();
    if (!request.dataset)
        return false;
    if (!m_document.saveAndWait()) { // training reads the files
        m_form->showError({ErrorCode::Io, m_document.saveError().toStdString()});
        return false;
    }
    request.summaries = m_document.summaries();
    return true;
}

void TrainWorkspace::begin(RunRequest request)
{
    m_trained = request.dataset;
    m_known.clear();
    m_labelled.reset();
    m_paused.clear();
    m_isPausing = false;
    m_runs->setBusy(true);
    m_form->setState(TrainingForm::State::Running);
    m_form->setProgress(-1, tr("Reading the dataset..."));
    Q_EMIT statusText(tr("Training: reading the dataset..."));
    m_job->start(std::move(request), m_models);
}

void TrainWorkspace::pauseTraining()
{
    if (!isTraining() || m_job->isStopping())
        return;
    m_isPausing = true;
    m_form->setState(TrainingForm::State::Stopping);
    m_job->stop();
}

bool TrainWorkspace::dropPause()
{
    if (m_paused.isEmpty())
        return false;
    m_paused.clear(); // it is stopped already; only nobody waits for it any more
    m_runs->setBusy(false);
    m_form->setState(TrainingForm::State::Idle);
    m_form->setBlocked(blockedReason());
    Q_EMIT statusText({});
    return true;
}

void TrainWorkspace::stopTraining()
{
    if (dropPause()) {
        startQueue();
        return;
    }
    if (!isTraining())
        return;
    m_isPausing = false;
    m_form->setState(TrainingForm::State::Stopping);
    m_job->stop();
}

bool TrainWorkspace::stopAndWait(int ms)
{
    m_isClosing = true; // what waits is offered the next time
    return m_job->stopAndWait(ms);
}

} // namespace masque
