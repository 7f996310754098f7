// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/cutout/CutoutDialog.h"

#include "studio/canvas/ImageView.h"
#include "studio/compare/PairView.h"
#include "studio/document/Document.h"
#include "studio/forms/option_field.h"
#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"
#include "studio/tools/swatch.h"

#include <QAction>
#include <QCheckBox>
#include <QColorDialog>
#include <QComboBox>
#include <QDesktopServices>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

/// How the dialog is put together.
namespace masque {

namespace {

constexpr QSize kSize{1120, 680};
constexpr int kFormPx = 380;
constexpr int kSteps = 1000;

const OptionSpec &cutoutSpec(const char *key)
{
    const auto &specs = cutoutTable().specs();
    return specs[findOption(specs, key).value()];
}

} // namespace

CutoutDialog::CutoutDialog(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_document(document), m_plugins(plugins), m_jobs(jobs),
      m_previewer(std::make_shared<CutoutPreviewer>(plugins.models))
{
    setObjectName(QStringLiteral("cutout"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Cut Out"));
    m_text = new QLabel;
    m_text->setObjectName(QStringLiteral("cutout-text"));
    m_text->setAccessibleName(tr("How it goes"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress = new QProgressBar;
    m_progress->setObjectName(QStringLiteral("cutout-progress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setRange(0, kSteps);
    m_progress->setTextVisible(false);
    m_progress->hide();
    auto *column = new QWidget;
    column->setFixedWidth(kFormPx);
    auto *controls = new QVBoxLayout(column);
    controls->setContentsMargins(0, 0, 0, 0);
    controls->setSpacing(8);
    controls->addLayout(makeForm());
    controls->addStretch();
    controls->addWidget(m_text);
    controls->addWidget(m_progress);
    controls->addLayout(makeButtons());
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(16);
    layout->addWidget(makePreview(), 1);
    layout->addWidget(column);
    setTabOrder(m_close, m_view); // the controls come first
    resizeWithinScreen(*this, kSize);

    connect(&m_document, &Document::changed, this, &CutoutDialog::documentChanged);
    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId id, double fraction) {
        if (id == m_writeJob)
            m_progress->setValue(qRound(fraction * kSteps));
    });
    setColor(m_color);
    showState();
}

void CutoutDialog::addRow(QFormLayout &form, const QString &title, QWidget *field, const char *name)
{
    field->setObjectName(QLatin1String(name));
    if (field->accessibleName().isEmpty())
        field->setAccessibleName(QString(title).remove(QLatin1Char('&')));
    form.addRow(title, field);
}

QLineEdit *CutoutDialog::makeFolderField(const QString &title)
{
    auto *line = new QLineEdit;
    auto *choose = line->addAction(Theme::instance().icon(QStringLiteral("folder")), QLineEdit::TrailingPosition);
    choose->setText(title);
    choose->setToolTip(title);
    connect(choose, &QAction::triggered, line, [line, title] {
        auto *dialog = new QFileDialog(line, title, line->text());
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
        connect(dialog, &QFileDialog::fileSelected, line, [line](const QString &folder) {
            line->setText(folder);
            Q_EMIT line->textEdited(folder);
            Q_EMIT line->editingFinished();
        });
        dialog->open();
    });
    return line;
}

QFormLayout *CutoutDialog::makeForm()
{
    m_form = new QFormLayout;
    m_form->setHorizontalSpacing(16);
    m_form->setVerticalSpacing(8);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    const auto makeChoice = [] {
        auto *choice = new QComboBox;
        choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        return choice;
    };
    m_source = makeChoice();
    m_source->setToolTip(tr("Whose mask says what is cut out: everything but the background"));
    addRow(*m_form, tr("&Mask of"), m_source, "cutout-source");
    m_hint = new QLabel(tr("No network for masks is trained yet, so images are cut out by their annotations. Train one "
                           "in Train (Ctrl+2), and it cuts out any image."));
    m_hint->setObjectName(QStringLiteral("cutout-hint"));
    m_hint->setWordWrap(true);
    m_hint->setProperty("role", "muted");
    m_form->addRow(m_hint);
    m_images = makeChoice();
    m_images->addItem(tr("This image"), static_cast<int>(Which::Current));
    m_images->addItem(tr("All images of the dataset"), static_cast<int>(Which::All));
    m_images->addItem(tr("A folder"), static_cast<int>(Which::Folder));
    addRow(*m_form, tr("&Images"), m_images, "cutout-images");
    m_folder = makeFolderField(tr("Choose the folder to cut out"));
    addRow(*m_form, tr("F&older"), m_folder, "cutout-folder");
    const auto changed = [this] { // also while the form is made
        if (isVisible())
            refresh();
    };
    const auto option = [&](const char *key, const QString &title, const char *name) {
        auto *field = makeOptionField(cutoutSpec(key), changed);
        addRow(*m_form, title, field, name);
        return field;
    };
    m_edge = qobject_cast<QDoubleSpinBox *>(option("edge", tr("&Edge"), "cutout-edge"));
    m_part = qobject_cast<QDoubleSpinBox *>(option("smallest_part", tr("Smallest p&art"), "cutout-part"));
    m_ground = makeChoice();
    m_ground->addItem(tr("Transparent"), static_cast<int>(Ground::Clear));
    m_ground->addItem(tr("A colour"), static_cast<int>(Ground::Plain));
    m_ground->addItem(tr("An image"), static_cast<int>(Ground::Picture));
    m_ground->addItem(tr("Its own, blurred"), static_cast<int>(Ground::Blur));
    addRow(*m_form, tr("&Background"), m_ground, "cutout-background");
    m_colorButton = new QPushButton;
    m_colorButton->setAutoDefault(false);
    addRow(*m_form, tr("Co&lour"), m_colorButton, "cutout-color");
    OptionSpec picture{.key = "background_image", .label = "Background image", .type = OptionType::Text};
    picture.defaultValue = "";
    picture.isFile = true;
    m_picture = qobject_cast<QLineEdit *>(makeOptionField(picture, changed));
    m_picture->setPlaceholderText(tr("Choose an image"));
    addRow(*m_form, tr("Ima&ge"), m_picture, "cutout-picture");
    m_blur = qobject_cast<QDoubleSpinBox *>(option("blur", tr("Bl&ur"), "cutout-blur"));
    m_crop = qobject_cast<QCheckBox *>(option("crop", tr("C&rop"), "cutout-crop"));
    m_out = makeFolderField(tr("Choose the folder for the cut-outs"));
    addRow(*m_form, tr("&Write to"), m_out, "cutout-out");
    m_replace = new QCheckBox(tr("Re&place files that are there"));
    m_replace->setObjectName(QStringLiteral("cutout-replace"));
    m_replace->setToolTip(tr("Without it nothing is written if a cut-out is there already"));
    m_form->addRow(QString(), m_replace);

    connect(m_source, &QComboBox::activated, this, &CutoutDialog::takeImage);
    connect(m_images, &QComboBox::currentIndexChanged, this, &CutoutDialog::openFolder);
    connect(m_folder, &QLineEdit::editingFinished, this, &CutoutDialog::openFolder);
    connect(m_ground, &QComboBox::currentIndexChanged, this, &CutoutDialog::refresh);
    connect(m_colorButton, &QPushButton::clicked, this, [this] {
        auto *dialog = new QColorDialog(m_color, this);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setWindowTitle(tr("Colour of the background"));
        connect(dialog, &QColorDialog::colorSelected, this, &CutoutDialog::setColor);
        dialog->open();
    });
    connect(m_out, &QLineEdit::textEdited, this, [this](const QString &text) { m_isOutChosen = !text.isEmpty(); });
    connect(m_out, &QLineEdit::textChanged, this, &CutoutDialog::showState);
    return m_form;
}

QWidget *CutoutDialog::makePreview()
{
    m_view = new PairView;
    m_view->setDivider(0.4);
    auto *before = m_view->first(), *after = m_view->second();
    before->setAccessibleName(tr("The image"));
    after->setAccessibleName(tr("The cut-out"));
    connect(before, &ImageView::viewportChanged, after, &ImageView::setViewport);
    connect(after, &ImageView::viewportChanged, before, &ImageView::setViewport);
    m_caption = new QLabel;
    m_caption->setObjectName(QStringLiteral("cutout-caption"));
    m_caption->setWordWrap(true);
    m_caption->setTextFormat(Qt::PlainText);
    auto *preview = new QWidget;
    auto *layout = new QVBoxLayout(preview);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addWidget(m_view, 1);
    layout->addWidget(m_caption);
    return preview;
}

QLayout *CutoutDialog::makeButtons()
{
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addStretch();
    const auto add = [&](const QString &text, const char *name) {
        auto *button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        buttons->addWidget(button);
        return button;
    };
    m_open = add(tr("Open &Folder"), "cutout-open");
    m_open->hide();
    m_close = add(tr("&Close"), "cutout-close");
    m_write = add(tr("Cut Ou&t"), "cutout-write");
    m_write->setProperty("role", "primary");
    m_write->setDefault(true);
    connect(m_open, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_out->text().trimmed())); });
    connect(m_close, &QPushButton::clicked, this, &CutoutDialog::reject);
    connect(m_write, &QPushButton::clicked, this, &CutoutDialog::write);
    return buttons;
}

void CutoutDialog::setColor(const QColor &color)
{
    m_color = color;
    m_colorButton->setIcon(colorSwatch(color));
    m_colorButton->setText(color.name());
    refresh();
}

} // namespace masque
