// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/plots/CurveValues.h"

namespace masque {

/// One curve's values as they came and as they are drawn: an exponential moving average, corrected for its start (as
/// Adam's moments are), so that the first value stays itself.
class Curve {
public:
    void append(QPointF value);
    void setValues(QVector<QPointF> values);
    void setSmoothing(double weight); ///< 0: none, up to 0.99

    const QVector<QPointF> &raw() const { return m_raw.all(); }
    const QVector<QPointF> &smoothed() const { return drawn().all(); }
    const CurveValues &rawValues() const { return m_raw; }
    const CurveValues &drawn() const { return m_smoothing > 0 ? m_smoothed : m_raw; }
    /// The drawn value nearest to x; nothing further away than reach counts. Index or -1.
    qsizetype nearest(double x, double reach) const;

private:
    QPointF smoothNext(QPointF value);

    CurveValues m_raw, m_smoothed;
    double m_smoothing = 0, m_sum = 0, m_weight = 0;
};

} // namespace masque
