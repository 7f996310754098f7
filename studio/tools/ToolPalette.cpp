// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/ToolPalette.h"

#include <QAction>
#include <QGridLayout>
#include <QScrollBar>
#include <QToolButton>

#include <utility>

namespace masque {

namespace {

constexpr int kColumns = 2;
constexpr int kIconPx = 24;

} // namespace

ToolPalette::ToolPalette(QWidget *parent) : QScrollArea(parent)
{
    auto *content = new QWidget;
    m_grid = new QGridLayout(content);
    m_grid->setContentsMargins(3, 4, 3, 4);
    m_grid->setSpacing(0);
    m_grid->setSizeConstraint(QLayout::SetMinAndMaxSize);
    setWidget(content);
    for (QWidget *under : {content, viewport()})
        under->setAutoFillBackground(false);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
    setFocusPolicy(Qt::NoFocus);
}

QToolButton *ToolPalette::add(QAction *action, int group)
{
    if (std::exchange(m_group, group) != group) {
        m_row += m_column > 0 ? 1 : 0;
        if (m_grid->count() > 0) {
            auto *line = new QFrame;
            line->setFrameShape(QFrame::HLine);
            line->setProperty("role", "line");
            m_grid->addWidget(line, m_row++, 0, 1, kColumns);
        }
        m_column = 0;
    }
    auto *button = new QToolButton;
    button->setAutoRaise(true);
    button->setIconSize(QSize(kIconPx, kIconPx));
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::TabFocus);
    m_grid->addWidget(button, m_row, m_column);
    m_row += (m_column + 1) / kColumns;
    m_column = (m_column + 1) % kColumns;
    return button;
}

void ToolPalette::resizeEvent(QResizeEvent *event)
{
    QScrollArea::resizeEvent(event);
    updateGeometry(); // a scroll bar needs its width
}

QSize ToolPalette::sizeHint() const
{
    const QSize content = widget()->sizeHint();
    const bool isTall = height() < content.height();
    return {content.width() + (isTall ? verticalScrollBar()->sizeHint().width() : 0), content.height()};
}

QSize ToolPalette::minimumSizeHint() const
{
    return {sizeHint().width(), 4 * kIconPx};
}

} // namespace masque
