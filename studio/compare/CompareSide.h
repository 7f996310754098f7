// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/compare/ClassScoresModel.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace masque {

/// The right column of Compare: figures a class, and what the colours of the difference mean.
class CompareSide : public QWidget {
    Q_OBJECT
public:
    explicit CompareSide(QWidget *parent = nullptr);
    ClassScoresModel &scores() { return *m_scores; }
    void setMessage(const QString &text); ///< about the figures

private:
    ClassScoresModel *m_scores = nullptr;
    QLabel *m_message = nullptr;
};

} // namespace masque
