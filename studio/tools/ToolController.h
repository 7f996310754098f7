// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/canvas/CanvasWidget.h"
#include "studio/document/Document.h"
#include "studio/jobs/Job.h"

#include <QObject>

#include <memory>
#include <optional>
#include <vector>

namespace masque {

class LabelPopup;

/// What may be drawn over, as the user chose it.
struct DrawOverChoice {
    DrawOver rule = DrawOver::Everything;
    std::string className = {}; ///< of DrawOver::OneClass
    friend bool operator==(const DrawOverChoice &, const DrawOverChoice &) = default;
};

/// Owns the canvas tools: hands the canvas's events to the active one, shows its preview, runs its work in jobs and
/// applies its edits to the document. Asks for the class of a new shape while none is active.
class ToolController : public QObject, public CanvasInput {
    Q_OBJECT
public:
    static constexpr int kMaxBrushRadiusPx = 400;

    ToolController(Document &document, CanvasWidget &canvas, const PluginRegistry &plugins, JobRunner &jobs,
                   QObject *parent = nullptr);
    ~ToolController() override;

    std::vector<ToolDescription> tools() const; ///< in palette order
    QString activeTool() const;                 ///< its id; empty if there are no tools
    void setActiveTool(const QString &id);      ///< drops a gesture under way
    const ToolDescription *activeDescription() const;
    bool usesBrush() const;
    /// Does to the selected shapes what the tool does; for tools that work on selections.
    void applyToSelection(const QString &id);

    Json toolOptions() const; ///< the active tool's, all keys
    void setToolOption(const std::string &key, const Json &value);
    const DrawOverChoice &drawOver() const { return m_drawOver; }
    void setDrawOver(const DrawOverChoice &choice);
    /// Why the active tool draws nothing, or empty: its class is locked, its work failed.
    QString message() const;
    bool isWorking() const { return m_isWorking; } ///< the active tool's work is being done

    double brushRadiusPx() const { return m_brushRadiusPx; }
    void setBrushRadiusPx(double radius);
    void stepBrush(int steps); ///< `[` and `]`: finer steps for small brushes
    bool isBrushSquare() const { return m_isBrushSquare; }
    void setBrushSquare(bool square);

    /// The brush and every tool's options, to be remembered. Restoring passes over what is unknown or out of range.
    Json settings() const;
    void restoreSettings(const Json &settings);

    /// What a model says of the current image, for the tools that paint by it; null: nothing.
    void setModelProposal(std::shared_ptr<const Proposal> proposal, const TakeOptions &taking);

    /// Shows this instead of the tool's preview, until nothing is given; tools get no events meanwhile.
    void setProposal(std::optional<ToolPreview> proposal);

    void chooseLabel();          ///< asks for the class that is active from then on
    void editLabelOfSelection(); ///< asks for a class and gives it to the selected shapes

    bool nudge(Point delta); ///< moves what is selected by image pixels; false: the active tool has nothing to move
    /// Takes out what the active tool has chosen inside of shapes. False: nothing, so that whole shapes are meant.
    bool removeChosen();

    // CanvasInput
    void press(const PointerEvent &event) override;
    void move(const PointerEvent &event, bool buttonDown) override;
    void release(const PointerEvent &event) override;
    bool command(CanvasCommand command) override;
    bool takesKeyboardPointer() const override;

Q_SIGNALS:
    void activeToolChanged();
    void brushChanged();
    void proposalAnswered(bool isTaken); ///< Enter or Esc on the canvas while a proposal is shown
    void optionsChanged();               ///< of the active tool
    void drawOverChanged();
    void messageChanged();
    void workingChanged();

private:
    struct Entry {
        ToolDescription description;
        std::unique_ptr<Tool> tool;
        Json options; ///< all keys
    };
    const Entry *active() const;
    Entry *find(const QString &id);
    ToolContext context() const { return contextOf(*active()); }
    ToolContext contextOf(const Entry &entry) const;
    bool takesEvents() const;
    bool startsWithout(const PointerEvent &event);
    bool sizeBrush(const PointerEvent &event);
    void runWork(Entry &entry);
    void takeWork(quint64 generation, const Result<void> &done, const std::any &result);
    void dropWork();
    void setMessage(const QString &message);
    bool take(ToolResult result);
    void askLabelFor(Edit edit);
    void applyNamed(Edit edit, const QString &label);
    void takeChange(const ChangeEvent &event);
    void showPreview(Rect dirty);
    void showBrush();
    std::vector<std::pair<QString, QColor>> classChoices() const;

    Document &m_document;
    CanvasWidget &m_canvas;
    JobRunner &m_jobs;
    LabelPopup *m_popup;
    std::vector<Entry> m_tools;
    std::size_t m_active = 0;
    std::optional<ToolPreview> m_proposal;
    std::shared_ptr<const Proposal> m_modelProposal;
    TakeOptions m_taking;
    std::optional<Edit> m_unnamed; ///< a finished edit whose class is being asked for
    double m_brushRadiusPx = 12;
    bool m_isBrushSquare = false;
    struct Sizing {
        Point pressed;
        double radiusPx;
    };
    std::optional<Sizing> m_sizing; ///< an Alt-drag that changes the brush
    DrawOverChoice m_drawOver;
    QString m_message;
    bool m_isWorking = false;
    quint64 m_workGeneration = 0; ///< tells results that nobody waits for any more
    JobId m_work = 0;
    Entry *m_worker = nullptr; ///< whose work it is
};

} // namespace masque
