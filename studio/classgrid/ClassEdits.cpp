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
        Q_EMIT changed();
    });
}

void ClassEdits::set(const std::vector<int> &items, const std::string &name, const LabelSet &classes)
{
    if (items.empty())
        return;
    m_steps.resize(m_done);
    m_steps.push_back(std::make_shared<Step>(Step{name, {}}));
    ++m_done;
    // The worker fills in what it finds; it does so one image after another, and is read between them.
    m_document.editItems(
        items,
        [step = m_steps.back(), name, classes](int item, const Annotation &annotation, Size,
                                               std::stop_token) -> Result<Edit> {
            Edit edit = setImageClass(annotation, name, classes);
            std::erase_if(step->changes, [item](const Change &change) { return change.item == item; });
            if (edit.flags)
                step->changes.push_back({item, edit.flags->first, edit.flags->second});
            return edit;
        },
        [self = QPointer(this)](const Document::BatchOutcome &outcome, bool isOver) {
            if (self && isOver && outcome.failed > 0)
                Q_EMIT self->failed(outcome.error);
            return true;
        });
    Q_EMIT changed();
}

/// Flags that were changed by other hands since are left as they are.
void ClassEdits::apply(std::size_t at, bool isForward)
{
    const auto step = m_steps[at];
    std::map<int, std::pair<Flags, Flags>> wanted; // from, to
    std::vector<int> items;
    for (const Change &change : step->changes) {
        wanted[change.item] =
            isForward ? std::pair(change.before, change.after) : std::pair(change.after, change.before);
        items.push_back(change.item);
    }
    std::ranges::sort(items);
    m_document.editItems(
        items,
        [wanted, name = step->name](int item, const Annotation &annotation, Size, std::stop_token) -> Result<Edit> {
            const auto &[from, to] = wanted.at(item);
            Edit edit{.name = "Class " + name, .shapes = {}};
            if (annotation.flags == from)
                edit.flags.emplace(from, to);
            return edit;
        },
        [self = QPointer(this)](const Document::BatchOutcome &outcome, bool isOver) {
            if (self && isOver && outcome.failed > 0)
                Q_EMIT self->failed(outcome.error);
            return true;
        });
    Q_EMIT changed();
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
    return tr("%1 (%n image(s))", nullptr, static_cast<int>(m_steps[step]->changes.size())).arg(what);
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
