// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QAbstractTableModel>

#include <optional>
#include <string>
#include <vector>

namespace masque {

/// The current image's shapes, the topmost first: class and type, visible, locked. Rows that are dragged within the
/// list change the paint order.
class ShapesModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, TypeColumn, VisibleColumn, LockColumn, ColumnCount };

    explicit ShapesModel(Document &document, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    bool dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                      const QModelIndex &parent) override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

    ShapeId idOf(int row) const { return m_ids[static_cast<std::size_t>(row)]; }
    std::optional<int> rowOf(ShapeId id) const;
    static QString typeText(ShapeType type);

private:
    void takeChange(const ChangeEvent &event);
    void replaceAll(std::vector<ShapeId> ids);
    void replaceMiddle(std::vector<ShapeId> ids);
    void tellChanged(int from, int to);

    /// What a row says of its shape, by which the rows that an edit changed are known.
    struct Shown {
        std::string label, description, votes;
        ShapeType type;
        friend bool operator==(const Shown &, const Shown &) = default;
    };

    Document &m_document;
    std::vector<ShapeId> m_ids;
    std::vector<Shown> m_shown; ///< a row each
};

} // namespace masque
