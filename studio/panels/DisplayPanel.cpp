// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/DisplayPanel.h"

#include "studio/theme/Theme.h"

#include <QApplication>
#include <QComboBox>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QSlider>
#include <QToolButton>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr int kMarginPx = 12, kBelowRulersPx = 28;

/// A quarter to four times; the slider's middle is 1.
double gammaOf(int position)
{
    return std::pow(4.0, position / 100.0);
}

int positionOf(double gamma)
{
    return static_cast<int>(std::lround(100 * std::log(gamma) / std::log(4.0)));
}

} // namespace

DisplayPanel::DisplayPanel(CanvasWidget *canvas)
    : QFrame(canvas), m_canvas(canvas), m_channels(new QComboBox(this)), m_mark(new QToolButton(canvas))
{
    setObjectName(QStringLiteral("display-panel"));
    setAccessibleName(tr("Display of the image"));
    setProperty("role", QStringLiteral("overlay"));
    setAttribute(Qt::WA_NoMousePropagation); // nothing is drawn behind it
    setCursor(Qt::ArrowCursor);
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(12, 8, 12, 12);
    layout->setSpacing(8);
    auto *title = new QLabel(tr("Display"), this);
    title->setProperty("role", QStringLiteral("title"));
    layout->addWidget(title, 0, 0, 1, 3);
    m_rows = {addRow(*layout, tr("Brightness"), QStringLiteral("display-brightness"),
                     tr("Lightens or darkens the picture; a double click resets it")),
              addRow(*layout, tr("Contrast"), QStringLiteral("display-contrast"),
                     tr("Spreads or narrows light and dark; a double click resets it")),
              addRow(*layout, tr("Gamma"), QStringLiteral("display-gamma"),
                     tr("Above 1 dark parts become lighter; a double click resets it"))};
    m_channels->setObjectName(QStringLiteral("display-channels"));
    m_channels->setAccessibleName(tr("Channels"));
    m_channels->addItems({tr("RGB"), tr("Red"), tr("Green"), tr("Blue"), tr("Luminance")});
    auto *channelsTitle = new QLabel(tr("Channels"), this);
    channelsTitle->setBuddy(m_channels);
    layout->addWidget(channelsTitle, 4, 0);
    layout->addWidget(m_channels, 4, 1, 1, 2);
    auto *note = new QLabel(tr("For the eye only: the image stays as it is."), this);
    note->setProperty("role", QStringLiteral("muted"));
    layout->addWidget(note, 5, 0, 1, 3);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    const auto addButton = [&](const QString &text, const char *name, auto slot) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(QLatin1String(name));
        connect(button, &QPushButton::clicked, this, slot);
        buttons->addWidget(button, 1);
    };
    addButton(tr("Reset"), "display-reset", [this] { m_canvas->setDisplayLook({}); });
    addButton(tr("Close"), "display-close", [this] { setOpen(false); });
    layout->addLayout(buttons, 6, 0, 1, 3);

    m_mark->setObjectName(QStringLiteral("display-mark"));
    m_mark->setText(tr("Display adjusted"));
    m_mark->setAccessibleName(m_mark->text());
    m_mark->setToolTip(tr("Brightness, contrast, gamma or channels are not the image's own. Click to see them."));
    m_mark->setFocusPolicy(Qt::NoFocus);
    m_mark->setAttribute(Qt::WA_NoMousePropagation);
    m_mark->setCursor(Qt::ArrowCursor);
    hide();
    canvas->installEventFilter(this);
    connect(m_mark, &QToolButton::clicked, this, [this] { setOpen(true); });
    connect(m_channels, &QComboBox::currentIndexChanged, this, &DisplayPanel::takeLook);
    connect(canvas, &CanvasWidget::displayLookChanged, this, &DisplayPanel::showLook);
    connect(&Theme::instance(), &Theme::changed, this, &DisplayPanel::showLook);
    showLook();
}

DisplayPanel::Row DisplayPanel::addRow(QGridLayout &layout, const QString &title, const QString &name,
                                       const QString &help)
{
    const Row row{new QSlider(Qt::Horizontal, this), new QLabel(this)};
    row.slider->setObjectName(name);
    row.slider->setAccessibleName(title);
    row.slider->setToolTip(help);
    row.slider->setRange(-100, 100);
    row.slider->setPageStep(10);
    row.slider->setFixedWidth(144);
    row.slider->installEventFilter(this);
    row.value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row.value->setMinimumWidth(row.value->fontMetrics().horizontalAdvance(QStringLiteral("+100")));
    auto *label = new QLabel(title, this);
    label->setBuddy(row.slider);
    const int at = layout.rowCount();
    layout.addWidget(label, at, 0);
    layout.addWidget(row.slider, at, 1);
    layout.addWidget(row.value, at, 2);
    connect(row.slider, &QSlider::valueChanged, this, &DisplayPanel::takeLook);
    return row;
}

void DisplayPanel::setOpen(bool open)
{
    const bool hadFocus = isAncestorOf(QApplication::focusWidget());
    setVisible(open);
    showLook();
    if (open) {
        raise();
        m_rows.front().slider->setFocus();
    } else if (hadFocus) {
        m_canvas->setFocus();
    }
    Q_EMIT openChanged(open);
}

void DisplayPanel::takeLook()
{
    if (m_isShowing)
        return;
    const auto value = [this](std::size_t row) { return m_rows[row].slider->value(); };
    m_canvas->setDisplayLook(
        {value(0), value(1), gammaOf(value(2)), static_cast<Channels>(m_channels->currentIndex())});
}

void DisplayPanel::showLook()
{
    const QScopedValueRollback showing(m_isShowing, true);
    const DisplayLook &look = m_canvas->displayLook();
    const int values[] = {look.brightness, look.contrast, positionOf(look.gamma)};
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        m_rows[i].slider->setValue(values[i]);
    const auto signedText = [](int value) {
        return value > 0 ? QStringLiteral("+%1").arg(value) : QString::number(value);
    };
    m_rows[0].value->setText(signedText(look.brightness));
    m_rows[1].value->setText(signedText(look.contrast));
    m_rows[2].value->setText(QStringLiteral("%L1").arg(look.gamma, 0, 'f', 2));
    m_channels->setCurrentIndex(static_cast<int>(look.channels));
    m_mark->setStyleSheet(
        QStringLiteral("QToolButton { background: %1; color: %2; font-weight: bold; padding: 4px 8px; }")
            .arg(Theme::instance().warning().name(), Theme::instance().base().name()));
    m_mark->setVisible(isHidden() && !look.isNeutral());
    place();
}

void DisplayPanel::place()
{
    for (QWidget *widget : std::initializer_list<QWidget *>{this, m_mark}) {
        widget->adjustSize();
        widget->move(m_canvas->width() - widget->width() - kMarginPx, kBelowRulersPx);
    }
}

bool DisplayPanel::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_canvas) {
        if (event->type() == QEvent::Resize)
            place();
    } else if (event->type() == QEvent::MouseButtonDblClick) {
        static_cast<QSlider *>(watched)->setValue(0);
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

void DisplayPanel::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        setOpen(false);
    else
        QFrame::keyPressEvent(event);
}

} // namespace masque
