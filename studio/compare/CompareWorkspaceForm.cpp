// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/rasterise.h"
#include "studio/compare/CompareSide.h"
#include "studio/compare/CompareWorkspace.h"
#include "studio/compare/LinkedViews.h"
#include "studio/compare/LookChoice.h"
#include "studio/compare/RunChoice.h"
#include "studio/theme/Theme.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

/// CompareWorkspace's controls, and what its colours mean.
namespace masque {

QWidget *CompareWorkspace::makeViews()
{
    m_views = new LinkedViews;
    m_look = new LookChoice(*m_views, this);
    auto *opacity = new QSlider(Qt::Horizontal);
    opacity->setObjectName(QStringLiteral("compare-opacity"));
    opacity->setAccessibleName(tr("Overlay opacity"));
    opacity->setRange(0, 100);
    opacity->setValue(60);
    opacity->setFixedWidth(128);
    auto *opacityLabel = new QLabel(tr("&Overlay"));
    opacityLabel->setBuddy(opacity);
    auto *fit = new QToolButton;
    fit->setObjectName(QStringLiteral("compare-fit"));
    fit->setIcon(Theme::instance().icon(QStringLiteral("fit")));
    fit->setAccessibleName(tr("Fit the image"));
    fit->setToolTip(tr("Fit the image"));
    connect(opacity, &QSlider::valueChanged, this, [this](int percent) { m_views->setOpacity(percent / 100.0); });
    connect(fit, &QToolButton::clicked, m_views, &LinkedViews::fit);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 8, 16, 0);
    bar->setSpacing(8);
    bar->addWidget(m_look->arrangement());
    bar->addStretch();
    bar->addWidget(opacityLabel);
    bar->addWidget(opacity);
    bar->addWidget(fit);
    auto *column = new QWidget;
    auto *layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(bar);
    layout->addWidget(m_views, 1);
    return column;
}

QHBoxLayout *CompareWorkspace::makeBar()
{
    m_runs = new RunChoice(m_document, m_jobs);
    m_style = new QComboBox;
    m_style->setObjectName(QStringLiteral("compare-style"));
    m_style->setAccessibleName(tr("Shapes made from the prediction"));
    m_style->addItem(tr("as polygons"), static_cast<int>(ShapeStyle::Polygons));
    m_style->addItem(tr("as masks"), static_cast<int>(ShapeStyle::Masks));
    m_take = new QPushButton(tr("Take as Annotation"));
    m_take->setObjectName(QStringLiteral("compare-take"));
    m_take->setAccessibleName(tr("Take the prediction as annotation"));
    m_take->setToolTip(
        tr("Replaces this image's shapes by the prediction and goes on in Label; can be undone (Return)"));
    m_take->setProperty("role", "primary");
    m_acceptNext = new QPushButton(tr("Accept and Next"));
    m_acceptNext->setObjectName(QStringLiteral("compare-accept-next"));
    m_acceptNext->setAccessibleName(tr("Accept the prediction and go to the next image"));
    m_acceptNext->setToolTip(
        tr("Takes the prediction as annotation, marks it reviewed and shows the next image (Shift+Return)"));

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 8, 16, 8);
    bar->setSpacing(8);
    bar->addWidget(m_runs, 1);
    bar->addSpacing(16);
    bar->addWidget(m_style);
    bar->addWidget(m_acceptNext);
    bar->addWidget(m_take);

    connect(m_take, &QPushButton::clicked, this, [this] { takeAsAnnotation(Then::Edit); });
    connect(m_acceptNext, &QPushButton::clicked, this, [this] { takeAsAnnotation(Then::Next); });
    addKeys();
    return bar;
}

void CompareWorkspace::addKeys()
{
    const auto addKey = [this](const char *name, Qt::Modifier modifier, QPushButton *button) {
        auto *action = new QAction(button->text(), this);
        action->setObjectName(QLatin1String(name));
        action->setShortcuts({QKeySequence(modifier | Qt::Key_Return), QKeySequence(modifier | Qt::Key_Enter)});
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
        action->setToolTip(button->toolTip());
        connect(action, &QAction::triggered, button, &QPushButton::click);
        connect(action, &QAction::changed, button, [action, button] { button->setToolTip(action->toolTip()); });
    };
    addKey("take-prediction", {}, m_take);
    addKey("accept-prediction", Qt::SHIFT, m_acceptNext);
}

void CompareWorkspace::showLegend()
{
    using Differs = ComparisonLook::Differs;
    std::vector<std::pair<Color, QString>> legend;
    switch (look().differs) {
    case Differs::Rivals:
        legend = {{rivalColor(RivalKind::OnlyFirst), tr("Only this run is right")},
                  {rivalColor(RivalKind::OnlySecond), tr("Only the other is right")},
                  {rivalColor(RivalKind::BothWrong), tr("Both are wrong")},
                  {rivalColor(RivalKind::Ignored), tr("Ignored")}};
        break;
    case Differs::Classes: break; // the colours are those of the classes
    case Differs::Kinds:
    case Differs::OneClass:
        legend = {{differenceColor(DifferenceKind::Right), tr("Right")},
                  {differenceColor(DifferenceKind::Missed), tr("Missed: in the ground truth only")},
                  {differenceColor(DifferenceKind::False), tr("False: in the prediction only")},
                  {differenceColor(DifferenceKind::WrongClass), tr("Another class")},
                  {differenceColor(DifferenceKind::Ignored), tr("Ignored")}};
        if (look().differs == Differs::OneClass)
            legend.erase(legend.begin() + 3);
    }
    m_side->setLegend(legend, look().differs == Differs::Classes ? tr(
                                  "In the colour of the class that should be there; where there should be none, of "
                                  "the one that was seen")
                                                                 : QString());
}

} // namespace masque
