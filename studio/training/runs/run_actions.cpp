// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/RunsPanel.h"

#include "core/base/files.h"
#include "core/runs/index/run_table.h"
#include "studio/training/runs/RunDetailsDialog.h"
#include "studio/training/runs/RunsCompareDialog.h"

#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>

#include <algorithm>

/// What RunsPanel does to the runs that are selected.
namespace masque {

namespace {

/// To the desktop's trash where there is one.
Result<void> throwAway(const QString &folder)
{
    if (auto may = checkDeletable(folder.toStdString()); !may)
        return may;
    // Qt 6.4 makes the trash, but not the folder that it belongs into: without that it would use the current one.
    const bool hasPlace = QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation));
    return hasPlace && QFile::moveToTrash(folder) ? Result<void>() : deleteRun(folder.toStdString());
}

} // namespace

void RunsPanel::change(const QString &title, std::function<Result<void>()> work)
{
    m_jobs.start(makeJob(
        title, [work = std::move(work)](JobControl &) { return work(); },
        [this](const Result<void> &result, bool) {
            if (!result)
                Q_EMIT failed(QString::fromStdString(result.error().message));
            load(m_root);
        }));
}

void RunsPanel::edit(const QString &folder, const RunEdit &edit)
{
    change(tr("Changing the run"), [path = folder.toStdString(), edit] { return editRun(path, edit); });
}

void RunsPanel::showDetails()
{
    const RunInfo *run = selectedRun();
    if (!run)
        return;
    auto *dialog = new RunDetailsDialog(*run, this);
    connect(dialog, &RunDetailsDialog::edited, this, &RunsPanel::edit);
    dialog->show();
}

void RunsPanel::compareSelected()
{
    std::vector<RunInfo> runs;
    for (const QString &folder : selectedFolders())
        if (const RunInfo *run = m_model->find(folder))
            runs.push_back(*run);
    if (runs.size() > 1)
        (new RunsCompareDialog(runs, this))->show();
}

void RunsPanel::saveCsv()
{
    const RunInfo *run = selectedRun();
    if (!run)
        return;
    auto *dialog = new QFileDialog(this, tr("Save the epochs"), {}, tr("Values (*.csv)"));
    dialog->setObjectName(QStringLiteral("runs-csv-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(QString::fromStdString(run->name) + QStringLiteral(".csv"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, folder = run->folder](const QString &path) {
        change(tr("Saving the epochs"), [folder, file = path.toStdString()]() -> Result<void> {
            const auto whole = readRun(folder);
            return whole ? writeFileAtomically(file, epochsCsv(*whole)) : Result<void>(whole.error());
        });
    });
    dialog->open();
}

void RunsPanel::move(int places)
{
    const RunInfo *run = selectedRun();
    const auto waiting = waitingRuns(m_model->runs());
    const auto it = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const RunInfo &other) { return run && other.folder == run->folder; });
    if (it == waiting.end() || (places < 0 ? it == waiting.begin() : it + 1 == waiting.end()))
        return;
    change(tr("Changing the queue"), [a = *it, b = *(it + places)] { return swapInQueue(a, b); });
}

void RunsPanel::askDelete()
{
    const QStringList folders = selectedFolders();
    if (folders.isEmpty() || folders.contains(m_live))
        return;
    const RunInfo *run = selectedRun();
    const QString what =
        run ? tr("Delete the run %1 with its checkpoints and its log?").arg(QString::fromStdString(run->name))
            : tr("Delete these %1 runs with their checkpoints and logs?").arg(folders.size());
    auto *question = new QMessageBox(
        QMessageBox::Question, tr("Delete run"),
        what + QLatin1Char(' ') + tr("The files go to the trash; where there is none, they are gone for good."),
        QMessageBox::Cancel, this);
    question->setObjectName(QStringLiteral("delete-run-question"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    auto *confirm = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    confirm->setObjectName(QStringLiteral("delete-run-confirm"));
    question->setDefaultButton(QMessageBox::Cancel);
    connect(confirm, &QPushButton::clicked, this, [this, folders] { deleteRuns(folders); });
    question->open();
}

void RunsPanel::deleteRuns(const QStringList &folders)
{
    const auto gone = std::make_shared<QStringList>(); // up to the first that cannot be deleted
    m_jobs.start(makeJob(
        tr("Deleting run"),
        [folders, gone](JobControl &) -> Result<void> {
            for (const QString &folder : folders) {
                if (auto done = throwAway(folder); !done)
                    return done;
                gone->append(folder);
            }
            return {};
        },
        [this, gone](const Result<void> &result, bool) {
            if (!result)
                Q_EMIT failed(QString::fromStdString(result.error().message));
            for (const QString &folder : std::as_const(*gone))
                Q_EMIT runDeleted(folder);
            load(m_root);
        }));
}

} // namespace masque
