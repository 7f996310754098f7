// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/shortcuts/ShortcutRegistry.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QChildEvent>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QToolBar>

#include <algorithm>
#include <map>

namespace masque {

namespace {

const QString kPresetSetting = QStringLiteral("shortcuts/preset");
const QString kKeysGroup = QStringLiteral("shortcuts/keys");

QString withoutMnemonic(QString text)
{
    text.remove(QLatin1Char('&'));
    while (text.endsWith(QLatin1Char('.')) || text.endsWith(QChar(0x2026)))
        text.chop(1);
    return text;
}

const QWidget *scopeOf(const QAction &action)
{
    if (action.shortcutContext() == Qt::WindowShortcut || action.shortcutContext() == Qt::ApplicationShortcut)
        return nullptr;
    for (const QObject *at = action.parent(); at; at = at->parent())
        if (const auto *widget = qobject_cast<const QWidget *>(at); widget && !qobject_cast<const QMenu *>(widget))
            return widget;
    return nullptr;
}

bool overlap(const QWidget *a, const QWidget *b)
{
    return !a || !b || a == b || a->isAncestorOf(b) || b->isAncestorOf(a);
}

bool shareKey(const QList<QKeySequence> &a, const QList<QKeySequence> &b)
{
    return std::any_of(a.begin(), a.end(), [&](const QKeySequence &key) {
        return !key.isEmpty() && std::any_of(b.begin(), b.end(), [&](const QKeySequence &other) {
            return !other.isEmpty()
                   && (key.matches(other) != QKeySequence::NoMatch || other.matches(key) != QKeySequence::NoMatch);
        });
    });
}

void collect(const QMenu &menu, const QString &title, std::map<const QAction *, QString> &categories)
{
    for (const QAction *action : menu.actions()) {
        categories.emplace(action, title);
        if (action->menu())
            collect(*action->menu(), title, categories);
    }
}

/// Keys that are pressed over an open list choose from it, whatever they mean in the window below.
class ListKeys : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override
    {
        const auto *list =
            event->type() == QEvent::ShortcutOverride ? qobject_cast<QAbstractItemView *>(watched) : nullptr;
        if (list && list->window()->windowType() == Qt::Popup)
            event->accept();
        return false;
    }
};

} // namespace

ShortcutRegistry::ShortcutRegistry(QMainWindow &window) : QObject(&window), m_window(window)
{
    m_preset = QSettings().value(kPresetSetting).toString() == QLatin1String("X-AnyLabeling") ? KeyPreset::XAnyLabeling
                                                                                              : KeyPreset::LabelMe;
    m_rescan.setSingleShot(true);
    m_rescan.setInterval(0);
    connect(&m_rescan, &QTimer::timeout, this, &ShortcutRegistry::refresh);
    qApp->installEventFilter(new ListKeys(this));
    addFixedKeys();
    refresh();
}

void ShortcutRegistry::addFixedKeys()
{
    const auto *canvas = m_window.findChild<QWidget *>(QStringLiteral("canvas"));
    if (!canvas)
        return;
    const std::pair<QString, QList<QKeySequence>> fixed[] = {
        {tr("Finish the shape"), {QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)}},
        {tr("Finish the shape, or the pointer's button; held: pan"), {QKeySequence(Qt::Key_Space)}},
        {tr("Take the last point back"), {QKeySequence(Qt::Key_Backspace)}},
        {tr("Cancel"), {QKeySequence(Qt::Key_Escape)}},
        {tr("Move the pointer (Shift: far, Ctrl: one pixel)"),
         {QKeySequence(Qt::Key_Left), QKeySequence(Qt::Key_Right), QKeySequence(Qt::Key_Up),
          QKeySequence(Qt::Key_Down)}}};
    for (const auto &[title, keys] : fixed)
        m_entries.push_back(
            {.title = title, .category = tr("Canvas"), .codeKeys = keys, .keys = keys, .scope = canvas});
}

void ShortcutRegistry::refresh()
{
    if (addActions()) {
        nameCategories();
        Q_EMIT changed();
    }
}

bool ShortcutRegistry::addActions()
{
    std::erase_if(m_entries, [](const Entry &entry) { return !entry.isFixed() && !entry.action; });
    // New actions arrive in these; children elsewhere are no actions of the window.
    for (QWidget *widget : m_window.findChildren<QWidget *>())
        if (qobject_cast<QMenu *>(widget) || qobject_cast<QMainWindow *>(widget) || qobject_cast<QToolBar *>(widget))
            widget->installEventFilter(this);
    m_window.installEventFilter(this);
    const std::size_t before = m_entries.size();
    for (QAction *action : m_window.findChildren<QAction *>()) {
        const QString name = action->objectName();
        if (name.isEmpty() || name.startsWith(QLatin1Char('_')) || name.startsWith(QLatin1String("qt_"))
            || action->isSeparator() || action->menu() || find(name))
            continue;
        Entry entry{.name = name,
                    .title = withoutMnemonic(action->text()),
                    .action = action,
                    .codeKeys = action->shortcuts(),
                    .scope = scopeOf(*action)};
        QString toolTip = action->toolTip();
        const QString shown = action->shortcut().toString(QKeySequence::NativeText);
        if (!shown.isEmpty())
            toolTip.remove(QStringLiteral(" (%1)").arg(shown));
        if (toolTip != withoutMnemonic(action->text()))
            entry.toolTip = toolTip;
        m_entries.push_back(std::move(entry));
        apply(m_entries.back());
        connect(action, &QAction::changed, this, [this, name] { // its text may change, as Undo's does
            if (const auto found = find(name))
                showToolTip(m_entries[*found]);
        });
    }
    return m_entries.size() != before;
}

void ShortcutRegistry::nameCategories()
{
    std::map<const QAction *, QString> categories;
    for (const QAction *top : m_window.menuBar()->actions())
        if (top->menu())
            collect(*top->menu(), withoutMnemonic(top->text()), categories);
    for (Entry &entry : m_entries) {
        if (entry.isFixed())
            continue;
        const auto found = categories.find(entry.action);
        entry.category = found != categories.end()                        ? found->second
                         : entry.name.startsWith(QLatin1String("class-")) ? tr("Classes")
                         : entry.scope && entry.scope->objectName() == QLatin1String("compare-workspace")
                             ? tr("Compare")
                             : tr("Label");
    }
}

std::optional<std::size_t> ShortcutRegistry::find(const QString &name) const
{
    for (std::size_t i = 0; i < m_entries.size(); ++i)
        if (m_entries[i].name == name)
            return i;
    return {};
}

std::optional<QList<QKeySequence>> ShortcutRegistry::chosenKeys(const QString &name) const
{
    QSettings settings;
    settings.beginGroup(kKeysGroup);
    if (!settings.contains(name))
        return {};
    QList<QKeySequence> keys;
    for (const QString &text : settings.value(name).toStringList())
        if (!text.isEmpty())
            keys << QKeySequence(text, QKeySequence::PortableText);
    return keys;
}

QList<QKeySequence> ShortcutRegistry::defaultKeys(std::size_t at) const
{
    const Entry &entry = m_entries[at];
    return presetKeys(m_preset, entry.name).value_or(entry.codeKeys);
}

bool ShortcutRegistry::isChanged(std::size_t at) const
{
    return !m_entries[at].isFixed() && m_entries[at].keys != defaultKeys(at);
}

std::vector<std::size_t> ShortcutRegistry::conflicts(std::size_t at) const
{
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < m_entries.size(); ++i)
        if (i != at && !(m_entries[i].isFixed() && m_entries[at].isFixed())
            && shareKey(m_entries[at].keys, m_entries[i].keys) && overlap(m_entries[at].scope, m_entries[i].scope))
            found.push_back(i);
    return found;
}

void ShortcutRegistry::apply(Entry &entry)
{
    if (entry.isFixed() || !entry.action)
        return;
    entry.keys = chosenKeys(entry.name).value_or(presetKeys(m_preset, entry.name).value_or(entry.codeKeys));
    entry.action->setShortcuts(entry.keys);
    showToolTip(entry);
}

void ShortcutRegistry::applyAll()
{
    for (Entry &entry : m_entries)
        apply(entry);
    Q_EMIT changed();
}

/// The key stands behind the tooltip's first line.
void ShortcutRegistry::showToolTip(const Entry &entry)
{
    if (!entry.action)
        return;
    QString text = entry.toolTip.isEmpty() ? withoutMnemonic(entry.action->text()) : entry.toolTip;
    if (!entry.keys.isEmpty()) {
        const qsizetype line = text.indexOf(QLatin1Char('\n'));
        text.insert(line < 0 ? text.size() : line, QStringLiteral(" (%1)").arg(keysText({entry.keys.constFirst()})));
    }
    if (entry.action->toolTip() != text)
        entry.action->setToolTip(text);
}

void ShortcutRegistry::setPreset(KeyPreset preset)
{
    m_preset = preset;
    QSettings().setValue(kPresetSetting, preset == KeyPreset::XAnyLabeling ? QStringLiteral("X-AnyLabeling")
                                                                           : QStringLiteral("LabelMe"));
    applyAll();
}

void ShortcutRegistry::setKeys(const QString &name, const QList<QKeySequence> &keys)
{
    const auto at = find(name);
    if (!at)
        return;
    if (keys == defaultKeys(*at))
        return reset(name);
    QStringList texts = portableKeys(keys);
    if (texts.isEmpty())
        texts << QString(); // an empty list is read back as nothing chosen
    QSettings().setValue(kKeysGroup + QLatin1Char('/') + name, texts);
    apply(m_entries[*at]);
    Q_EMIT changed();
}

void ShortcutRegistry::reset(const QString &name)
{
    QSettings().remove(kKeysGroup + QLatin1Char('/') + name);
    if (const auto at = find(name))
        apply(m_entries[*at]);
    Q_EMIT changed();
}

void ShortcutRegistry::resetAll()
{
    QSettings().remove(kKeysGroup);
    applyAll();
}

bool ShortcutRegistry::eventFilter(QObject *watched, QEvent *event)
{
    const bool isNew =
        event->type() == QEvent::ActionAdded
        || (event->type() == QEvent::ChildAdded && static_cast<QChildEvent *>(event)->child()->inherits("QAction"));
    if (isNew) // later, since it has no name yet
        m_rescan.start();
    return QObject::eventFilter(watched, event);
}

} // namespace masque
