// SPDX-License-Identifier: GPL-3.0-or-later
// LabelWorkspace's ways with a model's proposals.
#include "studio/panels/LabelWorkspace.h"

#include "studio/canvas/CanvasWidget.h"
#include "studio/review/PredictDialog.h"
#include "studio/review/ReviewBar.h"
#include "studio/review/ReviewQueue.h"
#include "studio/tools/ToolController.h"

#include <QAction>

namespace masque {

namespace {

constexpr double kSmallPx = 40; ///< a region that is smaller on the screen is zoomed to

} // namespace

void LabelWorkspace::makeReviewActions(const PluginRegistry &plugins, JobRunner &jobs)
{
    const auto add = [this](const char *name, const QString &text, const char *key, const QString &help,
                            std::function<void()> slot) {
        QList<QKeySequence> keys;
        if (*key)
            keys << QKeySequence(QLatin1String(key));
        QAction *action = addAction(m_reviewActions, QLatin1String(name), text, {}, keys, std::move(slot));
        action->setToolTip(help);
        return action;
    };
    add("predict-dataset", tr("Predict the Dataset…"), "Ctrl+Shift+R",
        tr("A trained network's predictions as proposals beside your annotations"), [this, &plugins, &jobs] {
            if (!m_predict)
                m_predict = new PredictDialog(m_document, *m_review, plugins.models, jobs, this);
            m_predict->begin();
        });
    m_showProposals = add("show-proposals", tr("Show proposals"), "Shift+V",
                          tr("Regions where a model says something else than the labels"), {});
    m_showProposals->setCheckable(true);
    m_showProposals->setChecked(true);
    m_rememberedActions << m_showProposals;
    connect(m_showProposals, &QAction::toggled, this, [this](bool isOn) {
        m_reviewBar->setWanted(isOn);
        showProposals();
    });
    addSeparator(m_reviewActions);
    const QList<QAction *> decisions{
        add("review-accept", tr("Accept the model's"), "Y", tr("The region gets the class that the model says"),
            [this] { m_review->accept(); }),
        add("review-keep", tr("Keep mine"), "N", tr("The labels are right here; the model's is not asked again"),
            [this] { m_review->keep(); }),
        add("review-repaint", tr("Repaint here"), "U",
            tr("The brush, in the model's class, where the region is; then keep what you painted"),
            [this] { repaintRegion(); }),
        add("review-previous", tr("Previous"), "Shift+J", tr("The region before; nothing is decided"),
            [this] { m_review->step(-1); }),
        add("review-next", tr("Next"), "J", tr("The next region, in the next image if need be; nothing is decided"),
            [this] { m_review->step(1); })};
    for (QAction *action : decisions)
        m_reviewBar->addAction(action);
    addSeparator(m_reviewActions);
    for (QAction *action : {add("review-accept-image", tr("Accept the whole image"), "Shift+Y",
                                tr("The annotation becomes what the model says"), [this] { m_review->acceptImage(); }),
                            add("review-reject-image", tr("Reject the whole image"), "Shift+N",
                                tr("The labels are right in all of the image"), [this] { m_review->rejectImage(); })})
        m_reviewBar->addMenuAction(action);

    const auto enable = [this, decisions] {
        const bool isOn = m_review->currentRegion() && !m_document.isReadOnly();
        for (QAction *action : decisions)
            action->setEnabled(isOn);
        decisions.back()->setEnabled(m_review->imagesLeft() > 0);
        m_tools->setModelProposal(m_review->proposal(), m_review->taking());
    };
    enable();
    connect(m_review, &ReviewQueue::changed, this, enable);
    connect(m_review, &ReviewQueue::takingChanged, this, enable);
    connect(m_reviewBar, &ReviewBar::outlineChanged, this, &LabelWorkspace::showProposals);
    connect(m_review, &ReviewQueue::currentChanged, this, &LabelWorkspace::showRegion);
    connect(m_review, &ReviewQueue::message, this, &LabelWorkspace::messageText);
}

void LabelWorkspace::showProposals()
{
    std::vector<ProposedRegion> shown;
    const auto &regions = m_review->regions();
    for (std::size_t i = 0; i < regions.size() && m_showProposals && m_showProposals->isChecked(); ++i) {
        const bool isCurrent = static_cast<int>(i) == m_review->current();
        shown.push_back({.pixels = regions[i].pixels,
                         .label = regions[i].proposed,
                         .isCurrent = isCurrent,
                         .outline = isCurrent ? m_reviewBar->outline() : std::vector<Point>()});
    }
    m_canvas->setProposals(std::move(shown));
}

void LabelWorkspace::showRegion()
{
    const Disagreement *region = m_review->currentRegion();
    if (!region || !m_showProposals->isChecked())
        return;
    Shape shape{.type = ShapeType::Mask};
    shape.mask = region->pixels;
    showClosely(shape);
}

void LabelWorkspace::showClosely(const Shape &shape)
{
    const Rect box = shape.bounds();
    const double side = std::max({box.width, box.height, 1});
    if (side * m_canvas->viewport().scale() < kSmallPx)
        m_canvas->zoomTo(std::min(8.0, 4 * kSmallPx / side));
    m_canvas->showShape(shape);
}

void LabelWorkspace::repaintRegion()
{
    const Disagreement *region = m_review->currentRegion();
    if (!region)
        return;
    const std::string &label = region->proposed.empty() ? region->labelled : region->proposed;
    if (!label.empty())
        m_document.setActiveLabel(QString::fromStdString(label));
    m_tools->setActiveTool(QStringLiteral("brush"));
    const Rect &box = region->pixels->box;
    m_canvas->centreOn(QPointF(box.x + box.width / 2.0, box.y + box.height / 2.0));
    m_canvas->setFocus();
}

} // namespace masque
