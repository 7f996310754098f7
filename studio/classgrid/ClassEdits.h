// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace masque {

/// Classes given to many images at once, each time one step that can be undone, whatever images it was. Each image has
/// the same in its own history and journal.
class ClassEdits : public QObject {
    Q_OBJECT
public:
    explicit ClassEdits(Document &document, QObject *parent = nullptr);

    /// Sets the class of these images; empty takes it away. With a rater it is that one's vote (setImageVote).
    void set(const std::vector<int> &items, const std::string &name, const LabelSet &classes,
             const std::string &rater = {});
    /// Sets what raters say of these images (setImageVotes).
    void setVotes(const std::vector<int> &items, const Votes &votes, const LabelSet &classes);
    void undo();
    void redo();
    bool canUndo() const { return m_done > 0; }
    bool canRedo() const { return m_done < m_steps.size(); }
    QString undoText() const; ///< "happy (12 images)"
    QString redoText() const;

Q_SIGNALS:
    void changed();
    void failed(const QString &message);

private:
    /// What is said of an image.
    struct Said {
        Flags flags;
        Votes votes;
        bool operator==(const Said &) const = default;
    };
    struct Change {
        int item = 0;
        std::string name; ///< of the edit
        Said before, after;
    };
    struct Step {
        QString text;
        std::size_t images = 0;
        std::vector<Change> changes;
    };
    void start(const QString &text, const std::vector<int> &items, std::function<Edit(const Annotation &)> make);
    void apply(std::size_t step, bool isForward);
    void enqueue(std::function<void()> start);
    void edit(std::vector<int> items, Document::MakeEdit make);
    QString textOf(std::size_t step) const;

    Document &m_document;
    std::vector<std::shared_ptr<Step>> m_steps;
    std::size_t m_done = 0;                      ///< steps that are not undone
    std::deque<std::function<void()>> m_waiting; ///< the first is at work; undoing waits for what it undoes
    quint64 m_generation = 0;                    ///< counts datasets
};

} // namespace masque
