// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/index/RunQuery.h"
#include "core/runs/index/run_keeping.h"
#include "core/runs/run.h"

#include <QAbstractTableModel>

#include <functional>
#include <vector>

namespace masque {

/// The runs of a dataset as a table, or those among them that a search finds: as listRuns gives them, or by a column.
/// Names and tags are edited in place; writing them is whoever listens to edited.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, State, Epochs, Best, Time, Device, Tags, Tests, Parent, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    void setRuns(std::vector<RunInfo> runs); ///< keeps the rows of folders that stay
    void updateRun(const RunInfo &run);      ///< by its folder; a new one comes first
    void setQuery(RunQuery query);
    const std::vector<RunInfo> &runs() const { return m_runs; } ///< all, found or not
    const RunInfo *find(const QString &folder) const;
    int rowOf(const QString &folder) const; ///< -1: not shown
    QString folder(int row) const;
    bool isAnyIn(Column column) const; ///< has any run something to say there?

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override; ///< -1: as they were given

Q_SIGNALS:
    void edited(const QString &folder, const masque::RunEdit &edit);

private:
    const RunInfo &at(int row) const { return m_runs[m_shown[static_cast<std::size_t>(row)]]; }
    std::vector<std::size_t> found(const std::vector<RunInfo> &runs) const;
    void show(const std::function<void()> &change); ///< all rows anew after it
    QString text(const RunInfo &run, Column column) const;
    QString toolTip(const RunInfo &run, Column column) const;

    std::vector<RunInfo> m_runs;
    std::vector<std::size_t> m_shown; ///< positions in m_runs, row by row
    RunQuery m_query;
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace masque
