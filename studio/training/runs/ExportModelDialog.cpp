// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/ExportModelDialog.h"

#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QStandardPaths>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

constexpr QSize kSize{600, 360};
constexpr int kSteps = 1000;

QString suffixOf(ModelFileKind kind)
{
    return QString::fromUtf8(modelFileSuffix(kind).data());
}

} // namespace

ExportModelDialog::ExportModelDialog(const QString &run, std::shared_ptr<const Dataset> dataset, ModelList models,
                                     JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_run(run), m_dataset(std::move(dataset)), m_models(std::move(models)), m_jobs(jobs),
      m_kind(new QComboBox), m_file(new QLineEdit), m_about(new QLabel), m_files(new QLabel), m_result(new QLabel),
      m_progress(new QProgressBar)
{
    setObjectName(QStringLiteral("export-model-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export Model"));
    m_kind->setObjectName(QStringLiteral("export-model-kind"));
    m_kind->setAccessibleName(tr("Write as"));
    for (const auto &[kind, title] : {std::pair(ModelFileKind::TorchScript, tr("TorchScript program (.pt)")),
                                      std::pair(ModelFileKind::Onnx, tr("ONNX network (.onnx)")),
                                      std::pair(ModelFileKind::Safetensors, tr("Weights as safetensors")),
                                      std::pair(ModelFileKind::StateDict, tr("Weights for torch.load (.pth)"))})
        m_kind->addItem(title, static_cast<int>(kind));
    m_file->setObjectName(QStringLiteral("export-model-file"));
    m_file->setAccessibleName(tr("File"));
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    m_file->setText(QDir(folder).filePath(QFileInfo(run).fileName() + suffixOf(ModelFileKind::TorchScript)));
    auto *choose = m_file->addAction(Theme::instance().icon(QStringLiteral("open")), QLineEdit::TrailingPosition);
    choose->setText(tr("Choose a file"));
    connect(choose, &QAction::triggered, this, &ExportModelDialog::chooseFile);
    for (auto *label : {m_about, m_files, m_result})
        label->setWordWrap(true);
    m_about->setProperty("role", "muted");
    m_files->setProperty("role", "muted");
    m_files->setObjectName(QStringLiteral("export-model-files"));
    m_result->setObjectName(QStringLiteral("export-model-result"));
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress->setRange(0, kSteps);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->hide();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_write = buttons->addButton(tr("&Export"), QDialogButtonBox::ActionRole);
    m_write->setObjectName(QStringLiteral("export-model-write"));
    m_write->setDefault(true);
    connect(m_write, &QPushButton::clicked, this, &ExportModelDialog::write);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &ExportModelDialog::showKind);
    connect(m_file, &QLineEdit::textChanged, this, &ExportModelDialog::showFiles);
    connect(&jobs, &JobRunner::progressed, this, [this](JobId id, double fraction) {
        if (id == m_job)
            m_progress->setValue(qRound(fraction * kSteps));
    });
    auto *form = new QFormLayout;
    form->setSpacing(8);
    form->addRow(tr("&Write as"), m_kind);
    form->addRow(QString(), m_about);
    form->addRow(tr("&File"), m_file);
    form->addRow(QString(), m_files);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addLayout(form);
    layout->addStretch();
    layout->addWidget(m_result);
    layout->addWidget(m_progress);
    layout->addWidget(buttons);
    resizeWithinScreen(*this, kSize);
    showKind();
}

ExportModelDialog::~ExportModelDialog()
{
    m_jobs.cancel(m_job);
}

ModelFileKind ExportModelDialog::kind() const
{
    return static_cast<ModelFileKind>(m_kind->currentData().toInt());
}

void ExportModelDialog::showKind()
{
    switch (kind()) {
    case ModelFileKind::TorchScript:
        m_about->setText(tr("The whole network for torch.jit.load in Python and torch::jit::load in C++, any size of "
                            "image; classes and normalisation are inside."));
        break;
    case ModelFileKind::Onnx:
        m_about->setText(
            tr("The whole network for ONNX Runtime, OpenCV and others; the sides of images are multiples of "
               "its stride, classes are in its metadata."));
        break;
    case ModelFileKind::Safetensors:
        m_about->setText(tr("Tensors by their names, without code, for a network that is built alike."));
        break;
    case ModelFileKind::StateDict:
        m_about->setText(tr("Python's torch.load gives a dict of tensors, for a network that is built alike."));
        break;
    }
    QString file = m_file->text();
    for (int i = 0; i < m_kind->count(); ++i)
        if (const QString suffix = suffixOf(static_cast<ModelFileKind>(m_kind->itemData(i).toInt()));
            file.endsWith(suffix)) {
            file.chop(suffix.size());
            break;
        }
    m_file->setText(file + suffixOf(kind()));
    showFiles();
}

void ExportModelDialog::showFiles()
{
    QStringList names;
    for (const auto &file : exportedFiles(m_file->text().toStdString()))
        names << QFileInfo(QString::fromStdString(file)).fileName();
    names.removeFirst();
    m_files->setText(tr("Beside it: %1").arg(names.join(QStringLiteral(", "))));
    m_write->setEnabled(!m_file->text().trimmed().isEmpty());
}

void ExportModelDialog::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Export Model"), QFileInfo(m_file->text()).path());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suffixOf(kind()).mid(1));
    dialog->selectFile(QFileInfo(m_file->text()).fileName());
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        m_allowed = file; // that dialog has asked
        m_file->setText(file);
    });
    dialog->open();
}

void ExportModelDialog::show(const QString &text, bool isError)
{
    m_result->setProperty("role", isError ? "error" : "");
    m_result->style()->unpolish(m_result);
    m_result->style()->polish(m_result);
    m_result->setText(text);
}

void ExportModelDialog::write()
{
    const QString file = m_file->text().trimmed();
    const ExportRequest request{.run = m_run.toStdString(),
                                .file = QDir().absoluteFilePath(file).toStdString(),
                                .kind = kind(),
                                .overwrite = file == m_allowed,
                                .dataset = m_dataset};
    m_write->setEnabled(false);
    m_progress->setValue(0);
    m_progress->QWidget::show();
    show(tr("Evaluating the validation images, then writing and reading back..."), false);
    const auto report = std::make_shared<ExportReport>();
    m_job = m_jobs.start(makeJob(
        tr("Exporting a model"),
        [report, request, models = m_models](JobControl &control) -> Result<void> {
            auto done = exportRun(request, models, control.stopToken(), [&](std::size_t count, std::size_t all) {
                control.report(static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(1, all)));
            });
            if (!done)
                return done.error();
            *report = std::move(*done);
            return {};
        },
        [self = QPointer(this), report, file](const Result<void> &result, bool canceled) {
            if (!self || canceled)
                return;
            self->m_progress->hide();
            self->m_write->setEnabled(true);
            if (!result) {
                self->show(QString::fromStdString(result.error().message), true);
                return;
            }
            self->m_allowed = file;
            const QString difference = QLocale().toString(report->difference, 'g', 2);
            self->show(report->images > 0
                           ? tr("Written as %1. Read back, its logits differ from the studio's by at most %2 on %3 "
                                "images of the dataset.")
                                 .arg(file, difference, QLocale().toString(report->images))
                           : tr("Written as %1. Read back, its logits differ from the studio's by at most %2 on noise; "
                                "the run's images are not there.")
                                 .arg(file, difference),
                       false);
        }));
}

} // namespace masque
