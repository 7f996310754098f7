// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/MainWindow.h"

#include "core/image/region.h"
#include "core/runs/run.h"
#include "studio/app/DialectDialog.h"
#include "studio/app/ExportDialog.h"
#include "studio/app/PluginsDialog.h"
#include "studio/app/SampleJob.h"
#include "studio/app/StatisticsDialog.h"
#include "studio/app/StatusBar.h"
#include "studio/app/class_folders_menu.h"
#include "studio/app/recent_menu.h"
#include "studio/app/saving_menu.h"
#include "studio/app/training_menu.h"
#include "studio/compare/ClassReportDialog.h"
#include "studio/compare/CompareWorkspace.h"
#include "studio/compare/cutout/CutoutDialog.h"
#include "studio/learn/LearnDialog.h"
#include "studio/live/LiveWorkspace.h"
#include "studio/panels/LabelWorkspace.h"
#include "studio/shortcuts/ShortcutEditor.h"
#include "studio/theme/Theme.h"
#include "studio/training/NextImages.h"
#include "studio/training/TrainWorkspace.h"

#include <QActionGroup>
#include <QCloseEvent>
#include <QDir>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenuBar>
#include <QMessageBox>
#include <QMimeData>
#include <QSettings>
#include <QStackedWidget>
#include <QTabBar>

namespace masque {

namespace {

constexpr int kJobThreads = 6; // so that an image never waits for indexing, thumbnails and a prediction
constexpr int kMessageMs = 4000;
constexpr int kStopTrainingMs = 2000;
constexpr QSize kFirstSize{1440, 900};

} // namespace

MainWindow::MainWindow(const PluginRegistry &plugins, QWidget *parent)
    : QMainWindow(parent), m_plugins(plugins), m_jobs(makeThreadedJobRunner(kJobThreads)),
      m_document(std::make_unique<Document>(*m_jobs, plugins.formats)), m_notifier(makeDesktopNotifier())
{
    setObjectName(QStringLiteral("main-window"));
    setAcceptDrops(true);
    m_stack = new QStackedWidget(this);
    m_stack->setObjectName(QStringLiteral("workspaces"));
    m_label = new LabelWorkspace(*m_document, m_plugins, *m_jobs, m_stack);
    m_train = new TrainWorkspace(*m_document, m_plugins, *m_jobs, m_stack);
    m_compare = new CompareWorkspace(*m_document, m_plugins, *m_jobs, m_stack);
    m_stack->addWidget(m_label);
    m_stack->addWidget(m_train);
    m_stack->addWidget(m_compare);
    m_live = new LiveWorkspace(*m_document, m_plugins, *m_jobs, m_stack);
    m_stack->addWidget(m_live);
    setCentralWidget(m_stack);
    m_status = new StatusBar(*m_document, *m_jobs, this);
    setStatusBar(m_status);
    m_next = new NextImages(*m_document, plugins.models, *m_jobs, this);
    makeMenus();
    m_shortcuts = new ShortcutRegistry(*this);

    connect(m_status, &StatusBar::readersRequested, this, [this] { (new DialectDialog(*m_document, this))->open(); });
    connect(m_label, &LabelWorkspace::cursorText, m_status, &StatusBar::setCursorText);
    connect(m_label, &LabelWorkspace::zoomText, m_status, &StatusBar::setZoomText);
    connect(m_label, &LabelWorkspace::positionText, m_status, &StatusBar::setPositionText);
    const auto say = [this](const QString &text) { m_status->showMessage(text, kMessageMs); };
    connect(m_label, &LabelWorkspace::messageText, this, say);
    connect(m_next, &NextImages::messageText, this, say);
    connect(m_label, &LabelWorkspace::openFolderRequested, this, &MainWindow::chooseFolder);
    connect(m_label, &LabelWorkspace::openSampleRequested, this, &MainWindow::openSample);
    connect(m_label, &LabelWorkspace::openPathRequested, this, &MainWindow::open);
    connect(m_train, &TrainWorkspace::statusText, m_status, &StatusBar::setWorkText);
    connect(m_train, &TrainWorkspace::noticed, this, [this](const QString &title, const QString &text) {
        if (!isActiveWindow() && isEndNotified())
            m_notifier->notify(title, text);
    });
    connect(m_train, &TrainWorkspace::compareRequested, this, &MainWindow::showRun);
    connect(m_train, &TrainWorkspace::cutoutRequested, this, &MainWindow::cutOutBy);
    connect(m_train, &TrainWorkspace::openRequested, this, &MainWindow::showImage);
    connect(m_live, &LiveWorkspace::reportRequested, this, &MainWindow::showRun);
    connect(m_compare, &CompareWorkspace::statusText, m_status, &StatusBar::setWorkText);
    connect(m_compare, &CompareWorkspace::editRequested, this, [this] { setWorkspace(Label); });
    connect(m_document.get(), &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind != ChangeEvent::DatasetOpened && event.kind != ChangeEvent::CurrentItem)
            return;
        showTitle();
        if (event.kind != ChangeEvent::DatasetOpened)
            return;
        if (const QString run = std::exchange(m_runToShow, {}); !run.isEmpty())
            showRun(run);
        if (!m_document->datasetError().isEmpty()) // the dataset that was open stays
            showMessage(tr("This cannot be opened"), m_document->datasetError());
    });
    showTitle();
    restoreLayout();
}

MainWindow::~MainWindow()
{
    m_jobs->cancelAll();
    delete findChild<LearnDialog *>();    // its jobs
    delete findChild<ShortcutEditor *>(); // shows what m_shortcuts knows, which knows the workspaces' actions
    delete m_shortcuts;
    delete m_stack; // the workspaces use the document, so they go first
}

QAction *MainWindow::addAction(QMenu &menu, const char *name, const QString &text, const char *icon,
                               const QKeySequence &key, void (MainWindow::*slot)())
{
    auto *action = menu.addAction(text, this, slot);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(key);
    if (icon) {
        const auto refresh = [action, icon] { action->setIcon(Theme::instance().icon(QLatin1String(icon))); };
        refresh();
        connect(&Theme::instance(), &Theme::changed, action, refresh);
    }
    return action;
}

void MainWindow::makeMenus()
{
    auto *file = menuBar()->addMenu(tr("&File"));
    addAction(*file, "open-folder", tr("Open &Folder..."), "folder", QKeySequence(QStringLiteral("Ctrl+U")),
              &MainWindow::chooseFolder);
    addAction(*file, "open-image", tr("&Open Image..."), "open", QKeySequence::Open, &MainWindow::chooseImage);
    addRecentMenu(*file, *m_document, [this](const QString &folder) { open(folder); });
    addAction(*file, "open-sample", tr("Open the &Sample Dataset"), nullptr, {}, &MainWindow::openSample);
    file->addSeparator();
    addAction(*file, "save", tr("&Save"), "save", QKeySequence::Save, &MainWindow::save);
    addAction(*file, "close-dataset", tr("&Close Dataset"), nullptr, QKeySequence(QStringLiteral("Ctrl+W")),
              &MainWindow::closeDataset);
    addAction(*file, "export-dataset", tr("&Export Dataset..."), nullptr, QKeySequence(QStringLiteral("Ctrl+Shift+E")),
              &MainWindow::exportDataset);
    addAction(*file, "cut-out", tr("Cut O&ut..."), nullptr, QKeySequence(QStringLiteral("Ctrl+Alt+C")),
              &MainWindow::cutOut);
    addAction(*file, "dataset-statistics", tr("Dataset S&tatistics..."), nullptr,
              QKeySequence(QStringLiteral("Ctrl+Alt+I")), &MainWindow::showStatistics);
    file->addSeparator();
    addSavingActions(*file, *m_document);
    addClassFolderActions(*file, *m_document, *m_jobs, *this);
    file->addSeparator();
    auto *quit = file->addAction(tr("&Quit"), this, &QWidget::close);
    quit->setObjectName(QStringLiteral("quit"));
    quit->setShortcut(QKeySequence(QStringLiteral("Ctrl+Q")));
    quit->setMenuRole(QAction::QuitRole);

    auto *edit = menuBar()->addMenu(tr("&Edit"));
    edit->addActions(m_label->editActions());
    edit->addSeparator();
    addAction(*edit, "edit-shortcuts", tr("&Keyboard Shortcuts..."), nullptr, {}, &MainWindow::editShortcuts);
    menuBar()->addMenu(tr("&Shape"))->addActions(m_label->shapeActions());
    auto *view = menuBar()->addMenu(tr("&View"));
    makeWorkspaceActions(*view);
    view->addSeparator();
    view->addActions(m_label->viewActions());
    view->addSeparator();
    makeThemeMenu(*view);
    menuBar()->addMenu(tr("&Tools"))->addActions(m_label->toolActions());
    auto *go = menuBar()->addMenu(tr("&Go"));
    go->addActions(m_label->navigationActions());
    addNextImageAction(*go, *m_next, [this] { setWorkspace(Label); });
    menuBar()->addMenu(tr("&Review"))->addActions(m_label->reviewActions());

    addTrainingActions(*menuBar()->addMenu(tr("T&rain")), *m_train, [this] { setWorkspace(Train); });

    auto *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Learn..."), this, [this] { LearnDialog::open(*m_jobs, this); })
        ->setObjectName(QStringLiteral("learn"));
    help->addAction(tr("&Plugins..."), this, [this] { (new PluginsDialog(m_plugins.plugins, this))->open(); })
        ->setObjectName(QStringLiteral("plugins"));
    addAction(*help, "about", tr("&About Masque"), "masque", {}, &MainWindow::showAbout);
}

void MainWindow::makeWorkspaceActions(QMenu &menu)
{
    m_tabs = new QTabBar(menuBar());
    m_tabs->setObjectName(QStringLiteral("workspace-tabs"));
    m_tabs->setAccessibleName(tr("Workspaces"));
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    const std::pair<const char *, QString> tabs[] = {
        {"label", tr("Label")}, {"train", tr("Train")}, {"compare", tr("Compare")}, {"live", tr("Live")}};
    for (const auto &[name, title] : tabs) {
        const int index = m_tabs->addTab(title);
        const QKeySequence key(QStringLiteral("Ctrl+%1").arg(index + 1));
        auto *action = menu.addAction(title, this, [this, index] { m_tabs->setCurrentIndex(index); });
        action->setObjectName(QStringLiteral("workspace-%1").arg(QLatin1String(name)));
        action->setShortcut(key);
        connect(action, &QAction::changed, this,
                [this, index, action] { m_tabs->setTabToolTip(index, action->toolTip()); });
        const auto refresh = [this, index, action, icon = QLatin1String(name)] {
            m_tabs->setTabIcon(index, Theme::instance().icon(icon));
            action->setIcon(Theme::instance().icon(icon));
        };
        refresh();
        connect(&Theme::instance(), &Theme::changed, this, refresh);
    }
    connect(m_tabs, &QTabBar::currentChanged, m_stack, &QStackedWidget::setCurrentIndex);
    menuBar()->setCornerWidget(m_tabs, Qt::TopRightCorner);
}

void MainWindow::makeThemeMenu(QMenu &menu)
{
    auto *themes = menu.addMenu(tr("&Theme"));
    auto *group = new QActionGroup(this);
    const QString titles[] = {tr("Like the System"), tr("Light"), tr("Dark")};
    for (int mode = 0; mode < 3; ++mode) {
        auto *action = themes->addAction(titles[mode], this, [mode] {
            Theme::instance().setMode(static_cast<ThemeMode>(mode));
            QSettings().setValue(QStringLiteral("theme"), mode);
        });
        action->setObjectName(QStringLiteral("theme-%1").arg(mode));
        action->setCheckable(true);
        action->setChecked(mode == static_cast<int>(Theme::instance().mode()));
        group->addAction(action);
    }
}

void MainWindow::setNotifier(std::unique_ptr<Notifier> notifier)
{
    m_notifier = std::move(notifier);
}

void MainWindow::setWorkspace(Workspace workspace)
{
    m_tabs->setCurrentIndex(workspace);
}

MainWindow::Workspace MainWindow::workspace() const
{
    return static_cast<Workspace>(m_stack->currentIndex());
}

void MainWindow::open(const QString &path)
{
    const QString full = QFileInfo(path).absoluteFilePath();
    if (const auto run = readRun(full.toStdString())) {
        m_document->open(QString::fromStdString(run->datasetRoot));
        const QString folder = QString::fromStdString(run->folder);
        if (isOfClasses(*run))
            m_runToShow = folder;
        else
            showRun(folder);
        return;
    }
    m_document->open(full);
}

void MainWindow::playLive(const QString &run, const QString &source)
{
    if (const auto info = readRun(run.toStdString()))
        m_document->open(QString::fromStdString(info->datasetRoot));
    setWorkspace(Live);
    m_live->play(run, source);
}

bool MainWindow::isOfClasses(const RunInfo &run) const
{
    const auto model = findModel(m_plugins.models, run.options.data.model);
    return (model ? (*model)->task() : run.options.data.task) == taskName(Task::Classification); // imported: it says so
}

/// How well a run does: masks in Compare, classes of whole images as a report.
void MainWindow::showRun(const QString &folder)
{
    const auto run = readRun(folder.toStdString());
    const auto dataset = m_document->dataset();
    if (!run || !isOfClasses(*run) || !dataset || dataset->root != run->datasetRoot) {
        m_compare->setRun(folder);
        setWorkspace(Compare);
        return;
    }
    auto *report = new ClassReportDialog(dataset, m_plugins.models, *m_jobs, folder, this);
    connect(report, &ClassReportDialog::openRequested, this, &MainWindow::showImage);
    report->show();
}

void MainWindow::showImage(const QString &image)
{
    const auto dataset = m_document->dataset();
    const auto region = regionOf(image.toStdString()); // a face: its photo is opened
    if (const auto index = dataset ? dataset->indexOf(region ? region->first : image.toStdString()) : std::nullopt) {
        m_document->setCurrentIndex(static_cast<int>(*index));
        setWorkspace(Label);
    }
}

void MainWindow::openSample()
{
    m_jobs->start(makeSampleJob([this](const QString &folder, const QString &error) {
        if (error.isEmpty())
            open(folder);
        else
            showMessage(tr("The sample dataset cannot be made"), error);
    }));
}

void MainWindow::chooseFolder()
{
    const auto start = QSettings().value(QStringLiteral("lastFolder"), QDir::homePath()).toString();
    const auto folder = QFileDialog::getExistingDirectory(this, tr("Open a folder of images"), start);
    if (!folder.isEmpty())
        open(folder);
}

void MainWindow::chooseImage()
{
    const auto start = QSettings().value(QStringLiteral("lastFolder"), QDir::homePath()).toString();
    const auto file = QFileDialog::getOpenFileName(
        this, tr("Open an image"), start, tr("Images (*.jpg *.jpeg *.png *.tif *.tiff *.bmp *.webp);;All files (*)"));
    if (!file.isEmpty())
        open(file);
}

void MainWindow::save()
{
    m_document->saveNow();
}

void MainWindow::showStatistics()
{
    if (m_document->dataset())
        (new StatisticsDialog(*m_document, *m_jobs, this))->open();
}

void MainWindow::exportDataset()
{
    if (!m_document->dataset() || m_document->isIndexing()) {
        m_status->showMessage(
            m_document->dataset() ? tr("The images are still being read") : tr("Open a dataset first"), kMessageMs);
        return;
    }
    auto *dialog = new ExportDialog(*m_document, m_plugins.formats, *m_jobs, this);
    connect(dialog, &ExportDialog::openRequested, this, &MainWindow::open);
    dialog->open();
}

void MainWindow::cutOut()
{
    cutOutBy({});
}

void MainWindow::cutOutBy(const QString &run)
{
    if (!m_document->dataset()) {
        m_status->showMessage(tr("Open a dataset first"), kMessageMs);
        return;
    }
    auto *dialog = m_compare->findChild<CutoutDialog *>();
    if (!dialog) // it uses the document, so it must go with the workspaces
        dialog = new CutoutDialog(*m_document, m_plugins, *m_jobs, m_compare);
    dialog->begin(run);
}

void MainWindow::closeDataset()
{
    m_document->close();
}

void MainWindow::showTitle()
{
    const auto dataset = m_document->dataset();
    if (!dataset) {
        setWindowTitle({});
        return;
    }
    QString title = QFileInfo(QString::fromStdString(dataset->root)).fileName();
    if (const int index = m_document->currentIndex(); index >= 0)
        title = tr("%1 - %2").arg(QString::fromStdString(dataset->items[static_cast<std::size_t>(index)].image), title);
    setWindowTitle(title);
}

void MainWindow::showMessage(const QString &title, const QString &text)
{
    auto *box = new QMessageBox(QMessageBox::Warning, title, text, QMessageBox::Ok, this);
    box->setObjectName(QStringLiteral("message"));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->open();
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Masque"),
                                tr("Masque %1\n\nMake training data and the models that learn from it.\n\n"
                                   "Free software under the GNU General Public License, version 3 or later.")
                                    .arg(QStringLiteral(MASQUE_VERSION)),
                                QMessageBox::Ok, this);
    box->setIconPixmap(Theme::instance().icon(QStringLiteral("masque")).pixmap(64, 64));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::editShortcuts()
{
    auto *editor = findChild<ShortcutEditor *>();
    if (!editor) {
        m_shortcuts->refresh();
        editor = new ShortcutEditor(*m_shortcuts, this);
    }
    editor->show();
    editor->raise();
    editor->activateWindow();
}

void MainWindow::restoreLayout()
{
    const QSettings settings;
    if (!restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray()))
        resize(kFirstSize);
    m_label->restoreLayout(settings.value(QStringLiteral("labelLayout")).toByteArray());
    m_label->restoreSettings(settings.value(QStringLiteral("labelSettings")).toByteArray());
}

void MainWindow::saveLayout()
{
    QSettings settings;
    settings.setValue(QStringLiteral("geometry"), saveGeometry());
    settings.setValue(QStringLiteral("labelLayout"), m_label->saveLayout());
    settings.setValue(QStringLiteral("labelSettings"), m_label->saveSettings());
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    if (!m_document->saveAndWait()) {
        const auto answer = QMessageBox::warning(
            this, tr("Not saved"),
            tr("%1\n\nClosing now loses what could not be saved. Close all the same?").arg(m_document->saveError()),
            QMessageBox::Close | QMessageBox::Cancel, QMessageBox::Cancel);
        if (answer != QMessageBox::Close) {
            event->ignore();
            return;
        }
    }
    m_train->stopAndWait(kStopTrainingMs);
    m_jobs->cancelAll();
    saveLayout();
    event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    const auto urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.first().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    event->acceptProposedAction();
    open(event->mimeData()->urls().first().toLocalFile());
}

} // namespace masque
