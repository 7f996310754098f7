// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace masque {

/// A key map that users bring with them. LabelMe's is the one that the program starts with.
enum class KeyPreset { LabelMe, XAnyLabeling };

/// What the preset says of an action, by its object name; nothing where it leaves the program's own keys.
std::optional<QList<QKeySequence>> presetKeys(KeyPreset preset, const QString &action);

/// Keys as text for settings and lists: portable, and native to read.
QStringList portableKeys(const QList<QKeySequence> &keys);
QString keysText(const QList<QKeySequence> &keys);

} // namespace masque
