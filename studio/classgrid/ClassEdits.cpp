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
    if (items.empty())
        return;
    m_steps.resize(m_done);
    const auto step = std::make_shared<Step>(Step{name, items.size(), {}});
    m_steps.push_back(step);
    ++m_done;
    enqueue([this, step, items, classes, rater] {
        // The worker fills in what it finds, one image after another; nobody else looks before the end.
        edit(items,
             [step, classes, rater](int item, const Annotation &annotation, Size, std::stop_token) -> Result<Edit> {
                 Edit change = rater.empty() ? setImageClass(annotation, step->name, classes)
                                             : setImageVote(annotation, rater, step->name, classes);
                 std::erase_if(step->changes, [item](const Change &known) { return known.item == item; });
                 if (!change.isEmpty())
                     step->changes.push_back({item,
                                              {annotation.flags, annotation.votes},
                                              {change.flags ? change.flags->second : annotation.flags,
                                               change.votes ? change.votes->second : annotation.votes}});
                 return change;
             });
    });
}

/// What was changed by other hands since is left as it is.
void ClassEdits::apply(std::size_t at, bool isForward)
{
    enqueue([this, step = m_steps[at], isForward] {
        std::map<int, std::pair<Said, Said>> wanted; // from, to
        std::vector<int> items;
        for (const Change &change : step->changes) {
            wanted[change.item] =
                isForward ? std::pair(change.before, change.after) : std::pair(change.after, change.before);
            items.push_back(change.item);
        }
        std::ranges::sort(items);
        edit(std::move(items),
             [wanted, step](int item, const Annotation &annotation, Size, std::stop_token) -> Result<Edit> {
                 const auto &[from, to] = wanted.at(item);
                 Edit change{.name = "Class " + step->name, .shapes = {}};
                 if (Said{annotation.flags, annotation.votes} == from) {
                     change.flags.emplace(from.flags, to.flags);
                     change.votes.emplace(from.votes, to.votes);
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
    const auto &name = m_steps[step]->name;
    const QString what = name.empty()                       ? tr("no class")
                         : name == std::string(kIgnoreName) ? tr("unsure")
                                                            : QString::fromStdString(name);
    return tr("%1 (%n image(s))", nullptr, static_cast<int>(m_steps[step]->images)).arg(what);
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
