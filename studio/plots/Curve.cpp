// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/Curve.h"

#include <algorithm>
#include <cmath>

namespace masque {

void Curve::append(QPointF value)
{
    m_raw.append(value);
    if (m_smoothing > 0)
        m_smoothed.append(smoothNext(value));
}

void Curve::setValues(QVector<QPointF> values)
{
    m_raw.set(std::move(values));
    setSmoothing(m_smoothing);
}

void Curve::setSmoothing(double weight)
{
    m_smoothing = std::clamp(weight, 0.0, 0.99);
    m_sum = m_weight = 0;
    QVector<QPointF> values;
    if (m_smoothing > 0) {
        values.reserve(raw().size());
        for (const QPointF value : raw())
            values.append(smoothNext(value));
    }
    m_smoothed.set(std::move(values));
}

QPointF Curve::smoothNext(QPointF value)
{
    if (std::isfinite(value.y())) { // a gap stays a gap and does not poison what follows
        m_sum = m_smoothing * m_sum + (1 - m_smoothing) * value.y();
        m_weight = m_smoothing * m_weight + (1 - m_smoothing);
        value.setY(m_sum / m_weight);
    }
    return value;
}

qsizetype Curve::nearest(double x, double reach) const
{
    const auto &values = smoothed();
    const auto after =
        std::lower_bound(values.begin(), values.end(), x, [](QPointF value, double at) { return value.x() < at; });
    qsizetype best = -1;
    double distance = reach;
    for (auto it = after == values.begin() ? after : after - 1; it != values.end() && it - after < 1; ++it) {
        if (const double d = std::abs(it->x() - x); d <= distance && std::isfinite(it->y())) {
            best = it - values.begin();
            distance = d;
        }
    }
    return best;
}

} // namespace masque
