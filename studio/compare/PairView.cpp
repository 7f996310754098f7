// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/PairView.h"

#include "studio/canvas/ImageView.h"
#include "studio/theme/Theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QTimer>

#include <algorithm>

namespace masque {

namespace {

constexpr int kLinePx = 9; ///< that can be grasped; two of them are drawn
constexpr double kStep = 0.02;

/// The line between the two, with a grip.
class Line : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent *) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const QColor color = hasFocus() ? Theme::instance().accent() : QColor(Qt::white);
        painter.fillRect(kLinePx / 2 - 1, 0, 4, height(), QColor(0, 0, 0, 160));
        painter.fillRect(kLinePx / 2, 0, 2, height(), color);
        painter.setPen(QPen(QColor(0, 0, 0, 160), 1));
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(1, height() / 2.0 - 16, kLinePx - 1, 32), 4, 4);
    }
};

} // namespace

PairView::PairView(QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("compare-pair"));
    m_first = new ImageView(this);
    m_first->setObjectName(QStringLiteral("compare-pair-first"));
    m_window = new QWidget(this);
    m_second = new ImageView(m_window);
    m_second->setObjectName(QStringLiteral("compare-pair-second"));
    for (auto *view : {m_first, m_second})
        view->setFocusPolicy(Qt::StrongFocus);
    m_line = new Line(this);
    m_line->setObjectName(QStringLiteral("compare-divider"));
    m_line->setAccessibleName(tr("Line between the two pictures"));
    m_line->setToolTip(tr("Drag the line, or move it by the arrow keys"));
    m_line->setCursor(Qt::SplitHCursor);
    m_line->setFocusPolicy(Qt::StrongFocus);
    m_line->installEventFilter(this);
    m_blink = new QTimer(this);
    m_blink->setInterval(kBlinkMs);
    connect(m_blink, &QTimer::timeout, this, [this] { m_window->setVisible(!m_window->isVisible()); });
    setMinimumSize(192, 96);
}

void PairView::setMode(Mode mode)
{
    m_mode = mode;
    m_line->setVisible(mode == Mode::Split);
    m_window->show();
    if (mode == Mode::Blink && isVisible())
        m_blink->start();
    else
        m_blink->stop();
    arrange();
}

void PairView::setDivider(double fraction)
{
    m_divider = std::clamp(fraction, 0.0, 1.0);
    m_line->setAccessibleDescription(tr("%1 % from the left").arg(qRound(100 * m_divider)));
    arrange();
}

bool PairView::isSecondShown() const
{
    return m_window->isVisible();
}

void PairView::arrange()
{
    m_first->setGeometry(rect());
    const int at = m_mode == Mode::Split ? qRound(m_divider * width()) : 0;
    m_window->setGeometry(at, 0, width() - at, height());
    m_second->setGeometry(-at, 0, width(), height());
    m_line->setGeometry(std::clamp(at - kLinePx / 2 - 1, 0, std::max(0, width() - kLinePx)), 0, kLinePx, height());
    m_line->raise();
}

void PairView::resizeEvent(QResizeEvent *)
{
    arrange();
}

void PairView::showEvent(QShowEvent *)
{
    if (m_mode == Mode::Blink)
        m_blink->start();
}

void PairView::hideEvent(QHideEvent *)
{
    m_blink->stop();
}

bool PairView::eventFilter(QObject *object, QEvent *event)
{
    switch (event->type()) {
    case QEvent::MouseMove:
        if (auto *mouse = static_cast<QMouseEvent *>(event); mouse->buttons() & Qt::LeftButton) {
            setDivider(m_line->mapTo(this, mouse->position()).x() / std::max(1, width()));
            return true;
        }
        break;
    case QEvent::KeyPress: {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Left || key == Qt::Key_Right) {
            setDivider(m_divider + (key == Qt::Key_Left ? -kStep : kStep));
            return true;
        }
        break;
    }
    case QEvent::FocusIn:
    case QEvent::FocusOut: m_line->update(); break;
    default: break;
    }
    return QWidget::eventFilter(object, event);
}

} // namespace masque
