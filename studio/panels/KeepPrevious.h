// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QObject>

namespace masque {

class CanvasNote;

/// While active, an image that has no shapes takes over those of the image shown before it, as one step that can be
/// undone. A badge on the canvas says so all the time.
class KeepPrevious : public QObject {
    Q_OBJECT
public:
    KeepPrevious(Document &document, QWidget *canvas);
    void setActive(bool active);

private:
    void remember();
    void takeOver();

    Document &m_document;
    CanvasNote *m_badge;
    std::vector<Shape> m_shapes; ///< of the image shown before
    int m_from = -1;             ///< its place in the dataset
    bool m_isActive = false;
};

} // namespace masque
