// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainingLog.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QTime>

namespace masque {

TrainingLog::TrainingLog(QWidget *parent) : QWidget(parent)
{
    constexpr int kLines = 5000;
    m_text = new QPlainTextEdit;
    m_text->setObjectName(QStringLiteral("training-log"));
    m_text->setAccessibleName(tr("Log"));
    m_text->setProperty("role", "log");
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setTabChangesFocus(true);
    m_text->setMaximumBlockCount(kLines);
    m_text->setPlaceholderText(tr("What happens while training is written here."));
    m_text->document()->setDocumentMargin(4);
    auto *title = new QLabel(tr("Log"));
    title->setProperty("role", "title");
    title->setMargin(0);
    auto *header = new QHBoxLayout;
    header->setContentsMargins(16, 8, 8, 4);
    header->addWidget(title);
    header->addStrut(28);
    auto *place = new QHBoxLayout;
    place->setContentsMargins(12, 0, 0, 0); // so that its lines begin under the title
    place->addWidget(m_text);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(header);
    layout->addLayout(place);
}

void TrainingLog::add(const QString &text)
{
    m_text->appendPlainText(QStringLiteral("%1  %2").arg(QTime::currentTime().toString(Qt::ISODate), text));
}

} // namespace masque
