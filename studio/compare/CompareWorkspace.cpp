// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/CompareWorkspace.h"

#include "core/annotations/rasterise.h"
#include "studio/compare/CompareSide.h"
#include "studio/compare/LinkedViews.h"
#include "studio/compare/SplitScores.h"
#include "studio/document/Document.h"
#include "studio/theme/Theme.h"
#include "studio/training/pictures.h"

#include <QAction>
#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSlider>
#include <QSplitter>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <map>

namespace masque {

namespace {

constexpr int kQuietMs = 150;

} // namespace

CompareWorkspace::CompareWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_jobs(jobs),
      m_predictors(std::make_shared<PredictorCache>(plugins.models))
{
    setObjectName(QStringLiteral("compare-workspace"));
    m_views = new LinkedViews;
    m_split = new SplitScores(jobs, plugins.models);
    m_side = new CompareSide;
    auto *columns = new QSplitter(Qt::Horizontal);
    columns->setObjectName(QStringLiteral("compare-splitter"));
    columns->setChildrenCollapsible(false);
    columns->setHandleWidth(1);
    columns->addWidget(m_split);
    columns->addWidget(m_views);
    columns->addWidget(m_side);
    columns->setStretchFactor(1, 1);
    columns->setSizes({240, 960, 400});
    m_split->setMinimumWidth(200);
    m_side->setMinimumWidth(320);
    auto *line = new QFrame;
    line->setProperty("role", "line");
    line->setFrameShape(QFrame::HLine);
    line->setFrameShadow(QFrame::Plain);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(makeBar());
    layout->addWidget(line);
    layout->addWidget(columns, 1);

    m_quiet = new QTimer(this);
    m_quiet->setSingleShot(true);
    m_quiet->setInterval(kQuietMs);
    connect(m_quiet, &QTimer::timeout, this, &CompareWorkspace::compareTruth);
    connect(&m_document, &Document::changed, this, &CompareWorkspace::documentChanged);
    connect(m_split, &SplitScores::itemChosen, &m_document, &Document::setCurrentIndex);
    connect(m_split, &SplitScores::statusText, this, &CompareWorkspace::statusText);
    connect(m_split, &SplitScores::evaluated, this, [this](const std::optional<ConfusionMatrix> &confusion) {
        m_side->scores().setSplit(confusion);
        std::map<int, double> ious; // for the browser's search
        for (const auto &entry : m_split->model().entries())
            if (entry.iou)
                ious.emplace(entry.item, *entry.iou);
        m_document.noteIous(ious);
    });
    clearViews({});
    loadRuns();
}

CompareWorkspace::~CompareWorkspace()
{
    m_jobs.cancel(m_job);
}

QHBoxLayout *CompareWorkspace::makeBar()
{
    m_runs = new QComboBox;
    m_runs->setObjectName(QStringLiteral("compare-run"));
    m_runs->setAccessibleName(tr("Run"));
    m_runs->setMinimumWidth(240);
    m_runs->setPlaceholderText(tr("No run yet"));
    auto *runLabel = new QLabel(tr("&Run"));
    runLabel->setBuddy(m_runs);
    auto *opacity = new QSlider(Qt::Horizontal);
    opacity->setObjectName(QStringLiteral("compare-opacity"));
    opacity->setAccessibleName(tr("Overlay opacity"));
    opacity->setRange(0, 100);
    opacity->setValue(60);
    opacity->setFixedWidth(128);
    auto *opacityLabel = new QLabel(tr("&Overlay"));
    opacityLabel->setBuddy(opacity);
    auto *fit = new QToolButton;
    fit->setObjectName(QStringLiteral("compare-fit"));
    fit->setIcon(Theme::instance().icon(QStringLiteral("fit")));
    fit->setAccessibleName(tr("Fit the image"));
    fit->setToolTip(tr("Fit the image"));
    m_style = new QComboBox;
    m_style->setObjectName(QStringLiteral("compare-style"));
    m_style->setAccessibleName(tr("Shapes made from the prediction"));
    m_style->addItem(tr("as polygons"), static_cast<int>(ShapeStyle::Polygons));
    m_style->addItem(tr("as masks"), static_cast<int>(ShapeStyle::Masks));
    m_take = new QPushButton(tr("Take as Annotation"));
    m_take->setObjectName(QStringLiteral("compare-take"));
    m_take->setAccessibleName(tr("Take the prediction as annotation"));
    m_take->setToolTip(
        tr("Replaces this image's shapes by the prediction and goes on in Label; can be undone (Return)"));
    m_take->setProperty("role", "primary");
    m_acceptNext = new QPushButton(tr("Accept and Next"));
    m_acceptNext->setObjectName(QStringLiteral("compare-accept-next"));
    m_acceptNext->setAccessibleName(tr("Accept the prediction and go to the next image"));
    m_acceptNext->setToolTip(
        tr("Takes the prediction as annotation, marks it reviewed and shows the next image (Shift+Return)"));

    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(16, 8, 16, 8);
    bar->setSpacing(8);
    bar->addWidget(runLabel);
    bar->addWidget(m_runs);
    bar->addSpacing(16);
    bar->addWidget(opacityLabel);
    bar->addWidget(opacity);
    bar->addWidget(fit);
    bar->addStretch();
    bar->addWidget(m_style);
    bar->addWidget(m_acceptNext);
    bar->addWidget(m_take);

    connect(m_runs, &QComboBox::activated, this, [this] { setRun(m_runs->currentData().toString()); });
    connect(opacity, &QSlider::valueChanged, this, [this](int percent) { m_views->setOpacity(percent / 100.0); });
    connect(fit, &QToolButton::clicked, m_views, &LinkedViews::fit);
    connect(m_take, &QPushButton::clicked, this, [this] { takeAsAnnotation(Then::Edit); });
    connect(m_acceptNext, &QPushButton::clicked, this, [this] { takeAsAnnotation(Then::Next); });
    const auto addKey = [this](const char *name, Qt::Modifier modifier, QPushButton *button) {
        auto *action = new QAction(button->text(), this);
        action->setObjectName(QLatin1String(name));
        action->setShortcuts({QKeySequence(modifier | Qt::Key_Return), QKeySequence(modifier | Qt::Key_Enter)});
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
        action->setToolTip(button->toolTip());
        connect(action, &QAction::triggered, button, &QPushButton::click);
        connect(action, &QAction::changed, button, [action, button] { button->setToolTip(action->toolTip()); });
    };
    addKey("take-prediction", {}, m_take);
    addKey("accept-prediction", Qt::SHIFT, m_acceptNext);
    return bar;
}

void CompareWorkspace::setRun(const QString &folder)
{
    m_wanted = folder;
    if (m_runs->findData(folder) >= 0)
        useRun(folder);
    else
        loadRuns();
}

void CompareWorkspace::documentChanged(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        useRun({}); // even of the same folder: its images may be others now
        loadRuns();
        break;
    case ChangeEvent::RunsChanged: loadRuns(); break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ImageLoaded: refresh(); break;
    case ChangeEvent::LabelsChanged: m_split->setDataset(m_document.dataset()); [[fallthrough]];
    case ChangeEvent::AnnotationChanged: m_quiet->start(); break;
    default: break;
    }
}

void CompareWorkspace::loadRuns()
{
    const auto dataset = m_document.dataset();
    m_root = dataset ? QString::fromStdString(dataset->root) : QString();
    if (!dataset) {
        takeRuns({});
        return;
    }
    const auto runs = std::make_shared<std::vector<RunInfo>>();
    m_jobs.start(makeJob(
        tr("Reading runs"),
        [runs, root = dataset->root](JobControl &) -> Result<void> {
            *runs = listRuns(root);
            return {};
        },
        [this, runs, root = m_root](const Result<void> &result, bool) {
            if (result && root == m_root)
                takeRuns(*runs);
        }));
}

void CompareWorkspace::takeRuns(const std::vector<RunInfo> &runs)
{
    const QSignalBlocker quiet(m_runs);
    m_runs->clear();
    for (const auto &run : runs) {
        if (run.epochsDone == 0)
            continue; // no checkpoint yet
        const QString best = run.bestEpoch > 0 ? tr(" (mean IoU %1)").arg(run.bestMetric, 0, 'f', 3) : QString();
        m_runs->addItem(QString::fromStdString(run.name) + best, QString::fromStdString(run.folder));
    }
    m_runs->setEnabled(m_runs->count() > 0);
    const bool hasWanted = !m_wanted.isEmpty() && m_runs->findData(m_wanted) >= 0;
    useRun(hasWanted ? m_wanted : m_runs->itemData(0).toString());
}

void CompareWorkspace::useRun(const QString &folder)
{
    m_runs->setCurrentIndex(m_runs->findData(folder));
    if (folder != m_run) {
        m_run = folder;
        m_comparison.reset();
        m_side->scores().setLabels({});
        m_split->setRun(m_document.dataset(), folder);
        m_split->setCurrentItem(m_document.currentIndex());
    }
    refresh();
}

void CompareWorkspace::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

Truth CompareWorkspace::truth() const
{
    return {m_document.annotation(), m_document.labels()};
}

void CompareWorkspace::clearViews(const QString &reason)
{
    m_comparison.reset();
    for (const auto view : {LinkedViews::Truth, LinkedViews::Predicted, LinkedViews::Difference})
        m_views->showText(view, view == LinkedViews::Predicted ? reason : QString());
    m_side->scores().setImage({});
    updateButtons();
}

void CompareWorkspace::refresh()
{
    ++m_generation;
    m_jobs.cancel(m_job);
    m_split->setCurrentItem(m_document.currentIndex());
    if (!isVisible())
        return; // showEvent comes here again
    const auto dataset = m_document.dataset();
    if (!dataset || m_document.currentIndex() < 0 || !m_document.isLoaded() || m_document.image().empty()) {
        const QString why = !dataset ? tr("Open a folder of images first.") : m_document.loadError();
        m_views->showText(LinkedViews::Image, why);
        clearViews({});
        return;
    }
    m_views->showImage(LinkedViews::Image, toQImage(m_document.image()));
    const auto &item = dataset->items[static_cast<std::size_t>(m_document.currentIndex())];
    m_views->setNote(LinkedViews::Image, QString::fromStdString(item.image));
    if (m_run.isEmpty()) {
        clearViews(tr("No run yet. Train one in Train, then its predictions appear here."));
        return;
    }
    const std::pair shown(m_run, m_document.currentIndex());
    if (!m_comparison || shown != m_shown)
        clearViews(tr("Predicting...")); // else a newer checkpoint of the same run: the old picture stays till then
    m_shown = shown;
    const auto result = std::make_shared<Result<Comparison>>(Error{});
    const auto work = [result, cache = m_predictors, run = m_run.toStdString(), image = m_document.image(),
                       truth = truth()](JobControl &control) -> Result<void> {
        if (!control.isStopRequested())
            *result = predictAndCompare(*cache, run, image, truth);
        return {};
    };
    m_job = m_jobs.start(makeJob(tr("Predicting"), work,
                                 [this, result, generation = m_generation](const Result<void> &done, bool canceled) {
                                     if (generation == m_generation && !canceled)
                                         takeComparison(done ? *result : Result<Comparison>(done.error()));
                                 }));
}

void CompareWorkspace::compareTruth()
{
    if (!m_comparison || !isVisible() || m_jobs.isRunning(m_job))
        return; // a prediction under way brings today's truth, or showEvent does
    ++m_generation;
    const auto result = std::make_shared<Result<Comparison>>(Error{});
    m_job = m_jobs.start(makeJob(
        tr("Comparing"),
        [result, comparison = *m_comparison, truth = truth()](JobControl &) -> Result<void> {
            *result = compareAgain(comparison, truth);
            return {};
        },
        [this, result, generation = m_generation](const Result<void> &done, bool canceled) {
            if (generation == m_generation && !canceled)
                takeComparison(done ? *result : Result<Comparison>(done.error()));
        }));
}

void CompareWorkspace::takeComparison(const Result<Comparison> &result)
{
    if (!result) {
        clearViews(QString::fromStdString(result.error().message));
        return;
    }
    m_comparison = *result;
    const QImage image = toQImage(m_document.image());
    auto &scores = m_side->scores();
    if (scores.labels() != result->labels)
        scores.setLabels(result->labels);
    m_views->showImage(LinkedViews::Predicted, image, result->predictionPicture);
    m_views->setNote(LinkedViews::Predicted, tr("epoch %1").arg(result->epoch));
    if (result->hasTruth) {
        m_views->showImage(LinkedViews::Truth, image, result->truthPicture);
        m_views->showImage(LinkedViews::Difference, image, result->differencePicture);
        m_views->setNote(LinkedViews::Difference, tr("mean IoU %1").arg(result->confusion.meanIou(), 0, 'f', 3));
        scores.setImage(result->confusion);
    } else {
        m_views->showText(LinkedViews::Truth, tr("This image has no annotation yet."));
        m_views->showText(LinkedViews::Difference, tr("Without ground truth there is nothing to compare with."));
        scores.setImage({});
    }
    updateButtons();
}

void CompareWorkspace::updateButtons()
{
    const bool isRefused = m_document.isLoaded() && m_document.isReadOnly();
    const bool canTake = m_comparison && !m_isTaking && !isRefused;
    m_take->setEnabled(canTake);
    m_acceptNext->setEnabled(canTake);
    m_side->setMessage(isRefused ? tr("The annotation file could not be read, so it will not be overwritten.")
                                 : tr("Of this image, and of the split once it is evaluated"));
}

void CompareWorkspace::takeAsAnnotation(Then then)
{
    if (!m_comparison || m_isTaking)
        return;
    m_isTaking = true;
    updateButtons();
    const auto shapes = std::make_shared<std::vector<Shape>>();
    const auto style = static_cast<ShapeStyle>(m_style->currentData().toInt());
    m_jobs.start(makeJob(
        tr("Making shapes"),
        [shapes, style, ids = m_comparison->prediction, labels = m_comparison->labels](JobControl &) -> Result<void> {
            *shapes = shapesFromLabelMap(ids, labels, style);
            return {};
        },
        [this, shapes, then, item = m_document.currentIndex()](const Result<void> &result, bool canceled) {
            m_isTaking = false;
            updateButtons();
            if (!result)
                Q_EMIT statusText(QString::fromStdString(result.error().message));
            if (!result || canceled || item != m_document.currentIndex() || !m_document.isLoaded())
                return;
            const Annotation &annotation = m_document.annotation();
            Edit edit = replaceAllShapes(annotation, std::move(*shapes), "Take prediction as annotation");
            if (then == Then::Next && !annotation.checked)
                edit.checked = {false, true};
            m_document.applyEdit(std::move(edit));
            if (then == Then::Edit) {
                Q_EMIT editRequested();
                return;
            }
            const int inList = m_split->itemAfter(item);
            const auto count = static_cast<int>(m_document.dataset()->items.size());
            if (const int next = inList >= 0 ? inList : item + 1; next < count)
                m_document.setCurrentIndex(next);
        }));
}

} // namespace masque
