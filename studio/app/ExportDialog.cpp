// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/ExportDialog.h"

#include "studio/theme/screen_fit.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>
#include <ranges>

namespace masque {

namespace {

constexpr auto kFormatKey = "export/format";
constexpr int kSteps = 1000;
constexpr std::size_t kShownFiles = 4;
constexpr QSize kSize{620, 480};

Progress reporting(JobControl &control)
{
    return [&control](std::size_t done, std::size_t total) {
        control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, total)));
    };
}

} // namespace

ExportDialog::ExportDialog(Document &document, const FormatList &formats, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_document(document), m_jobs(jobs), m_format(new QComboBox(this)), m_folder(new QLineEdit(this)),
      m_losses(new QListWidget(this)), m_lossTitle(new QLabel(this)), m_files(new QLabel(this)),
      m_text(new QLabel(this)), m_progress(new QProgressBar(this))
{
    setObjectName(QStringLiteral("export-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export Dataset"));
    std::ranges::copy_if(formats, std::back_inserter(m_formats), [](const auto &one) { return one->canWrite(); });
    makeForm();
    for (const auto &one : m_formats)
        m_format->addItem(QString::fromStdString(one->title()), QString::fromStdString(one->id()));
    const int known = m_format->findData(QSettings().value(kFormatKey));
    m_format->setCurrentIndex(std::max(0, known));
    connect(m_format, &QComboBox::currentIndexChanged, this, &ExportDialog::look);
    connect(m_folder, &QLineEdit::textChanged, this, &ExportDialog::follow);
    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId id, double fraction) {
        if (id == m_job)
            m_progress->setValue(qRound(fraction * kSteps));
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened && !m_isWriting)
            close();
    });
    resizeWithinScreen(*this, kSize);
    look();
}

ExportDialog::~ExportDialog()
{
    m_jobs.cancel(m_job);
}

void ExportDialog::makeForm()
{
    const auto name = [](QWidget *widget, const char *objectName, const QString &title) {
        widget->setObjectName(QLatin1String(objectName));
        widget->setAccessibleName(title);
    };
    name(m_format, "export-format", tr("Format"));
    name(m_folder, "export-folder", tr("New folder"));
    name(m_losses, "export-losses", tr("What is lost"));
    name(m_files, "export-files", tr("Files"));
    name(m_text, "export-text", tr("How it goes"));
    name(m_progress, "export-progress", tr("Progress"));
    m_folder->setPlaceholderText(tr("A folder that is not there yet"));
    m_folder->setText(
        QDir::toNativeSeparators(QString::fromStdString(m_document.dataset()->root) + QStringLiteral("-export")));
    m_losses->setWordWrap(true);
    m_losses->setSelectionMode(QAbstractItemView::NoSelection);
    m_losses->setTextElideMode(Qt::ElideNone);
    m_files->setWordWrap(true);
    m_files->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_progress->setRange(0, kSteps);
    m_progress->setTextVisible(false);
    auto *browse = new QPushButton(tr("&Browse..."), this);
    browse->setObjectName(QStringLiteral("export-browse"));
    browse->setAutoDefault(false);
    connect(browse, &QPushButton::clicked, this, &ExportDialog::choose);
    auto *place = new QHBoxLayout;
    place->addWidget(m_folder, 1);
    place->addWidget(browse);
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("&Format"), m_format);
    auto *placeLabel = new QLabel(tr("&New folder"), this);
    placeLabel->setBuddy(m_folder);
    form->addRow(placeLabel, place);

    auto *buttons = new QDialogButtonBox(this);
    m_write = buttons->addButton(tr("&Export"), QDialogButtonBox::ActionRole);
    m_write->setObjectName(QStringLiteral("export-write"));
    m_write->setDefault(true);
    m_open = buttons->addButton(tr("&Open It"), QDialogButtonBox::ActionRole);
    m_open->setObjectName(QStringLiteral("export-open"));
    m_open->setAutoDefault(false);
    m_open->hide();
    m_close = buttons->addButton(QDialogButtonBox::Close);
    m_close->setObjectName(QStringLiteral("export-close"));
    m_close->setAutoDefault(false);
    connect(m_write, &QPushButton::clicked, this, &ExportDialog::write);
    connect(m_open, &QPushButton::clicked, this, [this] {
        Q_EMIT openRequested(m_folder->text());
        close();
    });
    connect(buttons, &QDialogButtonBox::rejected, this, &ExportDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addLayout(form);
    layout->addWidget(m_lossTitle);
    layout->addWidget(m_losses, 1);
    layout->addWidget(m_files);
    layout->addWidget(m_text);
    layout->addWidget(m_progress);
    layout->addWidget(buttons);
}

const DatasetFormat &ExportDialog::format() const
{
    return *m_formats[static_cast<std::size_t>(m_format->currentIndex())];
}

void ExportDialog::choose()
{
    const QString above = QFileInfo(m_folder->text()).absolutePath();
    const QString chosen = QFileDialog::getExistingDirectory(this, tr("Folder to export into"), above);
    if (!chosen.isEmpty())
        m_folder->setText(QDir::toNativeSeparators(chosen));
}

void ExportDialog::say(const QString &text, bool isError)
{
    m_text->setText(text);
    m_text->setProperty("role", isError ? QStringLiteral("error") : QStringLiteral("muted"));
    m_text->style()->unpolish(m_text);
    m_text->style()->polish(m_text);
}

/// One job at a time: what is at work for another choice is stopped.
void ExportDialog::start(const QString &title, std::function<Result<void>(JobControl &)> work,
                         std::function<void(const Result<void> &, bool canceled)> done)
{
    m_jobs.cancel(m_job);
    m_progress->setValue(0);
    const auto id = std::make_shared<JobId>(0);
    m_job = *id = m_jobs.start(
        makeJob(title, std::move(work), [self = QPointer(this), id, done](const Result<void> &result, bool canceled) {
            if (!self || (*id != 0 && self->m_job != *id))
                return;
            self->m_job = 0;
            done(result, canceled);
            if (self)
                self->follow();
        }));
    if (!m_jobs.isRunning(m_job))
        m_job = 0;
    follow();
}

void ExportDialog::look()
{
    QSettings().setValue(kFormatKey, m_format->currentData());
    m_losses->clear();
    m_files->clear();
    m_lossTitle->setText(tr("Looking for what %1 cannot hold...").arg(m_format->currentText()));
    m_open->hide();
    say({});
    if (!m_document.saveAndWait()) {
        say(m_document.saveError(), true);
        return;
    }
    const auto losses = std::make_shared<std::vector<std::string>>(),
               files = std::make_shared<std::vector<std::string>>();
    start(
        tr("Looking for what is lost"),
        [losses, files, dataset = m_document.dataset(),
         chosen = m_formats[static_cast<std::size_t>(m_format->currentIndex())]](JobControl &control) -> Result<void> {
            *losses = chosen->losses(*dataset, control.stopToken(), reporting(control));
            *files = chosen->outputFiles(*dataset);
            return {};
        },
        [this, losses, files](const Result<void> &result, bool canceled) {
            if (canceled)
                return;
            if (!result)
                say(QString::fromStdString(result.error().message), true);
            m_lossTitle->setText(losses->empty() ? tr("Nothing is lost.") : tr("This cannot be held, and is lost:"));
            for (const auto &loss : *losses)
                m_losses->addItem(QString::fromStdString(loss));
            QStringList names;
            for (const auto &file : *files | std::views::take(kShownFiles))
                names << QString::fromStdString(file);
            if (files->size() > kShownFiles)
                names << tr("...");
            m_files->setText(tr("Files that are made: %1").arg(files->size()) + QStringLiteral(" (")
                             + names.join(QStringLiteral(", ")) + QLatin1Char(')'));
        });
}

void ExportDialog::write()
{
    const QString folder = m_folder->text().trimmed();
    if (folder.isEmpty() || m_isWriting)
        return;
    if (!m_document.saveAndWait()) {
        say(m_document.saveError(), true);
        return;
    }
    m_isWriting = true;
    say(tr("Writing..."));
    start(
        tr("Exporting"),
        [folder = folder.toStdString(), dataset = m_document.dataset(),
         chosen = m_formats[static_cast<std::size_t>(m_format->currentIndex())]](JobControl &control) {
            return chosen->write(*dataset, folder, control.stopToken(), reporting(control));
        },
        [this, folder](const Result<void> &result, bool canceled) {
            m_isWriting = false;
            if (canceled) {
                say(tr("Stopped. What is in %1 is not whole.").arg(folder), true);
            } else if (!result) {
                say(QString::fromStdString(result.error().message), true);
            } else {
                m_progress->setValue(kSteps);
                say(tr("Written to %1.").arg(folder));
                m_open->show();
            }
        });
}

void ExportDialog::follow()
{
    const bool isAtWork = m_jobs.isRunning(m_job);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_format, m_folder,
                                                            findChild<QPushButton *>(QStringLiteral("export-browse"))})
        widget->setEnabled(!m_isWriting);
    m_write->setEnabled(!m_isWriting && !m_folder->text().trimmed().isEmpty());
    m_progress->setVisible(isAtWork);
    m_close->setText(m_isWriting ? tr("&Stop") : tr("&Close"));
}

void ExportDialog::reject()
{
    if (m_isWriting) {
        m_jobs.cancel(m_job);
        return;
    }
    QDialog::reject();
}

} // namespace masque
