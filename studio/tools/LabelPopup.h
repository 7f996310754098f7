// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFrame>
#include <QPointer>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

class QLineEdit;
class QListWidget;

namespace masque {

/// Asks for a class beside what was drawn, without a window: a field that completes and the list of classes. Enter
/// takes, Esc gives up. It lies in its parent and stays while other things are clicked.
class LabelPopup : public QFrame {
    Q_OBJECT
public:
    using Answer = std::function<void(const std::optional<QString> &)>;

    explicit LabelPopup(QWidget *parent);

    /// Shows itself near a point of the parent; a question that is still open is given up first.
    void ask(QPoint at, const std::vector<std::pair<QString, QColor>> &classes, const QString &current, Answer answer);
    void giveUp(); ///< as Esc

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void filter(const QString &text);
    void take();
    void answer(const std::optional<QString> &name);

    QLineEdit *m_field;
    QListWidget *m_list;
    Answer m_answer;
    QPointer<QWidget> m_focusBefore;
};

} // namespace masque
