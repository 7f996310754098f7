// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/RunsModel.h"

#include "core/base/text.h"
#include "studio/theme/Theme.h"

#include <algorithm>
#include <filesystem>

namespace masque {

namespace {

bool isRight(int column)
{
    return column == RunsModel::Epochs || column == RunsModel::Best || column == RunsModel::Time
           || column == RunsModel::Tests;
}

/// What a column is sorted by where that is a number.
double numberOf(const RunInfo &run, int column)
{
    switch (column) {
    case RunsModel::Epochs: return run.epochsDone;
    case RunsModel::Best: return run.bestEpoch > 0 ? run.bestMetric : -1;
    case RunsModel::Time: return run.seconds;
    default: return static_cast<double>(run.tests.size());
    }
}

QString joined(const std::vector<std::string> &texts)
{
    return QString::fromStdString(joinText(texts, ", "));
}

} // namespace

std::vector<std::size_t> RunsModel::found(const std::vector<RunInfo> &runs) const
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < runs.size(); ++i)
        if (m_query.matches(runs[i]))
            rows.push_back(i);
    if (m_sortColumn < 0)
        return rows;
    const auto column = static_cast<Column>(m_sortColumn);
    const auto less = [&](std::size_t a, std::size_t b) {
        if (isRight(column))
            return numberOf(runs[a], column) < numberOf(runs[b], column);
        return naturalLess(text(runs[a], column).toStdString(), text(runs[b], column).toStdString());
    };
    std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        return m_sortOrder == Qt::AscendingOrder ? less(a, b) : less(b, a);
    });
    return rows;
}

void RunsModel::show(const std::function<void()> &change)
{
    beginResetModel(); // listeners look at the rows as they are, so nothing may have changed before
    change();
    m_shown = found(m_runs);
    endResetModel();
}

void RunsModel::setRuns(std::vector<RunInfo> runs)
{
    const auto rows = found(runs);
    const bool sameRows =
        rows.size() == m_shown.size()
        && std::equal(rows.begin(), rows.end(), m_shown.begin(),
                      [&](std::size_t now, std::size_t then) { return runs[now].folder == m_runs[then].folder; });
    if (!sameRows) {
        show([&] { m_runs = std::move(runs); });
        return;
    }
    m_runs = std::move(runs);
    m_shown = rows; // selection and scroll position stay
    if (!rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void RunsModel::updateRun(const RunInfo &run)
{
    const auto it =
        std::find_if(m_runs.begin(), m_runs.end(), [&](const RunInfo &known) { return known.folder == run.folder; });
    if (it == m_runs.end()) {
        show([&] { m_runs.insert(m_runs.begin(), run); });
        return;
    }
    *it = run;
    if (const int row = rowOf(QString::fromStdString(run.folder)); row >= 0)
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
}

void RunsModel::setQuery(RunQuery query)
{
    show([&] { m_query = std::move(query); });
}

void RunsModel::sort(int column, Qt::SortOrder order)
{
    show([&] {
        m_sortColumn = column;
        m_sortOrder = order;
    });
}

const RunInfo *RunsModel::find(const QString &folder) const
{
    const auto wanted = folder.toStdString();
    const auto it = std::find_if(m_runs.begin(), m_runs.end(), [&](const RunInfo &r) { return r.folder == wanted; });
    return it == m_runs.end() ? nullptr : &*it;
}

int RunsModel::rowOf(const QString &folder) const
{
    const auto wanted = folder.toStdString();
    for (int row = 0; row < rowCount(); ++row)
        if (at(row).folder == wanted)
            return row;
    return -1;
}

QString RunsModel::folder(int row) const
{
    return row < 0 || row >= rowCount() ? QString() : QString::fromStdString(at(row).folder);
}

bool RunsModel::isAnyIn(Column column) const
{
    return std::any_of(m_runs.begin(), m_runs.end(), [&](const RunInfo &run) { return !text(run, column).isEmpty(); });
}

int RunsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
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
        if (run.state == kWaiting)
            return tr("waiting");
        if (run.state == "running")
            return tr("running");
        if (run.state == kImported)
            return tr("imported");
        if (run.state == "finished")
            return tr("finished");
        if (run.state == "stopped")
            return tr("stopped");
        return run.state == "failed" ? tr("failed") : QString::fromStdString(run.state);
    case Epochs:
        if (run.state == kImported)
            return {};
        return tr("%1 of %2").arg(run.epochsDone).arg(run.options.training.epochs);
    case Best: return run.bestEpoch > 0 ? tr("%1 at %2").arg(run.bestMetric, 0, 'f', 3).arg(run.bestEpoch) : QString();
    case Time: return run.seconds > 0 ? QString::fromStdString(formatDuration(run.seconds)) : QString();
    case Device: return QString::fromStdString(run.device);
    case Tags: return joined(run.tags);
    case Tests: return run.tests.empty() ? QString() : QString::number(run.tests.size());
    case Parent: return QString::fromStdString(std::filesystem::path(run.parent).filename().string());
    case ColumnCount: break;
    }
    return {};
}

QString RunsModel::toolTip(const RunInfo &run, Column column) const
{
    switch (column) {
    case State:
        if (!run.message.empty())
            return QString::fromStdString(run.message);
        break;
    case Best: return tr("%1 on the validation split").arg(QString::fromStdString(run.options.training.metric));
    case Tests:
        return run.tests.empty()       ? tr("The test split was not looked at yet.")
               : run.tests.size() == 1 ? tr("The test split was looked at once.")
                                       : tr("The test split was looked at %1 times.").arg(run.tests.size());
    case Parent: return QString::fromStdString(run.parent);
    default: break;
    }
    const QString notes = QString::fromStdString(run.notes).trimmed();
    return QString::fromStdString(run.folder) + (notes.isEmpty() ? QString() : QLatin1Char('\n') + notes);
}

QVariant RunsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RunInfo &run = at(index.row());
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole: return text(run, column);
    case Qt::ToolTipRole: return toolTip(run, column);
    case Qt::ForegroundRole:
        return column == State && run.state == "failed" ? QVariant(Theme::instance().error()) : QVariant();
    case Qt::TextAlignmentRole:
        return isRight(column) ? QVariant(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    default: return {};
    }
}

Qt::ItemFlags RunsModel::flags(const QModelIndex &index) const
{
    const bool isEditable = index.column() == Name || index.column() == Tags;
    return QAbstractTableModel::flags(index) | (isEditable ? Qt::ItemIsEditable : Qt::NoItemFlags);
}

bool RunsModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !flags(index).testFlag(Qt::ItemIsEditable) || value == data(index, Qt::EditRole))
        return false;
    RunInfo &run = m_runs[m_shown[static_cast<std::size_t>(index.row())]];
    RunEdit edit;
    if (index.column() == Name) {
        edit.name = trimmed(value.toString().toStdString());
        if (edit.name->empty())
            return false;
        run.name = *edit.name;
    } else {
        edit.tags = parseTags(value.toString().toStdString());
        run.tags = *edit.tags;
    }
    Q_EMIT dataChanged(index, index);
    Q_EMIT edited(QString::fromStdString(run.folder), edit);
    return true;
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::Alignment((isRight(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter));
    if (role == Qt::ToolTipRole && section == Best)
        return tr("The best validation figure, by what each run chose its best checkpoint, and its epoch");
    if (role == Qt::ToolTipRole && section == Tests)
        return tr("How often the test split was looked at");
    if (role == Qt::ToolTipRole && section == Parent)
        return tr("The run whose weights it started from");
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Run");
    case State: return tr("State");
    case Epochs: return tr("Epochs");
    case Best: return tr("Best");
    case Time: return tr("Time");
    case Device: return tr("Device");
    case Tags: return tr("Tags");
    case Tests: return tr("Tests");
    case Parent: return tr("Parent");
    default: return {};
    }
}

} // namespace masque
