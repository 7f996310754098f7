// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/EditCommand.h"

#include <QCoreApplication>

namespace masque {

EditCommand::EditCommand(Edit edit, Apply apply)
    : QUndoCommand(translatedEditName(edit.name)), m_edit(std::move(edit)), m_apply(std::move(apply)),
      m_bytes(m_edit.memoryBytes())
{
}

void EditCommand::redo()
{
    if (!m_dropped)
        m_apply(m_edit);
}

void EditCommand::undo()
{
    if (!m_dropped)
        m_apply(inverted(m_edit));
}

void EditCommand::drop()
{
    m_edit = {};
    m_bytes = 0;
    m_dropped = true;
    setObsolete(true);
}

QString translatedEditName(const std::string &name)
{
    // The verbs that tools and panels use; what follows them is a class name or a number and stays as it is.
    static constexpr const char *kVerbs[] = {
        QT_TRANSLATE_NOOP("EditCommand", "Add"),       QT_TRANSLATE_NOOP("EditCommand", "Draw"),
        QT_TRANSLATE_NOOP("EditCommand", "Paint"),     QT_TRANSLATE_NOOP("EditCommand", "Erase"),
        QT_TRANSLATE_NOOP("EditCommand", "Move"),      QT_TRANSLATE_NOOP("EditCommand", "Reshape"),
        QT_TRANSLATE_NOOP("EditCommand", "Delete"),    QT_TRANSLATE_NOOP("EditCommand", "Remove"),
        QT_TRANSLATE_NOOP("EditCommand", "Duplicate"), QT_TRANSLATE_NOOP("EditCommand", "Paste"),
        QT_TRANSLATE_NOOP("EditCommand", "Relabel"),
    };
    const QString text = QString::fromStdString(name);
    const QString whole = QCoreApplication::translate("EditCommand", name.c_str());
    if (whole != text)
        return whole;
    for (const char *verb : kVerbs) {
        const QString prefix = QString::fromLatin1(verb) + QLatin1Char(' ');
        if (text.startsWith(prefix))
            return QCoreApplication::translate("EditCommand", verb) + QLatin1Char(' ') + text.mid(prefix.size());
    }
    return text;
}

} // namespace masque
