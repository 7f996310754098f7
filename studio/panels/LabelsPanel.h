// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QLineEdit;
class QModelIndex;
class QTreeView;

namespace masque {

class LabelsModel;

/// The dataset's classes. A click makes one active, on its colour changes it, on the eye and the lock hides and
/// protects its shapes; below, a field adds one.
class LabelsPanel : public QWidget {
    Q_OBJECT
public:
    explicit LabelsPanel(Document &document, QWidget *parent = nullptr);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void takeClick(const QModelIndex &index);
    void changeColor(int row);
    void renameClass(int row);
    void showActive();

    Document &m_document;
    LabelsModel *m_model;
    QTreeView *m_view;
    QLineEdit *m_add;
};

} // namespace masque
