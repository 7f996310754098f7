// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_BEGIN_NAMESPACE
class QPlainTextEdit;
QT_END_NAMESPACE

namespace masque {

/// What happens while training, a line each with its time.
class TrainingLog : public QWidget {
    Q_OBJECT
public:
    explicit TrainingLog(QWidget *parent = nullptr);
    void add(const QString &text);

private:
    QPlainTextEdit *m_text = nullptr;
};

} // namespace masque
