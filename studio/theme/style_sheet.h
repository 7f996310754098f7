// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace masque {

class Theme;

/// The few rules that Fusion and a palette cannot say, in the theme's colours. Widgets opt in by property:
/// QPushButton[role="primary"], QLabel[role="title" | "muted" | "error"], QFrame[role="panel" | "line"],
/// QTableView[role="plain"] (on the panel's ground), QPlainTextEdit[role="log"].
QString styleSheet(const Theme &theme);

} // namespace masque
