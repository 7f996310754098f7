// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/StatusBar.h"

#include "studio/app/DialectDialog.h"
#include "studio/theme/Theme.h"

#include <QLabel>
#include <QToolButton>

namespace masque {

namespace {

QLabel *addField(QStatusBar &bar, const char *objectName, const QString &accessibleName, int minimumWidth)
{
    auto *label = new QLabel(&bar);
    label->setObjectName(QLatin1String(objectName));
    label->setAccessibleName(accessibleName);
    label->setMinimumWidth(minimumWidth);
    label->setTextFormat(Qt::PlainText);
    bar.addPermanentWidget(label);
    return label;
}

} // namespace

StatusBar::StatusBar(Document &document, JobRunner &jobs, QWidget *parent) : QStatusBar(parent), m_document(document)
{
    setObjectName(QStringLiteral("status-bar"));
    m_saved = new QToolButton(this);
    m_saved->setObjectName(QStringLiteral("status-saved"));
    m_saved->setAccessibleName(tr("Saved state"));
    m_saved->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_saved->setAutoRaise(true);
    m_saved->setFocusPolicy(Qt::TabFocus);
    connect(m_saved, &QToolButton::clicked, this, [this] { m_document.saveNow(); });
    m_saved->setMinimumWidth(64); // what failed and why may be long; the window is not to grow
    addWidget(m_saved);
    m_job = new QLabel(this);
    m_job->setObjectName(QStringLiteral("status-job"));
    m_job->setAccessibleName(tr("Background work"));
    m_job->setTextFormat(Qt::PlainText);
    m_job->setMinimumWidth(1);
    addWidget(m_job, 1);
    m_readers = new QToolButton(this);
    m_readers->setObjectName(QStringLiteral("status-readers"));
    m_readers->setAccessibleName(tr("Programs that open the file"));
    m_readers->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_readers->setAutoRaise(true);
    m_readers->setFocusPolicy(Qt::TabFocus);
    connect(m_readers, &QToolButton::clicked, this, &StatusBar::readersRequested);
    addPermanentWidget(m_readers);
    m_work = addField(*this, "status-work", tr("Training and prediction"), 0);
    m_cursor = addField(*this, "status-cursor", tr("Pixel under the cursor"), 160);
    m_position = addField(*this, "status-position", tr("Place of the image"), 72);
    m_zoom = addField(*this, "status-zoom", tr("Zoom"), 56);

    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::SaveStateChanged || event.kind == ChangeEvent::DatasetOpened
            || event.kind == ChangeEvent::ImageLoaded)
            showSaveState();
        showReaders();
    });
    connect(&jobs, &JobRunner::progressed, this, [this](JobId, double, const QString &text) { m_job->setText(text); });
    connect(&jobs, &JobRunner::finished, this, [this, &jobs](JobId) {
        if (jobs.runningCount() == 0)
            m_job->clear();
    });
    connect(&Theme::instance(), &Theme::changed, this, [this] {
        showSaveState();
        showReaders();
    });
    connect(this, &QStatusBar::messageChanged, this, &StatusBar::showSaveState); // a message takes its place
    showSaveState();
    showReaders();
}

void StatusBar::showReaders()
{
    const auto all = refusalsNow(m_document);
    m_readers->setVisible(!all.empty());
    if (all.empty())
        return;
    QStringList names, reasons;
    for (const auto &refusal : all) {
        const auto name = readerName(refusal.reader);
        const QString text = QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
        if (!names.contains(text))
            names << text;
        reasons
            << tr("%1: %2 %3").arg(text, QString::fromStdString(refusal.field), QString::fromStdString(refusal.why));
    }
    m_readers->setIcon(Theme::instance().icon(QStringLiteral("warning")));
    m_readers->setText(names.size() == 1 ? tr("Not for %1").arg(names.first())
                                         : tr("Not for %n programs", nullptr, int(names.size())));
    m_readers->setToolTip(tr("These do not open this image's file as it is saved:\n%1\nClick for what can be done.")
                              .arg(reasons.join(QLatin1Char('\n'))));
}

void StatusBar::setCursorText(const QString &text)
{
    m_cursor->setText(text);
}

void StatusBar::setPositionText(const QString &text)
{
    m_position->setText(text);
}

void StatusBar::setZoomText(const QString &text)
{
    m_zoom->setText(text);
}

void StatusBar::setWorkText(const QString &text)
{
    m_work->setText(text);
}

void StatusBar::showSaveState()
{
    m_saved->setVisible(m_document.dataset() != nullptr && currentMessage().isEmpty());
    const auto show = [this](const char *icon, const QString &text, const QString &toolTip) {
        m_saved->setIcon(Theme::instance().icon(QLatin1String(icon)));
        m_saved->setText(text);
        m_saved->setToolTip(toolTip);
    };
    switch (m_document.saveState()) {
    case SaveState::Saved: show("check", tr("Saved"), m_document.saveError()); break;
    case SaveState::Modified: show("save", tr("Edited"), tr("Saved in a moment; click to save now")); break;
    case SaveState::Saving: show("save", tr("Saving"), {}); break;
    case SaveState::Failed:
        show("error", tr("Not saved: %1").arg(m_document.saveError()),
             tr("%1\nNothing is lost: it is kept here and tried again. Click to try now.").arg(m_document.saveError()));
        break;
    }
}

} // namespace masque
