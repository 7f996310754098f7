// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/RunsPanel.h"

#include "studio/theme/Theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <filesystem>

namespace masque {

namespace {

/// Deletes a run's folder, and nothing that is none.
Result<void> removeRun(const std::string &folder)
{
    std::error_code error;
    if (!std::filesystem::exists(folder + "/run.json", error))
        return Error{ErrorCode::Io, folder + ": is no run (run.json is missing), nothing was deleted", folder};
    std::filesystem::remove_all(folder, error);
    if (error)
        return Error{ErrorCode::Io, folder + ": cannot be deleted: " + error.message(), folder};
    return {};
}

} // namespace

RunsPanel::RunsPanel(JobRunner &jobs, QWidget *parent) : QWidget(parent), m_jobs(jobs)
{
    m_model = new RunsModel(this);
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("runs-table"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setProperty("role", "plain");
    m_table->setShowGrid(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(28);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
    auto *empty = new QLabel(tr("No run yet. Start Training makes the first one."));
    empty->setObjectName(QStringLiteral("runs-empty"));
    empty->setProperty("role", "muted");
    empty->setAlignment(Qt::AlignCenter);
    m_pages = new QStackedWidget;
    m_pages->addWidget(empty);
    m_pages->addWidget(m_table);

    auto *title = new QLabel(tr("Runs"));
    title->setProperty("role", "title");
    const auto makeButton = [](const char *name, const char *icon, const QString &text) {
        auto *button = new QToolButton;
        button->setObjectName(QString::fromLatin1(name));
        button->setIcon(Theme::instance().icon(QString::fromLatin1(icon)));
        button->setText(text);
        button->setAccessibleName(text);
        button->setToolTip(text);
        return button;
    };
    m_resume = makeButton("runs-resume", "play", tr("Resume"));
    m_resume->setToolTip(tr("Go on with this run, exactly where it was left"));
    m_hard = makeButton("runs-hard", "warning", tr("Always a high loss"));
    m_hard->setToolTip(tr("Training images whose loss stayed high: look for wrong labels there"));
    m_compare = makeButton("runs-compare", "compare", tr("Open in Compare"));
    m_delete = makeButton("runs-delete", "delete", tr("Delete run"));
    auto *header = new QHBoxLayout;
    header->setContentsMargins(16, 8, 8, 4);
    header->setSpacing(8);
    header->addWidget(title);
    header->addStretch();
    header->addWidget(m_resume);
    header->addWidget(m_hard);
    header->addWidget(m_compare);
    header->addWidget(m_delete);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(header);
    layout->addWidget(m_pages, 1);
    m_pages->setContentsMargins(12, 0, 8, 8); // so that the columns begin under the title

    connect(m_resume, &QToolButton::clicked, this, [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT resumeRequested(folders.first());
    });
    connect(m_hard, &QToolButton::clicked, this, [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT hardImagesRequested(folders.first());
    });
    connect(m_compare, &QToolButton::clicked, this, [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT compareRequested(folders.first());
    });
    connect(m_table, &QTableView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT compareRequested(m_model->folder(index.row())); });
    connect(m_delete, &QToolButton::clicked, this, &RunsPanel::askDelete);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateActions();
        Q_EMIT selectionChanged();
    });
    const auto showPage = [this] { m_pages->setCurrentIndex(m_model->rowCount() > 0 ? 1 : 0); };
    connect(m_model, &RunsModel::modelReset, this, showPage);
    connect(m_model, &RunsModel::rowsInserted, this, showPage);
    updateActions();
}

void RunsPanel::load(const QString &datasetRoot)
{
    m_root = datasetRoot;
    if (m_root.isEmpty()) {
        m_model->setRuns({});
        return;
    }
    const auto runs = std::make_shared<std::vector<RunInfo>>();
    m_jobs.start(makeJob(
        tr("Reading runs"),
        [runs, root = m_root.toStdString()](JobControl &) -> Result<void> {
            *runs = listRuns(root);
            return {};
        },
        [this, runs, root = m_root](const Result<void> &result, bool) {
            if (!result || root != m_root)
                return;
            const QStringList selected = selectedFolders();
            m_model->setRuns(std::move(*runs));
            for (const QString &folder : selected)
                select(folder);
            updateActions();
            Q_EMIT loaded();
        }));
}

void RunsPanel::setLiveRun(const QString &folder)
{
    m_live = folder;
    updateActions();
}

QStringList RunsPanel::selectedFolders() const
{
    QStringList folders;
    for (const auto &index : m_table->selectionModel()->selectedRows())
        folders.append(m_model->folder(index.row()));
    return folders;
}

void RunsPanel::select(const QString &folder)
{
    if (const int row = m_model->rowOf(folder); row >= 0)
        m_table->selectionModel()->select(m_model->index(row, 0),
                                          QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void RunsPanel::updateActions()
{
    const QStringList folders = selectedFolders();
    const RunInfo *run = folders.size() == 1 ? m_model->find(folders.first()) : nullptr;
    m_resume->setEnabled(run && m_live.isEmpty() && (run->state == "stopped" || run->state == "failed"));
    m_hard->setEnabled(run);
    m_compare->setEnabled(folders.size() == 1);
    m_delete->setEnabled(folders.size() == 1 && folders.first() != m_live);
}

void RunsPanel::askDelete()
{
    const QStringList folders = selectedFolders();
    const RunInfo *run = folders.size() == 1 ? m_model->find(folders.first()) : nullptr;
    if (!run)
        return;
    auto *question = new QMessageBox(QMessageBox::Question, tr("Delete run"),
                                     tr("Delete the run %1 with its checkpoints and its log? This cannot be undone.")
                                         .arg(QString::fromStdString(run->name)),
                                     QMessageBox::Cancel, this);
    question->setObjectName(QStringLiteral("delete-run-question"));
    question->setAttribute(Qt::WA_DeleteOnClose);
    auto *confirm = question->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    confirm->setObjectName(QStringLiteral("delete-run-confirm"));
    question->setDefaultButton(QMessageBox::Cancel);
    connect(confirm, &QPushButton::clicked, this, [this, folder = folders.first()] { deleteRun(folder); });
    question->open();
}

void RunsPanel::deleteRun(const QString &folder)
{
    m_jobs.start(makeJob(
        tr("Deleting run"), [path = folder.toStdString()](JobControl &) { return removeRun(path); },
        [this, folder](const Result<void> &result, bool) {
            if (result)
                Q_EMIT runDeleted(folder);
            else
                Q_EMIT failed(QString::fromStdString(result.error().message));
            load(m_root);
        }));
}

} // namespace masque
