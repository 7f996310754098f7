// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QMenu;

namespace masque {

class Document;

/// How annotations and journals are saved, in the File menu; remembered for the next start.
void addSavingActions(QMenu &menu, Document &document);

} // namespace masque
