// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/SearchField.h"

#include "studio/browser/ItemFilter.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QStringListModel>

namespace masque {

namespace {

constexpr int kPauseMs = 60; ///< shorter than the way from key to key of most, longer than of a fast typist's burst

/// The token that ends at the cursor; empty behind a blank.
SearchToken tokenAt(const QString &text, qsizetype cursor)
{
    for (const SearchToken &token : searchTokens(text.left(cursor)))
        if (token.start + token.length == cursor)
            return token;
    return {cursor, 0};
}

} // namespace

SearchField::SearchField(Suggest suggest, QWidget *parent)
    : QLineEdit(parent), m_suggest(std::move(suggest)), m_words(new QStringListModel(this)),
      m_completer(new QCompleter(m_words, this))
{
    m_completer->setWidget(this); // not setCompleter, which completes the whole text
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    m_completer->popup()->setObjectName(QStringLiteral("browser-search-completion"));
    m_completer->popup()->setAccessibleName(tr("Completions"));
    m_completer->popup()->setStyleSheet(QStringLiteral("QAbstractItemView { border: 1px solid palette(mid); }"
                                                       "QAbstractItemView::item { padding: 4px 8px; }"));
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMs);
    connect(&m_pause, &QTimer::timeout, this, [this] { Q_EMIT searchChanged(text()); });
    connect(this, &QLineEdit::textChanged, this, [this] { m_pause.start(); });
    connect(this, &QLineEdit::textEdited, this, &SearchField::complete);
    connect(m_completer, qOverload<const QString &>(&QCompleter::activated), this, &SearchField::insertCompletion);
}

void SearchField::flush()
{
    if (!m_pause.isActive())
        return;
    m_pause.stop();
    Q_EMIT searchChanged(text());
}

void SearchField::complete()
{
    const SearchToken token = tokenAt(text(), cursorPosition());
    const QStringList words = token.length > 0 ? m_suggest(text().mid(token.start, token.length)) : QStringList();
    m_words->setStringList(words);
    if (words.isEmpty())
        m_completer->popup()->hide();
    else
        m_completer->complete();
}

void SearchField::insertCompletion(const QString &word)
{
    const SearchToken token = tokenAt(text(), cursorPosition());
    const bool isWhole = !word.endsWith(QLatin1Char(':'));
    const QString before = text().left(token.start) + word + (isWhole ? QStringLiteral(" ") : QString());
    setText(before + text().mid(token.start + token.length).trimmed());
    setCursorPosition(static_cast<int>(before.size()));
    if (!isWhole)
        complete();
}

void SearchField::keyPressEvent(QKeyEvent *event)
{
    const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (QAbstractItemView *popup = m_completer->popup(); popup->isVisible()) {
        if (isReturn && popup->currentIndex().isValid())
            return event->ignore(); // the completer takes what is marked
        if (isReturn || event->key() == Qt::Key_Escape)
            popup->hide();
        if (event->key() == Qt::Key_Escape)
            return;
    }
    if (isReturn)
        flush();
    QLineEdit::keyPressEvent(event);
}

bool SearchField::focusNextPrevChild(bool next)
{
    QAbstractItemView *popup = m_completer->popup();
    if (!next || !popup->isVisible() || m_words->rowCount() == 0)
        return QLineEdit::focusNextPrevChild(next);
    const QModelIndex marked = popup->currentIndex(); // Tab completes, with the first if none is marked
    popup->hide();
    insertCompletion(m_words->stringList()[marked.isValid() ? marked.row() : 0]);
    return true;
}

void SearchField::focusOutEvent(QFocusEvent *event)
{
    if (event->reason() != Qt::PopupFocusReason)
        flush();
    QLineEdit::focusOutEvent(event);
}

} // namespace masque
