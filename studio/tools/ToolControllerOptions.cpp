// SPDX-License-Identifier: GPL-3.0-or-later
// ToolController's brush and the tools' own options.
#include "studio/tools/ToolController.h"

#include <algorithm>
#include <cmath>

namespace masque {

Json ToolController::toolOptions() const
{
    return active() ? active()->options : Json::object();
}

void ToolController::setToolOption(const std::string &key, const Json &value)
{
    if (!active())
        return;
    Entry &entry = m_tools[m_active];
    const auto option = findOption(entry.description.options, key);
    const Json *old = entry.options.find(key);
    if (!option || !entry.description.options[*option].validate(value) || (old && *old == value))
        return;
    entry.options.set(key, value);
    Q_EMIT optionsChanged();
    runWork(entry); // what the tool proposes may look different now
}

void ToolController::setBrushRadiusPx(double radius)
{
    radius = std::clamp(radius, 0.5, double(kMaxBrushRadiusPx));
    if (radius == m_brushRadiusPx)
        return;
    m_brushRadiusPx = radius;
    showBrush();
    Q_EMIT brushChanged();
}

void ToolController::stepBrush(int steps)
{
    const double step = m_brushRadiusPx < 10 ? 1 : m_brushRadiusPx < 40 ? 4 : 16;
    setBrushRadiusPx(std::max(1.0, std::round(m_brushRadiusPx + steps * step)));
}

void ToolController::setBrushSquare(bool square)
{
    if (square == m_isBrushSquare)
        return;
    m_isBrushSquare = square;
    showBrush();
    Q_EMIT brushChanged();
}

Json ToolController::settings() const
{
    Json tools = Json::object();
    for (const Entry &entry : m_tools)
        if (entry.options.size() > 0)
            tools.set(entry.description.id, entry.options);
    Json all = Json::object();
    all.set("brush_radius_px", m_brushRadiusPx);
    all.set("brush_square", m_isBrushSquare);
    all.set("options", std::move(tools));
    return all;
}

void ToolController::restoreSettings(const Json &settings)
{
    if (const double radius = settings["brush_radius_px"].toDouble(); std::isfinite(radius) && radius > 0)
        setBrushRadiusPx(radius);
    setBrushSquare(settings["brush_square"].toBool(m_isBrushSquare));
    for (Entry &entry : m_tools)
        for (const auto &[key, value] : settings["options"][entry.description.id].members()) {
            const auto option = findOption(entry.description.options, key);
            if (option && entry.description.options[*option].validate(value))
                entry.options.set(key, value);
        }
    Q_EMIT optionsChanged();
}

} // namespace masque
