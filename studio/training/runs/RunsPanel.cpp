// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/RunsPanel.h"

#include "studio/theme/Theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace masque {

RunsPanel::RunsPanel(JobRunner &jobs, QWidget *parent) : QWidget(parent), m_jobs(jobs)
{
    m_model = new RunsModel(this);
    makeTable();
    m_empty = new QLabel;
    m_empty->setObjectName(QStringLiteral("runs-empty"));
    m_empty->setProperty("role", "muted");
    m_empty->setAlignment(Qt::AlignCenter);
    m_pages = new QStackedWidget;
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_table);
    m_pages->setContentsMargins(12, 0, 8, 8); // so that the columns begin under the title
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    m_error = new QLabel;
    m_error->setObjectName(QStringLiteral("runs-search-error"));
    m_error->setProperty("role", "error");
    m_error->setContentsMargins(16, 0, 8, 4);
    m_error->hide();
    layout->addLayout(makeHeader());
    layout->addWidget(m_error);
    layout->addWidget(makeQueueBar());
    layout->addWidget(m_pages, 1);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        updateActions();
        Q_EMIT selectionChanged();
    });
    connect(m_model, &RunsModel::modelAboutToBeReset, this, [this] { m_kept = selectedFolders(); });
    connect(m_model, &RunsModel::modelReset, this, [this] {
        for (const QString &folder : std::as_const(m_kept))
            select(folder);
        updateRuns();
    });
    connect(m_model, &RunsModel::dataChanged, this, &RunsPanel::updateRuns);
    connect(m_model, &RunsModel::edited, this, &RunsPanel::edit);
    updateRuns();
}

void RunsPanel::makeTable()
{
    m_table = new QTableView;
    m_table->setObjectName(QStringLiteral("runs-table"));
    m_table->setAccessibleName(tr("Runs"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed); // a double click opens Compare
    m_table->setProperty("role", "plain");
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(28);
    auto *header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSortIndicator(-1, Qt::AscendingOrder);
    header->setSortIndicatorClearable(true);
    m_table->setSortingEnabled(true);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_table, &QTableView::doubleClicked, this,
            [this](const QModelIndex &index) { Q_EMIT compareRequested(m_model->folder(index.row())); });
}

QToolButton *RunsPanel::addButton(const char *name, const char *icon, const QString &text)
{
    auto *button = new QToolButton(this);
    button->setObjectName(QString::fromLatin1(name));
    button->setIcon(Theme::instance().icon(QString::fromLatin1(icon)));
    button->setText(text);
    button->setAccessibleName(text);
    button->setToolTip(text);
    return button;
}

QLayout *RunsPanel::makeHeader()
{
    auto *title = new QLabel(tr("Runs"));
    title->setProperty("role", "title");
    m_search = new QLineEdit;
    m_search->setObjectName(QStringLiteral("runs-search"));
    m_search->setAccessibleName(tr("Search runs"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setToolTip(tr("Words of name, tags and notes; also tag:old, -tag:bad, model:unet, state:finished, "
                            "loss:dice, metric>0.6, loss<0.3, epochs<20, tests>0"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(220);
    m_search->setMinimumWidth(80);
    connect(m_search, &QLineEdit::textChanged, this, &RunsPanel::search);
    m_resume = addButton("runs-resume", "play", tr("Resume"));
    m_hard = addButton("runs-hard", "warning", tr("Always a high loss"));
    m_hard->setToolTip(tr("Training images whose loss stayed high: look for wrong labels there"));
    m_compare = addButton("runs-compare", "compare", tr("Open in Compare"));
    m_delete = addButton("runs-delete", "delete", tr("Delete run"));
    auto *more = addButton("runs-more", "chevron-down", tr("More about runs"));
    more->setPopupMode(QToolButton::InstantPopup);
    auto *menu = makeMenu();
    more->setMenu(menu);
    connect(m_table, &QWidget::customContextMenuRequested, this,
            [this, menu](QPoint at) { menu->popup(m_table->viewport()->mapToGlobal(at)); });
    const auto withSelected = [this](QToolButton *button, void (RunsPanel::*signal)(const QString &)) {
        connect(button, &QToolButton::clicked, this, [this, signal] {
            if (const auto folders = selectedFolders(); !folders.isEmpty())
                Q_EMIT(this->*signal)(folders.first());
        });
    };
    withSelected(m_resume, &RunsPanel::resumeRequested);
    withSelected(m_hard, &RunsPanel::hardImagesRequested);
    withSelected(m_compare, &RunsPanel::compareRequested);
    connect(m_delete, &QToolButton::clicked, this, &RunsPanel::askDelete);

    auto *header = new QHBoxLayout;
    header->setContentsMargins(16, 8, 8, 4);
    header->setSpacing(8);
    header->addWidget(title);
    header->addStretch();
    header->addWidget(m_search, 1);
    for (auto *button : {m_resume, m_hard, m_compare, m_delete, more})
        header->addWidget(button);
    return header;
}

QMenu *RunsPanel::makeMenu()
{
    auto *menu = new QMenu(this);
    const auto add = [&](const char *name, const QString &text, auto slot) {
        auto *action = menu->addAction(text, this, slot);
        action->setObjectName(QString::fromLatin1(name));
        return action;
    };
    m_details = add("runs-details", tr("&About This Run..."), &RunsPanel::showDetails);
    m_sideBySide = add("runs-side-by-side", tr("&Side by Side..."), &RunsPanel::compareSelected);
    m_errors = add("runs-errors", tr("Find Label E&rrors..."), [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT labelErrorsRequested(folders.first());
    });
    m_export = add("runs-export", tr("E&xport Model..."), [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT exportRequested(folders.first());
    });
    add("runs-import", tr("&Import Model..."), [this] { Q_EMIT importRequested(); });
    m_cutout = add("runs-cutout", tr("Cut &Out..."), [this] {
        if (const auto folders = selectedFolders(); !folders.isEmpty())
            Q_EMIT cutoutRequested(folders.first());
    });
    m_csv = add("runs-csv", tr("Save the Epochs as &CSV..."), &RunsPanel::saveCsv);
    menu->addSeparator();
    m_earlier = add("runs-earlier", tr("&Earlier in the Queue"), [this] { move(-1); });
    m_later = add("runs-later", tr("&Later in the Queue"), [this] { move(1); });
    return menu;
}

QWidget *RunsPanel::makeQueueBar()
{
    m_queueBar = new QWidget;
    m_waiting = new QLabel;
    m_waiting->setObjectName(QStringLiteral("runs-waiting"));
    auto *start = new QPushButton(tr("Start the Queue"));
    start->setObjectName(QStringLiteral("runs-start-queue"));
    connect(start, &QPushButton::clicked, this, &RunsPanel::startQueueRequested);
    auto *bar = new QHBoxLayout(m_queueBar);
    bar->setContentsMargins(16, 0, 8, 4);
    bar->addWidget(m_waiting, 1);
    bar->addWidget(start);
    return m_queueBar;
}

void RunsPanel::search(const QString &text)
{
    auto query = RunQuery::parse(text.toStdString());
    m_error->setText(query ? QString() : QString::fromStdString(query.error().message));
    m_error->setVisible(!query);
    if (query) // else what was found before stays while it is being typed
        m_model->setQuery(std::move(*query));
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
            m_model->setRuns(std::move(*runs));
            Q_EMIT loaded();
        }));
}

void RunsPanel::setLiveRun(const QString &folder)
{
    m_live = folder;
    updateActions();
}

void RunsPanel::setBusy(bool isBusy)
{
    m_isBusy = isBusy;
    updateRuns();
}

QStringList RunsPanel::selectedFolders() const
{
    QStringList folders;
    for (const auto &index : m_table->selectionModel()->selectedRows())
        folders.append(m_model->folder(index.row()));
    return folders;
}

const RunInfo *RunsPanel::selectedRun() const
{
    const QStringList folders = selectedFolders();
    return folders.size() == 1 ? m_model->find(folders.first()) : nullptr;
}

void RunsPanel::select(const QString &folder)
{
    if (const int row = m_model->rowOf(folder); row >= 0)
        m_table->selectionModel()->select(m_model->index(row, 0),
                                          QItemSelectionModel::Select | QItemSelectionModel::Rows);
}

void RunsPanel::updateRuns()
{
    const bool isNone = m_model->rowCount() == 0;
    m_pages->setCurrentIndex(isNone ? 0 : 1);
    m_empty->setText(m_model->runs().empty() ? tr("No run yet. Start Training makes the first one.")
                                             : tr("No run is like that."));
    m_search->setVisible(!m_model->runs().empty());
    for (const auto column : {RunsModel::Tags, RunsModel::Tests, RunsModel::Parent})
        m_table->setColumnHidden(column, !m_model->isAnyIn(column));
    const auto waiting = static_cast<int>(waitingRuns(m_model->runs()).size());
    m_queueBar->setVisible(waiting > 0 && !m_isBusy);
    m_waiting->setText(waiting == 1 ? tr("A run is waiting") : tr("%1 runs are waiting").arg(waiting));
    updateActions();
}

void RunsPanel::updateActions()
{
    const QStringList folders = selectedFolders();
    const RunInfo *run = selectedRun();
    const bool isWaiting = run && run->state == kWaiting;
    m_resume->setEnabled(run && !m_isBusy && (isWaiting || run->state == "stopped" || run->state == "failed"));
    m_resume->setToolTip(isWaiting ? tr("Begin this run now, before the others that wait")
                                   : tr("Go on with this run, exactly where it was left"));
    m_hard->setEnabled(run && run->epochsDone > 0);
    m_compare->setEnabled(run && !isWaiting);
    m_delete->setEnabled(!folders.isEmpty() && !folders.contains(m_live));
    m_errors->setEnabled(run && !isWaiting);
    m_export->setEnabled(run && run->epochsDone > 0);
    m_cutout->setEnabled(run && run->epochsDone > 0);
    m_details->setEnabled(run);
    m_csv->setEnabled(run && run->epochsDone > 0);
    m_sideBySide->setEnabled(folders.size() > 1);
    const auto waiting = waitingRuns(m_model->runs());
    m_earlier->setEnabled(isWaiting && waiting.front().folder != run->folder);
    m_later->setEnabled(isWaiting && waiting.back().folder != run->folder);
    m_earlier->setVisible(!waiting.empty());
    m_later->setVisible(!waiting.empty());
}

} // namespace masque
