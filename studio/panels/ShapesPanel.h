// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QLineEdit;
class QMenu;
class QModelIndex;
class QTreeView;

namespace masque {

class ShapesModel;

/// The current image's shapes, selected together with the canvas; a field narrows the list by class and type.
class ShapesPanel : public QWidget {
    Q_OBJECT
public:
    explicit ShapesPanel(Document &document, QWidget *parent = nullptr);
    void setContextMenu(QMenu *menu); ///< of the selected shapes; not owned

Q_SIGNALS:
    void shapeActivated(masque::ShapeId id); ///< double-clicked: show it

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    class Filter;
    void showSelection();
    void takeSelection();

    ShapeId idAt(const QModelIndex &index) const;

    Document &m_document;
    ShapesModel *m_model;
    Filter *m_filter;
    QLineEdit *m_search;
    QTreeView *m_view;
    bool m_isSyncing = false;
};

} // namespace masque
