// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointF>
#include <QVector>

#include <vector>

namespace masque {

/// Values ascending in x, with the least and the greatest of every 4, 16, 64, ... of them, so that a million are drawn
/// as fast as a thousand: of what falls on the same pixel only the extremes are seen.
class CurveValues {
public:
    void append(QPointF value);
    void set(QVector<QPointF> values);
    void clear() { set({}); }
    const QVector<QPointF> &all() const { return m_values; }

    /// What to draw between x0 and x1, and one value beyond each, on so many pixels: every value where there are few,
    /// else the extremes of each pixel in order. A gap (not finite) is kept where nothing else is near.
    struct Seen {
        QVector<QPointF> values;
        bool isReduced = false;
    };
    Seen seen(double x0, double x1, int pixels) const;

    /// Of the values that are finite.
    struct Range {
        bool isEmpty = true;
        double left = 0, right = 0, least = 0, greatest = 0;
        double leastPositive = 0; ///< 0: none
    };
    const Range &range() const { return m_range; }

private:
    struct Bucket {
        qsizetype least = -1, greatest = -1; ///< positions; -1: nothing finite
    };
    void take(qsizetype at);

    QVector<QPointF> m_values;
    std::vector<std::vector<Bucket>> m_levels;
    Range m_range;
};

} // namespace masque
