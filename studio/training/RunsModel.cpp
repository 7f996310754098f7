// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/RunsModel.h"

#include "core/base/text.h"
#include "studio/theme/Theme.h"

#include <QCoreApplication>

#include <algorithm>

namespace masque {

int epochsDone(const RunInfo &run)
{
    int done = 0;
    for (const auto &epoch : run.epochs)
        done = std::max(done, epoch.epoch);
    return done;
}

void RunsModel::setRuns(std::vector<RunInfo> runs)
{
    const bool sameRows = runs.size() == m_runs.size()
                          && std::equal(runs.begin(), runs.end(), m_runs.begin(),
                                        [](const RunInfo &a, const RunInfo &b) { return a.folder == b.folder; });
    if (sameRows) { // selection and scroll position stay
        m_runs = std::move(runs);
        if (!m_runs.empty())
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_runs = std::move(runs);
    endResetModel();
}

void RunsModel::updateRun(const RunInfo &run)
{
    const int row = rowOf(QString::fromStdString(run.folder));
    if (row >= 0) {
        m_runs[static_cast<std::size_t>(row)] = run;
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        return;
    }
    beginInsertRows({}, 0, 0);
    m_runs.insert(m_runs.begin(), run);
    endInsertRows();
}

int RunsModel::rowOf(const QString &folder) const
{
    const auto wanted = folder.toStdString();
    const auto it = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunInfo &r) { return r.folder == wanted; });
    return it == m_runs.end() ? -1 : static_cast<int>(it - m_runs.begin());
}

const RunInfo *RunsModel::find(const QString &folder) const
{
    const int row = rowOf(folder);
    return row < 0 ? nullptr : &m_runs[static_cast<std::size_t>(row)];
}

QString RunsModel::folder(int row) const
{
    return row < 0 || row >= rowCount() ? QString()
                                        : QString::fromStdString(m_runs[static_cast<std::size_t>(row)].folder);
}

int RunsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int RunsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RunsModel::text(const RunInfo &run, Column column) const
{
    switch (column) {
    case Name: return QString::fromStdString(run.name);
    case State:
        if (run.state == "running")
            return tr("running");
        if (run.state == "finished")
            return tr("finished");
        if (run.state == "stopped")
            return tr("stopped");
        return run.state == "failed" ? tr("failed") : QString::fromStdString(run.state);
    case Epochs: return tr("%1 of %2").arg(epochsDone(run)).arg(run.options.training.epochs);
    case Best: return run.bestEpoch > 0 ? tr("%1 at %2").arg(run.bestMetric, 0, 'f', 3).arg(run.bestEpoch) : QString();
    case Time: return run.seconds > 0 ? QString::fromStdString(formatDuration(run.seconds)) : QString();
    case Device: return QString::fromStdString(run.device);
    case ColumnCount: break;
    }
    return {};
}

QVariant RunsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RunInfo &run = m_runs[static_cast<std::size_t>(index.row())];
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return text(run, column);
    case Qt::ToolTipRole:
        return column == State && !run.message.empty() ? QString::fromStdString(run.message)
                                                       : QString::fromStdString(run.folder);
    case Qt::ForegroundRole:
        return column == State && run.state == "failed" ? QVariant(Theme::instance().error()) : QVariant();
    case Qt::TextAlignmentRole:
        return column == Epochs || column == Best || column == Time
                   ? QVariant(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter))
                   : QVariant();
    default: return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(
            Qt::Alignment((section == Epochs || section == Best || section == Time ? Qt::AlignRight : Qt::AlignLeft)
                          | Qt::AlignVCenter));
    if (role == Qt::ToolTipRole && section == Best)
        return tr("Best mean IoU on the validation split, and its epoch");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Run");
    case State: return tr("State");
    case Epochs: return tr("Epochs");
    case Best: return tr("Best mean IoU");
    case Time: return tr("Time");
    case Device: return tr("Device");
    default: return {};
    }
}

} // namespace masque
