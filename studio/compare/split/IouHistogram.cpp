// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/split/IouHistogram.h"

#include "studio/compare/split/choosing.h"
#include "studio/theme/Theme.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

std::pair<double, double> rangeOf(int bar)
{
    return {bar / static_cast<double>(IouHistogram::kBars), (bar + 1) / static_cast<double>(IouHistogram::kBars)};
}

} // namespace

IouHistogram::IouHistogram(QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("compare-histogram"));
    setAccessibleName(tr("Histogram of the images' IoU"));
    setFocusPolicy(Qt::StrongFocus);
    setMinimumSize(200, 120);
    setCursor(Qt::PointingHandCursor);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
    setCurrent(0);
}

void IouHistogram::setValues(const std::vector<double> &ious)
{
    m_counts.fill(0);
    for (const double iou : ious) // a little more than it is: 0.3 is no 0.2999
        ++m_counts[static_cast<std::size_t>(
            std::clamp(static_cast<int>(std::floor(iou * kBars + 1e-9)), 0, kBars - 1))];
    m_chosen.reset();
    setCurrent(m_current);
}

void IouHistogram::setChosen(std::optional<std::pair<double, double>> range)
{
    m_chosen = range ? std::optional(static_cast<int>(std::lround(range->first * kBars))) : std::nullopt;
    update();
}

void IouHistogram::setCurrent(int bar)
{
    m_current = std::clamp(bar, 0, kBars - 1);
    setAccessibleDescription(sentence(m_current));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
    update();
}

QString IouHistogram::sentence(int bar) const
{
    const auto [from, to] = rangeOf(bar);
    return tr("IoU from %1 to %2").arg(from, 0, 'f', 1).arg(to, 0, 'f', 1) + QStringLiteral("; ")
           + tr("images: %1").arg(count(bar));
}

QRect IouHistogram::plotRect() const
{
    const int line = fontMetrics().height();
    return rect().adjusted(16, line + 12, -16, -line - 12);
}

QRect IouHistogram::barRect(int bar) const
{
    const QRect plot = plotRect();
    const int left = plot.left() + bar * plot.width() / kBars;
    const int right = plot.left() + (bar + 1) * plot.width() / kBars;
    return {left, plot.top(), right - left - 2, plot.height()};
}

void IouHistogram::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    const Theme &theme = Theme::instance();
    const int most = std::max(1, *std::max_element(m_counts.begin(), m_counts.end()));
    const QRect plot = plotRect();
    const int line = fontMetrics().height();
    for (int bar = 0; bar < kBars; ++bar) {
        QRect column = barRect(bar);
        if (hasFocus() && bar == m_current) {
            painter.setPen(QPen(theme.text(), 1, Qt::DotLine));
            painter.drawRect(column.adjusted(-1, -line - 4, 1, 2));
        }
        const int height = count(bar) == 0 ? 0 : std::max(2, count(bar) * column.height() / most);
        column.setTop(column.bottom() + 1 - height);
        QColor color = m_chosen == bar ? theme.accent() : theme.series(0);
        color.setAlpha(m_chosen && m_chosen != bar ? 96 : 255);
        painter.fillRect(column, color);
        painter.setPen(theme.mutedText());
        if (count(bar) > 0)
            painter.drawText(QRect(column.left() - 8, column.top() - line - 2, column.width() + 16, line),
                             Qt::AlignCenter, QString::number(count(bar)));
    }
    painter.setPen(theme.border());
    painter.drawLine(plot.bottomLeft() + QPoint(0, 1), plot.bottomRight() + QPoint(0, 1));
    painter.setPen(theme.mutedText());
    for (int bar = 0; bar <= kBars; bar += 2) {
        const int x = plot.left() + bar * plot.width() / kBars;
        painter.drawText(QRect(x - 24, plot.bottom() + 6, 48, line), Qt::AlignCenter,
                         QString::number(bar / static_cast<double>(kBars), 'f', 1));
    }
}

void IouHistogram::choose()
{
    m_chosen = m_chosen == m_current ? std::nullopt : std::optional(m_current);
    update();
    Q_EMIT rangeChosen(m_chosen ? std::optional(rangeOf(*m_chosen)) : std::nullopt);
}

void IouHistogram::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left: setCurrent(m_current - 1); break;
    case Qt::Key_Right: setCurrent(m_current + 1); break;
    case Qt::Key_Home: setCurrent(0); break;
    case Qt::Key_End: setCurrent(kBars - 1); break;
    default:
        if (isChoosingKey(event->key()))
            choose();
        else
            QWidget::keyPressEvent(event);
    }
}

void IouHistogram::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return event->ignore();
    for (int bar = 0; bar < kBars; ++bar) {
        if (barRect(bar).adjusted(0, -height(), 2, height()).contains(event->position().toPoint())) {
            setCurrent(bar);
            choose();
        }
    }
}

bool IouHistogram::event(QEvent *event)
{
    if (event->type() == QEvent::ShortcutOverride && isChoosingKey(static_cast<QKeyEvent *>(event)->key()))
        event->accept(); // Return takes the prediction elsewhere
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    for (int bar = 0; bar < kBars; ++bar)
        if (barRect(bar).contains(help->pos()))
            QToolTip::showText(help->globalPos(), sentence(bar), this);
    return true;
}

} // namespace masque
