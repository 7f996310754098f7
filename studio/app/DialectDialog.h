// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QDialog>

class QCheckBox;
class QLabel;
class QTreeWidget;

namespace masque {

/// Which programs open the current image's file and why others refuse it, and the choice to save what all of them open.
class DialectDialog : public QDialog {
    Q_OBJECT
public:
    DialectDialog(Document &document, QWidget *parent = nullptr);

private:
    void fill();

    Document &m_document;
    QTreeWidget *m_readers;
    QLabel *m_text;
    QCheckBox *m_forAll;
};

/// What the file of the current annotation is refused for, as it will be written.
std::vector<Refusal> refusalsNow(const Document &document);

} // namespace masque
