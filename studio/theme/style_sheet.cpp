// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/theme/style_sheet.h"

#include "studio/theme/Theme.h"

namespace masque {

QString styleSheet(const Theme &theme)
{
    QString sheet = QStringLiteral(R"(
QToolTip { background: %base; color: %text; border: 1px solid %border; padding: 4px 8px; }

QToolButton { background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 3px; }
QToolButton:hover { background: %hover; }
QToolButton:checked, QToolButton:pressed { background: %selected; }
QToolButton:focus { border-color: %accent; }
QToolButton::menu-indicator { image: none; }

QPushButton { background: %button; color: %text; border: 1px solid %outline; border-radius: 4px; padding: 4px 16px; }
QPushButton:hover { background: %hover; }
QPushButton:pressed { background: %selected; }
QPushButton:focus { border-color: %accent; }
QPushButton:disabled { color: %faint; border-color: %border; }

QPushButton[role="primary"] { background: %accent; color: %onAccent; border: 1px solid %accent; border-radius: 4px;
    font-weight: 600; }
QPushButton[role="primary"]:hover { background: %accentHover; }
QPushButton[role="primary"]:focus { border: 2px solid %text; padding: 3px 15px; }
QPushButton[role="primary"]:disabled { background: %hover; color: %faint; border-color: %border; }

QLabel[role="title"] { font-weight: 600; }
QLabel[role="title"][hasFocus="true"] { color: %accent; }
QLabel[role="muted"] { color: %muted; }
QLabel[role="error"] { color: %error; }
QFrame[role="panel"] { background: %window; border: none; }
QFrame[role="overlay"] { background: %window; border: 1px solid %outline; border-radius: 4px; }
QFrame[role="line"] { background: %border; border: none; max-height: 1px; }

QSplitter::handle { background: %border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QHeaderView { background: %window; }
QHeaderView::section { background: %window; color: %muted; border: none; border-bottom: 1px solid %border;
    padding: 4px; }
QTableCornerButton::section { background: %window; border: none; }
QTableView, QTreeView, QListView, QPlainTextEdit[role="log"] { border: none; }
QTableView[role="plain"], QPlainTextEdit[role="log"] { background: %window; }

QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: %handle; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: %muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: %hover; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: %accent; border-radius: 2px; }
)");
    const auto mixed = [](const QColor &a, const QColor &b, double share) {
        const auto part = [&](int x, int y) { return static_cast<int>(x + (y - x) * share); };
        return QColor(part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue()));
    };
    const std::pair<const char *, QColor> colors[] = {
        {"%accentHover", mixed(theme.accent(), theme.text(), 0.15)}, // longer names before their prefixes
        {"%accent", theme.accent()},
        {"%onAccent", theme.isDark() ? theme.base() : QColor(Qt::white)},
        {"%base", theme.base()},
        {"%text", theme.text()},
        {"%muted", theme.mutedText()},
        {"%window", theme.window()},
        {"%border", theme.border()},
        {"%button", theme.isDark() ? mixed(theme.window(), theme.text(), 0.06) : theme.base()},
        {"%outline", mixed(theme.window(), theme.text(), 0.3)},
        {"%faint", mixed(theme.mutedText(), theme.window(), 0.4)},
        {"%hover", mixed(theme.window(), theme.text(), 0.08)},
        {"%selected", mixed(theme.window(), theme.accent(), 0.22)},
        {"%handle", mixed(theme.window(), theme.text(), 0.3)},
        {"%error", theme.error()},
    };
    for (const auto &[name, color] : colors)
        sheet.replace(QLatin1String(name), color.name());
    return sheet;
}

} // namespace masque
