// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/SamplesDialog.h"

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/image/image_file.h"
#include "core/inference/label_errors.h"
#include "core/inference/loss_map.h"
#include "core/runs/SampleLoader.h"
#include "core/runs/run.h"
#include "studio/jobs/job_support.h"
#include "studio/theme/screen_fit.h"
#include "studio/training/PictureGrid.h"
#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>

namespace masque {

namespace {

constexpr std::size_t kPictures = 16;
constexpr int kSidePx = 512;
constexpr int kReasonsPx = 448; ///< of the list with what may be wrong beside each image
constexpr std::size_t kListed = 500;
constexpr int kFolds = 3;
constexpr double kFoldsShare = 0.95; ///< of the progress of looking for label errors

/// Losses from none to log(20), a twentieth left for the truth, in a colour map that the colour-blind can read too.
QImage heatOf(const cv::Mat1f &loss)
{
    cv::Mat grey, coloured, rgb;
    loss.convertTo(grey, CV_8U, 255 / std::log(20.0));
    cv::applyColorMap(grey, coloured, cv::COLORMAP_INFERNO);
    cv::cvtColor(coloured, rgb, cv::COLOR_BGR2RGB);
    return toQImage(rgb);
}

QString doubtText(const LabelDoubt &doubt, const LabelSet &labels)
{
    const QString given = QString::fromStdString(labels[doubt.given].name);
    const QString seen = QString::fromStdString(labels[doubt.seen].name);
    switch (doubt.kind) {
    case DoubtKind::Missing: return SamplesDialog::tr("%1 is not labelled").arg(seen);
    case DoubtKind::Spurious: return SamplesDialog::tr("%1 is not seen").arg(given);
    case DoubtKind::Class: return SamplesDialog::tr("%1 looks like %2").arg(given, seen);
    case DoubtKind::Outline: return SamplesDialog::tr("%1 lies or ends elsewhere").arg(given);
    }
    return {};
}

/// An image of a class: as it is, by its label, and by what is seen.
void addClassDoubt(const Dataset &dataset, const ImageDoubts &doubts, const LabelSet &labels,
                   std::vector<PictureGrid::Picture> &pictures)
{
    const std::string &file = dataset.items[doubts.item].image;
    const auto image = readImage(dataset.absolute(file));
    if (!image)
        return;
    const QImage picture = toQImage(*image);
    const QString name = QString::fromStdString(file);
    pictures.push_back({picture, {}, name});
    for (const int id : {doubts.doubts.front().given, doubts.doubts.front().seen}) {
        const QString label = QString::fromStdString(labels[id].name);
        pictures.push_back(
            {picture, {}, SamplesDialog::tr("%1: %2").arg(name, label), label, toQColor(labels[id].color)});
    }
}

/// The place of an image's gravest doubt with as much around it as it is large: image, label, what is seen.
void addDoubt(Predictor &predictor, const Dataset &dataset, const ImageDoubts &doubts,
              std::vector<PictureGrid::Picture> &pictures)
{
    const auto &item = dataset.items[doubts.item];
    const auto image = readImage(dataset.absolute(item.image));
    const auto ids = readLabelMap(dataset, item);
    if (!image || !ids || ids->size() != image->size())
        return;
    const auto prediction = predictor.predict(*image);
    if (!prediction)
        return;
    const auto &box = doubts.doubts.front().box;
    const int around = std::max({box.width, box.height, 16});
    const cv::Rect part = cv::Rect(box.x - around / 2, box.y - around / 2, box.width + around, box.height + around)
                          & cv::Rect(0, 0, image->cols, image->rows);
    cv::Mat small;
    cv::Mat1b given, seen;
    const auto [width, height] = sizeWithin(part.size(), kSidePx);
    cv::resize((*image)(part), small, {width, height}, 0, 0, cv::INTER_AREA);
    const cv::Mat1b truth = mapToLabels(*ids, dataset.labels, predictor.labels());
    cv::resize(truth(part), given, {width, height}, 0, 0, cv::INTER_NEAREST);
    cv::resize(prediction->labels(part), seen, {width, height}, 0, 0, cv::INTER_NEAREST);
    const QString name = QString::fromStdString(item.image);
    const QImage picture = toQImage(small);
    pictures.push_back({picture, {}, name});
    pictures.push_back(
        {picture, idsToQImage(given, predictor.labels()), SamplesDialog::tr("%1: ground truth").arg(name)});
    pictures.push_back(
        {picture, idsToQImage(seen, predictor.labels()), SamplesDialog::tr("%1: what is seen").arg(name)});
}

QString captionOf(bool isOfImages, int folds)
{
    const QString whose =
        folds > 0 ? SamplesDialog::tr("Each image was looked at by a network that never saw its label. ") : QString();
    const QString what =
        isOfImages
            ? SamplesDialog::tr("All labelled images, those first whose class is most likely wrong: how much more "
                                "than usual another one is seen, and how long the image was learnt without success.")
            : SamplesDialog::tr("All labelled images, those first in which a label is most likely wrong: how far "
                                "the network sees a shape from where it is labelled, in multiples of what is "
                                "usual for its class, and how long the image was learnt without success.");
    return whose + what;
}

/// By tiles a map is as large as its image.
void shrinkToShow(LossMap &map)
{
    const auto [width, height] = sizeWithin(map.image.size(), kSidePx);
    cv::resize(map.loss, map.loss, {width, height}, 0, 0, cv::INTER_AREA);
    resizeSample(map.image, map.ids, {width, height}, map.image, map.ids);
}

} // namespace

struct SamplesDialog::Loaded {
    QString caption;
    std::vector<SampleLoss> samples; ///< loss, or how likely the label is wrong
    QStringList reasons;             ///< of each, where there are such
    int decimals = 4;                ///< of a loss
    std::vector<PictureGrid::Picture> pictures;
};

SamplesDialog::SamplesDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                             QWidget *parent)
    : QDialog(parent), m_dataset(std::move(dataset)), m_models(models), m_jobs(jobs)
{
    setObjectName(QStringLiteral("samples"));
    setAttribute(Qt::WA_DeleteOnClose);
    resizeWithinScreen(*this, {960, 720});
    m_caption = new QLabel(tr("Reading..."));
    m_caption->setObjectName(QStringLiteral("samples-caption"));
    m_caption->setWordWrap(true);
    m_list = new QTreeWidget;
    m_list->setObjectName(QStringLiteral("samples-list"));
    m_list->setAccessibleName(tr("Images by loss"));
    m_list->setHeaderLabels({tr("Image"), tr("Loss"), tr("What may be wrong")});
    m_list->setColumnHidden(2, true);
    m_list->setRootIsDecorated(false);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    for (const int column : {1, 2})
        m_list->header()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_list->setToolTip(tr("A double click opens the image in Label"));
    m_pictures = new PictureGrid(3, {tr("Image"), tr("Truth"), tr("Loss now")});
    m_pictures->setEmptyText(tr("The images appear here."));
    auto *scroll = new QScrollArea;
    scroll->setWidget(m_pictures);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *parts = new QSplitter(Qt::Horizontal);
    parts->setChildrenCollapsible(false);
    parts->addWidget(m_list);
    parts->addWidget(scroll);
    parts->setSizes({320, 640});
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    m_progress = new QProgressBar;
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    layout->addWidget(m_caption);
    layout->addWidget(m_progress);
    layout->addWidget(parts, 1);
    m_progress->hide();
    m_crossValidate = new QPushButton(tr("Cross-validate"));
    m_crossValidate->setObjectName(QStringLiteral("samples-cross-validate"));
    m_crossValidate->setToolTip(
        tr("Trains %1 networks by the run's options, each without the images that it is then asked about, so that none "
           "knows a wrong label by heart. Takes about %2 times as long as the run did; closing the window pauses it.")
            .arg(kFolds)
            .arg(kFolds - 1));
    m_crossValidate->setAutoDefault(false); // Return in the list opens an image
    m_crossValidate->hide();
    layout->addWidget(m_crossValidate, 0, Qt::AlignLeft);
    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId job, double fraction) {
        m_progress->setVisible(job == m_job);
        m_progress->setValue(static_cast<int>(fraction * 1000));
    });
    connect(m_list, &QTreeWidget::itemActivated, this,
            [this](QTreeWidgetItem *item) { Q_EMIT openRequested(item->text(0)); });
}

SamplesDialog::~SamplesDialog()
{
    m_jobs.cancel(m_job);
}

void SamplesDialog::showStep(const QString &runFolder, double at)
{
    load(tr("Pictures behind the curve"), runFolder,
         [at, folder = runFolder.toStdString()](Loaded &loaded, JobControl &) -> Result<void> {
             auto near = samplesNear(folder, at);
             if (!near)
                 return near.error();
             loaded.caption =
                 tr("Step %1 of epoch %2: loss %3 at the learning rate %4.")
                     .arg(near->step.step)
                     .arg(near->step.epoch)
                     .arg(QString::number(near->step.loss, 'g', 4), QString::number(near->step.lr, 'g', 3));
             loaded.samples = std::move(near->samples);
             return {};
         });
}

void SamplesDialog::showAlwaysHigh(const QString &runFolder)
{
    load(tr("Always a high loss"), runFolder,
         [folder = runFolder.toStdString()](Loaded &loaded, JobControl &) -> Result<void> {
             auto samples = alwaysHighLosses(folder);
             if (!samples)
                 return samples.error();
             loaded.caption = tr("Training images whose loss stayed high, the mean without the first quarter of the "
                                 "training. Wrong labels gather at the top.");
             loaded.samples = std::move(*samples);
             return {};
         });
}

void SamplesDialog::showLabelErrors(const QString &runFolder)
{
    m_list->setHeaderLabels({tr("Image"), tr("Doubt"), tr("What may be wrong")});
    m_list->setAccessibleName(tr("Images by how likely a label is wrong"));
    m_list->setColumnHidden(2, false);
    m_list->setMinimumWidth(kReasonsPx);
    m_pictures->setTitles({tr("Image"), tr("Label"), tr("Seen")});
    m_crossValidate->show();
    connect(m_crossValidate, &QPushButton::clicked, this, [this, runFolder] { lookForErrors(runFolder, kFolds); });
    lookForErrors(runFolder, 0);
}

namespace {

/// Who is asked about which images.
struct Viewers {
    std::vector<Predictor> predictors = {};
    std::map<std::size_t, std::size_t> ofItem = {}; ///< index of a predictor; the first, where there is none

    Predictor &of(std::size_t item)
    {
        const auto found = ofItem.find(item);
        return predictors[found == ofItem.end() ? 0 : found->second];
    }
};

Result<LabelErrors> errorsOf(Viewers &viewers, const std::vector<Fold> &folds, const std::string &run,
                             const ModelList &models, const Dataset &dataset, const std::vector<std::size_t> &items,
                             std::stop_token stop, const Progress &progress)
{
    for (std::size_t k = 0; k < std::max<std::size_t>(1, folds.size()); ++k) {
        auto predictor = Predictor::load(folds.empty() ? run : folds[k].run, models, "cpu");
        if (!predictor)
            return predictor.error();
        viewers.predictors.push_back(std::move(*predictor));
        if (!folds.empty())
            for (const std::size_t item : folds[k].items)
                viewers.ofItem[item] = k;
    }
    return folds.empty() ? findLabelErrors(viewers.predictors.front(), dataset, items, stop, progress)
                         : findLabelErrors(folds, run, models, "cpu", dataset, stop, progress);
}

} // namespace

void SamplesDialog::lookForErrors(const QString &runFolder, int folds)
{
    m_crossValidate->setEnabled(false);
    start(tr("Label errors"),
          [dataset = m_dataset, models = m_models, folder = runFolder.toStdString(),
           folds](Loaded &loaded, JobControl &control) -> Result<void> {
              const auto run = readRun(folder);
              if (!run)
                  return run.error();
              const auto fitted = fittedToTask({.dataset = dataset, .options = run->options});
              if (!fitted)
                  return fitted.error();
              const Dataset &taken = *fitted->dataset;
              std::vector<std::size_t> items;
              for (std::size_t i = 0; i < taken.items.size(); ++i)
                  if (hasAnnotation(taken, taken.items[i]))
                      items.push_back(i);
              const auto part = [&control](double from, double to) {
                  return [&control, from, to](std::size_t done, std::size_t total) {
                      control.report(from
                                     + (to - from) * static_cast<double>(done)
                                           / static_cast<double>(std::max<std::size_t>(1, total)));
                  };
              };
              std::vector<Fold> trained;
              if (folds > 0) {
                  stepBehindGui();
                  auto made = trainFolds({.run = folder, .dataset = fitted->dataset, .items = items, .folds = folds},
                                         models, control.stopToken(), part(0, kFoldsShare));
                  if (!made)
                      return made.error();
                  if (control.isStopRequested())
                      return {};
                  trained = std::move(*made);
              }
              Viewers viewers;
              const auto errors = errorsOf(viewers, trained, folder, models, taken, items, control.stopToken(),
                                           part(folds > 0 ? kFoldsShare : 0, 1));
              if (!errors)
                  return errors.error();
              loaded.decimals = viewers.predictors.front().isOfImages() ? 2 : 1;
              loaded.caption = captionOf(viewers.predictors.front().isOfImages(), folds);
              for (std::size_t i = 0; i < errors->images.size() && !control.isStopRequested(); ++i) {
                  const auto &image = errors->images[i];
                  loaded.samples.push_back({taken.items[image.item].image, image.score});
                  loaded.reasons.append(image.isByLoss()
                                            ? tr("its loss stayed %1 times the usual").arg(image.lossRatio, 0, 'f', 1)
                                        : image.doubts.empty() ? QString()
                                                               : doubtText(image.doubts.front(), errors->labels));
                  if (i >= kPictures || image.doubts.empty())
                      continue;
                  if (Predictor &viewer = viewers.of(image.item); viewer.isOfImages())
                      addClassDoubt(taken, image, errors->labels, loaded.pictures);
                  else
                      addDoubt(viewer, taken, image, loaded.pictures);
              }
              return {};
          });
}

void SamplesDialog::load(const QString &title, const QString &runFolder, Work choose)
{
    start(title,
          [dataset = m_dataset, models = m_models, folder = runFolder.toStdString(),
           choose = std::move(choose)](Loaded &loaded, JobControl &control) -> Result<void> {
              if (auto chosen = choose(loaded, control); !chosen)
                  return chosen;
              auto predictor = Predictor::load(folder, models, "cpu");
              if (!predictor)
                  return {}; // no checkpoint yet: the list alone
              for (std::size_t i = 0; i < std::min(loaded.samples.size(), kPictures); ++i) {
                  if (control.isStopRequested())
                      return {};
                  const auto &sample = loaded.samples[i];
                  const auto item = dataset->indexOf(sample.image);
                  auto map = item ? lossMap(*predictor, dataset, *item) : Error{ErrorCode::Data, "is gone"};
                  if (!map)
                      continue;
                  shrinkToShow(*map);
                  const QString name = QString::fromStdString(sample.image);
                  const QImage image = toQImage(map->image);
                  loaded.pictures.push_back({image, {}, name});
                  loaded.pictures.push_back(
                      {image, idsToQImage(map->ids, predictor->labels()), tr("%1: ground truth").arg(name)});
                  loaded.pictures.push_back({heatOf(map->loss), {}, tr("%1: where its pixels lose").arg(name)});
              }
              return {};
          });
}

void SamplesDialog::start(const QString &title, Work work)
{
    setWindowTitle(title);
    const auto loaded = std::make_shared<Loaded>();
    const QPointer<SamplesDialog> self(this);
    m_job = m_jobs.start(makeJob(
        title, [work = std::move(work), loaded](JobControl &control) { return work(*loaded, control); },
        [self, loaded](const Result<void> &result, bool canceled) {
            if (!self || canceled)
                return;
            self->m_progress->hide();
            self->m_crossValidate->setEnabled(true);
            if (result)
                self->showLoaded(*loaded);
            else
                self->m_caption->setText(QString::fromStdString(result.error().message));
        }));
}

void SamplesDialog::showLoaded(const Loaded &loaded)
{
    m_caption->setText(loaded.caption);
    m_list->clear();
    for (std::size_t i = 0; i < std::min(loaded.samples.size(), kListed); ++i) {
        const auto &sample = loaded.samples[i];
        auto *row = new QTreeWidgetItem(
            m_list, {QString::fromStdString(sample.image), QString::number(sample.loss, 'f', loaded.decimals)});
        row->setSizeHint(0, QSize(0, 28)); // as in the other lists
        row->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
        if (static_cast<qsizetype>(i) < loaded.reasons.size())
            row->setText(2, loaded.reasons[static_cast<qsizetype>(i)]);
    }
    m_pictures->setPictures(loaded.pictures);
}

} // namespace masque
