// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/cutout/CutoutDialog.h"

#include "core/inference/cutout_batch.h"
#include "studio/canvas/ImageView.h"
#include "studio/compare/PairView.h"
#include "studio/document/Document.h"
#include "studio/jobs/job_support.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QStyle>

#include <algorithm>
#include <utility>

namespace masque {

CutoutDialog::~CutoutDialog()
{
    for (const JobId job : {m_previewJob, m_folderJob, m_writeJob})
        m_jobs.cancel(job);
}

void CutoutDialog::begin(const QString &run)
{
    show();
    raise();
    activateWindow();
    loadRuns(run);
    openFolder();
}

void CutoutDialog::reject()
{
    if (m_jobs.isRunning(m_writeJob))
        m_jobs.cancel(m_writeJob);
    else
        QDialog::reject();
}

CutoutDialog::Which CutoutDialog::which() const
{
    return static_cast<Which>(m_images->currentData().toInt());
}

CutoutDialog::Ground CutoutDialog::ground() const
{
    return static_cast<Ground>(m_ground->currentData().toInt());
}

std::string CutoutDialog::run() const
{
    return m_source->currentData().toString().toStdString();
}

CutoutOptions CutoutDialog::options() const
{
    CutoutOptions options;
    options.edge = m_edge->value();
    options.smallestPart = m_part->value();
    options.blur = m_blur->value();
    options.crop = m_crop->isChecked();
    switch (ground()) {
    case Ground::Clear: break;
    case Ground::Plain: options.background = m_color.name().toStdString(); break;
    case Ground::Picture: options.background = m_picture->text().trimmed().toStdString(); break;
    case Ground::Blur: options.background = "blur"; break;
    }
    return options;
}

void CutoutDialog::documentChanged(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        if (!m_jobs.isRunning(m_writeJob))
            close();
        break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ImageLoaded: takeImage(); break;
    case ChangeEvent::AnnotationChanged:
        if (run().empty())
            takeImage();
        break;
    case ChangeEvent::RunsChanged: loadRuns(m_source->currentData().toString()); break;
    default: break;
    }
}

void CutoutDialog::loadRuns(const QString &wanted)
{
    const auto dataset = m_document.dataset();
    if (!dataset)
        return;
    const auto runs = std::make_shared<std::vector<RunInfo>>();
    m_jobs.start(makeJob(
        tr("Reading runs"),
        [runs, root = dataset->root](JobControl &) -> Result<void> {
            *runs = listRuns(root);
            return {};
        },
        [self = QPointer(this), runs, wanted](const Result<void> &, bool) {
            if (self)
                self->takeRuns(*runs, wanted);
        }));
}

void CutoutDialog::takeRuns(const std::vector<RunInfo> &runs, const QString &wanted)
{
    const bool staysWithAnnotations = m_source->count() > 1 && run().empty(); // though there was a run to choose
    m_source->clear();
    for (const RunInfo &run : runs) {
        const auto model = findModel(m_plugins.models, run.options.data.model); // none of what was imported
        if (!run.canPredict() || (model ? (*model)->task() : run.options.data.task) != taskName(Task::Segmentation))
            continue; // no checkpoint yet, or no masks
        const QString best = run.bestEpoch > 0 ? tr(" (mean IoU %1)").arg(run.bestMetric, 0, 'f', 3) : QString();
        m_source->addItem(QString::fromStdString(run.name) + best, QString::fromStdString(run.folder));
    }
    m_hint->setVisible(m_source->count() == 0);
    m_source->addItem(tr("The annotations"), QString());
    const bool isFirst = wanted.isEmpty() && !staysWithAnnotations; // the newest run
    m_source->setCurrentIndex(isFirst ? 0 : std::max(0, m_source->findData(wanted)));
    takeImage();
}

void CutoutDialog::openFolder()
{
    const QString folder = m_folder->text().trimmed();
    m_opened.reset();
    m_jobs.cancel(m_folderJob);
    if (which() == Which::Folder && !folder.isEmpty()) {
        const auto opened = std::make_shared<std::shared_ptr<const Dataset>>();
        m_folderJob = m_jobs.start(makeJob(
            tr("Opening %1").arg(folder),
            [opened, path = folder.toStdString(), formats = m_plugins.formats](JobControl &control) -> Result<void> {
                auto dataset = datasetOfFolder(path, formats, control.stopToken());
                if (!dataset)
                    return dataset.error();
                *opened = std::make_shared<const Dataset>(std::move(*dataset));
                return {};
            },
            [self = QPointer(this), opened](const Result<void> &result, bool canceled) {
                if (!self || canceled)
                    return;
                self->m_opened = *opened;
                self->takeImage();
                if (!result)
                    self->say(self->m_caption, QString::fromStdString(result.error().message), true);
            }));
    }
    takeImage();
}

void CutoutDialog::takeImage()
{
    m_shown = {.run = run(), .dataset = m_opened};
    const int current = m_document.currentIndex();
    if (which() != Which::Folder) {
        m_shown.dataset = m_document.isLoaded() ? m_document.dataset() : nullptr;
        if (m_shown.dataset) {
            m_shown.item = m_shown.dataset->items[static_cast<std::size_t>(current)];
            if (m_shown.run.empty()) // as it stands in Label, saved or not
                m_shown.item.corrected = std::make_shared<const Annotation>(m_document.annotation());
        }
    } else if (m_shown.dataset && !m_shown.dataset->items.empty()) {
        m_shown.item = m_shown.dataset->items.front();
    } else {
        m_shown.dataset.reset();
    }
    if (!m_isOutChosen) {
        const auto dataset = m_document.dataset();
        const QString of = which() == Which::Folder ? m_folder->text().trimmed()
                                                    : QString::fromStdString(dataset ? dataset->root : std::string());
        m_out->setText(of.isEmpty() ? QString() : QDir(of).absolutePath() + QStringLiteral("-cutouts"));
    }
    refresh();
}

void CutoutDialog::refresh()
{
    showState();
    m_isStale = m_jobs.isRunning(m_previewJob);
    if (m_isStale || !isVisible())
        return;
    const bool lacksPicture = ground() == Ground::Picture && m_picture->text().trimmed().isEmpty();
    const bool lacksMask = m_shown.item.corrected && m_shown.item.corrected->shapes.empty();
    if (!m_shown.dataset || lacksPicture || lacksMask) {
        if (!lacksPicture)
            for (auto *view : {m_view->first(), m_view->second()})
                view->setImage(QImage());
        say(m_caption,
            lacksPicture               ? tr("Choose an image for the background.")
            : m_shown.dataset          ? tr("This image has no annotation to be cut out by.")
            : which() == Which::Folder ? tr("Choose a folder of images.")
                                       : tr("Open an image in Label to see how it is cut out."),
            false);
        return;
    }
    m_shown.options = options();
    const auto preview = std::make_shared<CutoutPreview>();
    m_previewJob = m_jobs.start(makeJob(
        {},
        [preview, previewer = m_previewer, request = m_shown](JobControl &) -> Result<void> {
            auto made = previewer->preview(request);
            if (!made)
                return made.error();
            *preview = std::move(*made);
            return {};
        },
        [self = QPointer(this), preview](const Result<void> &result, bool canceled) {
            if (self && !canceled)
                self->takePreview(result ? Result<CutoutPreview>(*preview) : result.error());
        }));
}

void CutoutDialog::takePreview(const Result<CutoutPreview> &result)
{
    if (result) {
        m_view->first()->setImage(result->before);
        m_view->second()->setImage(result->after);
        say(m_caption, QString::fromStdString(m_shown.item.image), false);
    } else {
        say(m_caption, QString::fromStdString(result.error().message), true);
    }
    if (m_isStale)
        refresh();
}

void CutoutDialog::write()
{
    if (m_jobs.isRunning(m_writeJob))
        return;
    if (!m_document.saveAndWait()) {
        say(m_text, m_document.saveError(), true);
        return;
    }
    const auto dataset = which() == Which::Folder ? m_opened : m_document.dataset();
    const QString out = QDir().absoluteFilePath(m_out->text().trimmed());
    CutoutRequest request{.run = run(), .dataset = *dataset, .options = options(), .out = out.toStdString()};
    if (which() == Which::Current)
        request.dataset.items = {dataset->items[static_cast<std::size_t>(m_document.currentIndex())]};
    if (m_replace->isChecked())
        request.existing = CutoutRequest::Existing::Replace;
    m_open->hide();
    m_progress->setValue(0);
    say(m_text, tr("Cutting out..."), false);
    const auto report = std::make_shared<CutoutReport>();
    m_writeJob = m_jobs.start(makeJob(
        tr("Cutting out"),
        [report, request, models = m_plugins.models](JobControl &control) -> Result<void> {
            stepBehindGui();
            auto done = cutOutAll(request, models, control.stopToken(), [&](std::size_t count, std::size_t all) {
                control.report(static_cast<double>(count) / static_cast<double>(all));
            });
            if (!done)
                return done.error();
            *report = std::move(*done);
            return {};
        },
        [self = QPointer(this), report, out](const Result<void> &result, bool canceled) {
            if (!self)
                return;
            self->m_writeJob = 0;
            const QLocale locale;
            QStringList lines;
            if (!result) {
                lines << QString::fromStdString(result.error().message);
            } else {
                lines << tr("%1 written to %2.").arg(locale.toString(report->written), QDir::toNativeSeparators(out));
                if (canceled)
                    lines << tr("Stopped before the end.");
                if (report->unlabelled > 0)
                    lines << tr("Without annotation: %1.").arg(locale.toString(report->unlabelled));
                if (report->failed > 0)
                    lines << tr("Failed: %1, the first: %2")
                                 .arg(locale.toString(report->failed), QString::fromStdString(report->problem));
            }
            self->say(self->m_text, lines.join(QLatin1Char('\n')), !result || report->failed > 0);
            self->m_open->setVisible(report->written > 0);
            self->showState();
        }));
    showState();
}

void CutoutDialog::showState()
{
    const bool isWriting = m_jobs.isRunning(m_writeJob);
    m_form->setRowVisible(m_folder, which() == Which::Folder);
    m_form->setRowVisible(m_part, !run().empty());
    m_form->setRowVisible(m_colorButton, ground() == Ground::Plain);
    m_form->setRowVisible(m_picture, ground() == Ground::Picture);
    m_form->setRowVisible(m_blur, ground() == Ground::Blur);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_source, m_images, m_folder, m_edge, m_part, m_ground,
                                                            m_colorButton, m_picture, m_blur, m_crop, m_out, m_replace})
        widget->setEnabled(!isWriting);
    m_write->setEnabled(!isWriting && m_source->count() > 0 && m_shown.dataset && !m_out->text().trimmed().isEmpty()
                        && (ground() != Ground::Picture || !m_picture->text().trimmed().isEmpty()));
    m_progress->setVisible(isWriting);
    m_close->setText(isWriting ? tr("&Stop") : tr("&Close"));
}

void CutoutDialog::say(QLabel *label, const QString &text, bool isError)
{
    label->setProperty("role", isError ? QStringLiteral("error") : QStringLiteral("muted"));
    label->style()->unpolish(label);
    label->style()->polish(label);
    label->setText(text);
}

} // namespace masque
