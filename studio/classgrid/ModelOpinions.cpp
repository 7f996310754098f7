// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/classgrid/ModelOpinions.h"

#include "core/inference/classify.h"
#include "studio/jobs/job_support.h"

#include <QPointer>

#include <algorithm>

namespace masque {

ModelOpinions::ModelOpinions(Document &document, ModelList models, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_document(document), m_models(std::move(models)), m_jobs(jobs)
{
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened)
            ask({});
    });
    connect(&jobs, &JobRunner::progressed, this, [this](JobId id) {
        if (id == m_job)
            drain();
    });
}

ModelOpinions::~ModelOpinions()
{
    m_jobs.cancel(m_job);
}

std::optional<ModelOpinions::Opinion> ModelOpinions::of(int item) const
{
    const auto found = m_opinions.find(item);
    return found == m_opinions.end() ? std::nullopt : std::optional(found->second);
}

void ModelOpinions::ask(const std::string &run)
{
    m_jobs.cancel(std::exchange(m_job, 0));
    m_inbox.reset();
    m_opinions.clear();
    const auto dataset = m_document.dataset();
    const int count = dataset ? static_cast<int>(dataset->items.size()) : 0;
    if (count > 0)
        Q_EMIT changed(0, count - 1);
    if (run.empty() || count == 0)
        return;
    const auto inbox = std::make_shared<Inbox<Found>>();
    m_inbox = inbox;
    m_job = m_jobs.start(makeJob(
        tr("Asking the model"),
        [inbox, dataset, run, models = m_models](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto predictor = Predictor::load(run, models);
            if (!predictor)
                return predictor.error();
            if (!predictor->isOfImages())
                return Error{ErrorCode::Data, run + ": makes masks, it knows no classes of whole images", run};
            const std::size_t total = dataset->items.size();
            for (std::size_t i = 0; i < total && !control.isStopRequested(); ++i) {
                const auto image = readImage(dataset->absolute(dataset->items[i].image));
                if (!image)
                    continue; // the browser says what is wrong with it
                const auto said = classify(*predictor, *image);
                if (!said)
                    return said.error();
                const auto best = std::ranges::max_element(*said) - said->begin();
                inbox->put(
                    {static_cast<int>(i),
                     {predictor->labels()[static_cast<int>(best)].name, (*said)[static_cast<std::size_t>(best)]}});
                control.report(double(i + 1) / double(total));
            }
            return {};
        },
        [self = QPointer(this), inbox](const Result<void> &result, bool) {
            if (!self || self->m_inbox != inbox)
                return;
            self->drain();
            self->m_job = 0;
            Q_EMIT self->ended(result ? QString() : QString::fromStdString(result.error().message));
        }));
    if (!m_jobs.isRunning(m_job))
        m_job = 0; // a runner that does it at once has told its end already
}

void ModelOpinions::drain()
{
    if (!m_inbox)
        return;
    const auto found = m_inbox->take();
    if (found.empty())
        return;
    const auto [first, last] = std::ranges::minmax(found, {}, &Found::item);
    for (const Found &one : found)
        m_opinions[one.item] = one.opinion;
    Q_EMIT changed(first.item, last.item);
}

} // namespace masque
