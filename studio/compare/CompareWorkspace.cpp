// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/CompareWorkspace.h"

#include "core/annotations/rasterise.h"
#include "studio/browser/Thumbnails.h"
#include "studio/compare/CompareSide.h"
#include "studio/compare/LinkedViews.h"
#include "studio/compare/LookChoice.h"
#include "studio/compare/RunChoice.h"
#include "studio/compare/split/SplitScores.h"
#include "studio/document/Document.h"

#include <QComboBox>
#include <QFrame>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

namespace masque {

namespace {

constexpr int kQuietMs = 150;

} // namespace

CompareWorkspace::CompareWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_jobs(jobs),
      m_predictors(std::make_shared<PredictorCache>(plugins.models)),
      m_others(std::make_shared<PredictorCache>(plugins.models))
{
    setObjectName(QStringLiteral("compare-workspace"));
    m_split = new SplitScores(jobs, plugins.models);
    m_thumbnails = new Thumbnails(document, jobs, this);
    m_side = new CompareSide;
    auto *columns = new QSplitter(Qt::Horizontal);
    columns->setObjectName(QStringLiteral("compare-splitter"));
    columns->setChildrenCollapsible(false);
    columns->setHandleWidth(1);
    columns->addWidget(m_split);
    columns->addWidget(makeViews());
    columns->addWidget(m_side);
    columns->setStretchFactor(1, 1);
    columns->setSizes({264, 916, 420});
    m_split->setMinimumWidth(232);
    m_side->setMinimumWidth(340);
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
    connect(m_quiet, &QTimer::timeout, this, &CompareWorkspace::compareAnew);
    connect(&m_document, &Document::changed, this, &CompareWorkspace::documentChanged);
    connect(m_split, &SplitScores::itemChosen, &m_document, &Document::setCurrentIndex);
    connect(m_split, &SplitScores::statusText, this, &CompareWorkspace::statusText);
    connect(m_split, &SplitScores::evaluated, this, &CompareWorkspace::takeEvaluation);
    m_split->model().setPictures([this](int item) { return m_thumbnails->picture(item); });
    connect(m_thumbnails, &Thumbnails::ready, &m_split->model(), &DisagreementModel::pictureReady);
    connect(m_split, &SplitScores::filterChanged, this, [this] {
        const auto &filter = m_split->model().filter();
        m_side->setChosen(filter.cell, filter.iou);
        compareAnew();
    });
    connect(m_side, &CompareSide::cellChosen, m_split, &SplitScores::setCell);
    connect(m_side, &CompareSide::iouRangeChosen, m_split, &SplitScores::setIouRange);
    connect(m_look, &LookChoice::changed, this, &CompareWorkspace::compareAnew);
    connect(m_runs, &RunChoice::runChosen, this, &CompareWorkspace::useRun);
    connect(m_runs, &RunChoice::otherChosen, this, &CompareWorkspace::useOther);
    showLegend();
    clearViews({});
    m_runs->load();
}

CompareWorkspace::~CompareWorkspace()
{
    m_jobs.cancel(m_job);
}

void CompareWorkspace::setRun(const QString &folder)
{
    m_runs->setRun(folder);
}

void CompareWorkspace::documentChanged(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        m_thumbnails->clear();
        useRun({}); // even of the same folder: its images may be others now
        m_runs->load();
        break;
    case ChangeEvent::RunsChanged: m_runs->load(); break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ImageLoaded: refresh(); break;
    case ChangeEvent::LabelsChanged: m_split->setDataset(m_document.dataset()); [[fallthrough]];
    case ChangeEvent::AnnotationChanged: m_quiet->start(); break;
    default: break;
    }
}

void CompareWorkspace::useRun(const QString &folder)
{
    if (folder != m_run) {
        m_run = folder;
        m_comparison.reset();
        m_side->scores().setLabels({});
        m_split->setRun(m_document.dataset(), folder);
        m_split->setCurrentItem(m_document.currentIndex());
    }
    refresh();
}

void CompareWorkspace::useOther(const QString &path)
{
    m_other = path;
    m_split->setOther(path);
    m_comparison.reset();
    m_look->setHasOther(!path.isEmpty());
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

ComparisonLook CompareWorkspace::look() const
{
    auto look = m_look->look();
    look.marked = m_split->model().filter().cell;
    return look;
}

void CompareWorkspace::clearViews(const QString &reason)
{
    m_comparison.reset();
    for (int content = LinkedViews::Truth; content < LinkedViews::ContentCount; ++content)
        m_views->showText(content, content == LinkedViews::Predicted ? reason : QString());
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
    m_views->showImage(LinkedViews::Image, m_document.imageLevels());
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
    const ComparisonRequest request{m_run.toStdString(), m_other.toStdString(), m_document.image(), truth(), look()};
    const auto work = [result, own = m_predictors, other = m_others, request](JobControl &control) -> Result<void> {
        if (!control.isStopRequested())
            *result = predictAndCompare(*own, *other, request);
        return {};
    };
    m_job = m_jobs.start(makeJob(tr("Predicting"), work,
                                 [this, result, generation = m_generation](const Result<void> &done, bool canceled) {
                                     if (generation == m_generation && !canceled)
                                         takeComparison(done ? *result : Result<Comparison>(done.error()));
                                 }));
}

void CompareWorkspace::compareAnew()
{
    showLegend();
    if (!isVisible())
        return; // showEvent brings today's truth
    if (!m_comparison)
        return refresh(); // a prediction under way was asked for with the look of before
    ++m_generation;
    m_jobs.cancel(m_job);
    const auto result = std::make_shared<Result<Comparison>>(Error{});
    m_job = m_jobs.start(makeJob(
        tr("Comparing"),
        [result, comparison = *m_comparison, truth = truth(), look = look()](JobControl &) -> Result<void> {
            *result = compareAgain(comparison, truth, look);
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
    auto &scores = m_side->scores();
    if (scores.labels() != result->labels)
        scores.setLabels(result->labels);
    m_look->setLabels(result->labels);
    scores.setImage(result->hasTruth ? std::optional(ClassCounts{result->confusion, result->boundary}) : std::nullopt);
    showPictures();
    updateButtons();
}

void CompareWorkspace::showPictures()
{
    const auto image = m_document.imageLevels();
    const auto &comparison = *m_comparison;
    const auto said = m_look->look().said;
    const bool isHeat = said != ComparisonLook::Said::Prediction;
    m_views->showImage(LinkedViews::Image, image, {}, comparison.markPicture);
    const QString epoch = tr("epoch %1").arg(comparison.epoch);
    if (isHeat && comparison.predictionPicture.isNull()) {
        m_views->showText(LinkedViews::Predicted, tr("Without ground truth there is no loss."));
    } else {
        m_views->showImage(LinkedViews::Predicted, image, comparison.predictionPicture, comparison.markPicture);
        m_views->setNote(LinkedViews::Predicted,
                         isHeat ? tr("dark 0, bright %1").arg(comparison.heatMost, 0, 'g', 3) : epoch);
    }
    if (comparison.other.empty())
        m_views->showText(LinkedViews::Other, QString::fromStdString(comparison.otherProblem));
    else
        m_views->showImage(LinkedViews::Other, image, comparison.otherPicture, comparison.markPicture);
    if (!comparison.hasTruth) {
        m_views->showText(LinkedViews::Truth, tr("This image has no annotation yet."));
        m_views->showText(LinkedViews::Difference, tr("Without ground truth there is nothing to compare with."));
        return;
    }
    m_views->showImage(LinkedViews::Truth, image, comparison.truthPicture, comparison.markPicture);
    if (comparison.differencePicture.isNull())
        m_views->showText(LinkedViews::Difference, QString::fromStdString(comparison.otherProblem));
    else
        m_views->showImage(LinkedViews::Difference, image, comparison.differencePicture, comparison.markPicture);
    m_views->setNote(LinkedViews::Difference, tr("mean IoU %1").arg(comparison.confusion.meanIou(), 0, 'f', 3));
}

void CompareWorkspace::takeEvaluation()
{
    const auto &own = m_split->evaluation().own;
    m_side->setEvaluation(own);
    m_side->scores().setSplit(own ? std::optional(ClassCounts{own->confusion, own->boundary}) : std::nullopt);
    std::map<int, Document::ModelScore> scores; // for the browser's search
    if (own)
        for (const auto &score : own->scores)
            scores.emplace(static_cast<int>(score.item), Document::ModelScore{score.meanIou, score.entropy});
    m_document.noteScores(scores);
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
