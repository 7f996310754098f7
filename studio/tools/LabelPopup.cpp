// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/tools/LabelPopup.h"

#include "studio/tools/swatch.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

LabelPopup::LabelPopup(QWidget *parent) : QFrame(parent), m_field(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("label-popup"));
    setAccessibleName(tr("Class of the new shape"));
    setProperty("role", QStringLiteral("overlay"));
    setCursor(Qt::ArrowCursor);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->setSpacing(8);
    layout->addWidget(m_field);
    layout->addWidget(m_list);
    m_field->setObjectName(QStringLiteral("label-popup-field"));
    m_field->setAccessibleName(tr("Class name"));
    m_field->setPlaceholderText(tr("Class, new or known"));
    m_field->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("label-popup-list"));
    m_list->setAccessibleName(tr("Known classes"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setFrameShape(QFrame::NoFrame);
    setFixedWidth(208);
    hide();
    connect(m_field, &QLineEdit::textChanged, this, &LabelPopup::filter);
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem *item) { answer(item->text()); });
}

void LabelPopup::ask(QPoint at, const std::vector<std::pair<QString, QColor>> &classes, const QString &current,
                     Answer answered)
{
    giveUp();
    m_answer = std::move(answered);
    m_list->clear();
    for (const auto &[name, color] : classes) {
        m_list->addItem(new QListWidgetItem(colorSwatch(color), name));
    }
    const int rows = std::clamp(static_cast<int>(classes.size()), 1, 8);
    m_list->setFixedHeight(rows * 24 + 4);
    m_list->setVisible(!classes.empty());
    m_field->setText(current);
    m_field->selectAll();
    filter({});
    adjustSize();
    const QRect room = parentWidget()->rect().adjusted(8, 8, -8 - width(), -8 - height());
    move(std::clamp(at.x() + 16, room.left(), std::max(room.left(), room.right())),
         std::clamp(at.y() + 16, room.top(), std::max(room.top(), room.bottom())));
    m_focusBefore = QApplication::focusWidget();
    show();
    raise();
    m_field->setFocus();
}

void LabelPopup::giveUp()
{
    if (m_answer)
        answer(std::nullopt);
}

void LabelPopup::filter(const QString &text)
{
    const QString wanted = text.trimmed();
    m_list->setCurrentRow(-1);
    for (int row = 0; row < m_list->count(); ++row) {
        QListWidgetItem *item = m_list->item(row);
        const bool matches = item->text().contains(wanted, Qt::CaseInsensitive);
        item->setHidden(!matches);
        if (matches && !wanted.isEmpty() && m_list->currentRow() < 0
            && item->text().startsWith(wanted, Qt::CaseInsensitive))
            m_list->setCurrentItem(item);
    }
}

bool LabelPopup::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::KeyPress)
        return QFrame::eventFilter(watched, event);
    const auto step = [this](int direction) {
        for (int row = m_list->currentRow() + direction; row >= 0 && row < m_list->count(); row += direction)
            if (!m_list->item(row)->isHidden())
                return m_list->setCurrentRow(row);
    };
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Down: step(1); return true;
    case Qt::Key_Up: step(-1); return true;
    case Qt::Key_Escape: giveUp(); return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: take(); return true;
    default: return false;
    }
}

void LabelPopup::take()
{
    const QListWidgetItem *item = m_list->currentItem();
    const QString name = item && !item->isHidden() ? item->text() : m_field->text().trimmed();
    if (!name.isEmpty())
        answer(name);
}

void LabelPopup::answer(const std::optional<QString> &name)
{
    const Answer answered = std::exchange(m_answer, nullptr);
    hide();
    if (m_focusBefore)
        m_focusBefore->setFocus();
    if (answered)
        answered(name);
}

} // namespace masque
