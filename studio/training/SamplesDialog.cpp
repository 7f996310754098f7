// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/SamplesDialog.h"

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/image/image_file.h"
#include "core/inference/label_errors.h"
#include "core/inference/loss_map.h"
#include "core/runs/SampleLoader.h"
#include "studio/training/PictureGrid.h"
#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QScrollArea>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr std::size_t kPictures = 16;
constexpr int kSidePx = 512;
constexpr int kReasonsPx = 448; ///< of the list with what may be wrong beside each image
constexpr std::size_t kListed = 500;

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
    std::vector<PictureGrid::Picture> pictures;
};

SamplesDialog::SamplesDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                             QWidget *parent)
    : QDialog(parent), m_dataset(std::move(dataset)), m_models(models), m_jobs(jobs)
{
    setObjectName(QStringLiteral("samples"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(960, 720);
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
    layout->addWidget(m_caption);
    layout->addWidget(m_progress);
    layout->addWidget(parts, 1);
    m_progress->hide();
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
    start(tr("Label errors"),
          [dataset = m_dataset, models = m_models,
           folder = runFolder.toStdString()](Loaded &loaded, JobControl &control) -> Result<void> {
              auto predictor = Predictor::load(folder, models, "cpu");
              if (!predictor)
                  return predictor.error();
              std::vector<std::size_t> items;
              for (std::size_t i = 0; i < dataset->items.size(); ++i)
                  if (hasAnnotation(*dataset, dataset->items[i]))
                      items.push_back(i);
              const auto errors = findLabelErrors(
                  *predictor, *dataset, items, control.stopToken(), [&](std::size_t done, std::size_t total) {
                      control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, total)));
                  });
              if (!errors)
                  return errors.error();
              loaded.caption = tr("All labelled images, those first in which a label is most likely wrong: how far the "
                                  "network sees a shape from where it is labelled, in multiples of what is usual for "
                                  "its class, and how long the image was learnt without success.");
              for (std::size_t i = 0; i < errors->images.size() && !control.isStopRequested(); ++i) {
                  const auto &image = errors->images[i];
                  loaded.samples.push_back({dataset->items[image.item].image, image.score});
                  loaded.reasons.append(image.isByLoss()
                                            ? tr("its loss stayed %1 times the usual").arg(image.lossRatio, 0, 'f', 1)
                                        : image.doubts.empty() ? QString()
                                                               : doubtText(image.doubts.front(), errors->labels));
                  if (i < kPictures && !image.doubts.empty())
                      addDoubt(*predictor, *dataset, image, loaded.pictures);
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
            if (result)
                self->showLoaded(*loaded);
            else
                self->m_caption->setText(QString::fromStdString(result.error().message));
        }));
}

void SamplesDialog::showLoaded(const Loaded &loaded)
{
    m_caption->setText(loaded.caption);
    const int decimals = loaded.reasons.isEmpty() ? 4 : 1; // of a loss; of a doubt
    for (std::size_t i = 0; i < std::min(loaded.samples.size(), kListed); ++i) {
        const auto &sample = loaded.samples[i];
        auto *row = new QTreeWidgetItem(
            m_list, {QString::fromStdString(sample.image), QString::number(sample.loss, 'f', decimals)});
        row->setSizeHint(0, QSize(0, 28)); // as in the other lists
        row->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
        if (static_cast<qsizetype>(i) < loaded.reasons.size())
            row->setText(2, loaded.reasons[static_cast<qsizetype>(i)]);
    }
    m_pictures->setPictures(loaded.pictures);
}

} // namespace masque
