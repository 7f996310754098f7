// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/shortcuts/ShortcutRegistry.h"

#include <QDialog>

class QComboBox;
class QKeySequenceEdit;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTreeView;

namespace masque {

class ShortcutsModel;

/// Edits every key of the program; what is changed works at once. Shown with show(): the window stays usable.
class ShortcutEditor : public QDialog {
    Q_OBJECT
public:
    explicit ShortcutEditor(ShortcutRegistry &registry, QWidget *parent = nullptr);

private:
    QWidget *makeTop();
    QWidget *makeKeys();
    QWidget *makeBottom();
    int currentRow() const; ///< of the model, -1: none
    void showCurrent();
    void takeKeys();
    void takeFromOthers();

    ShortcutRegistry &m_registry;
    ShortcutsModel *m_model;
    QSortFilterProxyModel *m_found;
    QTreeView *m_view;
    QComboBox *m_preset = nullptr;
    QKeySequenceEdit *m_first = nullptr, *m_second = nullptr;
    QPushButton *m_reset = nullptr, *m_clear = nullptr, *m_take = nullptr;
    QLabel *m_message = nullptr, *m_summary = nullptr;
};

} // namespace masque
