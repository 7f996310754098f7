// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"

#include <QUndoCommand>

#include <functional>

namespace masque {

/// One step of an image's history: an Edit and the function that applies it to the image's annotation.
class EditCommand : public QUndoCommand {
public:
    using Apply = std::function<void(const Edit &)>;
    EditCommand(Edit edit, Apply apply);

    void redo() override;
    void undo() override;
    std::size_t memoryBytes() const { return m_bytes; }
    /// Frees the edit's memory. From then on the step cannot be undone; steps below it must have been dropped before.
    void drop();
    bool isDropped() const { return m_dropped; }

private:
    Edit m_edit;
    Apply m_apply;
    std::size_t m_bytes;
    bool m_dropped = false;
};

/// An edit's English name in the user's language, where it is one that Masque makes.
QString translatedEditName(const std::string &name);

} // namespace masque
