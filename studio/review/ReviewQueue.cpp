// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/review/ReviewQueue.h"

#include "core/annotations/mask_ops.h"
#include "core/inference/proposals.h"
#include "studio/jobs/job_support.h"
#include "studio/review/Inbox.h"

#include <algorithm>
#include <unordered_map>

namespace masque {

ReviewQueue::ReviewQueue(Document &document, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_document(document), m_jobs(jobs)
{
    connect(&document, &Document::changed, this, &ReviewQueue::takeChange);
    connect(&jobs, &JobRunner::progressed, this, [this](JobId id) {
        if (const auto scan = m_scans.find(id); scan != m_scans.end())
            takeFound(scan->second->take());
    });
}

ReviewQueue::~ReviewQueue() = default;

void ReviewQueue::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        ++m_generation;
        m_scans.clear();
        m_images.clear();
        m_seen.clear();
        scan();
        break;
    case ChangeEvent::CurrentItem:
        ++m_imageNumber;
        m_proposal.reset();
        m_isFresh = true;
        setRegions({});
        break;
    case ChangeEvent::ImageLoaded: readProposal(); break;
    case ChangeEvent::AnnotationChanged:
        ++m_revision;
        compare();
        break;
    default: break;
    }
}

void ReviewQueue::scan()
{
    scan({});
}

void ReviewQueue::scan(const std::vector<int> &items)
{
    const auto dataset = m_document.dataset();
    if (!dataset)
        return;
    const auto inbox = std::make_shared<Inbox<Found>>();
    const JobId job = m_jobs.start(makeJob(
        tr("Reading proposals"),
        [inbox, dataset, items](JobControl &control) -> Result<void> {
            stepBehindGui();
            std::vector<int> wanted = items;
            if (wanted.empty()) {
                std::unordered_map<std::string, int> places;
                for (std::size_t i = 0; i < dataset->items.size(); ++i)
                    places.emplace(dataset->items[i].image, static_cast<int>(i));
                for (const std::string &image : imagesWithProposal(dataset->root))
                    if (const auto place = places.find(image); place != places.end())
                        wanted.push_back(place->second);
                std::ranges::sort(wanted);
                for (const int item : wanted)
                    inbox->put({.item = item});
            }
            for (std::size_t k = 0; k < wanted.size() && !control.isStopRequested(); ++k) {
                const Item &item = dataset->items[static_cast<std::size_t>(wanted[k])];
                const auto stored = masque::readProposal(proposalFile(dataset->root, item.image));
                const auto annotation = readAnnotation(*dataset, item);
                Found found{.item = wanted[k], .isThere = stored.has_value()};
                if (stored && annotation) {
                    const auto regions = disagreements(*annotation, stored->proposal,
                                                       disagreementWidth(stored->proposal.size()), control.stopToken());
                    found.regions = static_cast<int>(regions.size());
                    found.best = regions.empty() ? 0 : regions.front().score();
                }
                inbox->put(found);
                control.report(static_cast<double>(k + 1) / static_cast<double>(wanted.size()));
            }
            return {};
        },
        [this, inbox, generation = m_generation](const Result<void> &, bool) {
            std::erase_if(m_scans, [&](const auto &scan) { return scan.second == inbox; });
            if (generation == m_generation)
                takeFound(inbox->take());
        }));
    if (m_jobs.isRunning(job))
        m_scans[job] = inbox;
    if (std::ranges::find(items, m_document.currentIndex()) != items.end())
        readProposal();
}

void ReviewQueue::takeFound(const std::vector<Found> &found)
{
    std::map<int, bool> waiting;
    for (const Found &one : found) {
        if (!one.isThere) {
            m_images.erase(one.item);
        } else if (one.item == m_document.currentIndex() && m_proposal && one.regions >= 0) {
            continue; // what is at hand is newer than the file
        } else {
            Waiting &image = m_images[one.item];
            if (one.regions >= 0 || image.regions < 0)
                image = {one.regions, one.best};
        }
        const auto known = m_images.find(one.item);
        waiting[one.item] = known != m_images.end() && known->second.regions != 0;
    }
    m_document.noteProposals(waiting);
    Q_EMIT changed();
}

int ReviewQueue::imagesLeft() const
{
    return static_cast<int>(
        std::ranges::count_if(m_images, [](const auto &entry) { return entry.second.regions != 0; }));
}

int ReviewQueue::regionsLeft() const
{
    int sum = 0;
    for (const auto &[item, image] : m_images)
        sum += std::max(0, image.regions);
    return sum;
}

void ReviewQueue::readProposal()
{
    const auto dataset = m_document.dataset();
    const int index = m_document.currentIndex();
    if (!dataset || index < 0 || !m_document.isLoaded())
        return;
    const auto read = std::make_shared<std::optional<StoredProposal>>();
    m_jobs.start(makeJob(
        {},
        [read, file = proposalFile(dataset->root, dataset->items[static_cast<std::size_t>(index)].image),
         size = m_document.imageSize()](JobControl &) -> Result<void> {
            auto stored = masque::readProposal(file);
            if (stored && stored->proposal.size() == size)
                *read = std::move(*stored);
            return {};
        },
        [this, read, number = m_imageNumber](const Result<void> &, bool) {
            if (number != m_imageNumber)
                return;
            m_proposal = *read ? std::make_shared<const Proposal>(std::move((*read)->proposal)) : nullptr;
            if (m_proposal)
                m_images.try_emplace(m_document.currentIndex());
            else if (m_images.erase(m_document.currentIndex()) > 0) // it is of another image by that name
                m_document.noteProposals({{m_document.currentIndex(), false}});
            compare();
        }));
}

void ReviewQueue::compare()
{
    if (!m_proposal || !m_document.isLoaded()) {
        setRegions({});
        return;
    }
    const auto regions = std::make_shared<std::vector<Disagreement>>();
    m_jobs.start(makeJob(
        {},
        [regions, proposal = m_proposal, annotation = m_document.annotation()](JobControl &control) -> Result<void> {
            *regions = disagreements(annotation, *proposal, disagreementWidth(proposal->size()), control.stopToken());
            return {};
        },
        [this, regions, number = m_imageNumber, revision = m_revision](const Result<void> &result, bool canceled) {
            if (number == m_imageNumber && revision == m_revision && result && !canceled)
                setRegions(std::move(*regions));
        }));
}

void ReviewQueue::setRegions(std::vector<Disagreement> regions)
{
    const bool wasFresh = m_isFresh;
    int next = regions.empty() ? -1 : std::clamp(m_current, 0, static_cast<int>(regions.size()) - 1);
    if (const Disagreement *shown = currentRegion(); shown && !wasFresh) // the same one, wherever it is in the list now
        for (std::size_t i = 0; i < regions.size(); ++i)
            if (regions[i].proposed == shown->proposed && overlap(*regions[i].pixels, *shown->pixels)) {
                next = static_cast<int>(i);
                break;
            }
    m_regions = std::move(regions);
    ++m_listNumber;
    if (m_proposal)
        m_isFresh = false;
    m_current = wasFresh && next >= 0 ? 0 : next;
    note();
    Q_EMIT changed();
    if (wasFresh && m_current >= 0)
        Q_EMIT currentChanged();
}

void ReviewQueue::note()
{
    if (!m_proposal)
        return;
    const int item = m_document.currentIndex();
    m_images[item] = {static_cast<int>(m_regions.size()), m_regions.empty() ? 0 : m_regions.front().score()};
    m_document.noteProposals({{item, !m_regions.empty()}});
}

const Disagreement *ReviewQueue::currentRegion() const
{
    return m_current >= 0 && m_current < static_cast<int>(m_regions.size())
               ? &m_regions[static_cast<std::size_t>(m_current)]
               : nullptr;
}

void ReviewQueue::setCurrent(int region)
{
    if (region == m_current || region < 0 || region >= static_cast<int>(m_regions.size()))
        return;
    m_current = region;
    Q_EMIT changed();
    Q_EMIT currentChanged();
}

} // namespace masque
