// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/tools/smart/GrabCutTool.h"

#include "core/annotations/Proposal.h"
#include "core/annotations/mask_ops.h"
#include "core/annotations/tools/regions.h"
#include "core/annotations/tools/smart/segmentation.h"
#include "core/annotations/tools/tool_geometry.h"

namespace masque {

namespace {

constexpr std::uint8_t kProposed = 1, kBelongs = 2, kDoesNot = 3;
constexpr std::uint8_t kCertain = 230; ///< of 255

struct GrabCutOptions {
    std::string start = "box";
    int iterations = 3;
    std::string detail = "normal";
};

const OptionTable<GrabCutOptions> &table()
{
    static const auto made =
        OptionTable<GrabCutOptions>()
            .add({.key = "start",
                  .label = "Start",
                  .help = "Draw a box around the object, or a stroke on it, or click it in the model's proposal.",
                  .type = OptionType::Choice,
                  .choices = {"box", "strokes", "model"}},
                 &GrabCutOptions::start)
            .add({.key = "iterations",
                  .label = "Iterations",
                  .help = "More follow the object's colours better and take longer.",
                  .type = OptionType::Int,
                  .minimum = 1,
                  .maximum = 20},
                 &GrabCutOptions::iterations)
            .add({.key = "detail",
                  .label = "Detail",
                  .help = "Large objects are worked on in a reduced copy: normal 0.15, fine 0.6 megapixels.",
                  .type = OptionType::Choice,
                  .choices = {"normal", "fine"}},
                 &GrabCutOptions::detail);
    return made;
}

Rect pixelsOfBox(Point a, Point b, Size image)
{
    const int left = static_cast<int>(std::floor(std::min(a.x, b.x))),
              top = static_cast<int>(std::floor(std::min(a.y, b.y)));
    const int right = static_cast<int>(std::ceil(std::max(a.x, b.x)));
    const int bottom = static_cast<int>(std::ceil(std::max(a.y, b.y)));
    return Rect{left, top, right - left, bottom - top}.intersected({0, 0, image.width, image.height});
}

/// One over the other, where it says something.
Mask overlaid(const Mask &under, const Mask &over)
{
    const Rect box = under.box.united(over.box);
    if (box.isEmpty())
        return {};
    Mask out{box, blankBits({box.width, box.height})};
    for (const Mask *mask : {&under, &over})
        if (!mask->box.isEmpty())
            mask->bits.copyTo(part(out, mask->box).bits, mask->bits != 0);
    return out;
}

bool isObject(const Proposal &proposal, cv::Point pixel)
{
    const std::size_t id = proposal.ids(pixel);
    return id < proposal.classes.size() && proposal.classes[id] != kBackgroundName;
}

} // namespace

const std::vector<OptionSpec> &GrabCutTool::options()
{
    return table().specs();
}

Rect GrabCutTool::paintTo(const ToolContext &context, const PointerEvent &event)
{
    const Stroke::Dab dab = brushDab(context, event);
    m_strokes->paint(m_last, dab);
    const Rect dirty = m_canvas->paint(m_last, dab);
    m_last = dab;
    return dirty;
}

GrabCutTool::Cut GrabCutTool::fromModel(const Proposal &proposal, cv::Point seed, const std::stop_token &stop)
{
    const int id = proposal.ids(seed);
    const auto isSame = [&](const Rect &area) { return whereEqual(proposal.ids(toCv(area)), id); };
    Cut cut{.object = connectedRegion(proposal.size(), seed, isSame, stop), .box = {}, .certain = {}};
    const Rect &object = cut.object.box;
    if (object.isEmpty()) // stopped
        return cut;
    const int margin = 16 + std::max(object.width, object.height) / 8;
    cut.box =
        Rect{object.x - margin, object.y - margin, object.width + 2 * margin, object.height + 2 * margin}.intersected(
            {0, 0, proposal.ids.cols, proposal.ids.rows});
    cut.certain = {cut.box, cv::Mat1b(cut.box.height, cut.box.width, kDoesNot)};
    part(cut.certain, object).bits.setTo(kBelongs, cut.object.bits);
    cut.certain.bits.setTo(0, proposal.confidence(toCv(cut.box)) < kCertain);
    return cut;
}

ToolResult GrabCutTool::press(const ToolContext &context, const PointerEvent &event)
{
    if (context.label.empty() || context.image.empty())
        return {.handled = isBusy()};
    const std::string start = optionsFrom(table(), context).start;
    if (!isBusy() && start == "model") {
        m_seed = context.proposal ? pixelAt(event.position, context.imageSize) : std::nullopt;
        if (!m_seed || !isObject(*context.proposal, *m_seed)) {
            m_seed.reset();
            return {};
        }
        m_canvas.emplace(context);
        m_strokes.emplace(context);
        wish();
        return {};
    }
    if (!isBusy() && start == "box") {
        m_corner = m_end = intoImage(event.position, context.imageSize);
        return {};
    }
    if (m_corner) // a box that was clicked, not dragged: this is its other corner
        return release(context, event);
    if (!m_canvas) {
        m_canvas.emplace(context);
        m_strokes.emplace(context);
    }
    m_isPainting = true;
    m_value = event.control ? kDoesNot : kBelongs;
    for (auto *stroke : {&*m_canvas, &*m_strokes}) {
        stroke->setTip(context.brushSquare ? Stroke::Tip::Square : Stroke::Tip::Round);
        stroke->setValue(m_value);
    }
    m_last = brushDab(context, event);
    return {.dirty = paintTo(context, event)};
}

ToolResult GrabCutTool::move(const ToolContext &context, const PointerEvent &event, bool buttonDown)
{
    if (m_corner) {
        m_end = intoImage(event.position, context.imageSize);
        return {};
    }
    return m_isPainting && buttonDown ? ToolResult{.dirty = paintTo(context, event)} : ToolResult{};
}

ToolResult GrabCutTool::release(const ToolContext &context, const PointerEvent &event)
{
    if (m_corner) {
        m_end = intoImage(event.position, context.imageSize);
        const Rect box = pixelsOfBox(*m_corner, m_end, context.imageSize);
        if (distance(*m_corner, m_end) <= kTrembleScreenPx * event.imagePixelsPerScreenPixel || box.isEmpty())
            return {};
        m_corner.reset();
        m_box = box;
        m_canvas.emplace(context);
        m_strokes.emplace(context);
        wish();
        return {};
    }
    if (!std::exchange(m_isPainting, false))
        return {.handled = isBusy()};
    const Rect dirty = paintTo(context, event);
    wish();
    return {.dirty = dirty};
}

ToolWork GrabCutTool::makeWork(const ToolContext &context)
{
    const GrabCutOptions options = optionsFrom(table(), context);
    CutRequest request{.image = context.image,
                       .box = m_box,
                       .strokes = m_certain,
                       .previous = proposal() ? *proposal() : Mask{},
                       .iterations = options.iterations,
                       .maxPixels = options.detail == "fine" ? 600000 : 150000};
    const auto strokes = m_strokes->view(); // copied: the next stroke paints into the same pixels
    if (!strokes->box.isEmpty())
        request.strokes = overlaid(m_certain, *strokes);
    return [request = std::move(request), seed = m_seed, model = context.proposal,
            certain = m_certain](const std::stop_token &stop) mutable {
        Cut cut{.object = {}, .box = request.box, .certain = certain};
        if (seed && model) {
            cut = fromModel(*model, *seed, stop);
            request.box = cut.box;
            request.previous = cut.object;
            request.strokes = overlaid(cut.certain, request.strokes);
        }
        cut.object = grabCut(request);
        return std::any(std::move(cut));
    };
}

Rect GrabCutTool::workDone(const ToolContext &context, std::any &work)
{
    const Rect before = m_canvas->view()->box;
    Cut cut = std::any_cast<Cut>(std::move(work));
    m_seed.reset();
    m_box = cut.box;
    m_certain = std::move(cut.certain);
    propose(context, std::move(cut.object));
    m_canvas.emplace(context);
    if (const auto shown = ProposalTool::preview(context).stroke) {
        m_canvas->setValue(kProposed);
        m_canvas->add(*shown);
    }
    if (m_isPainting || isWorking()) { // strokes drawn meanwhile
        for (const std::uint8_t value : {kBelongs, kDoesNot}) {
            m_canvas->setValue(value);
            const auto strokes = m_strokes->view();
            if (!strokes->box.isEmpty())
                m_canvas->add({strokes->box, whereEqual(strokes->bits, value)});
        }
        m_canvas->setValue(m_value);
    }
    return before;
}

Rect GrabCutTool::drop()
{
    const Rect dirty = m_canvas ? m_canvas->view()->box : Rect{};
    m_corner.reset();
    m_seed.reset();
    m_box = {};
    m_certain = {};
    m_canvas.reset();
    m_strokes.reset();
    m_isPainting = false;
    return dirty;
}

ToolPreview GrabCutTool::preview(const ToolContext &context) const
{
    ToolPreview preview;
    if (m_corner) {
        const Point a = *m_corner, b = m_end;
        preview.outline = {a, {b.x, a.y}, b, {a.x, b.y}};
        preview.closed = true;
    } else if (m_canvas) {
        preview.stroke = m_canvas->view();
        preview.strokeLabels = {context.label, context.label, ""};
        if (!m_box.isEmpty()) {
            const double l = m_box.x, t = m_box.y, r = m_box.right(), b = m_box.bottom();
            preview.outline = {{l, t}, {r, t}, {r, b}, {l, b}};
            preview.closed = true;
        }
    }
    return preview;
}

} // namespace masque
