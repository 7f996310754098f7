// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/review/PredictDialog.h"

#include "core/inference/proposals.h"
#include "studio/jobs/job_support.h"
#include "studio/review/Inbox.h"
#include "studio/review/ReviewQueue.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <set>

namespace masque {

/// What the job hands over.
struct PredictDialog::Work {
    struct Done {
        std::size_t item;
        Result<void> result;
    };
    Inbox<Done> inbox;
};

namespace {

QString timeLeft(double seconds)
{
    const auto whole = static_cast<int>(std::ceil(seconds));
    return whole < 60 ? PredictDialog::tr("%1 s left").arg(whole)
                      : PredictDialog::tr("%1 min left").arg((whole + 59) / 60);
}

} // namespace

PredictDialog::PredictDialog(Document &document, ReviewQueue &queue, const ModelList &models, JobRunner &jobs,
                             QWidget *parent)
    : QDialog(parent), m_document(document), m_queue(queue), m_models(models), m_jobs(jobs)
{
    setObjectName(QStringLiteral("predict"));
    setWindowTitle(tr("Predict the Dataset"));
    m_runs = new QComboBox;
    m_runs->setObjectName(QStringLiteral("predict-run"));
    m_runs->setAccessibleName(tr("Run"));
    m_runs->setPlaceholderText(tr("No run yet"));
    m_runs->setMinimumWidth(320);
    m_which = new QComboBox;
    m_which->setObjectName(QStringLiteral("predict-images"));
    m_which->setAccessibleName(tr("Images"));
    m_which->addItem(tr("Without annotation"), static_cast<int>(Which::Unlabelled));
    m_which->addItem(tr("Without a proposal"), static_cast<int>(Which::WithoutProposal));
    m_which->addItem(tr("All"), static_cast<int>(Which::All));
    m_which->addItem(tr("This image"), static_cast<int>(Which::Current));
    m_which->setCurrentIndex(2);
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("predict-message"));
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress = new QProgressBar;
    m_progress->setObjectName(QStringLiteral("predict-progress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(16);
    form->setVerticalSpacing(8);
    form->addRow(tr("&Run"), m_runs);
    form->addRow(tr("&Images"), m_which);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    const auto addButton = [&](const QString &text, const char *name, void (PredictDialog::*slot)()) {
        auto *button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        connect(button, &QPushButton::clicked, this, slot);
        buttons->addWidget(button);
        return button;
    };
    m_stop = addButton(tr("Cancel"), "predict-cancel", &PredictDialog::stop);
    m_pause = addButton(tr("Pause"), "predict-pause", &PredictDialog::pauseOrResume);
    m_start = addButton(tr("Predict"), "predict-start", &PredictDialog::start);
    m_start->setProperty("role", "primary");
    m_start->setDefault(true);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(16);
    layout->addLayout(form);
    layout->addWidget(m_message);
    layout->addWidget(m_progress);
    layout->addStretch();
    layout->addLayout(buttons);
    setMinimumWidth(480);

    connect(m_which, &QComboBox::currentIndexChanged, this, &PredictDialog::showState);
    connect(&jobs, &JobRunner::progressed, this, [this](JobId id) {
        if (id == m_job)
            drain();
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened) {
            stop();
            m_message->clear();
            m_done = m_total = 0;
            if (isVisible())
                begin();
        } else if (event.kind == ChangeEvent::RunsChanged && isVisible()) {
            begin();
        }
    });
    showState();
}

PredictDialog::~PredictDialog()
{
    m_jobs.cancel(m_job);
}

void PredictDialog::begin()
{
    show();
    raise();
    activateWindow();
    const auto dataset = m_document.dataset();
    if (!dataset)
        return;
    const auto runs = std::make_shared<std::vector<RunInfo>>();
    m_jobs.start(makeJob(
        {},
        [runs, root = dataset->root](JobControl &) -> Result<void> {
            *runs = listRuns(root);
            return {};
        },
        [self = QPointer(this), runs, dataset](const Result<void> &, bool) {
            if (self && self->m_document.dataset() && self->m_document.dataset()->root == dataset->root)
                self->takeRuns(*runs);
        }));
}

void PredictDialog::takeRuns(const std::vector<RunInfo> &runs)
{
    const QString chosen = m_runs->currentData().toString();
    m_runs->clear();
    for (const RunInfo &run : runs) {
        if (!run.canPredict())
            continue; // no checkpoint yet
        const QString best = run.bestEpoch > 0 ? tr(" (mean IoU %1)").arg(run.bestMetric, 0, 'f', 3) : QString();
        m_runs->addItem(QString::fromStdString(run.name) + best, QString::fromStdString(run.folder));
    }
    m_runs->setCurrentIndex(std::max(0, m_runs->findData(chosen)));
    showState();
}

std::vector<std::size_t> PredictDialog::chosenItems() const
{
    std::vector<std::size_t> items;
    const auto dataset = m_document.dataset();
    if (!dataset)
        return items;
    const auto which = static_cast<Which>(m_which->currentData().toInt());
    const auto &summaries = m_document.summaries();
    for (std::size_t i = 0; i < summaries.size(); ++i) {
        const ItemStatus status = summaries[i].status;
        const bool isWanted = which == Which::Unlabelled ? status == ItemStatus::New || status == ItemStatus::Unknown
                              : which == Which::Current  ? static_cast<int>(i) == m_document.currentIndex()
                              : which == Which::All      ? true
                                                         : !m_queue.hasProposal(static_cast<int>(i));
        if (isWanted)
            items.push_back(i);
    }
    return items;
}

void PredictDialog::start()
{
    if (m_state != State::Idle || m_runs->currentIndex() < 0)
        return;
    m_dataset = m_document.dataset();
    m_run = m_runs->currentData().toString();
    m_rest = chosenItems();
    m_total = static_cast<int>(m_rest.size());
    m_done = m_failed = 0;
    m_error.clear();
    runRest();
}

void PredictDialog::runRest()
{
    m_state = State::Running;
    m_doneBefore = m_done;
    m_clock.start();
    m_work = std::make_shared<Work>();
    m_job = m_jobs.start(makeJob(
        tr("Predicting"),
        [work = m_work, items = m_rest, dataset = m_dataset, run = m_run.toStdString(),
         models = m_models](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto predictor = Predictor::load(run, models);
            if (!predictor)
                return predictor.error();
            std::size_t done = 0;
            return proposeAll(*predictor, *dataset, items, control.stopToken(),
                              [&](std::size_t item, const Result<void> &result) {
                                  work->inbox.put({item, result});
                                  control.report(static_cast<double>(++done) / static_cast<double>(items.size()));
                              });
        },
        [self = QPointer(this), work = m_work](const Result<void> &result, bool) {
            if (self && self->m_work == work)
                self->ended(result);
        }));
    showState();
}

void PredictDialog::pauseOrResume()
{
    if (m_state == State::Running) {
        m_state = State::Pausing;
        m_jobs.cancel(m_job); // what is done is saved; the rest is begun anew
    } else if (m_state == State::Paused) {
        runRest();
    }
    showState();
}

void PredictDialog::stop()
{
    if (m_state == State::Idle)
        return;
    m_jobs.cancel(m_job);
    drain();
    m_work.reset();
    m_rest.clear();
    m_state = State::Idle;
    showState();
}

void PredictDialog::drain()
{
    if (!m_work)
        return;
    std::vector<int> items;
    for (const auto &[item, result] : m_work->inbox.take()) {
        ++m_done;
        std::erase(m_rest, item);
        if (result) {
            items.push_back(static_cast<int>(item));
            continue;
        }
        ++m_failed;
        if (m_error.isEmpty())
            m_error = QString::fromStdString(result.error().message);
    }
    if (!items.empty() && m_dataset && m_document.dataset() && m_document.dataset()->root == m_dataset->root)
        m_queue.scan(items);
    showState();
}

void PredictDialog::ended(const Result<void> &result)
{
    drain();
    m_work.reset();
    if (!result)
        m_error = QString::fromStdString(result.error().message);
    m_state = m_state == State::Pausing && !m_rest.empty() && result ? State::Paused : State::Idle;
    showState();
}

void PredictDialog::showState()
{
    const bool isIdle = m_state == State::Idle;
    m_runs->setEnabled(isIdle && m_runs->count() > 0);
    m_which->setEnabled(isIdle);
    m_start->setEnabled(isIdle && m_runs->currentIndex() >= 0);
    m_start->setVisible(isIdle);
    m_pause->setVisible(!isIdle);
    m_pause->setEnabled(m_state != State::Pausing);
    m_pause->setText(m_state == State::Paused ? tr("Resume") : tr("Pause"));
    m_stop->setVisible(!isIdle);
    m_progress->setVisible(!isIdle);
    m_progress->setRange(0, std::max(1, m_total));
    m_progress->setValue(m_done);

    QString text;
    if (isIdle && m_done == 0 && m_error.isEmpty()) {
        const auto count = static_cast<int>(chosenItems().size());
        text = m_runs->count() == 0
                   ? tr("Train a network first; its prediction is offered here as a proposal.")
                   : tr("%1 images. Proposals are kept beside your annotations, which stay as they are until you "
                        "accept something.")
                         .arg(count);
        m_start->setEnabled(m_start->isEnabled() && count > 0);
    } else {
        text = tr("%1 of %2 images").arg(m_done).arg(m_total);
        const int done = m_done - m_doneBefore;
        if (m_state == State::Running && done > 0)
            text += QStringLiteral(", ")
                    + timeLeft(static_cast<double>(m_clock.elapsed()) / 1000 / done * (m_total - m_done));
        else if (m_state == State::Paused)
            text += QStringLiteral(", ") + tr("paused");
        if (m_failed > 0)
            text += QStringLiteral(", ") + tr("failed: %1").arg(m_failed);
        if (!m_error.isEmpty())
            text += QLatin1Char('\n') + m_error;
    }
    m_message->setText(text);
}

} // namespace masque
