// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/SamplesDialog.h"

#include "core/datasets/Augmentation.h"
#include "core/datasets/Dataset.h"
#include "core/inference/loss_map.h"
#include "studio/training/PictureGrid.h"
#include "studio/training/pictures.h"

#include <opencv2/imgproc.hpp>

#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QPointer>
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
    std::vector<SampleLoss> samples;
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
    m_list->setHeaderLabels({tr("Image"), tr("Loss")});
    m_list->setRootIsDecorated(false);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_list->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
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
    layout->addWidget(m_caption);
    layout->addWidget(parts, 1);
    connect(m_list, &QTreeWidget::itemActivated, this,
            [this](QTreeWidgetItem *item) { Q_EMIT openRequested(item->text(0)); });
}

SamplesDialog::~SamplesDialog()
{
    m_jobs.cancel(m_job);
}

void SamplesDialog::showStep(const QString &runFolder, double at)
{
    setWindowTitle(tr("Pictures behind the curve"));
    load(runFolder, [at, folder = runFolder.toStdString()](Loaded &loaded) -> Result<void> {
        auto near = samplesNear(folder, at);
        if (!near)
            return near.error();
        loaded.caption = tr("Step %1 of epoch %2: loss %3 at the learning rate %4.")
                             .arg(near->step.step)
                             .arg(near->step.epoch)
                             .arg(QString::number(near->step.loss, 'g', 4), QString::number(near->step.lr, 'g', 3));
        loaded.samples = std::move(near->samples);
        return {};
    });
}

void SamplesDialog::showAlwaysHigh(const QString &runFolder)
{
    setWindowTitle(tr("Always a high loss"));
    load(runFolder, [folder = runFolder.toStdString()](Loaded &loaded) -> Result<void> {
        auto samples = alwaysHighLosses(folder);
        if (!samples)
            return samples.error();
        loaded.caption = tr("Training images whose loss stayed high, the mean over the second half of the training. "
                            "Wrong labels gather at the top.");
        loaded.samples = std::move(*samples);
        return {};
    });
}

void SamplesDialog::load(const QString &runFolder, std::function<Result<void>(Loaded &)> choose)
{
    const auto loaded = std::make_shared<Loaded>();
    const QPointer<SamplesDialog> self(this);
    m_job = m_jobs.start(makeJob(
        windowTitle(),
        [dataset = m_dataset, models = m_models, folder = runFolder.toStdString(), choose = std::move(choose),
         loaded](JobControl &control) -> Result<void> {
            if (auto chosen = choose(*loaded); !chosen)
                return chosen;
            auto predictor = Predictor::load(folder, models, "cpu");
            if (!predictor)
                return {}; // no checkpoint yet: the list alone
            for (std::size_t i = 0; i < std::min(loaded->samples.size(), kPictures); ++i) {
                if (control.isStopRequested())
                    return {};
                const auto &sample = loaded->samples[i];
                const auto item = dataset->indexOf(sample.image);
                auto map = item ? lossMap(*predictor, dataset, *item) : Error{ErrorCode::Data, "is gone"};
                if (!map)
                    continue;
                shrinkToShow(*map);
                const QString name = QString::fromStdString(sample.image);
                const QImage image = toQImage(map->image);
                loaded->pictures.push_back({image, {}, name});
                loaded->pictures.push_back(
                    {image, idsToQImage(map->ids, predictor->labels()), tr("%1: ground truth").arg(name)});
                loaded->pictures.push_back({heatOf(map->loss), {}, tr("%1: where its pixels lose").arg(name)});
            }
            return {};
        },
        [self, loaded](const Result<void> &result, bool canceled) {
            if (!self || canceled)
                return;
            if (result)
                self->showLoaded(*loaded);
            else
                self->m_caption->setText(QString::fromStdString(result.error().message));
        }));
}

void SamplesDialog::showLoaded(const Loaded &loaded)
{
    m_caption->setText(loaded.caption);
    for (std::size_t i = 0; i < std::min(loaded.samples.size(), kListed); ++i) {
        const auto &sample = loaded.samples[i];
        auto *row =
            new QTreeWidgetItem(m_list, {QString::fromStdString(sample.image), QString::number(sample.loss, 'f', 4)});
        row->setSizeHint(0, QSize(0, 28)); // as in the other lists
        row->setTextAlignment(1, Qt::AlignRight | Qt::AlignVCenter);
    }
    m_pictures->setPictures(loaded.pictures);
}

} // namespace masque
