// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QDialog>

class QLabel;
class QLineEdit;

namespace masque {

/// Goes to an image by its number in the dataset or by its name, which it completes. Not modal to the event loop: show
/// it with open().
class GoToDialog : public QDialog {
    Q_OBJECT
public:
    explicit GoToDialog(Document &document, QWidget *parent = nullptr);
    void accept() override;

private:
    Document &m_document;
    QStringList m_names;
    QLineEdit *m_field;
    QLabel *m_error;
};

} // namespace masque
