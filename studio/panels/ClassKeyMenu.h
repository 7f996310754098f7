// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <functional>
#include <optional>

class QMenu;
class QWidget;

namespace masque {

/// Gives a class the digit that picks it, kept in masque.json. A class that had this digit by choice takes the other's.
void assignClassKey(Document &document, int id, std::optional<int> key);

/// The menu "Key": 1 to 9, or the next free digit by itself. currentId is asked when it opens.
QMenu *makeClassKeyMenu(Document &document, QWidget *parent, std::function<std::optional<int>()> currentId);

} // namespace masque
