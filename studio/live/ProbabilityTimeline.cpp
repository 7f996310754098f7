// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/ProbabilityTimeline.h"

#include "studio/theme/Theme.h"
#include "studio/tools/swatch.h"

#include <QPainter>

#include <algorithm>

namespace masque {

namespace {
constexpr double kShownS = 10;
} // namespace

ProbabilityTimeline::ProbabilityTimeline(QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("live-timeline"));
    setAccessibleName(tr("Probabilities over the last seconds"));
    setMinimumHeight(96);
}

void ProbabilityTimeline::add(int track, double timeS, const std::vector<float> &probabilities)
{
    m_now = std::max(m_now, timeS);
    auto &values = m_values[track];
    if (values.empty() || values.back().timeS < timeS)
        values.push_back({timeS, probabilities});
    for (auto &[id, old] : m_values)
        while (!old.empty() && old.front().timeS < m_now - kShownS)
            old.pop_front();
    std::erase_if(m_values, [](const auto &entry) { return entry.second.empty(); });
    update();
}

void ProbabilityTimeline::setTrack(int track, const LabelSet &labels)
{
    m_track = track;
    m_labels = labels;
    update();
}

void ProbabilityTimeline::clear()
{
    m_values.clear();
    m_now = 0;
    update();
}

void ProbabilityTimeline::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = QRectF(rect()).adjusted(8, 8, -8, -20);
    painter.setPen(QPen(theme.border(), 1));
    for (const double level : {0.0, 0.5, 1.0})
        painter.drawLine(QPointF(area.left(), area.bottom() - level * area.height()),
                         QPointF(area.right(), area.bottom() - level * area.height()));
    painter.setPen(theme.mutedText());
    painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), 16), Qt::AlignLeft,
                     tr("%1 s ago").arg(kShownS));
    painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), 16), Qt::AlignRight, tr("now"));
    const auto found = m_values.find(m_track);
    if (found == m_values.end()) {
        painter.drawText(area, Qt::AlignCenter, tr("No face yet"));
        return;
    }
    for (int id = 0; id < m_labels.size(); ++id) {
        QPolygonF line;
        for (const Value &value : found->second)
            if (static_cast<std::size_t>(id) < value.probabilities.size())
                line << QPointF(area.right() - (m_now - value.timeS) / kShownS * area.width(),
                                area.bottom()
                                    - double(value.probabilities[static_cast<std::size_t>(id)]) * area.height());
        painter.setPen(QPen(toQColor(m_labels[id].color), 1.8));
        painter.drawPolyline(line);
    }
}

} // namespace masque
