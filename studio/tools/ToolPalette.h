// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

class QAction;
class QGridLayout;
class QToolButton;

namespace masque {

/// Tools as buttons in two columns, a line between groups; scrolls where a window is too low for all of them.
class ToolPalette : public QScrollArea {
public:
    explicit ToolPalette(QWidget *parent = nullptr);

    /// Tools of a group stand together; they are added one group after the other.
    QToolButton *add(QAction *action, int group);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    QGridLayout *m_grid;
    int m_group = -1, m_row = 0, m_column = 0;
};

} // namespace masque
