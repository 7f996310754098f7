// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/CurveValues.h"

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr qsizetype kFactor = 4; ///< of a bucket's size from level to level, the first included
constexpr std::size_t kLevels = 10;

} // namespace

void CurveValues::append(QPointF value)
{
    m_values.append(value);
    take(m_values.size() - 1);
}

void CurveValues::set(QVector<QPointF> values)
{
    m_values = std::move(values);
    m_levels.assign(kLevels, {});
    m_range = {};
    for (qsizetype i = 0; i < m_values.size(); ++i)
        take(i);
}

void CurveValues::take(qsizetype at)
{
    const QPointF value = m_values.at(at);
    const double y = value.y();
    const bool isFinite = std::isfinite(y);
    m_levels.resize(kLevels);
    qsizetype size = kFactor;
    for (auto &level : m_levels) {
        const auto index = static_cast<std::size_t>(at / size);
        if (index >= level.size())
            level.push_back({});
        auto &bucket = level[index];
        if (isFinite && (bucket.least < 0 || y < m_values.at(bucket.least).y()))
            bucket.least = at;
        if (isFinite && (bucket.greatest < 0 || y > m_values.at(bucket.greatest).y()))
            bucket.greatest = at;
        size *= kFactor;
    }
    if (!isFinite)
        return;
    auto &r = m_range;
    if (r.isEmpty)
        r = {.isEmpty = false, .left = value.x(), .right = value.x(), .least = y, .greatest = y};
    r.left = std::min(r.left, value.x());
    r.right = std::max(r.right, value.x());
    r.least = std::min(r.least, y);
    r.greatest = std::max(r.greatest, y);
    if (y > 0)
        r.leastPositive = r.leastPositive > 0 ? std::min(r.leastPositive, y) : y;
}

CurveValues::Seen CurveValues::seen(double x0, double x1, int pixels) const
{
    const auto begin = m_values.cbegin(), end = m_values.cend();
    auto first = std::lower_bound(begin, end, x0, [](const QPointF &value, double x) { return value.x() < x; });
    auto last = std::upper_bound(first, end, x1, [](double x, const QPointF &value) { return x < value.x(); });
    first -= first == begin ? 0 : 1;
    last += last == end ? 0 : 1;
    const qsizetype count = last - first;
    qsizetype size = 1;
    std::size_t level = 0;
    for (; level < kLevels && size * kFactor * 2 * std::max(pixels, 1) <= count; ++level)
        size *= kFactor;
    if (level == 0)
        return {m_values.mid(first - begin, count), false};
    Seen out{.values = {}, .isReduced = true};
    const double perPixel = (x1 - x0) / std::max(pixels, 1);
    const auto column = [&](qsizetype at) { return std::floor((m_values.at(at).x() - x0) / perPixel); };
    Bucket pixel;
    const auto finish = [&] {
        if (pixel.least < 0)
            return;
        const auto [a, b] = std::minmax(pixel.least, pixel.greatest);
        out.values.append(m_values.at(a));
        if (b != a)
            out.values.append(m_values.at(b));
        pixel = {};
    };
    const auto &buckets = m_levels[level - 1];
    const qsizetype to = (last - begin - 1) / size;
    for (qsizetype i = (first - begin) / size; i <= to; ++i) {
        const auto &bucket = buckets[static_cast<std::size_t>(i)];
        if (bucket.least < 0) {
            finish();
            out.values.append(m_values.at(i * size));
            continue;
        }
        if (pixel.least >= 0 && column(pixel.least) != column(bucket.least))
            finish();
        if (pixel.least < 0 || m_values.at(bucket.least).y() < m_values.at(pixel.least).y())
            pixel.least = bucket.least;
        if (pixel.greatest < 0 || m_values.at(bucket.greatest).y() > m_values.at(pixel.greatest).y())
            pixel.greatest = bucket.greatest;
    }
    finish();
    return out;
}

} // namespace masque
