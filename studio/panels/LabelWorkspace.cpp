// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/LabelWorkspace.h"

#include "studio/browser/BrowserPanel.h"
#include "studio/classgrid/ClassGrid.h"
#include "studio/panels/ConflictDialog.h"
#include "studio/panels/HistoryPanel.h"
#include "studio/panels/LabelsPanel.h"
#include "studio/panels/NoticeBar.h"
#include "studio/panels/ProblemsPanel.h"
#include "studio/panels/PropertiesPanel.h"
#include "studio/panels/ShapesPanel.h"
#include "studio/review/ReviewBar.h"
#include "studio/review/ReviewQueue.h"
#include "studio/theme/Theme.h"
#include "studio/tools/ToolController.h"
#include "studio/tools/ToolOptionsBar.h"

#include <QApplication>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolBar>
#include <QVBoxLayout>

#include <cmath>

namespace masque {

namespace {
constexpr int kLayoutVersion = 1;
constexpr int kDockWidthPx = 232; // a class with its key, count, eye and lock
} // namespace

LabelWorkspace::LabelWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QMainWindow(parent), m_document(document), m_canvas(new CanvasWidget(document, this)),
      m_tools(new ToolController(document, *m_canvas, plugins, jobs, this)),
      m_review(new ReviewQueue(document, jobs, this))
{
    setObjectName(QStringLiteral("label-workspace"));
    setWindowFlags(Qt::Widget); // QMainWindow makes itself a window, also inside another
    setDockNestingEnabled(true);
    setAcceptDrops(true);
    setContextMenuPolicy(Qt::NoContextMenu);
    makeCentre(plugins, jobs);
    makeDocks(jobs);
    makeToolActions();
    makeEditActions();
    makeShapeActions();
    makeFaceActions();
    makeViewActions();
    makeNavigationActions();
    makeReviewActions(plugins, jobs);
    makeClassKeys();
    connect(&document, &Document::changed, this, &LabelWorkspace::takeChange);
    connect(m_canvas, &CanvasWidget::viewportChanged, this, &LabelWorkspace::showZoom);
    connect(m_canvas, &CanvasWidget::cursorMoved, this, &LabelWorkspace::showCursor);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget *, QWidget *now) { showFocus(now); });
    updateActions();
}

LabelWorkspace::~LabelWorkspace()
{
    disconnect(qApp, nullptr, this, nullptr); // the focus moves while the docks go
}

void LabelWorkspace::makeCentre(const PluginRegistry &plugins, JobRunner &jobs)
{
    auto *centre = new QWidget(this);
    auto *layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QToolBar(tr("Tool options"), this); // as wide as the window: a smart tool's options need the room
    bar->setObjectName(QStringLiteral("tool-options-bar"));
    bar->setMovable(false);
    bar->setStyleSheet(QStringLiteral("QToolBar { border: none; padding: 0; spacing: 0; }"));
    m_options = new ToolOptionsBar(m_document, *m_canvas, *m_tools, bar);
    m_options->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    bar->addWidget(m_options);
    addToolBar(Qt::TopToolBarArea, bar);
    layout->addWidget(new NoticeBar(m_document, centre));
    m_reviewBar = new ReviewBar(m_document, *m_review, centre);
    layout->addWidget(m_reviewBar);
    m_centre = new QStackedWidget(centre);
    m_centre->addWidget(m_canvas);
    m_grid = new ClassGrid(m_document, plugins.models, jobs, m_centre);
    m_centre->addWidget(m_grid);
    connect(m_grid, &ClassGrid::messageText, this, &LabelWorkspace::messageText);
    connect(m_grid, &ClassGrid::imageOpened, this, [this] { m_showGrid->setChecked(false); });
    layout->addWidget(m_centre, 1);
    setCentralWidget(centre);
    m_canvas->setEmptyText(tr("Drop a folder here, or open the sample."));
}

void LabelWorkspace::makeDocks(JobRunner &jobs)
{
    const auto addDock = [this](const QString &name, const QString &title, QWidget *content, Qt::DockWidgetArea area) {
        auto *dock = new QDockWidget(title, this);
        dock->setObjectName(name);
        dock->setWidget(content);
        auto *caption = new QLabel(title, dock); // quiet, draggable; docks are closed in the View menu
        caption->setObjectName(name + QStringLiteral("-title"));
        caption->setProperty("role", QStringLiteral("title"));
        caption->setContentsMargins(8, 8, 8, 4);
        dock->setTitleBarWidget(caption);
        addDockWidget(area, dock);
        return dock;
    };
    m_browser = new BrowserPanel(m_document, jobs, this);
    connect(m_browser, &BrowserPanel::openFolderRequested, this, &LabelWorkspace::openFolderRequested);
    connect(m_browser, &BrowserPanel::openSampleRequested, this, &LabelWorkspace::openSampleRequested);
    connect(m_browser, &BrowserPanel::positionText, this, &LabelWorkspace::positionText);
    auto *shapes = new ShapesPanel(m_document, this);
    connect(shapes, &ShapesPanel::shapeActivated, this, [this](ShapeId id) {
        if (const Shape *shape = m_document.annotation().find(id))
            m_canvas->showShape(*shape);
    });
    connect(findChild<NoticeBar *>(), &NoticeBar::compareRequested, this,
            [this, &jobs] { (new ConflictDialog(m_document, jobs, this))->open(); });

    auto *images = addDock(QStringLiteral("dock-images"), tr("Images"), m_browser, Qt::LeftDockWidgetArea);
    auto *classes = addDock(QStringLiteral("dock-classes"), tr("Classes"), new LabelsPanel(m_document, this),
                            Qt::RightDockWidgetArea);
    auto *shapeDock = addDock(QStringLiteral("dock-shapes"), tr("Shapes"), shapes, Qt::RightDockWidgetArea);
    auto *properties = new QScrollArea(this); // the docks keep their heights whatever is selected
    properties->setObjectName(QStringLiteral("properties-scroll"));
    properties->setFrameShape(QFrame::NoFrame);
    properties->setWidgetResizable(true);
    properties->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    properties->setFocusPolicy(Qt::NoFocus);
    properties->setWidget(new PropertiesPanel(m_document, properties));
    auto *propertiesDock =
        addDock(QStringLiteral("dock-properties"), tr("Properties"), properties, Qt::RightDockWidgetArea);
    auto *historyDock = addDock(QStringLiteral("dock-history"), tr("History"), new HistoryPanel(m_document, jobs, this),
                                Qt::RightDockWidgetArea);
    auto *problems = new ProblemsPanel(m_document, this);
    auto *problemsDock = addDock(QStringLiteral("dock-problems"), tr("Problems"), problems, Qt::LeftDockWidgetArea);
    connect(problems, &ProblemsPanel::countChanged, problemsDock, [problemsDock](int count) {
        problemsDock->setWindowTitle(count > 0 ? tr("Problems (%1)").arg(count) : tr("Problems"));
    });
    resizeDocks({images, classes}, {264, 272}, Qt::Horizontal);
    tabifyDockWidget(propertiesDock, historyDock);
    tabifyDockWidget(images, problemsDock);
    images->raise();
    propertiesDock->raise();
    resizeDocks({classes, shapeDock, propertiesDock}, {240, 240, 240}, Qt::Vertical);
    for (QDockWidget *dock : {images, classes, shapeDock, propertiesDock, historyDock, problemsDock}) {
        dock->widget()->setMinimumWidth(kDockWidthPx);
        dock->toggleViewAction()->setObjectName(QStringLiteral("show-") + dock->objectName());
        m_viewActions.append(dock->toggleViewAction());
    }
    addSeparator(m_viewActions);
}

bool LabelWorkspace::isGridShown() const
{
    return m_centre->currentWidget() == m_grid;
}

/// The grid has no use for what belongs to the canvas.
void LabelWorkspace::setGridShown(bool isShown)
{
    m_centre->setCurrentWidget(isShown ? static_cast<QWidget *>(m_grid) : m_canvas);
    for (const char *bar : {"tool-bar", "tool-options-bar"})
        findChild<QToolBar *>(QLatin1String(bar))->setHidden(isShown);
    for (QAction *action : m_toolActions)
        action->setEnabled(!isShown);
    if (isVisible() && !isShown)
        m_canvas->setFocus();
}

void LabelWorkspace::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        m_canvas->setEmptyText(m_document.dataset() ? QString() : tr("Drop a folder here, or open the sample."));
        m_showGrid->setChecked(m_document.dataset() && m_document.dataset()->task == Task::Classification);
        updateActions();
        break;
    case ChangeEvent::ImageLoaded:
        m_canvas->setEmptyText(m_document.loadError());
        showZoom();
        updateActions();
        if (const auto wanted = std::exchange(m_wantedDispute, std::nullopt))
            showDisputed(*wanted);
        break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::AnnotationChanged:
    case ChangeEvent::SelectionChanged: updateActions(); break;
    default: break;
    }
}

void LabelWorkspace::showZoom()
{
    const double percent = m_canvas->viewport().scale() * 100;
    Q_EMIT zoomText(m_document.isLoaded() ? tr("%1 %").arg(percent, 0, 'f', percent < 10 ? 1 : 0) : QString());
}

void LabelWorkspace::showCursor(std::optional<QPointF> imagePosition)
{
    const Size size = m_document.imageSize();
    if (!imagePosition || !QRectF(0, 0, size.width, size.height).contains(*imagePosition)) {
        Q_EMIT cursorText({});
        return;
    }
    const QString label = m_canvas->labelAt(*imagePosition);
    const QString place = tr("%1, %2").arg(std::floor(imagePosition->x())).arg(std::floor(imagePosition->y()));
    Q_EMIT cursorText(label.isEmpty() ? place : place + QLatin1String("  ") + label);
}

QByteArray LabelWorkspace::saveLayout() const
{
    return saveState(kLayoutVersion);
}

void LabelWorkspace::restoreLayout(const QByteArray &layout)
{
    restoreState(layout, kLayoutVersion);
    setGridShown(isGridShown()); // it was kept with what the centre showed then
}

void LabelWorkspace::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    if (!isGridShown())
        m_canvas->setFocus(); // the shortcuts work from where the keyboard is
}

void LabelWorkspace::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && !m_centre->currentWidget()->isAncestorOf(QApplication::focusWidget())
        && !m_canvas->hasFocus()) // back to work from any panel
        m_centre->currentWidget()->setFocus(Qt::ShortcutFocusReason);
    else
        QMainWindow::keyPressEvent(event);
}

void LabelWorkspace::dragEnterEvent(QDragEnterEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.size() == 1 && urls.front().isLocalFile())
        event->acceptProposedAction();
}

void LabelWorkspace::dropEvent(QDropEvent *event)
{
    Q_EMIT openPathRequested(event->mimeData()->urls().constFirst().toLocalFile());
    event->acceptProposedAction();
}

} // namespace masque
