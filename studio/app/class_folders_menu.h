// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

QT_BEGIN_NAMESPACE
class QMainWindow;
class QMenu;
QT_END_NAMESPACE

namespace masque {

class Document;
class JobRunner;

/// Sorting the images into folders by class, once the person has seen what would move, and taking that back. The
/// dataset is closed meanwhile and opened again. What came of it is told in the window's status bar, or in a box where
/// files stayed behind.
void addClassFolderActions(QMenu &menu, Document &document, JobRunner &jobs, QMainWindow &window);

} // namespace masque
