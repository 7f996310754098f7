// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/ClassReportDialog.h"

#include "core/base/files.h"
#include "core/image/image_file.h"
#include "core/runs/run.h"
#include "studio/compare/split/ConfusionView.h"
#include "studio/jobs/job_support.h"
#include "studio/theme/screen_fit.h"
#include "studio/training/pictures.h"

#include <QBuffer>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <opencv2/imgproc.hpp>

#include <algorithm>

namespace masque {

namespace {

constexpr std::size_t kMistakes = 48, kMostListed = 300;
constexpr int kPicturePx = 72, kSquarePx = 64;

QString nameOf(const LabelSet &labels, int id)
{
    return QString::fromStdString(labels[id].name);
}

} // namespace

struct ClassReportDialog::Loaded {
    std::shared_ptr<const Dataset> dataset; ///< as the run takes it
    ClassEvaluation evaluation;
    QString run, failed; ///< failed: why no temperature is kept, if it is not
    double temperature = 1, calibratedEce = 0;
};

ClassReportDialog::ClassReportDialog(std::shared_ptr<const Dataset> dataset, const ModelList &models, JobRunner &jobs,
                                     const QString &runFolder, QWidget *parent)
    : QDialog(parent), m_dataset(std::move(dataset)), m_models(models), m_jobs(jobs)
{
    setObjectName(QStringLiteral("class-report"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("How well classes are told"));
    resizeWithinScreen(*this, {1080, 680});
    m_summary = new QLabel(tr("Classifying the validation images…"));
    m_summary->setObjectName(QStringLiteral("class-report-summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_confusion = new ConfusionView;
    m_confusion->setObjectName(QStringLiteral("class-report-confusion"));
    m_confusion->setGreatestSquare(kSquarePx);
    auto *hint = new QLabel(tr("Rows: ground truth. Columns: what it was taken for, in percent of the row. Click a "
                               "square to see its images."));
    hint->setWordWrap(true);
    hint->setProperty("role", QStringLiteral("muted"));
    m_listTitle = new QLabel;
    m_listTitle->setObjectName(QStringLiteral("class-report-title"));
    m_listTitle->setProperty("role", QStringLiteral("title"));
    m_images = new QListWidget;
    m_images->setObjectName(QStringLiteral("class-report-images"));
    m_images->setAccessibleName(tr("Images"));
    m_images->setViewMode(QListView::IconMode);
    m_images->setMovement(QListView::Static);
    m_images->setResizeMode(QListView::Adjust);
    m_images->setUniformItemSizes(true);
    m_images->setIconSize({kPicturePx, kPicturePx});
    m_images->setGridSize({kPicturePx + 44, kPicturePx + 48});
    m_images->setWordWrap(true);
    m_images->setFrameShape(QFrame::NoFrame);
    m_images->setToolTip(tr("A double click opens the image in Label"));
    connect(m_images, &QListWidget::itemActivated, this,
            [this](const QListWidgetItem *item) { Q_EMIT openRequested(item->data(Qt::UserRole).toString()); });
    connect(m_confusion, &ConfusionView::cellChosen, this, &ClassReportDialog::listImages);
    m_progress = new QProgressBar;
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);

    auto *left = new QVBoxLayout;
    left->setSpacing(8);
    left->addWidget(m_confusion, 1);
    left->addWidget(hint);
    auto *right = new QVBoxLayout;
    right->setSpacing(8);
    right->addWidget(m_listTitle);
    right->addWidget(m_images, 1);
    auto *columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addLayout(left, 4);
    columns->addLayout(right, 5);
    m_body = new QWidget;
    auto *body = new QVBoxLayout(m_body);
    body->setContentsMargins(0, 0, 0, 0);
    body->setSpacing(8);
    body->addWidget(m_summary);
    body->addWidget(m_progress);
    body->addLayout(columns, 1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_save = buttons->addButton(tr("Save as picture…"), QDialogButtonBox::ActionRole);
    m_save->setObjectName(QStringLiteral("class-report-save"));
    m_save->setToolTip(tr("Figures, matrix and images as they stand here, as PNG"));
    m_save->setEnabled(false);
    connect(m_save, &QPushButton::clicked, this, &ClassReportDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_body, 1);
    layout->addWidget(buttons);

    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId id, double fraction) {
        if (id == m_job)
            m_progress->setValue(static_cast<int>(100 * fraction));
    });
    start(runFolder);
}

ClassReportDialog::~ClassReportDialog()
{
    m_jobs.cancel(m_job);
    m_jobs.cancel(m_reading);
}

void ClassReportDialog::start(const QString &runFolder)
{
    const auto loaded = std::make_shared<Loaded>();
    m_job = m_jobs.start(makeJob(
        tr("Classifying images"),
        [loaded, dataset = m_dataset, models = m_models,
         folder = runFolder.toStdString()](JobControl &control) -> Result<void> {
            stepBehindGui();
            const auto run = readRun(folder);
            if (!run)
                return run.error();
            loaded->run = QString::fromStdString(run->name);
            const auto fitted = fittedToTask({.dataset = dataset, .options = run->options});
            if (!fitted)
                return fitted.error();
            loaded->dataset = fitted->dataset;
            const auto split = readRunSplit(folder, *fitted->dataset);
            if (!split)
                return split.error();
            if (split->val.empty())
                return Error{ErrorCode::Data, folder + ": has no validation images", folder};
            auto predictor = Predictor::load(folder, models);
            if (!predictor)
                return predictor.error();
            if (!predictor->isOfImages())
                return Error{ErrorCode::Data, folder + ": makes masks; Compare shows how well", folder};
            auto evaluation = evaluateClasses(*predictor, *fitted->dataset, split->val, "val", control.stopToken(),
                                              [&](std::size_t done, std::size_t all) {
                                                  control.report(static_cast<double>(done)
                                                                 / static_cast<double>(std::max<std::size_t>(all, 1)));
                                              });
            if (!evaluation)
                return evaluation.error();
            if (control.isStopRequested())
                return {};
            const auto temperature = keepTemperature(*predictor, *evaluation);
            if (!temperature)
                loaded->failed = QString::fromStdString(temperature.error().message);
            loaded->temperature = temperature ? *temperature : fittedTemperature(evaluation->images);
            loaded->calibratedEce = expectedCalibrationError(atTemperature(evaluation->images, loaded->temperature));
            loaded->evaluation = std::move(*evaluation);
            return {};
        },
        [self = QPointer(this), loaded](const Result<void> &result, bool canceled) {
            if (!self || canceled)
                return;
            self->m_job = 0;
            self->m_progress->hide();
            if (result)
                self->showReport(loaded);
            else
                self->m_summary->setText(QString::fromStdString(result.error().message));
        }));
}

void ClassReportDialog::showReport(std::shared_ptr<const Loaded> loaded)
{
    m_loaded = std::move(loaded);
    const ClassEvaluation &of = m_loaded->evaluation;
    const auto figure = [](double value) { return QString::number(value, 'f', 3); };
    m_summary->setText(
        tr("%1, validation images: %2. Accuracy %3, balanced accuracy %4, macro F1 %5, calibration error "
           "(ECE) %6; %7 at temperature %8%9.")
            .arg(m_loaded->run)
            .arg(of.images.size())
            .arg(figure(of.metrics.pixelAccuracy), figure(of.metrics.balancedAccuracy), figure(of.metrics.meanDice),
                 figure(of.ece), figure(m_loaded->calibratedEce), QString::number(m_loaded->temperature, 'f', 2),
                 m_loaded->failed.isEmpty() ? tr(", which is used from now on")
                                            : QStringLiteral(" (") + m_loaded->failed + u')'));
    m_confusion->setCounts(of.labels, of.confusion, [loaded = m_loaded](int truth, int said) {
        return loaded->evaluation.confusion.at(truth, said);
    });
    m_save->setEnabled(true);
    listImages(std::nullopt);
}

/// The images of a cell, the surest first; without one the mistakes.
void ClassReportDialog::listImages(std::optional<std::pair<int, int>> cell)
{
    m_jobs.cancel(m_reading);
    m_images->clear();
    if (!m_loaded)
        return;
    const ClassEvaluation &of = m_loaded->evaluation;
    std::vector<std::size_t> chosen;
    if (!cell) {
        chosen = of.topMistakes(kMistakes);
        m_listTitle->setText(chosen.empty() ? tr("No mistakes") : tr("Wrong and most sure of it"));
    } else {
        for (std::size_t k = 0; k < of.images.size(); ++k)
            if (of.images[k].truth == cell->first && of.images[k].said() == cell->second)
                chosen.push_back(k);
        std::ranges::stable_sort(chosen,
                                 [&](auto a, auto b) { return of.images[a].confidence() > of.images[b].confidence(); });
        const QString truth = nameOf(of.labels, cell->first), said = nameOf(of.labels, cell->second);
        m_listTitle->setText((cell->first == cell->second ? tr("%1, and seen so: %3") : tr("%1, taken for %2: %3"))
                                 .arg(truth, cell->first == cell->second ? QString() : said)
                                 .arg(chosen.size())
                                 .simplified());
        chosen.resize(std::min(chosen.size(), kMostListed));
    }
    const auto files = std::make_shared<std::vector<std::string>>();
    for (const std::size_t k : chosen) {
        const ImageClass &image = of.images[k];
        const std::string &path = m_loaded->dataset->items[image.item].image;
        files->push_back(m_loaded->dataset->absolute(path));
        auto *item = new QListWidgetItem(m_images);
        const QString truth = nameOf(of.labels, image.truth), said = nameOf(of.labels, image.said());
        item->setText((image.isRight() ? QString() : truth + QStringLiteral(" →\n")) + said
                      + QStringLiteral(" %1").arg(image.confidence(), 0, 'f', 2));
        item->setSizeHint(m_images->gridSize()); // the pictures come later
        item->setToolTip(QString::fromStdString(path));
        item->setData(Qt::UserRole, QString::fromStdString(path));
    }
    const auto pictures = std::make_shared<std::vector<QImage>>();
    m_reading = m_jobs.start(makeJob(
        {},
        [files, pictures](JobControl &control) -> Result<void> {
            for (const std::string &file : *files) {
                if (control.isStopRequested())
                    break;
                const auto image = readImage(file); // one that cannot be read stays without a picture
                cv::Mat small;
                if (image) {
                    const auto [width, height] = sizeWithin(image->size(), 2 * kPicturePx);
                    cv::resize(*image, small, {width, height}, 0, 0, cv::INTER_AREA);
                }
                pictures->push_back(toQImage(small));
            }
            return {};
        },
        [self = QPointer(this), pictures](const Result<void> &, bool canceled) {
            if (!self || canceled)
                return;
            self->m_reading = 0;
            for (std::size_t i = 0; i < pictures->size(); ++i)
                if (!(*pictures)[i].isNull())
                    self->m_images->item(static_cast<int>(i))
                        ->setIcon(QPixmap::fromImage(
                            (*pictures)[i].scaled(2 * kPicturePx, 2 * kPicturePx, Qt::KeepAspectRatio)));
        }));
}

void ClassReportDialog::save()
{
    auto *dialog = new QFileDialog(this, tr("Save as picture"));
    dialog->setObjectName(QStringLiteral("class-report-file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        QByteArray png;
        QBuffer buffer(&png);
        buffer.open(QIODevice::WriteOnly);
        const bool isDrawn = m_body->grab().save(&buffer, "PNG");
        const auto written = isDrawn ? writeFileAtomically(file.toStdString(), png.toStdString())
                                     : Result<void>(Error{ErrorCode::Io, "the picture cannot be made", {}});
        m_listTitle->setText(written ? tr("Saved %1").arg(file) : QString::fromStdString(written.error().message));
    });
    dialog->open();
}

} // namespace masque
