// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/shortcuts/presets.h"

#include <QAction>
#include <QMainWindow>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <vector>

namespace masque {

/// Every action of a window that has an object name, and its keys: the preset's, changed by what the user chose. Finds
/// actions by itself, also those that are added later; puts keys into menus and tooltips; keeps choices in QSettings.
class ShortcutRegistry : public QObject {
    Q_OBJECT
public:
    /// Reads the settings and applies them.
    explicit ShortcutRegistry(QMainWindow &window);

    struct Entry {
        QString name = {};                 ///< object name; empty: a fixed key
        QString title = {}, category = {}; ///< translated
        QPointer<QAction> action = {};     ///< null: fixed or gone
        QList<QKeySequence> codeKeys = {}; ///< as the program made it
        QList<QKeySequence> keys = {};     ///< as they are now
        QString toolTip = {};              ///< without keys; empty: the action's text
        const QWidget *scope = nullptr;    ///< where the keys work; null: in the whole window
        bool isFixed() const { return name.isEmpty(); }
    };
    const std::vector<Entry> &entries() const { return m_entries; }
    std::optional<std::size_t> find(const QString &name) const;
    QList<QKeySequence> defaultKeys(std::size_t entry) const; ///< the preset's
    bool isChanged(std::size_t entry) const;                  ///< by the user
    /// Entries that share a key with this one where both would hear it.
    std::vector<std::size_t> conflicts(std::size_t entry) const;

    KeyPreset preset() const { return m_preset; }
    void setPreset(KeyPreset preset); ///< what the user chose by hand stays
    void setKeys(const QString &name, const QList<QKeySequence> &keys);
    void reset(const QString &name);
    void resetAll(); ///< to the preset
    void refresh();  ///< looks for new actions now

Q_SIGNALS:
    void changed(); ///< keys or entries

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void addFixedKeys();
    bool addActions();
    void nameCategories();
    void apply(Entry &entry);
    void applyAll();
    void showToolTip(const Entry &entry);
    std::optional<QList<QKeySequence>> chosenKeys(const QString &name) const;

    QMainWindow &m_window;
    std::vector<Entry> m_entries;
    KeyPreset m_preset = KeyPreset::LabelMe;
    QTimer m_rescan;
};

} // namespace masque
