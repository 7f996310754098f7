// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrainingForm.h"

#include "studio/forms/OptionsForm.h"
#include "studio/training/AugmentationPreview.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QVBoxLayout>

#include <cmath>
#include <set>

namespace masque {

TrainingForm::TrainingForm(const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_models(plugins.models)
{
    m_form = new OptionsForm;
    m_form->setObjectName(QStringLiteral("training-options"));
    m_form->setSpecs(specsFor(DataOptions{}.model));
    const auto addButton = [this](const char *key, const QString &text, const char *name, const QString &tip) {
        auto *button = new QPushButton(text);
        button->setObjectName(QString::fromLatin1(name));
        button->setAccessibleName(tip);
        button->setToolTip(tip);
        m_form->addButton(QString::fromLatin1(key), button);
        return button;
    };
    auto *model = addButton("model", tr("Layers..."), "train-model", tr("Shows the network layer by layer"));
    m_findBatch =
        addButton("batch", tr("Find..."), "train-find-batch", tr("Finds the largest batch that fits the memory"));
    auto *previewTitle = new QLabel(tr("Augmented samples"));
    previewTitle->setProperty("role", "title");
    m_preview = new AugmentationPreview(jobs);
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(8);
    column->addWidget(m_form);
    column->addSpacing(16);
    column->addWidget(previewTitle);
    column->addWidget(m_preview);
    column->addStretch();
    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setObjectName(QStringLiteral("training-options-scroll"));
    scroll->setAccessibleName(tr("Training options"));

    m_progress = new QProgressBar;
    m_progress->setObjectName(QStringLiteral("train-progress"));
    m_progress->setAccessibleName(tr("Training progress"));
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_progress->hide();
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("train-message"));
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_start = new QPushButton(tr("Start Training"));
    m_start->setObjectName(QStringLiteral("train-start"));
    m_start->setAccessibleName(tr("Start training"));
    m_start->setProperty("role", "primary");
    m_start->setMinimumHeight(40);
    m_stop = new QPushButton(tr("Stop"));
    m_stop->setMinimumHeight(40);
    m_stop->setObjectName(QStringLiteral("train-stop"));
    m_stop->setAccessibleName(tr("Stop training"));
    m_stop->setToolTip(tr("Stops after this step. Nothing is lost: the run can be resumed from the list of runs."));
    m_pause = new QPushButton(tr("Pause"));
    m_pause->setMinimumHeight(40);
    m_pause->setObjectName(QStringLiteral("train-pause"));
    m_pause->setAccessibleName(tr("Pause training"));
    m_pause->setToolTip(
        tr("Stops after this step and keeps everything; resumed, it goes on exactly as it would have."));
    m_check = new QPushButton(tr("Check..."));
    m_check->setObjectName(QStringLiteral("train-check"));
    m_check->setToolTip(tr("Looks at labels, classes, split, one batch, time and memory before anything is trained"));
    m_findRate = new QPushButton(tr("Find Rate..."));
    m_findRate->setObjectName(QStringLiteral("train-find-rate"));
    m_findRate->setToolTip(tr("Tries a hundred learning rates, one step each, and draws the loss"));
    auto *before = new QHBoxLayout;
    before->setSpacing(8);
    before->addWidget(m_check, 1);
    before->addWidget(m_findRate, 1);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_start, 1);
    buttons->addWidget(m_pause);
    buttons->addWidget(m_stop);
    auto *footer = new QVBoxLayout;
    footer->setContentsMargins(16, 8, 16, 16);
    footer->setSpacing(8);
    footer->addWidget(m_message);
    footer->addWidget(m_progress);
    footer->addLayout(before);
    footer->addLayout(buttons);
    auto *line = new QFrame;
    line->setFrameShape(QFrame::HLine);
    line->setFrameShadow(QFrame::Plain);
    line->setProperty("role", "line");
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(scroll, 1);
    layout->addWidget(line);
    layout->addLayout(footer);

    connect(m_form, &OptionsForm::valueChanged, this, &TrainingForm::optionChanged);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_state == State::Paused)
            Q_EMIT resumeClicked();
        else
            Q_EMIT startClicked();
    });
    connect(m_check, &QPushButton::clicked, this, &TrainingForm::checkClicked);
    connect(m_findRate, &QPushButton::clicked, this, &TrainingForm::findRateClicked);
    connect(m_findBatch, &QPushButton::clicked, this, &TrainingForm::findBatchClicked);
    connect(model, &QPushButton::clicked, this, &TrainingForm::modelClicked);
    connect(m_pause, &QPushButton::clicked, this, &TrainingForm::pauseClicked);
    connect(m_stop, &QPushButton::clicked, this, &TrainingForm::stopClicked);
    setBlocked({});
    updatePreview();
}

const std::vector<OptionSpec> &TrainingForm::modelSpecs(const std::string &model) const
{
    static const std::vector<OptionSpec> none;
    const auto factory = findModel(m_models, model);
    return factory ? (*factory)->optionSpecs() : none;
}

std::vector<OptionSpec> TrainingForm::specsFor(const std::string &model) const
{
    auto specs = runOptionSpecs(modelSpecs(model));
    // Annotations may be learnt as masks or, by flags and rectangles, as classes of images; class folders as those
    // only.
    const bool isChoice = !m_dataset || m_dataset->task == Task::Segmentation;
    std::erase_if(specs, [&](const OptionSpec &spec) { return spec.key == "task" && !isChoice; });
    if (m_task == Task::Classification) {
        static const std::set<std::string> ofMasks = {"tiles",         "multi_label",   "binary_outputs",
                                                      "dice_weight",   "tversky_alpha", "tversky_beta",
                                                      "balanced_crop", "cutout_ignore"};
        std::erase_if(specs, [](const OptionSpec &spec) { return ofMasks.contains(spec.key); });
    }
    for (auto &spec : specs) {
        if (spec.key == "loss" && m_task == Task::Classification)
            spec.choices = {"ce", "soft-ce", "bce", "focal"};
        if (spec.key == "loss" && m_task == Task::Segmentation)
            std::erase(spec.choices, "soft-ce"); // of whole images
        if (spec.key == "metric" && m_task == Task::Classification)
            spec.choices = {"pixel_accuracy", "balanced_accuracy", "mean_dice", "loss"};
        if (spec.key != "model")
            continue;
        spec.type = OptionType::Choice; // which models there are is known here
        for (const auto &factory : m_models) {
            if (factory->task() == taskName(m_task))
                spec.choices.push_back(factory->id());
        }
    }
    return specs;
}

void TrainingForm::optionChanged(const QString &key)
{
    m_form->clearErrors();
    if (m_state == State::Idle && m_blocked.isEmpty())
        say({}, "muted");
    if (key == QLatin1String("task")) {
        const std::string word = m_form->values()["task"].toString();
        setTask(word == DataOptions().task             ? m_dataset ? m_dataset->task : Task::Segmentation
                : word == taskName(Task::Segmentation) ? Task::Segmentation
                                                       : Task::Classification);
    }
    if (key == QLatin1String("model"))
        m_form->setSpecs(specsFor(m_form->values()["model"].toString()));
    updatePreview();
}

void TrainingForm::updatePreview()
{
    const Json values = m_form->values();
    RunOptions options;
    if (applyRunOptions(values, modelSpecs(values["model"].toString()), options))
        m_preview->setOptions(options.augmentation, parseSize(options.data.size).value_or(Size{128, 128}),
                              options.data.tiles ? Framing::Window : Framing::Stretched);
}

void TrainingForm::setTask(Task task)
{
    if (task == m_task)
        return;
    m_task = task;
    const DataOptions suggested = m_dataset ? suggestedOptions(*m_dataset, task) : DataOptions();
    m_form->setSpecs(specsFor(suggested.model));
    const bool isOfImages = m_task == Task::Classification;
    setOption("model", suggested.model);
    setOption("size", suggested.size);
    setOption("loss", isOfImages ? "ce" : TrainingOptions().loss);
    setOption("metric", isOfImages ? "pixel_accuracy" : TrainingOptions().metric);
}

void TrainingForm::setDataset(std::shared_ptr<const Dataset> dataset)
{
    const bool isOther =
        dataset && (!m_dataset || m_dataset->root != dataset->root || m_dataset->task != dataset->task);
    if (dataset)
        m_dataset = dataset;
    if (isOther) {
        m_form->setSpecs(specsFor(m_form->values()["model"].toString()));
        setOption("task", DataOptions().task);
        setTask(m_dataset->task);
    }
    m_preview->setDataset(std::move(dataset));
}

std::optional<RunOptions> TrainingForm::options()
{
    if (const auto valid = m_form->check(); !valid) {
        say(tr("One of the options is not right; see there."), "error");
        return {};
    }
    const Json values = m_form->values();
    RunOptions options;
    if (const auto done = applyRunOptions(values, modelSpecs(values["model"].toString()), options); !done) {
        showError(done.error());
        return {};
    }
    return options;
}

void TrainingForm::setOption(const char *key, const Json &value)
{
    Json json = Json::object();
    json.set(key, value);
    m_form->setValues(json);
}

void TrainingForm::say(const QString &text, const char *role)
{
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
    m_message->setProperty("role", role);
    m_message->style()->unpolish(m_message);
    m_message->style()->polish(m_message);
}

void TrainingForm::setBlocked(const QString &reason)
{
    if (m_state == State::Idle && (!reason.isEmpty() || !m_blocked.isEmpty()))
        say(reason, "muted");
    m_blocked = reason;
    updateButtons();
}

void TrainingForm::setState(State state)
{
    m_state = state;
    if (state == State::Idle)
        say(m_blocked, "muted");
    m_progress->setVisible(state == State::Running || state == State::Stopping);
    updateButtons();
}

void TrainingForm::updateButtons()
{
    const bool isPaused = m_state == State::Paused;
    m_start->setEnabled(isPaused || m_blocked.isEmpty());
    for (auto *button : {m_check, m_findRate}) {
        button->setEnabled(m_state == State::Idle && m_blocked.isEmpty());
        button->setVisible(m_state == State::Idle);
    }
    m_findBatch->setEnabled(m_state == State::Idle && m_blocked.isEmpty());
    m_start->setToolTip(isPaused                 ? QString()
                        : !m_blocked.isEmpty()   ? m_blocked
                        : m_state == State::Idle ? QString()
                                                 : tr("Trains with these options when the run that trains now and "
                                                      "those that wait have ended"));
    m_start->setText(isPaused                 ? tr("Resume Training")
                     : m_state == State::Idle ? tr("Start Training")
                                              : tr("Add to Queue"));
    m_start->setAccessibleName(m_start->text());
    m_pause->setVisible(!isPaused && m_state != State::Idle);
    m_pause->setEnabled(m_state == State::Running);
    m_stop->setEnabled(m_state == State::Running || isPaused);
    m_stop->setText(m_state == State::Stopping ? tr("Stopping...") : tr("Stop"));
}

void TrainingForm::setMessage(const QString &text)
{
    say(text, "muted");
}

void TrainingForm::setProgress(double fraction, const QString &text)
{
    if (m_state == State::Idle)
        return;
    m_progress->setRange(0, fraction < 0 ? 0 : 1000);
    if (fraction >= 0)
        m_progress->setValue(static_cast<int>(std::lround(fraction * 1000)));
    say(text, "muted");
}

void TrainingForm::showError(const Error &error)
{
    const QString message = QString::fromStdString(error.message);
    if (error.code == ErrorCode::Option && m_form->showError(QString::fromStdString(error.context), message))
        say(tr("One of the options is not right; see there."), "error");
    else
        say(message, "error");
}

} // namespace masque
