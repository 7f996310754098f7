// SPDX-License-Identifier: GPL-3.0-or-later
// What LabelWorkspace remembers from one start to the next. What could surprise is left out: hidden shapes, the rule of
// drawing over, an adjusted display.
#include "studio/panels/LabelWorkspace.h"

#include "studio/canvas/CanvasWidget.h"
#include "studio/review/ReviewQueue.h"
#include "studio/tools/ToolController.h"
#include "studio/tools/ToolOptionsBar.h"

#include <QAction>

#include <algorithm>

namespace masque {

QByteArray LabelWorkspace::saveSettings() const
{
    Json view = Json::object();
    for (const QAction *action : m_rememberedActions)
        view.set(action->objectName().toStdString(), action->isChecked());
    Json all = Json::object();
    all.set("view", std::move(view));
    all.set("opacity", m_canvas->overlayOpacity());
    all.set("tools", m_tools->settings());
    Json taking = Json::object();
    taking.set("polygons", m_review->taking().style == ShapeStyle::Polygons);
    taking.set("tolerance", m_review->taking().tolerancePx);
    all.set("taking", std::move(taking));
    return QByteArray::fromStdString(all.dump());
}

void LabelWorkspace::restoreSettings(const QByteArray &settings)
{
    const Json all = Json::parse(settings.toStdString()).value_or(Json());
    for (QAction *action : m_rememberedActions)
        if (const Json &value = all["view"][action->objectName().toStdString()]; value.isBool())
            action->setChecked(value.toBool());
    if (const double opacity = all["opacity"].toDouble(-1); opacity >= 0 && opacity <= 1)
        m_options->setOpacity(opacity);
    m_tools->restoreSettings(all["tools"]);
    TakeOptions taking = m_review->taking();
    taking.style = all["taking"]["polygons"].toBool() ? ShapeStyle::Polygons : ShapeStyle::Masks;
    taking.tolerancePx = std::clamp(all["taking"]["tolerance"].toDouble(taking.tolerancePx), 0.0, 30.0);
    m_review->setTaking(taking);
}

} // namespace masque
