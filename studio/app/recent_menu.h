// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QMenu;
class QString;

namespace masque {

class Document;

/// Open Recent: the folders that were opened last, remembered from start to start.
void addRecentMenu(QMenu &menu, Document &document, std::function<void(const QString &folder)> open);

} // namespace masque
