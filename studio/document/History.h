// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Journal.h"

#include <QObject>
#include <QString>

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace masque {

/// The steps of one image, without end: what memory does not hold is read back from the image's journal. One stroke is
/// one step. Lives on the GUI thread; the Document makes and changes it, others look and move in it.
class History : public QObject {
    Q_OBJECT
public:
    /// What a move does to the image: each edit in turn, then once where anything changed.
    struct Target {
        std::function<const Annotation &()> annotation;
        std::function<void(const Edit &)> apply;
        std::function<void(Rect dirty)> moved;
        std::function<void(const QString &why)> failed; ///< a step could not be read back; the rest is done
    };
    explicit History(Target target);

    /// Steps of earlier sessions, as the journal knows them. Null: edits cannot be pushed.
    void setJournal(std::shared_ptr<Journal> journal);
    const std::shared_ptr<Journal> &journal() const { return m_journal; }

    int count() const { return static_cast<int>(m_steps.size()); }
    int index() const { return m_index; } ///< how many steps are done
    bool canUndo() const { return m_index > 0; }
    bool canRedo() const { return m_index < count(); }
    QString text(int step) const; ///< its name in the user's language
    QString undoText() const { return canUndo() ? text(m_index - 1) : QString(); }
    QString redoText() const { return canRedo() ? text(m_index) : QString(); }
    const JournalStep &step(int step) const { return m_steps[static_cast<std::size_t>(step)].info; }
    JournalNode node() const { return m_index == 0 ? 0 : step(m_index - 1).node; } ///< where the image is now

    void undo() { setIndex(m_index - 1); }
    void redo() { setIndex(m_index + 1); }
    void setIndex(int index); ///< to the state after that many steps
    void push(Edit edit);     ///< applies it; undone steps leave the list

    std::size_t memoryBytes() const { return m_bytes; }
    /// Leaves edits to the journal until at most maxBytes remain, those farthest from the present first. What the
    /// journal could not write stays.
    void spill(std::size_t maxBytes);

Q_SIGNALS:
    void changed(); ///< steps or index

private:
    struct Step {
        JournalStep info;
        std::optional<Edit> edit; ///< nothing: in the journal only
        std::size_t bytes = 0;    ///< of edit
    };
    bool take(int step, EditSide side, Rect &dirty);
    void drop(Step &step);

    const Target m_target;
    std::shared_ptr<Journal> m_journal;
    std::deque<Step> m_steps;
    int m_index = 0;
    std::size_t m_bytes = 0;
    int m_heldFrom = 0; ///< no step before this one has its edit in memory
};

} // namespace masque
