// SPDX-License-Identifier: GPL-3.0-or-later
// ToolController's questions for classes.
#include "core/annotations/tools/tool_geometry.h"
#include "studio/tools/LabelPopup.h"
#include "studio/tools/ToolController.h"
#include "studio/tools/swatch.h"
#include "studio/tools/unnamed_class.h"

#include <algorithm>

namespace masque {

bool isUnnamed(const Edit &edit)
{
    return std::any_of(edit.shapes.begin(), edit.shapes.end(), [](const Edit::ShapeChange &change) {
        return change.after && change.after->label == kUnnamedClass;
    });
}

ToolPreview previewOf(const Edit &edit)
{
    ToolPreview preview;
    for (const Edit::ShapeChange &change : edit.shapes) {
        if (!change.after || change.after->label != kUnnamedClass)
            continue;
        const Shape &shape = *change.after;
        preview.stroke = shape.mask;
        preview.outline = shape.points;
        preview.closed = shape.type != ShapeType::Line && shape.type != ShapeType::LineStrip;
        if (shape.type == ShapeType::PointShape)
            preview.handles = shape.points;
        if (shape.type == ShapeType::Circle && shape.points.size() == 2)
            preview.outline = circleLine(shape.points[0], shape.points[1]);
        if (shape.type == ShapeType::Rectangle && shape.points.size() == 2) {
            const Point a = shape.points[0], b = shape.points[1];
            preview.outline = {a, {b.x, a.y}, b, {a.x, b.y}};
        }
    }
    return preview;
}

void ToolController::askLabelFor(Edit edit)
{
    const Rect dirty = edit.dirtyRect();
    m_unnamed = std::move(edit);
    const QPointF corner = m_canvas.viewport().widgetFromImage(QPointF(dirty.right(), dirty.bottom()));
    m_popup->ask(corner.toPoint(), classChoices(), {}, [this, dirty](const std::optional<QString> &name) {
        Edit unnamed = std::move(*m_unnamed);
        m_unnamed.reset();
        if (name) {
            m_document.setActiveLabel(*name);
            applyNamed(std::move(unnamed), *name);
        }
        showPreview(dirty);
    });
}

void ToolController::applyNamed(Edit edit, const QString &name)
{
    const std::string label = name.toStdString();
    for (Edit::ShapeChange &change : edit.shapes) {
        if (!change.after || change.after->label != kUnnamedClass)
            continue;
        if (change.after->type == ShapeType::Mask) // paint again, so that it joins what has this class already
            return m_document.applyEdit(
                paintEdit(m_document.annotation(), *change.after->mask, label, context().rules()));
        change.after->label = label;
        return m_document.applyEdit(
            drawEdit(m_document.annotation(), std::move(*change.after), m_document.imageSize(), context().rules()));
    }
}

void ToolController::chooseLabel()
{
    if (!m_document.dataset() || m_unnamed)
        return;
    m_popup->ask(m_canvas.rect().center(), classChoices(), m_document.activeLabel(),
                 [this](const std::optional<QString> &name) {
                     if (name)
                         m_document.setActiveLabel(*name);
                 });
}

void ToolController::editLabelOfSelection()
{
    const std::set<ShapeId> ids = m_document.selection();
    if (ids.empty() || m_document.isReadOnly())
        return;
    const Shape *first = m_document.annotation().find(*ids.begin());
    const Rect bounds = first->bounds();
    const QPointF corner = m_canvas.viewport().widgetFromImage(QPointF(bounds.right(), bounds.y));
    m_popup->ask(corner.toPoint(), classChoices(), QString::fromStdString(first->label),
                 [this, ids](const std::optional<QString> &name) {
                     if (!name)
                         return;
                     const std::string label = name->toStdString();
                     Edit edit{.name = "Relabel as " + label, .shapes = {}};
                     for (const Shape &shape : m_document.annotation().shapes) {
                         if (!ids.contains(shape.id) || shape.label == label)
                             continue;
                         Shape relabelled = shape;
                         relabelled.label = label;
                         const Edit one = replaceShape(m_document.annotation(), std::move(relabelled), {});
                         edit.shapes.insert(edit.shapes.end(), one.shapes.begin(), one.shapes.end());
                     }
                     m_document.applyEdit(std::move(edit));
                 });
}

std::vector<std::pair<QString, QColor>> ToolController::classChoices() const
{
    std::vector<std::pair<QString, QColor>> choices;
    const LabelSet &labels = m_document.labels();
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const LabelClass &label = labels[id];
        choices.emplace_back(QString::fromStdString(label.name), toQColor(label.color));
    }
    return choices;
}

} // namespace masque
