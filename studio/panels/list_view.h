// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemView>
#include <QIcon>
#include <QTreeView>

/// The look that the panels' lists share.
namespace masque {

/// Rows of 24 pixels and a quiet selection, in the theme of the moment.
void styleRows(QAbstractItemView *view);
/// A list with a wide first column and narrow ones after it.
QTreeView *makeListView(QWidget *parent, QAbstractItemModel *model);
/// An icon in the muted colour: the usual state, which shall not catch the eye.
QIcon quietIcon(const QString &name);

} // namespace masque
