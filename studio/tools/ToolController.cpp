// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/ToolController.h"

#include "core/annotations/tools/tool_geometry.h"
#include "studio/tools/LabelPopup.h"
#include "studio/tools/unnamed_class.h"

#include <QCoreApplication>
#include <QPointer>

#include <algorithm>
#include <cmath>

namespace masque {

ToolController::ToolController(Document &document, CanvasWidget &canvas, const PluginRegistry &plugins, JobRunner &jobs,
                               QObject *parent)
    : QObject(parent), m_document(document), m_canvas(canvas), m_jobs(jobs), m_popup(new LabelPopup(&canvas))
{
    for (const auto &factory : plugins.tools) {
        Entry entry{factory->description(), factory->create(), Json::object()};
        if (!entry.tool)
            continue;
        for (const OptionSpec &spec : entry.description.options)
            entry.options.set(spec.key, spec.defaultValue);
        m_tools.push_back(std::move(entry));
    }
    std::stable_sort(m_tools.begin(), m_tools.end(),
                     [](const Entry &a, const Entry &b) { return a.description.order < b.description.order; });
    m_canvas.setInput(this);
    connect(&document, &Document::changed, this, &ToolController::takeChange);
    showBrush();
}

ToolController::~ToolController()
{
    dropWork();
    m_canvas.setInput(nullptr);
}

std::vector<ToolDescription> ToolController::tools() const
{
    std::vector<ToolDescription> descriptions;
    for (const Entry &entry : m_tools)
        descriptions.push_back(entry.description);
    return descriptions;
}

const ToolController::Entry *ToolController::active() const
{
    return m_active < m_tools.size() ? &m_tools[m_active] : nullptr;
}

QString ToolController::activeTool() const
{
    return active() ? QString::fromStdString(active()->description.id) : QString();
}

const ToolDescription *ToolController::activeDescription() const
{
    return active() ? &active()->description : nullptr;
}

ToolController::Entry *ToolController::find(const QString &id)
{
    const auto found = std::find_if(m_tools.begin(), m_tools.end(), [&](const Entry &entry) {
        return QString::fromStdString(entry.description.id) == id;
    });
    return found == m_tools.end() ? nullptr : &*found;
}

bool ToolController::usesBrush() const
{
    return active() && active()->description.usesBrush;
}

void ToolController::setActiveTool(const QString &id)
{
    const Entry *entry = find(id);
    if (!entry || entry == active())
        return;
    m_popup->giveUp();
    const Rect dropped = active()->tool->cancel().dirty;
    dropWork();
    m_sizing.reset();
    m_active = static_cast<std::size_t>(entry - m_tools.data());
    setMessage({});
    showPreview(dropped);
    showBrush();
    Q_EMIT activeToolChanged();
}

void ToolController::applyToSelection(const QString &id)
{
    Entry *entry = find(id);
    if (!entry || m_isWorking || m_unnamed || m_proposal || !m_document.isLoaded() || m_document.isReadOnly())
        return;
    take(entry->tool->finish(contextOf(*entry)));
    runWork(*entry);
}

void ToolController::setDrawOver(const DrawOverChoice &choice)
{
    if (choice == m_drawOver)
        return;
    m_drawOver = choice;
    Q_EMIT drawOverChanged();
}

QString ToolController::message() const
{
    return m_message;
}

void ToolController::setMessage(const QString &message)
{
    if (message == m_message)
        return;
    m_message = message;
    Q_EMIT messageChanged();
}

void ToolController::setModelProposal(std::shared_ptr<const Proposal> proposal, const TakeOptions &taking)
{
    m_modelProposal = std::move(proposal);
    m_taking = taking;
}

void ToolController::showBrush()
{
    m_canvas.setToolCursor(m_active == 0 ? Qt::ArrowCursor : Qt::CrossCursor);
    if (usesBrush())
        m_canvas.setBrushCursor(
            BrushCursor{m_brushRadiusPx, m_isBrushSquare, m_sizing ? std::optional(m_sizing->pressed) : std::nullopt});
    else
        m_canvas.setBrushCursor(std::nullopt);
}

ToolContext ToolController::contextOf(const Entry &entry) const
{
    const std::string label = m_document.activeLabel().toStdString();
    return {.annotation = m_document.annotation(),
            .imageSize = m_document.imageSize(),
            .label = label.empty() ? std::string(kUnnamedClass) : label,
            .selection = m_document.selection(),
            .protectedShapes = m_document.protectedShapes(),
            .brushRadiusPx = m_brushRadiusPx,
            .brushSquare = m_isBrushSquare,
            .grid = &m_canvas.shapeGrid(),
            .drawOver = m_drawOver.rule,
            .overClass = m_drawOver.className,
            .lockedClasses = m_document.lockedLabels(),
            .image = m_document.image(),
            .proposal = m_modelProposal,
            .taking = m_taking,
            .options = entry.options};
}

bool ToolController::takesEvents() const
{
    return active() && !m_unnamed && !m_proposal && !m_document.isReadOnly();
}

/// True if the press must not reach the tool: its class is locked, or has to be asked for first.
bool ToolController::startsWithout(const PointerEvent &event)
{
    using Use = ToolDescription::Use;
    const Use use = active()->description.use;
    const bool draws = use == Use::Draws || use == Use::DrawsClasses;
    const bool isLocked = draws && m_document.lockedLabels().contains(m_document.activeLabel().toStdString());
    setMessage(isLocked ? tr("The class %1 is locked.").arg(m_document.activeLabel()) : QString());
    if (isLocked && !active()->tool->isBusy())
        return true;
    if (use == Use::DrawsClasses && m_document.activeLabel().isEmpty()) {
        const QPointF at = m_canvas.viewport().widgetFromImage(QPointF(event.position.x, event.position.y));
        m_popup->ask(at.toPoint(), classChoices(), {}, [this](const std::optional<QString> &name) {
            if (name)
                m_document.setActiveLabel(*name);
        });
        return true;
    }
    return false;
}

/// Alt-drag: to the right larger, to the left smaller, as far as the pointer goes.
bool ToolController::sizeBrush(const PointerEvent &event)
{
    if (!m_sizing)
        return false;
    setBrushRadiusPx(std::max(0.5, m_sizing->radiusPx + wayToTheRight(m_sizing->pressed, event)));
    return true;
}

void ToolController::press(const PointerEvent &event)
{
    if (!takesEvents())
        return;
    if (usesBrush() && event.alt) {
        m_sizing = {event.position, m_brushRadiusPx};
        showBrush();
        return;
    }
    if (!startsWithout(event))
        take(active()->tool->press(context(), event));
}

void ToolController::move(const PointerEvent &event, bool buttonDown)
{
    if (takesEvents() && !sizeBrush(event))
        take(active()->tool->move(context(), event, buttonDown));
}

void ToolController::release(const PointerEvent &event)
{
    if (!takesEvents())
        return;
    if (sizeBrush(event)) {
        m_sizing.reset();
        showBrush();
        return;
    }
    take(active()->tool->release(context(), event));
}

bool ToolController::command(CanvasCommand command)
{
    if (!active() || !m_document.isLoaded())
        return false;
    if (m_unnamed) {
        if (command == CanvasCommand::Cancel)
            m_popup->giveUp();
        return true;
    }
    if (m_proposal) {
        if (command != CanvasCommand::Back)
            Q_EMIT proposalAnswered(command == CanvasCommand::Finish);
        return true;
    }
    Tool &tool = *active()->tool;
    ToolResult result = command == CanvasCommand::Finish ? tool.finish(context())
                        : command == CanvasCommand::Back ? tool.back(context())
                                                         : tool.cancel();
    if (command == CanvasCommand::Cancel) {
        dropWork();
        setMessage({});
    }
    const bool isHandled = take(std::move(result));
    if (!isHandled && command == CanvasCommand::Cancel && !m_document.selection().empty()) {
        m_document.setSelection({});
        return true;
    }
    return isHandled;
}

bool ToolController::nudge(Point delta)
{
    return takesEvents() && m_document.isLoaded() && take(active()->tool->nudge(context(), delta));
}

bool ToolController::removeChosen()
{
    if (!takesEvents() || !m_document.isLoaded())
        return false;
    ToolResult result = active()->tool->removeChosen(context());
    setMessage(result.handled && !result.edit ? tr("A polygon keeps three points at least, a line two.") : QString());
    return take(std::move(result));
}

/// One job at a time; the tool is asked again when it is done, so that only its newest wish is worked on.
void ToolController::runWork(Entry &entry)
{
    if (m_isWorking || !m_document.isLoaded() || m_document.isReadOnly())
        return;
    ToolWork work = entry.tool->nextWork(contextOf(entry));
    if (!work)
        return;
    m_isWorking = true;
    m_worker = &entry;
    Q_EMIT workingChanged();
    const auto result = std::make_shared<std::any>();
    const QString title = QCoreApplication::translate("Tool", entry.description.title.c_str());
    const quint64 generation = m_workGeneration;
    const JobId id = m_jobs.start(makeJob(
        title,
        [work = std::move(work), result](JobControl &control) -> Result<void> {
            *result = work(control.stopToken());
            return {};
        },
        [self = QPointer<ToolController>(this), generation, result](const Result<void> &done, bool canceled) {
            if (self && !canceled)
                self->takeWork(generation, done, *result);
        }));
    if (m_isWorking && generation == m_workGeneration)
        m_work = id;
}

void ToolController::takeWork(quint64 generation, const Result<void> &done, const std::any &result)
{
    if (generation != m_workGeneration)
        return;
    m_isWorking = false;
    Q_EMIT workingChanged();
    if (!m_document.isLoaded())
        return;
    setMessage(done ? QString()
                    : tr("This could not be worked out: %1").arg(QString::fromStdString(done.error().message)));
    take(m_worker->tool->takeWork(contextOf(*m_worker), done ? result : std::any()));
}

void ToolController::dropWork()
{
    ++m_workGeneration;
    if (!m_isWorking)
        return;
    m_isWorking = false;
    if (m_worker != active())
        m_worker->tool->cancel();
    m_jobs.cancel(m_work);
    Q_EMIT workingChanged();
}

/// Returns whether the tool had a use for the event.
bool ToolController::take(ToolResult result)
{
    if (result.options)
        for (const auto &[key, value] : result.options->members())
            setToolOption(key, value);
    if (!result.problem.empty())
        setMessage(QString::fromStdString(result.problem));
    if (result.selection)
        m_document.setSelection(std::move(*result.selection));
    if (result.edit) {
        if (isUnnamed(*result.edit))
            askLabelFor(std::move(*result.edit));
        else
            m_document.applyEdit(std::move(*result.edit));
    }
    showPreview(result.dirty);
    if (active())
        runWork(m_tools[m_active]);
    return result.handled;
}

void ToolController::setProposal(std::optional<ToolPreview> proposal)
{
    if (proposal && !m_proposal && active()) {
        active()->tool->cancel();
        dropWork();
        m_sizing.reset();
    }
    m_proposal = std::move(proposal);
    showPreview({});
}

void ToolController::showPreview(Rect dirty)
{
    if (m_proposal && m_document.isLoaded())
        m_canvas.setPreview(*m_proposal, dirty);
    else if (m_unnamed)
        m_canvas.setPreview(previewOf(*m_unnamed), dirty);
    else if (active() && m_document.isLoaded())
        m_canvas.setPreview(active()->tool->preview(context()), dirty);
    else
        m_canvas.setPreview({}, dirty);
}

bool ToolController::takesKeyboardPointer() const
{
    return activeTool() != QLatin1String("select") || m_document.selection().empty();
}

void ToolController::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
    case ChangeEvent::CurrentItem:
        m_popup->giveUp();
        dropWork();
        m_sizing.reset();
        setMessage({});
        for (Entry &entry : m_tools)
            entry.tool->leaveImage();
        break;
    case ChangeEvent::AnnotationChanged: // undo below a gesture takes away what it stands on
        if (active() && active()->tool->isBusy()) {
            active()->tool->cancel();
            dropWork();
        }
        showPreview(event.dirty);
        break;
    case ChangeEvent::ImageLoaded:
    case ChangeEvent::SelectionChanged:
    case ChangeEvent::ActiveLabelChanged:
    case ChangeEvent::VisibilityChanged: showPreview({}); break;
    default: break;
    }
}

} // namespace masque
