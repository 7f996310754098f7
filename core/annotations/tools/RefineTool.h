// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Tool.h"

namespace masque {

/// Fills the holes of shapes, or makes them grow or shrink: of the shape clicked, of all selected ones if it is one of
/// them, or (Enter) of the selected ones. Vector shapes become masks.
class RefineTool : public Tool {
public:
    enum class Kind { FillHoles, Dilate, Erode };
    explicit RefineTool(Kind kind) : m_kind(kind) {}
    static const std::vector<OptionSpec> &radiusOptions(); ///< of Dilate and Erode

    ToolResult press(const ToolContext &, const PointerEvent &) override;
    ToolResult move(const ToolContext &, const PointerEvent &, bool buttonDown) override;
    ToolResult release(const ToolContext &, const PointerEvent &) override { return {}; }
    ToolResult finish(const ToolContext &) override;
    ToolResult cancel() override;
    bool isBusy() const override { return !m_shapes.empty(); }
    ToolPreview preview(const ToolContext &) const override;
    ToolWork nextWork(const ToolContext &) override;
    ToolResult takeWork(const ToolContext &, std::any) override;

private:
    const Kind m_kind;
    std::set<ShapeId> m_shapes; ///< being worked on
    bool m_isWaiting = false;
};

} // namespace masque
