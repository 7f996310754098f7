// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace masque {

/// Says above the canvas what is wrong with the current image or its saving, and offers what can be done about it.
/// Hidden while all is well.
class NoticeBar : public QFrame {
    Q_OBJECT
public:
    explicit NoticeBar(Document &document, QWidget *parent = nullptr);

Q_SIGNALS:
    void compareRequested(); ///< the user wants to see both versions of a conflict

private:
    void refresh();

    Document &m_document;
    QLabel *m_icon, *m_text;
    QPushButton *m_retry, *m_compare, *m_keepMine, *m_loadFile, *m_dismiss;
    QString m_dismissed; ///< the notice that the user has read
};

} // namespace masque
