// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/OutlineBar.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSlider>

#include <cmath>

namespace masque {

namespace {

/// 0.1 px to 30 px; small tolerances deserve most of the way.
double toleranceOf(int position)
{
    return 0.1 * std::pow(300.0, position / 100.0);
}

} // namespace

OutlineBar::OutlineBar(Document &document, ToolController &tools, CanvasWidget *canvas)
    : QFrame(canvas), m_document(document), m_tools(tools), m_canvas(canvas), m_title(new QLabel(this)),
      m_figures(new QLabel(this)), m_slider(new QSlider(Qt::Horizontal, this))
{
    setObjectName(QStringLiteral("outline-bar"));
    setProperty("role", QStringLiteral("overlay"));
    setAttribute(Qt::WA_NoMousePropagation); // nothing is drawn behind it
    setCursor(Qt::ArrowCursor);
    m_title->setObjectName(QStringLiteral("outline-title"));
    m_figures->setObjectName(QStringLiteral("outline-figures"));
    m_slider->setObjectName(QStringLiteral("outline-slider"));
    m_slider->setAccessibleName(tr("Strength"));
    m_slider->setFixedWidth(160);
    m_slider->installEventFilter(this);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_title);
    layout->addWidget(m_slider);
    layout->addWidget(m_figures, 1);
    const auto addButton = [&](const QString &text, const QString &name, void (OutlineBar::*slot)()) {
        auto *button = new QPushButton(text, this);
        button->setObjectName(name);
        button->setAccessibleName(text);
        button->setFocusPolicy(Qt::TabFocus);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, slot);
    };
    addButton(tr("Take (Enter)"), QStringLiteral("outline-take"), &OutlineBar::take);
    addButton(tr("Drop (Esc)"), QStringLiteral("outline-drop"), &OutlineBar::drop);
    hide();
    canvas->installEventFilter(this);
    connect(m_slider, &QSlider::valueChanged, this, &OutlineBar::preview);
    connect(&tools, &ToolController::proposalAnswered, this, [this](bool isTaken) {
        if (m_isActive)
            isTaken ? take() : drop();
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (m_isActive
            && (event.kind == ChangeEvent::SelectionChanged || event.kind == ChangeEvent::AnnotationChanged
                || event.kind == ChangeEvent::CurrentItem || event.kind == ChangeEvent::DatasetOpened))
            drop();
    });
}

void OutlineBar::begin(Operation operation)
{
    drop();
    m_ids = m_document.selection();
    std::erase_if(m_ids, [kept = m_document.protectedShapes()](ShapeId id) { return kept.contains(id); });
    if (m_ids.empty() || m_document.isReadOnly())
        return;
    m_operation = operation;
    m_isActive = true;
    const bool isSimplify = operation == Operation::Simplify;
    m_title->setText(isSimplify ? tr("Simplify") : tr("Smooth"));
    m_slider->setAccessibleName(isSimplify ? tr("Tolerance") : tr("Strength"));
    m_slider->setToolTip(isSimplify ? tr("How far points may lie from the simpler outline")
                                    : tr("How strongly outlines are rounded"));
    const QSignalBlocker blocker(m_slider);
    m_slider->setRange(0, isSimplify ? 100 : 6);
    m_slider->setValue(isSimplify ? 40 : 1);
    m_slider->setPageStep(isSimplify ? 10 : 1);
    preview();
    show();
    raise();
    m_slider->setFocus();
}

void OutlineBar::preview()
{
    const bool isSimplify = m_operation == Operation::Simplify;
    const int value = m_slider->value();
    const Annotation &annotation = m_document.annotation();
    m_result = isSimplify ? simplifyShapes(annotation, m_ids, toleranceOf(value), m_document.imageSize())
                          : smoothShapes(annotation, m_ids, value, m_document.imageSize());
    ToolPreview shown;
    for (const auto &change : m_result.edit.shapes) {
        shown.moreShapes.push_back(*change.after);
        shown.handles.insert(shown.handles.end(), change.after->points.begin(), change.after->points.end());
    }
    if (!shown.moreShapes.empty()) {
        shown.shape = std::move(shown.moreShapes.back());
        shown.moreShapes.pop_back();
    }
    m_tools.setProposal(std::move(shown));
    const QString strength = isSimplify ? tr("%1 px").arg(toleranceOf(value), 0, 'f', 1) : QString::number(value);
    const QString points = m_result.pointsBefore == 0
                               ? QString()
                               : tr("%1 → %2 points").arg(m_result.pointsBefore).arg(m_result.pointsAfter) + tr(", ");
    m_figures->setText(strength + QStringLiteral("   ") + points + tr("IoU %1").arg(m_result.iou, 0, 'f', 3));
    place();
}

void OutlineBar::take()
{
    if (!m_isActive)
        return;
    Edit edit = std::move(m_result.edit);
    drop();
    m_document.applyEdit(std::move(edit));
}

void OutlineBar::drop()
{
    if (!m_isActive)
        return;
    m_isActive = false;
    m_result = {};
    hide();
    m_tools.setProposal({});
    m_canvas->setFocus();
}

void OutlineBar::place()
{
    resize(std::min(sizeHint().width() + 24, m_canvas->width() - 16), sizeHint().height());
    move((m_canvas->width() - width()) / 2, m_canvas->height() - height() - 16);
}

bool OutlineBar::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_canvas && event->type() == QEvent::Resize && m_isActive)
        place();
    if (watched == m_slider && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter)
            return take(), true;
        if (key == Qt::Key_Escape)
            return drop(), true;
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace masque
