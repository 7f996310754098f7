// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/GoToDialog.h"

#include <QCompleter>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace masque {

GoToDialog::GoToDialog(Document &document, QWidget *parent)
    : QDialog(parent), m_document(document), m_field(new QLineEdit(this)), m_error(new QLabel(this))
{
    setObjectName(QStringLiteral("go-to"));
    setWindowTitle(tr("Go to image"));
    setAttribute(Qt::WA_DeleteOnClose);
    if (const auto dataset = m_document.dataset())
        for (const Item &item : dataset->items)
            m_names << QString::fromStdString(item.image);
    m_field->setObjectName(QStringLiteral("go-to-field"));
    m_field->setAccessibleName(tr("Number or name of an image"));
    m_field->setPlaceholderText(tr("Number 1 to %1, or part of a name").arg(QLocale().toString(m_names.size())));
    m_field->setMinimumWidth(360);
    auto *completer = new QCompleter(m_names, m_field);
    completer->setFilterMode(Qt::MatchContains);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_field->setCompleter(completer);
    m_error->setObjectName(QStringLiteral("go-to-error"));
    m_error->setProperty("role", QStringLiteral("error"));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    buttons->button(QDialogButtonBox::Ok)->setText(tr("Go"));
    buttons->button(QDialogButtonBox::Ok)->setObjectName(QStringLiteral("go-to-ok"));
    buttons->button(QDialogButtonBox::Cancel)->setObjectName(QStringLiteral("go-to-cancel"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_field, m_error, buttons})
        layout->addWidget(widget);
    connect(m_field, &QLineEdit::textEdited, m_error, &QLabel::clear);
    connect(buttons, &QDialogButtonBox::accepted, this, &GoToDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_field->setFocus();
}

void GoToDialog::accept()
{
    const QString wanted = m_field->text().trimmed();
    bool isNumber = false;
    const int number = wanted.toInt(&isNumber);
    if (isNumber && number >= 1 && number <= m_names.size()) {
        m_document.setCurrentIndex(number - 1);
        return QDialog::accept();
    }
    // The whole name, else the first that contains it; a number that is no place may be part of a name.
    qsizetype found = wanted.isEmpty() ? -1 : m_names.indexOf(wanted);
    for (qsizetype i = 0; found < 0 && !wanted.isEmpty() && i < m_names.size(); ++i)
        if (m_names[i].contains(wanted, Qt::CaseInsensitive))
            found = i;
    if (found < 0) {
        m_error->setText(tr("There is no image “%1”: a number from 1 to %2 or part of a name is needed.")
                             .arg(wanted, QLocale().toString(m_names.size())));
        return;
    }
    m_document.setCurrentIndex(static_cast<int>(found));
    QDialog::accept();
}

} // namespace masque
