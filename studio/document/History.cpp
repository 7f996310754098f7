// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/History.h"

#include "studio/document/edit_names.h"

#include <algorithm>

namespace masque {

History::History(Target target) : m_target(std::move(target)) {}

void History::setJournal(std::shared_ptr<Journal> journal)
{
    m_journal = std::move(journal);
    m_steps.clear();
    m_bytes = 0;
    m_index = 0;
    m_heldFrom = 0;
    if (m_journal) {
        for (JournalStep &info : m_journal->steps())
            m_steps.push_back({std::move(info), {}, 0});
        m_index = static_cast<int>(m_journal->position());
        m_heldFrom = count();
    }
    Q_EMIT changed();
}

QString History::text(int step) const
{
    return step >= 0 && step < count() ? translatedEditName(m_steps[static_cast<std::size_t>(step)].info.name)
                                       : QString();
}

void History::push(Edit edit)
{
    if (!m_journal)
        return;
    while (count() > m_index) {
        m_bytes -= m_steps.back().bytes;
        m_steps.pop_back();
    }
    m_heldFrom = std::min(m_heldFrom, m_index);
    m_target.apply(edit);
    Step step;
    step.info = {m_journal->addEdit(edit), edit.name, 0, edit.dirtyRect()};
    step.info.timeMs = m_journal->timeOf(step.info.node);
    const Rect dirty = step.info.dirty;
    step.bytes = edit.memoryBytes();
    step.edit = std::move(edit);
    m_bytes += step.bytes;
    m_steps.push_back(std::move(step));
    ++m_index;
    m_target.moved(dirty);
    Q_EMIT changed();
}

bool History::take(int index, EditSide side, Rect &dirty)
{
    const Step &step = m_steps[static_cast<std::size_t>(index)];
    const auto apply = [&](const Edit &edit) {
        m_target.apply(side == EditSide::Before ? edit : inverted(edit));
        dirty = dirty.united(edit.dirtyRect());
    };
    if (step.edit) {
        apply(*step.edit);
        return true;
    }
    const auto edit = m_journal->edit(step.info.node, m_target.annotation(), side);
    if (edit)
        apply(*edit);
    else
        m_target.failed(QString::fromStdString(edit.error().message));
    return edit.has_value();
}

void History::setIndex(int index)
{
    index = std::clamp(index, 0, count());
    if (index == m_index)
        return;
    Rect dirty;
    while (m_index < index && take(m_index, EditSide::Before, dirty))
        ++m_index;
    while (m_index > index && take(m_index - 1, EditSide::After, dirty))
        --m_index;
    m_journal->moveTo(node());
    m_target.moved(dirty);
    Q_EMIT changed();
}

void History::drop(Step &step)
{
    m_bytes -= step.bytes;
    step.bytes = 0;
    step.edit.reset();
}

void History::spill(std::size_t maxBytes)
{
    if (m_bytes <= maxBytes || !m_journal->isOnDisk())
        return;
    int last = count() - 1;
    while (m_bytes > maxBytes && m_heldFrom <= last) {
        // The present is at m_index: the first of all is farther from it than the last, or the other way round.
        const bool isFirstFarther = m_index - m_heldFrom >= last - m_index;
        drop(m_steps[static_cast<std::size_t>(isFirstFarther ? m_heldFrom++ : last--)]);
    }
}

} // namespace masque
