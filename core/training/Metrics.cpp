// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Metrics.h"

#include <algorithm>
#include <cassert>

namespace masque {

namespace {

constexpr std::pair<const char *, double MetricValues::*> kFigures[] = {
    {"loss", &MetricValues::loss},
    {"pixel_accuracy", &MetricValues::pixelAccuracy},
    {"balanced_accuracy", &MetricValues::balancedAccuracy},
    {"mean_iou", &MetricValues::meanIou},
    {"mean_dice", &MetricValues::meanDice},
    {"foreground_iou", &MetricValues::foregroundIou},
    {"foreground_dice", &MetricValues::foregroundDice},
};

constexpr int kIgnore = 255;

std::size_t cell(int classes, int truth, int prediction)
{
    return static_cast<std::size_t>(truth) * static_cast<std::size_t>(classes) + static_cast<std::size_t>(prediction);
}

} // namespace

ConfusionMatrix::ConfusionMatrix(int classes) : m_classes(std::max(0, classes)), m_counts(cell(m_classes, m_classes, 0))
{
}

ConfusionMatrix::ConfusionMatrix(int classes, std::vector<std::int64_t> counts)
    : m_classes(classes), m_counts(std::move(counts))
{
    assert(m_counts.size() == cell(classes, classes, 0));
}

void ConfusionMatrix::add(std::span<const std::uint8_t> truth, std::span<const std::uint8_t> prediction)
{
    assert(truth.size() == prediction.size());
    for (std::size_t i = 0; i < std::min(truth.size(), prediction.size()); ++i) {
        const int t = truth[i], p = prediction[i];
        if (t != kIgnore && t < m_classes && p < m_classes)
            ++m_counts[cell(m_classes, t, p)];
    }
}

void ConfusionMatrix::add(const ConfusionMatrix &other)
{
    assert(m_classes == other.m_classes);
    for (std::size_t i = 0; i < std::min(m_counts.size(), other.m_counts.size()); ++i)
        m_counts[i] += other.m_counts[i];
}

std::int64_t ConfusionMatrix::at(int truth, int prediction) const
{
    assert(truth >= 0 && truth < m_classes && prediction >= 0 && prediction < m_classes);
    return m_counts[cell(m_classes, truth, prediction)];
}

std::int64_t ConfusionMatrix::total() const
{
    std::int64_t sum = 0;
    for (const auto count : m_counts)
        sum += count;
    return sum;
}

std::int64_t ConfusionMatrix::truthPixels(int id) const
{
    std::int64_t sum = 0;
    for (int k = 0; k < m_classes; ++k)
        sum += at(id, k);
    return sum;
}

std::int64_t ConfusionMatrix::predictedPixels(int id) const
{
    std::int64_t sum = 0;
    for (int k = 0; k < m_classes; ++k)
        sum += at(k, id);
    return sum;
}

bool ConfusionMatrix::occurs(int id) const
{
    return truthPixels(id) + predictedPixels(id) > 0;
}

double ConfusionMatrix::iou(int id) const
{
    const auto both = at(id, id), either = truthPixels(id) + predictedPixels(id) - both;
    return either > 0 ? static_cast<double>(both) / static_cast<double>(either) : 0;
}

double ConfusionMatrix::dice(int id) const
{
    const auto both = at(id, id), sum = truthPixels(id) + predictedPixels(id);
    return sum > 0 ? 2 * static_cast<double>(both) / static_cast<double>(sum) : 0;
}

double ConfusionMatrix::pixelAccuracy() const
{
    std::int64_t right = 0;
    for (int k = 0; k < m_classes; ++k)
        right += at(k, k);
    const auto all = total();
    return all > 0 ? static_cast<double>(right) / static_cast<double>(all) : 0;
}

double ConfusionMatrix::recall(int id) const
{
    const auto all = truthPixels(id);
    return all > 0 ? static_cast<double>(at(id, id)) / static_cast<double>(all) : 0;
}

double ConfusionMatrix::precision(int id) const
{
    const auto all = predictedPixels(id);
    return all > 0 ? static_cast<double>(at(id, id)) / static_cast<double>(all) : 0;
}

double ConfusionMatrix::balancedAccuracy() const
{
    double sum = 0;
    int count = 0;
    for (int id = 0; id < m_classes; ++id) {
        sum += recall(id);
        count += truthPixels(id) > 0;
    }
    return count > 0 ? sum / count : 0;
}

double ConfusionMatrix::meanOver(int firstClass, double (ConfusionMatrix::*value)(int) const) const
{
    double sum = 0;
    int count = 0;
    for (int k = firstClass; k < m_classes; ++k) {
        if (occurs(k)) {
            sum += (this->*value)(k);
            ++count;
        }
    }
    return count > 0 ? sum / count : 0;
}

double ConfusionMatrix::meanIou(int firstClass) const
{
    return meanOver(firstClass, &ConfusionMatrix::iou);
}

double ConfusionMatrix::meanDice(int firstClass) const
{
    return meanOver(firstClass, &ConfusionMatrix::dice);
}

MetricValues MetricValues::of(const ConfusionMatrix &confusion, double loss, bool hasBackground)
{
    const int foreground = hasBackground ? 1 : 0;
    return {.loss = loss,
            .pixelAccuracy = confusion.pixelAccuracy(),
            .balancedAccuracy = confusion.balancedAccuracy(),
            .meanIou = confusion.meanIou(),
            .meanDice = confusion.meanDice(),
            .foregroundIou = confusion.meanIou(foreground),
            .foregroundDice = confusion.meanDice(foreground)};
}

void MetricValues::addTo(Json &object) const
{
    for (const auto &[key, value] : kFigures)
        object.set(key, this->*value);
}

MetricValues MetricValues::from(const Json &object)
{
    MetricValues values;
    for (const auto &[key, value] : kFigures)
        values.*value = object[key].toDouble();
    return values;
}

} // namespace masque
