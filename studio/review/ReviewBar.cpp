// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/review/ReviewBar.h"

#include "core/annotations/mask_ops.h"
#include "core/annotations/rasterise.h"
#include "core/annotations/shape_ops.h"

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <set>

namespace masque {

namespace {

/// What a region becomes as a polygon: the outline of its greatest part, all points, and the IoU with its pixels.
struct OutlineOfRegion {
    std::vector<Point> outline;
    std::size_t points = 0;
    double iou = 1;
};

OutlineOfRegion outlineOf(const Mask &mask, double tolerancePx)
{
    OutlineOfRegion out;
    Mask drawn{mask.box, blankBits(mask.bits.size())};
    const Point origin{double(mask.box.x), double(mask.box.y)};
    for (const TracedRegion &region : traceMask(mask.bits, origin, tolerancePx)) {
        paintShape(drawn.bits, origin, {.points = region.outer}, 1);
        for (const auto &hole : region.holes)
            paintShape(drawn.bits, origin, {.points = hole}, 0);
        out.points += region.outer.size();
        if (region.outer.size() > out.outline.size())
            out.outline = region.outer;
    }
    out.iou = maskIou(drawn, mask);
    return out;
}

} // namespace

ReviewBar::ReviewBar(Document &document, ReviewQueue &queue, QWidget *parent)
    : QFrame(parent), m_document(document), m_queue(queue)
{
    setObjectName(QStringLiteral("review-bar"));
    setAccessibleName(tr("Review of proposals"));
    const auto addLabel = [](const char *name, const char *role) {
        auto *label = new QLabel;
        label->setObjectName(QLatin1String(name));
        label->setTextFormat(Qt::PlainText);
        label->setProperty("role", QLatin1String(role));
        return label;
    };
    m_region = addLabel("review-region", "");
    m_left = addLabel("review-left", "muted");
    m_loss = addLabel("review-loss", "muted");
    m_style = new QComboBox;
    m_style->setObjectName(QStringLiteral("review-style"));
    m_style->setAccessibleName(tr("Taken as"));
    m_style->setToolTip(tr("As what a proposal is taken"));
    m_style->addItem(tr("Masks"), static_cast<int>(ShapeStyle::Masks));
    m_style->addItem(tr("Polygons"), static_cast<int>(ShapeStyle::Polygons));
    m_tolerance = new QDoubleSpinBox;
    m_tolerance->setObjectName(QStringLiteral("review-tolerance"));
    m_tolerance->setAccessibleName(tr("Tolerance"));
    m_tolerance->setToolTip(tr("How far a polygon's outline may lie from the pixels"));
    m_tolerance->setRange(0, 30);
    m_tolerance->setDecimals(1);
    m_tolerance->setSingleStep(0.5);
    m_tolerance->setSuffix(tr(" px"));
    m_sure = new QDoubleSpinBox;
    m_sure->setObjectName(QStringLiteral("review-sure"));
    m_sure->setAccessibleName(tr("Confidence"));
    m_sure->setRange(50, 100);
    m_sure->setDecimals(0);
    m_sure->setValue(95);
    m_sure->setSuffix(tr(" %"));
    m_acceptAbove = new QToolButton;
    m_acceptAbove->setObjectName(QStringLiteral("review-accept-above"));
    m_acceptAbove->setText(tr("Accept all above"));
    m_acceptAbove->setToolTip(tr("Takes every region of every image that the model is at least this sure of; the rest "
                                 "is left to you. Each image can be undone by itself."));
    m_more = new QToolButton;
    m_more->setObjectName(QStringLiteral("review-more"));
    m_more->setText(tr("Image"));
    m_more->setToolTip(tr("Decisions on the whole image"));
    m_more->setPopupMode(QToolButton::InstantPopup);
    m_menu = new QMenu(m_more);
    m_menu->setObjectName(QStringLiteral("review-menu"));
    m_classes = m_menu->addMenu(tr("Accept the class"));
    m_classes->setObjectName(QStringLiteral("review-classes"));
    m_more->setMenu(m_menu);

    auto *upper = new QHBoxLayout;
    upper->setSpacing(8);
    m_region->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a window for small screens cuts it
    upper->addWidget(m_region, 1);
    upper->addWidget(m_left);
    upper->addSpacing(8);
    upper->addWidget(m_loss);
    upper->addWidget(m_style);
    upper->addWidget(m_tolerance);
    m_buttons = new QHBoxLayout;
    m_buttons->setSpacing(4);
    auto *lower = new QHBoxLayout;
    lower->setSpacing(8);
    lower->addLayout(m_buttons);
    lower->addWidget(m_more);
    lower->addStretch(1);
    lower->addWidget(m_acceptAbove);
    lower->addWidget(m_sure);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(4);
    layout->addLayout(upper);
    layout->addLayout(lower);

    const TakeOptions &taking = queue.taking();
    m_style->setCurrentIndex(m_style->findData(static_cast<int>(taking.style)));
    m_tolerance->setValue(taking.tolerancePx);
    connect(m_style, &QComboBox::currentIndexChanged, this, &ReviewBar::setTaking);
    connect(m_tolerance, &QDoubleSpinBox::valueChanged, this, &ReviewBar::setTaking);
    connect(m_acceptAbove, &QToolButton::clicked, this, [this] { m_queue.acceptAbove(m_sure->value() / 100); });
    connect(&queue, &ReviewQueue::changed, this, &ReviewBar::refresh);
    connect(&queue, &ReviewQueue::takingChanged, this, &ReviewBar::refresh);
    connect(m_classes, &QMenu::aboutToShow, this, [this] {
        m_classes->clear();
        std::set<std::string> names;
        for (const Disagreement &region : m_queue.regions())
            if (!region.proposed.empty())
                names.insert(region.proposed);
        for (const std::string &name : names)
            m_classes->addAction(QString::fromStdString(name), this,
                                 [this, name] { m_queue.acceptClass(QString::fromStdString(name)); });
    });
    refresh();
}

void ReviewBar::addAction(QAction *action)
{
    auto *button = new QToolButton;
    button->setObjectName(QStringLiteral("button-") + action->objectName());
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    m_buttons->addWidget(button);
}

void ReviewBar::addMenuAction(QAction *action)
{
    m_menu->insertAction(m_classes->menuAction(), action);
}

void ReviewBar::setWanted(bool wanted)
{
    m_isWanted = wanted;
    refresh();
}

void ReviewBar::setTaking()
{
    TakeOptions taking = m_queue.taking();
    taking.style = static_cast<ShapeStyle>(m_style->currentData().toInt());
    taking.tolerancePx = m_tolerance->value();
    m_queue.setTaking(taking);
}

QString ReviewBar::regionText() const
{
    const Disagreement *region = m_queue.currentRegion();
    if (!region)
        return m_queue.proposal() ? tr("Nothing is left to decide in this image.") : tr("No proposal for this image.");
    const QString nothing = tr("nothing");
    const auto name = [&](const std::string &label) { return label.empty() ? nothing : QString::fromStdString(label); };
    return tr("%1 of %2").arg(m_queue.current() + 1).arg(m_queue.regions().size()) + QStringLiteral("    ")
           + tr("labelled %1, the model says %2").arg(name(region->labelled), name(region->proposed))
           + QStringLiteral("    ")
           + tr("%1 % sure, %2 px").arg(region->confidence * 100, 0, 'f', 0).arg(region->areaPx);
}

void ReviewBar::refresh()
{
    setVisible(m_isWanted && (m_queue.imagesLeft() > 0 || !m_queue.regions().empty()));
    const Disagreement *region = m_queue.currentRegion();
    m_region->setText(regionText());
    m_region->setToolTip(m_region->text());
    m_left->setText(tr("Left: %1 regions in %2 images").arg(m_queue.regionsLeft()).arg(m_queue.imagesLeft())
                    + (m_queue.isScanning() ? QStringLiteral("…") : QString()));
    m_acceptAbove->setEnabled(!m_queue.isAccepting());
    m_more->setEnabled(m_queue.proposal() != nullptr && !m_document.isReadOnly());
    const TakeOptions &taking = m_queue.taking();
    const bool isPolygons = taking.style == ShapeStyle::Polygons;
    const QSignalBlocker quietStyle(m_style), quietTolerance(m_tolerance);
    m_style->setCurrentIndex(m_style->findData(static_cast<int>(taking.style)));
    m_tolerance->setValue(taking.tolerancePx);
    m_tolerance->setVisible(isPolygons);
    m_outline.clear();
    QString loss;
    if (isPolygons && region) {
        const OutlineOfRegion traced = outlineOf(*region->pixels, taking.tolerancePx);
        m_outline = traced.outline;
        loss = tr("%1 points, IoU %2").arg(traced.points).arg(traced.iou, 0, 'f', 3);
    }
    m_loss->setText(loss);
    m_loss->setVisible(!loss.isEmpty());
    Q_EMIT outlineChanged();
}

} // namespace masque
