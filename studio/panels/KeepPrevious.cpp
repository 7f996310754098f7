// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/KeepPrevious.h"

#include "studio/document/History.h"
#include "studio/panels/CanvasNote.h"

namespace masque {

KeepPrevious::KeepPrevious(Document &document, QWidget *canvas)
    : QObject(canvas), m_document(document),
      m_badge(new CanvasNote(canvas, QStringLiteral("keep-previous-badge"), CanvasNote::Tone::Loud, 8))
{
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened) {
            m_shapes.clear();
            m_from = -1;
        } else if (event.kind == ChangeEvent::ImageLoaded && m_isActive) {
            // After every listener has heard of the image: the document is not changed from within its signal.
            QMetaObject::invokeMethod(this, &KeepPrevious::takeOver, Qt::QueuedConnection);
        } else if (event.kind == ChangeEvent::AnnotationChanged && m_isActive) {
            remember();
        }
    });
}

void KeepPrevious::setActive(bool active)
{
    m_isActive = active;
    m_shapes.clear();
    m_from = -1;
    m_badge->setVisible(active);
    if (!active)
        return;
    remember();
    m_badge->showAlways(tr("Keeping shapes: empty images take over the previous ones (Ctrl+P ends it)"));
}

void KeepPrevious::remember()
{
    if (!m_document.isLoaded())
        return;
    m_from = m_document.currentIndex();
    m_shapes = m_document.annotation().shapes;
}

void KeepPrevious::takeOver()
{
    if (!m_isActive || !m_document.isLoaded() || m_document.currentIndex() == m_from)
        return;
    // An image whose shapes the user took away has a history, and stays empty.
    const History *history = m_document.undoStack();
    const bool isUntouched =
        history && m_document.annotation().shapes.empty() && !history->canUndo() && !history->canRedo();
    std::vector<Shape> shapes = std::move(m_shapes);
    if (isUntouched && !m_document.isReadOnly() && !shapes.empty()) {
        for (Shape &shape : shapes)
            shape.id = nextShapeId();
        m_document.applyEdit(insertShapes(m_document.annotation(), std::move(shapes), "Keep previous shapes"));
    }
    remember();
}

} // namespace masque
