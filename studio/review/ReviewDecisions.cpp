// SPDX-License-Identifier: GPL-3.0-or-later
// What the user decides on the proposals: edits of the Document.
#include "core/annotations/mask_ops.h"
#include "core/inference/proposals.h"
#include "studio/jobs/job_support.h"
#include "studio/review/Inbox.h"
#include "studio/review/ReviewQueue.h"

#include <QPointer>

#include <algorithm>

namespace masque {

namespace {

Mask allOf(const Proposal &proposal)
{
    const Size size = proposal.size();
    return {{0, 0, size.width, size.height}, cv::Mat1b(size.height, size.width, std::uint8_t{1})};
}

/// The edit, and with it the mark that the image was reviewed.
Edit reviewed(const Annotation &annotation, Edit edit)
{
    if (!annotation.checked)
        edit.checked = {false, true};
    return edit;
}

} // namespace

PaintRules ReviewQueue::rules() const
{
    return {.protectedShapes = m_document.protectedShapes(), .lockedClasses = m_document.lockedLabels()};
}

void ReviewQueue::decide(Edit edit, const QString &whyNot)
{
    if (m_document.isReadOnly())
        return;
    if (edit.isEmpty()) {
        Q_EMIT message(whyNot);
        return;
    }
    if (m_regions.size() == 1)
        edit = reviewed(m_document.annotation(), std::move(edit));
    const quint64 list = m_listNumber;
    m_document.applyEdit(std::move(edit));
    if (list == m_listNumber) { // the new one is being made; the user goes on meanwhile
        m_regions.erase(m_regions.begin() + m_current);
        m_current = m_regions.empty() ? -1 : std::min(m_current, static_cast<int>(m_regions.size()) - 1);
        note();
    }
    Q_EMIT changed();
    if (m_current >= 0)
        Q_EMIT currentChanged();
    else
        toNextImage();
}

void ReviewQueue::accept()
{
    if (const Disagreement *region = currentRegion())
        decide(takeProposal(m_document.annotation(), *m_proposal, *region->pixels, rules(), m_taking),
               tr("Nothing changes: what lies there is locked."));
}

void ReviewQueue::keep()
{
    if (const Disagreement *region = currentRegion())
        decide(keepLabels(m_document.annotation(), *region->pixels), {});
}

void ReviewQueue::step(int direction)
{
    const int next = m_current + direction;
    if (m_current >= 0 && next >= 0 && next < static_cast<int>(m_regions.size()))
        setCurrent(next);
    else if (direction > 0)
        toNextImage();
}

void ReviewQueue::toNextImage()
{
    const int current = m_document.currentIndex();
    m_seen.insert(current);
    const auto find = [&] {
        int best = -1;
        for (const auto &[item, image] : m_images)
            if (image.regions != 0 && item != current && !m_seen.contains(item)
                && (best < 0 || image.best > m_images[best].best))
                best = item;
        return best;
    };
    int next = find();
    if (next < 0) { // once round
        m_seen.clear();
        next = find();
    }
    if (next >= 0)
        m_document.setCurrentIndex(next);
    else if (m_regions.empty())
        Q_EMIT message(tr("Every proposal was looked at."));
    else
        setCurrent(0);
}

void ReviewQueue::decideImage(std::function<Edit(const Annotation &)> make)
{
    if (!m_proposal || m_document.isReadOnly())
        return;
    const auto edit = std::make_shared<Edit>();
    m_jobs.start(makeJob(
        tr("Making shapes"),
        [edit, make = std::move(make), annotation = m_document.annotation()](JobControl &) -> Result<void> {
            *edit = make(annotation);
            return {};
        },
        [this, edit, number = m_imageNumber, revision = m_revision](const Result<void> &result, bool canceled) {
            if (!result)
                Q_EMIT message(QString::fromStdString(result.error().message));
            if (!result || canceled || number != m_imageNumber || revision != m_revision)
                return;
            if (edit->isEmpty()) {
                Q_EMIT message(tr("Nothing changes there."));
                return;
            }
            const bool isAll = edit->checked.has_value() || m_document.annotation().checked;
            m_document.applyEdit(std::move(*edit));
            if (isAll && number == m_imageNumber)
                toNextImage();
        }));
}

void ReviewQueue::acceptImage()
{
    decideImage([proposal = m_proposal, rules = rules(), taking = m_taking](const Annotation &annotation) {
        return reviewed(annotation, takeProposal(annotation, *proposal, allOf(*proposal), rules, taking));
    });
}

void ReviewQueue::rejectImage()
{
    decideImage([proposal = m_proposal](const Annotation &annotation) {
        return reviewed(annotation, keepLabels(annotation, allOf(*proposal)));
    });
}

void ReviewQueue::acceptClass(const QString &name)
{
    TakeOptions taking = m_taking;
    taking.onlyClass = name.toStdString();
    decideImage([proposal = m_proposal, rules = rules(), taking](const Annotation &annotation) {
        return takeProposal(annotation, *proposal, allOf(*proposal), rules, taking);
    });
}

void ReviewQueue::setTaking(const TakeOptions &taking)
{
    m_taking = taking;
    Q_EMIT takingChanged();
}

void ReviewQueue::acceptAbove(double confidence)
{
    const auto dataset = m_document.dataset();
    if (!dataset || m_isAccepting)
        return;
    std::vector<int> items;
    for (const auto &[item, image] : m_images)
        if (image.regions != 0)
            items.push_back(item);
    m_isAccepting = true;
    Q_EMIT changed();
    const auto left = std::make_shared<Inbox<Found>>();
    const auto make = [dataset, confidence, left, taking = m_taking, rules = rules(),
                       current = m_document.currentIndex()](int item, const Annotation &annotation, Size size,
                                                            std::stop_token stop) -> Result<Edit> {
        const std::string &image = dataset->items[static_cast<std::size_t>(item)].image;
        const auto stored = masque::readProposal(proposalFile(dataset->root, image));
        if (!stored)
            return stored.error();
        std::vector<Disagreement> regions;
        if (stored->proposal.size() == size)
            regions = disagreements(annotation, stored->proposal, disagreementWidth(size), stop);
        const auto isSure = [&](const Disagreement &region) { return region.confidence >= confidence; };
        const auto unsure = std::ranges::stable_partition(regions, isSure);
        Mask sure;
        for (auto region = regions.begin(); region != unsure.begin(); ++region)
            sure = region == regions.begin() ? *region->pixels : united(sure, *region->pixels);
        if (sure.box.isEmpty() || stop.stop_requested())
            return Edit{.name = {}, .shapes = {}};
        PaintRules own = rules;
        if (item != current)
            own.protectedShapes.clear();
        Edit edit = takeProposal(annotation, stored->proposal, sure, own, taking);
        left->put({.item = item,
                   .regions = static_cast<int>(unsure.size()),
                   .best = unsure.empty() ? 0 : unsure.front().score()});
        return unsure.empty() ? reviewed(annotation, std::move(edit)) : edit;
    };
    const auto progress = [self = QPointer(this), generation = m_generation, left,
                           count = items.size()](const Document::BatchOutcome &outcome, bool isOver) {
        if (!self)
            return false;
        if (generation == self->m_generation) {
            self->takeFound(left->take());
            Q_EMIT self->message(outcome.error.isEmpty()
                                     ? tr("Accepted in %1 of %2 images").arg(outcome.changed).arg(count)
                                     : outcome.error);
        }
        if (isOver) {
            self->m_isAccepting = false;
            self->m_document.saveNow();
            Q_EMIT self->changed();
        }
        return true;
    };
    m_document.editItems(items, make, progress);
}

} // namespace masque
