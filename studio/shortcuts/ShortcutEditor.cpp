// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/shortcuts/ShortcutEditor.h"

#include "studio/shortcuts/ShortcutsModel.h"
#include "studio/theme/screen_fit.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

namespace masque {

namespace {

/// Takes the one stroke that is pressed, at once; Qt's own waits for three more.
class KeyField : public QKeySequenceEdit {
public:
    using QKeySequenceEdit::QKeySequenceEdit;

protected:
    void keyPressEvent(QKeyEvent *event) override
    {
        switch (event->key()) {
        case Qt::Key_Shift:
        case Qt::Key_Control:
        case Qt::Key_Alt:
        case Qt::Key_AltGr:
        case Qt::Key_Meta:
        case Qt::Key_unknown: return;
        default: break;
        }
        const QString text = event->text();
        Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeyboardModifiers(Qt::KeypadModifier);
        const bool needsShift =
            text.isEmpty() || !text.front().isPrint() || text.front().isLetterOrNumber() || text.front().isSpace();
        if (!needsShift) // "+" is "+", also where Shift makes it
            modifiers &= ~Qt::KeyboardModifiers(Qt::ShiftModifier);
        setKeySequence(QKeySequence(QKeyCombination(modifiers, Qt::Key(event->key()))));
    }
    void keyReleaseEvent(QKeyEvent *event) override { event->accept(); }
};

} // namespace

ShortcutEditor::ShortcutEditor(ShortcutRegistry &registry, QWidget *parent)
    : QDialog(parent), m_registry(registry), m_model(new ShortcutsModel(registry, this)),
      m_found(new QSortFilterProxyModel(this)), m_view(new QTreeView(this))
{
    setObjectName(QStringLiteral("shortcut-editor"));
    setWindowTitle(tr("Keyboard shortcuts"));
    setAttribute(Qt::WA_DeleteOnClose);
    resizeWithinScreen(*this, {720, 640});
    m_found->setSourceModel(m_model);
    m_found->setFilterKeyColumn(-1);
    m_found->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_found->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_view->setObjectName(QStringLiteral("shortcut-list"));
    m_view->setAccessibleName(tr("Commands and their keys"));
    m_view->setModel(m_found);
    m_view->setRootIsDecorated(false);
    m_view->setUniformRowHeights(true);
    m_view->setAllColumnsShowFocus(true);
    m_view->setStyleSheet(QStringLiteral("QTreeView::item { padding: 3px 0; }"));
    m_view->header()->setSortIndicator(ShortcutsModel::CategoryColumn, Qt::AscendingOrder);
    m_view->setSortingEnabled(true);
    m_view->header()->setStretchLastSection(false);
    m_view->header()->setSectionResizeMode(ShortcutsModel::CommandColumn, QHeaderView::Stretch);
    m_view->header()->setSectionResizeMode(ShortcutsModel::CategoryColumn, QHeaderView::ResizeToContents);
    m_view->header()->setSectionResizeMode(ShortcutsModel::KeysColumn, QHeaderView::Interactive);
    m_view->setColumnWidth(ShortcutsModel::KeysColumn, 200);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(makeTop());
    layout->addWidget(m_view, 1);
    layout->addWidget(makeKeys());
    m_message = new QLabel(this);
    m_message->setObjectName(QStringLiteral("shortcut-conflict"));
    m_message->setAccessibleName(tr("Conflict"));
    m_message->setProperty("role", QStringLiteral("error"));
    m_message->setTextFormat(Qt::PlainText);
    m_message->setWordWrap(true);
    m_message->setMinimumHeight(2 * fontMetrics().height()); // what comes and goes moves nothing
    m_message->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    layout->addWidget(m_message);
    layout->addWidget(makeBottom());
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &ShortcutEditor::showCurrent);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &ShortcutEditor::showCurrent);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ShortcutEditor::showCurrent);
    m_view->setCurrentIndex(m_found->index(0, 0));
    showCurrent();
    findChild<QLineEdit *>(QStringLiteral("shortcut-search"))->setFocus();
}

QWidget *ShortcutEditor::makeTop()
{
    auto *top = new QWidget(this);
    auto *layout = new QHBoxLayout(top);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    auto *search = new QLineEdit(top);
    search->setObjectName(QStringLiteral("shortcut-search"));
    search->setAccessibleName(tr("Search commands and keys"));
    search->setPlaceholderText(tr("Command or key"));
    search->setClearButtonEnabled(true);
    m_preset = new QComboBox(top);
    m_preset->setObjectName(QStringLiteral("shortcut-preset"));
    m_preset->setAccessibleName(tr("Key map"));
    m_preset->addItems({QStringLiteral("LabelMe"), QStringLiteral("X-AnyLabeling")});
    m_preset->setCurrentIndex(static_cast<int>(m_registry.preset()));
    auto *title = new QLabel(tr("Key map"), top);
    title->setBuddy(m_preset);
    layout->addWidget(search, 1);
    layout->addSpacing(8);
    layout->addWidget(title);
    layout->addWidget(m_preset);
    connect(search, &QLineEdit::textChanged, m_found, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_preset, &QComboBox::activated, this,
            [this](int row) { m_registry.setPreset(static_cast<KeyPreset>(row)); });
    return top;
}

QWidget *ShortcutEditor::makeKeys()
{
    auto *keys = new QWidget(this);
    auto *layout = new QHBoxLayout(keys);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    const auto addField = [&](const QString &text, const char *name) -> QKeySequenceEdit * {
        auto *field = new KeyField(keys);
        field->setObjectName(QLatin1String(name));
        field->setAccessibleName(text);
        auto *line = field->findChild<QLineEdit *>();
        line->setObjectName(field->objectName() + QStringLiteral("-text"));
        line->setAccessibleName(text);
        auto *title = new QLabel(text, keys);
        title->setBuddy(field);
        layout->addWidget(title);
        layout->addWidget(field, 1);
        connect(field, &QKeySequenceEdit::keySequenceChanged, this, &ShortcutEditor::takeKeys);
        return field;
    };
    const auto addButton = [&](const QString &text, const char *name, const QString &help, auto slot) {
        auto *button = new QPushButton(text, keys);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(help);
        button->setAutoDefault(false);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, slot);
        return button;
    };
    m_first = addField(tr("Key"), "shortcut-key");
    m_second = addField(tr("Or"), "shortcut-second-key");
    m_clear = addButton(tr("No key"), "shortcut-clear", tr("Take all keys from this command"), [this] {
        if (const int row = currentRow(); row >= 0)
            m_registry.setKeys(m_registry.entries()[static_cast<std::size_t>(row)].name, {});
    });
    m_reset = addButton(tr("Reset"), "shortcut-reset", tr("The key of the key map again"), [this] {
        if (const int row = currentRow(); row >= 0)
            m_registry.reset(m_registry.entries()[static_cast<std::size_t>(row)].name);
    });
    return keys;
}

QWidget *ShortcutEditor::makeBottom()
{
    auto *bottom = new QWidget(this);
    auto *layout = new QHBoxLayout(bottom);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    m_summary = new QLabel(bottom);
    m_summary->setObjectName(QStringLiteral("shortcut-summary"));
    m_summary->setProperty("role", QStringLiteral("muted"));
    layout->addWidget(m_summary, 1);
    const auto addButton = [&](const QString &text, const char *name, auto slot) {
        auto *button = new QPushButton(text, bottom);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, slot);
        return button;
    };
    m_take = addButton(tr("Take it from the other"), "shortcut-take", [this] { takeFromOthers(); });
    addButton(tr("Reset all"), "shortcut-reset-all", [this] { m_registry.resetAll(); });
    addButton(tr("Close"), "shortcut-close", [this] { close(); });
    return bottom;
}

int ShortcutEditor::currentRow() const
{
    const QModelIndex index = m_found->mapToSource(m_view->currentIndex());
    return index.isValid() ? index.row() : -1;
}

void ShortcutEditor::showCurrent()
{
    const int row = currentRow();
    const auto *entry = row < 0 ? nullptr : &m_registry.entries()[static_cast<std::size_t>(row)];
    const bool isEditable = entry && !entry->isFixed();
    const auto show = [&](QKeySequenceEdit *field, qsizetype at) {
        const QKeySequence key = entry ? entry->keys.value(at) : QKeySequence();
        const QSignalBlocker block(field);
        if (field->keySequence() != key)
            field->setKeySequence(key);
        field->findChild<QLineEdit *>()->setPlaceholderText(tr("Press a key")); // it forgets
        field->setEnabled(isEditable);
    };
    show(m_first, 0);
    show(m_second, 1);
    m_clear->setEnabled(isEditable && !entry->keys.isEmpty());
    m_reset->setEnabled(row >= 0 && m_registry.isChanged(static_cast<std::size_t>(row)));
    const QString conflict = row < 0 ? QString() : m_model->conflictText(row);
    m_message->setText(conflict);
    bool canTake = isEditable && !conflict.isEmpty();
    if (canTake)
        for (const std::size_t other : m_registry.conflicts(static_cast<std::size_t>(row)))
            canTake = canTake && !m_registry.entries()[other].isFixed();
    m_take->setVisible(canTake);
    const int conflicts = m_model->conflictCount();
    m_summary->setText(conflicts == 0 ? tr("No key has two meanings")
                                      : tr("%n commands share a key with another one", nullptr, conflicts));
    m_preset->setCurrentIndex(static_cast<int>(m_registry.preset()));
}

void ShortcutEditor::takeKeys()
{
    const int row = currentRow();
    if (row < 0)
        return;
    QList<QKeySequence> keys;
    for (const QKeySequenceEdit *field : {m_first, m_second})
        if (!field->keySequence().isEmpty() && !keys.contains(field->keySequence()))
            keys << field->keySequence();
    m_registry.setKeys(m_registry.entries()[static_cast<std::size_t>(row)].name, keys);
}

void ShortcutEditor::takeFromOthers()
{
    const int row = currentRow();
    if (row < 0)
        return;
    const QList<QKeySequence> mine = m_registry.entries()[static_cast<std::size_t>(row)].keys;
    for (const std::size_t other : m_registry.conflicts(static_cast<std::size_t>(row))) {
        QList<QKeySequence> left = m_registry.entries()[other].keys;
        left.removeIf([&](const QKeySequence &key) { return mine.contains(key); });
        m_registry.setKeys(m_registry.entries()[other].name, left);
    }
}

} // namespace masque
