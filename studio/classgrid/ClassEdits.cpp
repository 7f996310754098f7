// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/classgrid/ClassEdits.h"

#include "core/datasets/image_class.h"

#include <QPointer>

#include <algorithm>
#include <map>

namespace masque {

ClassEdits::ClassEdits(Document &document, QObject *parent) : QObject(parent), m_document(document)
{
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind != ChangeEvent::DatasetOpened)
            return;
        m_steps.clear(); // their images are no longer there
        m_done = 0;
        m_waiting.clear();
        ++m_generation;
        Q_EMIT changed();
    });
}

void ClassEdits::set(const std::vector<int> &items, const std::string &name, const LabelSet &classes,
                     const std::string &rater)
{
    start(name.empty()          ? tr("no class")
          : name == kIgnoreName ? tr("unsure")
                                : QString::fromStdString(name),
          items, [name, classes, rater](const Annotation &annotation) {
              return rater.empty() ? setImageClass(annotation, name, classes)
                                   : setImageVote(annotation, rater, name, classes);
          });
}

void ClassEdits::setVotes(const std::vector<int> &items, const Votes &votes, const LabelSet &classes)
{
    start(tr("votes"), items,
          [votes, classes](const Annotation &annotation) { return setImageVotes(annotation, votes, classes); });
}

void ClassEdits::start(const QString &text, const std::vector<int> &items, std::function<Edit(const Annotation &)> make)
{
    if (items.empty())
        return;
    m_steps.resize(m_done);
    const auto step = std::make_shared<Step>(Step{text, items.size(), {}});
    m_steps.push_back(step);
    ++m_done;
    enqueue([this, step, items, make = std::move(make)] {
        // The worker fills in what it finds, one image after another; nobody else looks before the end.
        edit(items, [step, make](int item, const Annotation &annotation, Size, std::stop_token) -> Result<Edit> {
            Edit change = make(annotation);
            std::erase_if(step->changes, [item](const Change &known) { return known.item == item; });
            if (!change.isEmpty())
                step->changes.push_back({.item = item,
                                         .name = change.name,
                                         .before = {annotation.flags, annotation.votes},
                                         .after = {change.flags ? change.flags->second : annotation.flags,
                                                   change.votes ? change.votes->second : annotation.votes}});
            return change;
        });
    });
}

/// What was changed by other hands since is left as it is.
void ClassEdits::apply(std::size_t at, bool isForward)
{
    enqueue([this, step = m_steps[at], isForward] {
        std::map<int, Change> wanted; // from before to after
        std::vector<int> items;
        for (const Change &change : step->changes) {
            Change &one = wanted[change.item] = change;
            if (!isForward)
                std::swap(one.before, one.after);
            items.push_back(change.item);
        }
        std::ranges::sort(items);
        edit(std::move(items), [wanted](int item, const Annotation &annotation, Size, std::stop_token) -> Result<Edit> {
            const Change &known = wanted.at(item);
            Edit change{.name = known.name, .shapes = {}};
            if (Said{annotation.flags, annotation.votes} == known.before) {
                change.flags.emplace(known.before.flags, known.after.flags);
                change.votes.emplace(known.before.votes, known.after.votes);
            }
            return change;
        });
    });
}

void ClassEdits::enqueue(std::function<void()> start)
{
    m_waiting.push_back(std::move(start));
    if (m_waiting.size() == 1)
        std::function<void()>(m_waiting.front())(); // it may end at once and leave the queue
    Q_EMIT changed();
}

void ClassEdits::edit(std::vector<int> items, Document::MakeEdit make)
{
    m_document.editItems(
        std::move(items), std::move(make),
        [self = QPointer(this), generation = m_generation](const Document::BatchOutcome &outcome, bool isOver) {
            if (!self || !isOver || self->m_generation != generation)
                return true;
            if (outcome.failed > 0)
                Q_EMIT self->failed(outcome.error);
            self->m_waiting.pop_front();
            if (!self->m_waiting.empty())
                std::function<void()>(self->m_waiting.front())();
            return true;
        });
}

void ClassEdits::undo()
{
    if (canUndo())
        apply(--m_done, false);
}

void ClassEdits::redo()
{
    if (canRedo())
        apply(m_done++, true);
}

QString ClassEdits::textOf(std::size_t step) const
{
    return tr("%1 (%n image(s))", nullptr, static_cast<int>(m_steps[step]->images)).arg(m_steps[step]->text);
}

QString ClassEdits::undoText() const
{
    return canUndo() ? textOf(m_done - 1) : QString();
}

QString ClassEdits::redoText() const
{
    return canRedo() ? textOf(m_done) : QString();
}

} // namespace masque
