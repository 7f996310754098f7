// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

namespace masque {

/// Teaches the search: a line for each kind of term, with an example that can be taken.
class SearchHelp : public QFrame {
    Q_OBJECT
public:
    explicit SearchHelp(QWidget *parent);
    void showBelow(const QWidget &button);

Q_SIGNALS:
    void exampleChosen(const QString &example);
};

} // namespace masque
