// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

#include <QAbstractTableModel>

#include <vector>

namespace masque {

/// The runs of a dataset as a table, newest first: name, state, epochs, best, time, device.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, State, Epochs, Best, Time, Device, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;

    void setRuns(std::vector<RunInfo> runs); ///< keeps the rows of folders that stay
    void updateRun(const RunInfo &run);      ///< by its folder; a new one comes first
    const std::vector<RunInfo> &runs() const { return m_runs; }
    const RunInfo *find(const QString &folder) const;
    int rowOf(const QString &folder) const; ///< -1: none
    QString folder(int row) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QString text(const RunInfo &run, Column column) const;
    std::vector<RunInfo> m_runs;
};

/// How many epochs are done.
int epochsDone(const RunInfo &run);

} // namespace masque
