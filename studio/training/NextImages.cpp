// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/NextImages.h"

#include "core/inference/next_image.h"
#include "core/runs/run.h"
#include "studio/document/Document.h"
#include "studio/jobs/job_support.h"

#include <algorithm>
#include <memory>

namespace masque {

namespace {

constexpr std::size_t kAtOnce = 10; // by then there is likely to be another run

/// The newest run that has learnt something; nothing if there is none.
std::optional<Predictor> newestPredictor(const std::string &root, const ModelList &models)
{
    for (const auto &run : listRuns(root)) {
        if (!run.canPredict())
            continue;
        if (auto predictor = Predictor::load(run.folder, models, "cpu"))
            return std::move(*predictor);
    }
    return std::nullopt;
}

} // namespace

NextImages::NextImages(Document &document, const ModelList &models, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_document(document), m_models(models), m_jobs(jobs)
{
    connect(&m_document, &Document::changed, this, &NextImages::documentChanged);
}

void NextImages::documentChanged(const ChangeEvent &event)
{
    if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::RunsChanged) {
        m_jobs.cancel(m_job);
        m_order.clear();
    }
}

void NextImages::goToNext()
{
    if (m_document.dataset() && !goToKnown() && !m_jobs.isRunning(m_job))
        look();
}

bool NextImages::goToKnown()
{
    const auto dataset = m_document.dataset();
    const auto &summaries = m_document.summaries();
    while (!m_order.empty()) {
        const auto item = dataset->indexOf(m_order.front());
        m_order.pop_front();
        if (!item || *item >= summaries.size() || summaries[*item].status != ItemStatus::New
            || static_cast<int>(*item) == m_document.currentIndex())
            continue;
        m_document.setCurrentIndex(static_cast<int>(*item));
        return true;
    }
    return false;
}

void NextImages::look()
{
    const auto dataset = m_document.dataset();
    auto summaries = m_document.summaries();
    if (const int current = m_document.currentIndex();
        current >= 0 && current < static_cast<int>(summaries.size())
        && summaries[static_cast<std::size_t>(current)].status == ItemStatus::New)
        summaries[static_cast<std::size_t>(current)].status = ItemStatus::Unknown; // it is open already
    if (std::none_of(summaries.begin(), summaries.end(),
                     [](const auto &summary) { return summary.status == ItemStatus::New; })) {
        Q_EMIT messageText(tr("There is no other unlabelled image"));
        return;
    }
    Q_EMIT messageText(tr("Looking for the image that teaches most..."));
    const auto names = std::make_shared<std::deque<std::string>>();
    m_job = m_jobs.start(makeJob(
        tr("Looking for the next image"),
        [dataset, summaries = std::move(summaries), models = m_models, names](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto predictor = newestPredictor(dataset->root, models);
            const auto next = imagesToLabel(predictor ? &*predictor : nullptr, *dataset, summaries, kAtOnce, 1,
                                            control.stopToken(), [&](std::size_t done, std::size_t total) {
                                                control.report(static_cast<double>(done) / static_cast<double>(total));
                                            });
            if (!next)
                return next.error();
            for (const auto &image : *next)
                names->push_back(dataset->items[image.item].image);
            return {};
        },
        [this, names](const Result<void> &result, bool canceled) {
            if (canceled)
                return;
            m_order = std::move(*names);
            if (!result)
                Q_EMIT messageText(QString::fromStdString(result.error().message));
            else if (m_document.dataset() && goToKnown())
                Q_EMIT messageText({});
            else
                Q_EMIT messageText(tr("There is no other unlabelled image"));
        }));
}

} // namespace masque
