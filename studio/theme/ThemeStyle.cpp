// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/theme/ThemeStyle.h"

#include "studio/theme/Theme.h"

#include <QPainter>
#include <QStyleOption>

namespace masque {

ThemeStyle::ThemeStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void ThemeStyle::drawPrimitive(PrimitiveElement element, const QStyleOption *option, QPainter *painter,
                               const QWidget *widget) const
{
    if (element != PE_IndicatorCheckBox && element != PE_IndicatorItemViewItemCheck) {
        QProxyStyle::drawPrimitive(element, option, painter, widget);
        return;
    }
    const Theme &theme = Theme::instance();
    const bool isOn = option->state & State_On, isPart = option->state & State_NoChange;
    const QRectF box = QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setOpacity(option->state & State_Enabled ? 1 : 0.5);
    const bool hasFocus = option->state & (State_HasFocus | State_MouseOver);
    painter->setPen(QPen(isOn || isPart || hasFocus ? theme.accent() : theme.mutedText(), 1));
    painter->setBrush(isOn || isPart ? theme.accent() : theme.base());
    painter->drawRoundedRect(box, 3, 3);
    painter->setPen(QPen(theme.base(), 1.75, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const auto at = [&](double x, double y) { return QPointF(box.x() + x * box.width(), box.y() + y * box.height()); };
    if (isOn)
        painter->drawPolyline(QPolygonF({at(0.22, 0.52), at(0.42, 0.72), at(0.78, 0.3)}));
    else if (isPart)
        painter->drawLine(at(0.25, 0.5), at(0.75, 0.5));
    painter->restore();
}

int ThemeStyle::styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
                          QStyleHintReturn *returned) const
{
    return hint == SH_DialogButtonBox_ButtonsHaveIcons ? 0 : QProxyStyle::styleHint(hint, option, widget, returned);
}

} // namespace masque
