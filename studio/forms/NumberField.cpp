// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/forms/NumberField.h"

#include <QEvent>
#include <QLocale>

#include <cmath>

namespace masque {

RealField::RealField(Stepping stepping, QWidget *parent) : QDoubleSpinBox(parent), m_stepping(stepping)
{
    setDecimals(stepping == Stepping::Whole ? 0 : 15); // how exact a value is kept, not how many digits are shown
    setLocale(QLocale::c());
}

QString RealField::textFromValue(double value) const
{
    return m_stepping == Stepping::Whole ? QString::number(value, 'f', 0)
                                         : QString::number(value, 'g', QLocale::FloatingPointShortest);
}

QString RealField::bare(const QString &text) const
{
    return text.endsWith(suffix()) ? text.chopped(suffix().size()).trimmed() : text.trimmed();
}

double RealField::valueFromText(const QString &text) const
{
    return bare(text).toDouble();
}

QValidator::State RealField::validate(QString &text, int &) const
{
    const QString number = bare(text);
    bool isNumber = false;
    const double value = number.toDouble(&isNumber);
    if (isNumber && std::isfinite(value))
        return value >= minimum() && value <= maximum() ? QValidator::Acceptable : QValidator::Intermediate;
    for (const QChar c : number) {
        if (!c.isDigit() && !QStringLiteral("+-.eE").contains(c))
            return QValidator::Invalid;
    }
    return QValidator::Intermediate; // "1e-" on its way to 1e-3
}

void RealField::stepBy(int steps)
{
    if (m_stepping != Stepping::Magnitude) {
        QDoubleSpinBox::stepBy(steps);
        return;
    }
    double next = value() > 0 ? value() : 1e-6;
    for (int i = 0; i < std::abs(steps); ++i) {
        const double magnitude = std::pow(10.0, std::floor(std::log10(next) + 1e-9));
        const double digit = next / magnitude;
        const double up = digit < 1.99 ? 2 : digit < 4.99 ? 5 : 10;
        const double down = digit > 5.01 ? 5 : digit > 2.01 ? 2 : digit > 1.01 ? 1 : 0.5;
        next = (steps > 0 ? up : down) * magnitude;
    }
    setValue(QString::number(next, 'g', 6).toDouble()); // without the noise of the powers
}

bool WheelGuard::eventFilter(QObject *watched, QEvent *event)
{
    const auto *widget = qobject_cast<QWidget *>(watched);
    if (event->type() != QEvent::Wheel || !widget || widget->hasFocus())
        return false;
    event->ignore();
    return true;
}

} // namespace masque
