// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/document/Document.h"

#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace masque {

class LabelPopup;

/// Owns the canvas tools: hands the canvas's events to the active one, shows its preview and applies its edits to the
/// document. Asks for the class of a new shape while none is active.
class ToolController : public QObject, public CanvasInput {
    Q_OBJECT
public:
    static constexpr int kMaxBrushRadiusPx = 400;

    ToolController(Document &document, CanvasWidget &canvas, const PluginRegistry &plugins, QObject *parent = nullptr);
    ~ToolController() override;

    std::vector<ToolDescription> tools() const; ///< in palette order
    QString activeTool() const;                 ///< its id; empty if there are no tools
    void setActiveTool(const QString &id);      ///< drops a gesture under way
    bool usesBrush() const;

    double brushRadiusPx() const { return m_brushRadiusPx; }
    void setBrushRadiusPx(double radius);
    void stepBrush(int steps); ///< `[` and `]`: finer steps for small brushes
    bool isBrushSquare() const { return m_isBrushSquare; }
    void setBrushSquare(bool square);

    /// Shows this instead of the tool's preview, until nothing is given; tools get no events meanwhile.
    void setProposal(std::optional<ToolPreview> proposal);

    void editLabelOfSelection(); ///< asks for a class and gives it to the selected shapes

    // CanvasInput
    void press(const PointerEvent &event) override;
    void move(const PointerEvent &event, bool buttonDown) override;
    void release(const PointerEvent &event) override;
    bool command(CanvasCommand command) override;

Q_SIGNALS:
    void activeToolChanged();
    void brushChanged();
    void proposalAnswered(bool isTaken); ///< Enter or Esc on the canvas while a proposal is shown

private:
    struct Entry {
        ToolDescription description;
        std::unique_ptr<Tool> tool;
    };
    const Entry *active() const;
    ToolContext context() const;
    void take(ToolResult result);
    void askLabelFor(Edit edit);
    void applyNamed(Edit edit, const QString &label);
    void takeChange(const ChangeEvent &event);
    void showPreview(Rect dirty);
    void showBrush();
    std::vector<std::pair<QString, QColor>> classChoices() const;

    Document &m_document;
    CanvasWidget &m_canvas;
    LabelPopup *m_popup;
    std::vector<Entry> m_tools;
    std::size_t m_active = 0;
    std::optional<ToolPreview> m_proposal;
    std::optional<Edit> m_unnamed; ///< a finished edit whose class is being asked for
    double m_brushRadiusPx = 12;
    bool m_isBrushSquare = false;
};

} // namespace masque
