// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLineEdit>
#include <QTimer>

#include <functional>

class QCompleter;
class QStringListModel;

namespace masque {

/// The browser's search field: completes the word at the cursor and tells of a new search when typing pauses.
class SearchField : public QLineEdit {
    Q_OBJECT
public:
    /// What a token may become.
    using Suggest = std::function<QStringList(const QString &token)>;
    SearchField(Suggest suggest, QWidget *parent = nullptr);

    void flush(); ///< tells of what was typed at once, if it has not been told yet

Q_SIGNALS:
    void searchChanged(const QString &text);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool focusNextPrevChild(bool next) override;
    void focusOutEvent(QFocusEvent *event) override;

private:
    void complete();
    void insertCompletion(const QString &token);

    Suggest m_suggest;
    QStringListModel *m_words;
    QCompleter *m_completer;
    QTimer m_pause;
};

} // namespace masque
