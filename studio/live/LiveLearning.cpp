// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/LiveLearning.h"

#include "core/datasets/DatasetFormat.h"
#include "core/runs/fine_tune.h"
#include "studio/jobs/job_support.h"

#include <QPointer>

#include <algorithm>

namespace masque {

namespace {

std::optional<double> accuracyOf(const RunInfo &run)
{
    const bool isValidated =
        std::ranges::any_of(run.epochs, [](const EpochReport &epoch) { return epoch.split == "val"; });
    return isValidated ? std::optional(run.figures.pixelAccuracy) : std::nullopt;
}

} // namespace

LiveLearning::LiveLearning(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_document(document), m_models(plugins.models), m_formats(plugins.formats), m_jobs(jobs)
{
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        const auto dataset = m_document.dataset();
        if (event.kind == ChangeEvent::DatasetOpened && (!dataset || dataset->root != m_root))
            cancel();
    });
}

LiveLearning::~LiveLearning()
{
    cancel();
}

void LiveLearning::start(const QString &run)
{
    const auto dataset = m_document.dataset();
    if (isRunning() || !dataset)
        return;
    m_root = dataset->root;
    const auto learned = std::make_shared<Learned>(Learned{run.toStdString(), {}, {}, {}});
    m_job = m_jobs.start(makeJob(
        tr("Learning the new faces"),
        [learned, models = m_models, root = m_root, formats = m_formats](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto opened = openDataset(root, formats); // it lists what has just joined
            if (!opened)
                return opened.error();
            RunSink sink;
            sink.step = [&control](const StepReport &step) {
                control.report((step.epoch - 1 + (step.split == "val" ? 0.9 : 0.9 * step.step / step.steps))
                               / step.epochs);
            };
            const auto before = readRun(learned->before);
            if (!before)
                return before.error();
            const auto after =
                fineTune({.run = learned->before, .dataset = std::make_shared<const Dataset>(std::move(*opened))},
                         models, control.stopToken(), sink);
            if (!after)
                return after.error();
            learned->after = after->folder;
            learned->accuracyBefore = accuracyOf(*before);
            learned->accuracyAfter = accuracyOf(*after);
            return {};
        },
        [self = QPointer(this), learned](const Result<void> &result, bool canceled) {
            if (!self)
                return;
            self->m_job = 0;
            Q_EMIT self->changed();
            Q_EMIT self->m_document.changed({.kind = ChangeEvent::RunsChanged});
            if (!result)
                Q_EMIT self->failed(QString::fromStdString(result.error().message));
            else if (!canceled)
                Q_EMIT self->learned(*learned);
        }));
    Q_EMIT changed();
}

void LiveLearning::cancel()
{
    m_jobs.cancel(m_job);
}

} // namespace masque
