// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/ToolOptionsBar.h"

#include "studio/forms/option_field.h"
#include "studio/theme/Theme.h"
#include "studio/tools/swatch.h"

#include <QAction>
#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScopedValueRollback>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolBar>
#include <QToolButton>

#include <cmath>

namespace masque {

namespace {

/// The tips are drawn here, since they are what they show.
QIcon tipIcon(bool isSquare, const QColor &color)
{
    QPixmap pixmap(32, 32);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    if (isSquare)
        painter.drawRect(QRectF(8, 8, 16, 16));
    else
        painter.drawEllipse(QRectF(7, 7, 18, 18));
    return QIcon(pixmap);
}

} // namespace

ToolOptionsBar::ToolOptionsBar(Document &document, CanvasWidget &canvas, ToolController &tools, QWidget *parent)
    : QWidget(parent), m_document(document), m_canvas(canvas), m_tools(tools), m_class(new QComboBox(this)),
      m_drawOver(new QComboBox(this)), m_strip(new QToolBar(this)), m_message(new QLabel(this))
{
    setObjectName(QStringLiteral("tool-options"));
    setAccessibleName(tr("Tool options"));
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 0, 8, 0);
    setFixedHeight(40); // whatever the tool shows, the canvas below stays where it is
    layout->setSpacing(8);

    m_class->setObjectName(QStringLiteral("active-class"));
    m_class->setAccessibleName(tr("Active class"));
    m_class->setToolTip(tr("The class of new shapes (digits 1 to 9 pick it)"));
    m_class->setMinimumWidth(128);
    m_class->setFocusPolicy(Qt::ClickFocus);
    m_drawOver->setObjectName(QStringLiteral("draw-over"));
    m_drawOver->setAccessibleName(tr("What may be drawn over"));
    m_drawOver->setToolTip(tr("What may be drawn over; locked and hidden shapes never are"));
    m_drawOver->setFocusPolicy(Qt::ClickFocus);
    m_drawOver->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_message->setObjectName(QStringLiteral("tool-message"));
    m_message->setProperty("role", QStringLiteral("error"));

    m_strip->setObjectName(QStringLiteral("tool-options-strip"));
    m_strip->setStyleSheet(QStringLiteral("QToolBar { border: none; padding: 0; spacing: 0; }"
                                          "#qt_toolbar_ext_button { border: none; padding: 0; }"));
    m_strip->addWidget(titled(tr("Class"), m_class));
    m_drawOverAction = m_strip->addWidget(titled(tr("Over"), m_drawOver));
    m_brush = m_strip->addWidget(makeBrushOptions());
    layout->addWidget(m_strip, 1);
    layout->addWidget(m_message);
    layout->addWidget(makeOpacity());

    connect(m_class, &QComboBox::activated, this, [this](int row) {
        m_document.setActiveLabel(m_class->itemData(row).toString());
        m_canvas.setFocus();
    });
    connect(m_drawOver, &QComboBox::activated, this, [this](int row) {
        const QString name = m_drawOver->itemData(row).toString();
        m_tools.setDrawOver(row == 0   ? DrawOverChoice{}
                            : row == 1 ? DrawOverChoice{DrawOver::Unlabelled}
                                       : DrawOverChoice{DrawOver::OneClass, name.toStdString()});
        m_canvas.setFocus();
    });
    connect(&tools, &ToolController::activeToolChanged, this, &ToolOptionsBar::showTool);
    connect(&tools, &ToolController::brushChanged, this, &ToolOptionsBar::showBrush);
    connect(&tools, &ToolController::optionsChanged, this, &ToolOptionsBar::showToolOptions);
    connect(&tools, &ToolController::drawOverChanged, this, &ToolOptionsBar::showDrawOver);
    connect(&tools, &ToolController::messageChanged, this, &ToolOptionsBar::showMessage);
    connect(&tools, &ToolController::workingChanged, this, &ToolOptionsBar::showMessage);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::LabelsChanged || event.kind == ChangeEvent::DatasetOpened)
            showClasses();
        else if (event.kind == ChangeEvent::ActiveLabelChanged)
            showActiveClass();
    });
    connect(&Theme::instance(), &Theme::changed, this, &ToolOptionsBar::showBrush);
    showClasses();
    showTool();
    showMessage();
}

/// A field with its title before it and room behind it.
QWidget *ToolOptionsBar::titled(const QString &title, QWidget *field)
{
    auto *group = new QWidget(this);
    auto *layout = new QHBoxLayout(group);
    layout->setContentsMargins(0, 0, 16, 0);
    layout->setSpacing(8);
    group->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    if (auto *box = qobject_cast<QCheckBox *>(field)) {
        box->setText(title);
    } else {
        auto *label = new QLabel(title, group);
        label->setBuddy(field);
        label->setToolTip(field->toolTip());
        layout->addWidget(label);
    }
    layout->addWidget(field);
    return group;
}

/// Builds the fields of the active tool from its table.
void ToolOptionsBar::showTool()
{
    const ToolDescription *tool = m_tools.activeDescription();
    m_drawOverAction->setVisible(tool && tool->use != ToolDescription::Use::Selects);
    if (m_optionsAction) {
        m_strip->removeAction(m_optionsAction);
        m_optionsAction->deleteLater();
        m_optionsAction = nullptr;
    }
    m_options.clear();
    if (tool && !tool->options.empty()) {
        auto *group = new QWidget(this);
        group->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
        auto *layout = new QHBoxLayout(group);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        for (const OptionSpec &spec : tool->options) {
            const auto place = m_options.size();
            QWidget *field = makeOptionField(spec, [this, place] {
                if (place < m_options.size() && !m_isShowing)
                    m_tools.setToolOption(m_options[place].first.key,
                                          optionFieldValue(m_options[place].first, m_options[place].second));
            });
            field->setFocusPolicy(Qt::ClickFocus);
            layout->addWidget(titled(translatedOption(spec.label), field));
            m_options.emplace_back(spec, field);
        }
        m_optionsAction = m_strip->addWidget(group);
    }
    showToolOptions();
    showBrush();
    m_strip->layout()->activate(); // now, or the fields appear a frame after the tool
}

void ToolOptionsBar::showToolOptions()
{
    const QScopedValueRollback showing(m_isShowing, true);
    const Json values = m_tools.toolOptions();
    for (const auto &[spec, field] : m_options)
        if (const Json *value = values.find(spec.key); value && !(optionFieldValue(spec, field) == *value))
            setOptionField(field, *value);
}

void ToolOptionsBar::showDrawOver()
{
    const DrawOverChoice &choice = m_tools.drawOver();
    const int row = choice.rule == DrawOver::Everything ? 0
                    : choice.rule == DrawOver::Unlabelled
                        ? 1
                        : m_drawOver->findData(QString::fromStdString(choice.className));
    m_drawOver->setCurrentIndex(row);
    if (row < 0) // a class that this dataset does not have
        m_tools.setDrawOver({});
}

void ToolOptionsBar::showMessage()
{
    m_message->setText(m_tools.message());
    m_message->setVisible(!m_tools.message().isEmpty());
}

QWidget *ToolOptionsBar::makeBrushOptions()
{
    auto *group = new QWidget(this);
    auto *layout = new QHBoxLayout(group);
    layout->setContentsMargins(0, 0, 16, 0);
    layout->setSpacing(8);
    group->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    m_size = new QSlider(Qt::Horizontal, group);
    m_size->setObjectName(QStringLiteral("brush-size-slider"));
    m_size->setAccessibleName(tr("Brush size"));
    m_size->setToolTip(tr("Brush size ([ and ])"));
    m_size->setRange(0, 100); // logarithmic, so that small brushes have as much way as large ones
    m_size->setFixedWidth(80);
    m_sizeField = new QSpinBox(group);
    m_sizeField->setObjectName(QStringLiteral("brush-size"));
    m_sizeField->setAccessibleName(tr("Brush diameter in pixels"));
    m_sizeField->setRange(1, 2 * ToolController::kMaxBrushRadiusPx);
    m_sizeField->setSuffix(tr(" px"));
    m_sizeField->setKeyboardTracking(false);
    auto *title = new QLabel(tr("Size"), group);
    title->setBuddy(m_sizeField);
    m_round = new QToolButton(group);
    m_round->setObjectName(QStringLiteral("brush-round"));
    m_round->setAccessibleName(tr("Round brush"));
    m_round->setToolTip(tr("Round brush"));
    m_square = new QToolButton(group);
    m_square->setObjectName(QStringLiteral("brush-square"));
    m_square->setAccessibleName(tr("Square brush"));
    m_square->setToolTip(tr("Square brush"));
    auto *tips = new QButtonGroup(group);
    for (QToolButton *tip : {m_round, m_square}) {
        tip->setCheckable(true);
        tips->addButton(tip);
    }
    for (QWidget *widget : std::initializer_list<QWidget *>{title, m_size, m_sizeField, m_round, m_square})
        layout->addWidget(widget);

    connect(m_size, &QSlider::valueChanged, this, [this](int value) {
        m_tools.setBrushRadiusPx(std::round(std::pow(2.0 * ToolController::kMaxBrushRadiusPx, value / 100.0)) / 2);
    });
    connect(m_sizeField, &QSpinBox::valueChanged, this, [this](int value) { m_tools.setBrushRadiusPx(value / 2.0); });
    connect(m_round, &QToolButton::clicked, this, [this] { m_tools.setBrushSquare(false); });
    connect(m_square, &QToolButton::clicked, this, [this] { m_tools.setBrushSquare(true); });
    return group;
}

QWidget *ToolOptionsBar::makeOpacity()
{
    auto *group = new QWidget(this);
    auto *layout = new QHBoxLayout(group);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_opacity = new QSlider(Qt::Horizontal, group);
    m_opacity->setObjectName(QStringLiteral("label-opacity"));
    m_opacity->setAccessibleName(tr("Opacity of labels"));
    m_opacity->setToolTip(tr("Opacity of labels"));
    m_opacity->setRange(0, 100);
    setOpacity(m_canvas.overlayOpacity());
    m_opacity->setFixedWidth(64);
    group->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    auto *title = new QLabel(tr("Opacity"), group);
    title->setBuddy(m_opacity);
    layout->addWidget(title);
    layout->addWidget(m_opacity);
    connect(m_opacity, &QSlider::valueChanged, this, [this](int value) { m_canvas.setOverlayOpacity(value / 100.0); });
    return group;
}

void ToolOptionsBar::setOpacity(double opacity)
{
    m_opacity->setValue(static_cast<int>(std::lround(opacity * 100)));
}

void ToolOptionsBar::addToggle(QAction *action)
{
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setObjectName(action->objectName() + QStringLiteral("-button"));
    button->setAccessibleName(action->text());
    layout()->addWidget(button);
}

void ToolOptionsBar::showBrush()
{
    m_brush->setVisible(m_tools.usesBrush());
    const double diameter = 2 * m_tools.brushRadiusPx();
    const QSignalBlocker blockSlider(m_size), blockField(m_sizeField);
    m_size->setValue(
        static_cast<int>(std::lround(100 * std::log(diameter) / std::log(2.0 * ToolController::kMaxBrushRadiusPx))));
    m_sizeField->setValue(static_cast<int>(std::lround(diameter)));
    (m_tools.isBrushSquare() ? m_square : m_round)->setChecked(true);
    m_round->setIcon(tipIcon(false, Theme::instance().text()));
    m_square->setIcon(tipIcon(true, Theme::instance().text()));
}

void ToolOptionsBar::showClasses()
{
    const LabelSet &labels = m_document.labels();
    m_class->clear();
    m_class->addItem(tr("Ask when drawn"), QString());
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const QString name = QString::fromStdString(labels[id].name);
        m_class->addItem(colorSwatch(toQColor(labels[id].color)), name, name);
    }
    m_drawOver->clear();
    m_drawOver->addItem(tr("Everything"));
    m_drawOver->addItem(tr("Unlabelled only"));
    for (int id = labels.hasBackground() ? 1 : 0; id < labels.size(); ++id) {
        const QString name = QString::fromStdString(labels[id].name);
        m_drawOver->addItem(colorSwatch(toQColor(labels[id].color)), tr("%1 only").arg(name), name);
    }
    showDrawOver();
    showActiveClass();
}

void ToolOptionsBar::showActiveClass()
{
    m_class->setCurrentIndex(std::max(0, m_class->findData(m_document.activeLabel())));
}

} // namespace masque
