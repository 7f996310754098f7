// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/CanvasNote.h"

#include "studio/theme/Theme.h"

#include <QEvent>

namespace masque {

CanvasNote::CanvasNote(QWidget *canvas, const QString &name, Tone tone, int topPx)
    : QLabel(canvas), m_tone(tone), m_topPx(topPx)
{
    setObjectName(name);
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setTextFormat(Qt::PlainText);
    setWordWrap(true);
    setAlignment(Qt::AlignCenter);
    setMargin(8);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &QWidget::hide);
    canvas->installEventFilter(this);
    hide();
}

void CanvasNote::showFor(const QString &text, int milliseconds)
{
    showAlways(text);
    m_timer.start(milliseconds);
}

void CanvasNote::showAlways(const QString &text)
{
    const Theme &theme = Theme::instance();
    const bool isLoud = m_tone == Tone::Loud;
    // White or near black on the warning's colour, as the theme has it; the quiet one is a tooltip's cousin.
    setStyleSheet(QStringLiteral("#%1 { background: %2; color: %3; border-radius: 4px; font-weight: %4; }")
                      .arg(objectName(), (isLoud ? theme.warning() : theme.text()).name(),
                           isLoud ? theme.base().name() : palette().color(QPalette::Window).name(),
                           isLoud ? QStringLiteral("bold") : QStringLiteral("normal")));
    m_timer.stop();
    setText(text);
    setAccessibleName(text);
    place();
    show();
    raise();
}

void CanvasNote::place()
{
    const int room = parentWidget()->width() - 32;
    const int width = std::min(room, fontMetrics().horizontalAdvance(text()) + 40);
    resize(width, heightForWidth(width));
    move((parentWidget()->width() - this->width()) / 2, m_topPx);
}

bool CanvasNote::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::Resize && isVisible())
        place();
    return QLabel::eventFilter(watched, event);
}

} // namespace masque
