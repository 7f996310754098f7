// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/ImportModelDialog.h"

#include "core/inference/model_import.h"
#include "studio/forms/OptionsForm.h"
#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QVBoxLayout>

#include <optional>

namespace masque {

namespace {

constexpr QSize kSize{600, 520};

} // namespace

ImportModelDialog::ImportModelDialog(std::shared_ptr<const Dataset> dataset, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_dataset(std::move(dataset)), m_jobs(jobs), m_file(new QLineEdit), m_form(new OptionsForm),
      m_result(new QLabel)
{
    setObjectName(QStringLiteral("import-model-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Import Model"));
    m_file->setObjectName(QStringLiteral("import-model-file"));
    m_file->setAccessibleName(tr("Model file"));
    m_file->setPlaceholderText(tr("TorchScript (.pt) or ONNX (.onnx)"));
    auto *choose = m_file->addAction(Theme::instance().icon(QStringLiteral("open")), QLineEdit::TrailingPosition);
    choose->setObjectName(QStringLiteral("choose-file"));
    choose->setText(tr("Choose a file"));
    connect(choose, &QAction::triggered, this, &ImportModelDialog::chooseFile);
    connect(m_file, &QLineEdit::textChanged, this,
            [this] { m_import->setEnabled(!m_file->text().trimmed().isEmpty()); });
    connect(m_file, &QLineEdit::editingFinished, this, &ImportModelDialog::readFile);
    m_form->setSpecs(modelDescriptionTable().specs());
    auto *about = new QLabel(tr("It becomes a run that predicts, compares and proposes like those trained here. A "
                                "TorchScript file is a program: import only what you trust."));
    about->setWordWrap(true);
    about->setProperty("role", "muted");
    m_result->setObjectName(QStringLiteral("import-model-result"));
    m_result->setWordWrap(true);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_import = buttons->addButton(tr("&Import"), QDialogButtonBox::ActionRole);
    m_import->setObjectName(QStringLiteral("import-model-import"));
    m_import->setDefault(true);
    m_import->setEnabled(false);
    connect(m_import, &QPushButton::clicked, this, &ImportModelDialog::import);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *file = new QFormLayout;
    file->setSpacing(8);
    file->addRow(tr("&File"), m_file);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *options = new QWidget;
    auto *above = new QVBoxLayout(options);
    above->setContentsMargins(0, 0, 0, 0);
    above->addWidget(m_form);
    above->addStretch();
    scroll->setWidget(options);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(about);
    layout->addLayout(file);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_result);
    layout->addWidget(buttons);
    resizeWithinScreen(*this, kSize);
}

ImportModelDialog::~ImportModelDialog()
{
    m_jobs.cancel(m_job);
}

void ImportModelDialog::chooseFile()
{
    auto *dialog = new QFileDialog(this, tr("Import Model"), QFileInfo(m_file->text()).path(),
                                   tr("Models (*.pt *.torchscript *.onnx)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        m_file->setText(file);
        readFile();
    });
    dialog->open();
}

void ImportModelDialog::readFile()
{
    const QString file = m_file->text().trimmed();
    if (file.isEmpty() || file == std::exchange(m_read, file))
        return;
    const auto found = std::make_shared<std::optional<ModelDescription>>();
    m_jobs.start(makeJob(
        {},
        [found, path = file.toStdString()](JobControl &) -> Result<void> {
            *found = describedInside(path);
            return {};
        },
        [self = QPointer(this), found, file](const Result<void> &, bool) {
            if (!self || self->m_read != file || !*found)
                return;
            self->m_form->setValues(modelDescriptionTable().toJson(**found));
            self->show(tr("The file says itself what it takes and gives."), false);
        }));
}

void ImportModelDialog::show(const QString &text, bool isError)
{
    m_result->setProperty("role", isError ? "error" : "");
    m_result->style()->unpolish(m_result);
    m_result->style()->polish(m_result);
    m_result->setText(text);
}

void ImportModelDialog::import()
{
    m_form->clearErrors();
    if (!m_form->check())
        return;
    ModelDescription description;
    if (auto applied = modelDescriptionTable().apply(m_form->values(), description); !applied)
        return;
    m_import->setEnabled(false);
    show(tr("Running the model once..."), false);
    const auto run = std::make_shared<RunInfo>();
    m_job = m_jobs.start(makeJob(
        tr("Importing a model"),
        [run, description, dataset = m_dataset,
         file = m_file->text().trimmed().toStdString()](JobControl &) -> Result<void> {
            auto done = importModel({.file = file, .description = description, .dataset = *dataset});
            if (!done)
                return done.error();
            *run = std::move(*done);
            return {};
        },
        [self = QPointer(this), run](const Result<void> &result, bool) {
            if (!self)
                return;
            self->m_import->setEnabled(true);
            if (result) {
                Q_EMIT self->imported(QString::fromStdString(run->folder));
                self->accept();
                return;
            }
            const QString message = QString::fromStdString(result.error().message);
            self->show(message, true);
            self->m_form->showError(QString::fromStdString(result.error().context), message);
        }));
}

} // namespace masque
