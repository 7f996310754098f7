// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/NoticeBar.h"

#include "studio/theme/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace masque {

NoticeBar::NoticeBar(Document &document, QWidget *parent)
    : QFrame(parent), m_document(document), m_icon(new QLabel(this)), m_text(new QLabel(this))
{
    setObjectName(QStringLiteral("notice"));
    setAccessibleName(tr("Notice"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    m_text->setObjectName(QStringLiteral("notice-text"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setWordWrap(true);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    const auto addButton = [&](const QString &text, const QString &name, const QString &help, auto action) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(name);
        button->setToolTip(help);
        button->setFocusPolicy(Qt::TabFocus);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, action);
        return button;
    };
    m_retry =
        addButton(tr("Try again"), QStringLiteral("notice-retry"), tr("Save now"), [this] { m_document.saveNow(); });
    m_compare =
        addButton(tr("Compare…"), QStringLiteral("notice-compare"),
                  tr("Show what is on the screen beside the changed file"), [this] { Q_EMIT compareRequested(); });
    m_keepMine = addButton(tr("Keep mine"), QStringLiteral("notice-keep-mine"),
                           tr("Write what is on the screen over the changed file"),
                           [this] { m_document.overwriteAnnotation(); });
    m_loadFile = addButton(tr("Load the file"), QStringLiteral("notice-load-file"),
                           tr("Take what the file says, as a step that can be undone"),
                           [this] { m_document.reloadAnnotation(); });
    m_dismiss = addButton(tr("Close"), QStringLiteral("notice-dismiss"), tr("Hide this notice"), [this] {
        m_dismissed = m_document.notice();
        refresh();
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::CurrentItem
            || event.kind == ChangeEvent::ImageLoaded || event.kind == ChangeEvent::SaveStateChanged)
            refresh();
    });
    connect(&Theme::instance(), &Theme::changed, this, &NoticeBar::refresh);
    refresh();
}

void NoticeBar::refresh()
{
    const bool hasFailed = m_document.saveState() == SaveState::Failed;
    const bool hasConflict = m_document.hasConflict();
    const bool isUnread = !m_document.loadError().isEmpty();
    const bool hasNotice = !m_document.notice().isEmpty() && m_document.notice() != m_dismissed;
    setVisible(hasFailed || isUnread || hasNotice);
    if (isHidden())
        return; // each edit changes the state of saving
    m_retry->setVisible(hasFailed && !hasConflict);
    m_compare->setVisible(hasConflict);
    m_keepMine->setVisible(hasConflict);
    m_loadFile->setVisible(hasConflict);
    m_dismiss->setVisible(!hasFailed && !isUnread);
    if (hasFailed)
        m_text->setText(
            hasConflict
                ? m_document.saveError()
                : tr("Not saved: %1\nYour work is kept here and saving is tried again.").arg(m_document.saveError()));
    else if (isUnread && m_document.isLoaded())
        m_text->setText(tr("The annotation cannot be read, so this image cannot be changed and nothing is "
                           "overwritten.\n%1")
                            .arg(m_document.loadError()));
    else
        m_text->setText(isUnread ? m_document.loadError() : m_document.notice());

    const Theme &theme = Theme::instance();
    const bool isError = hasFailed || isUnread;
    const QIcon icon = theme.icon(isError ? QStringLiteral("error") : QStringLiteral("warning"));
    m_icon->setPixmap(icon.pixmap(QSize(16, 16), devicePixelRatioF()));
    QColor back = isError ? theme.error() : theme.warning();
    back.setAlpha(40);
    setStyleSheet(QStringLiteral("#notice { background: rgba(%1, %2, %3, %4); }")
                      .arg(back.red())
                      .arg(back.green())
                      .arg(back.blue())
                      .arg(back.alpha()));
}

} // namespace masque
