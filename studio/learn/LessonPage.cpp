// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/LessonPage.h"

#include "studio/forms/OptionsForm.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace masque {

namespace {

constexpr int kQuietMs = 200, kPaceMs = 300;
constexpr int kTextWidthPx = 300;

QLabel *wrapped(const QString &text)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

LessonPage::LessonPage(const std::string &lesson, const std::vector<OptionSpec> &specs, JobRunner &jobs) : m_jobs(jobs)
{
    const auto &all = lessons();
    const auto info = std::find_if(all.begin(), all.end(), [&](const auto &entry) { return entry.id == lesson; });
    const QString name = QStringLiteral("lesson-") + QString::fromStdString(lesson);
    setObjectName(name);
    auto *title = wrapped(translatedLesson(info->title));
    title->setProperty("role", "title");
    m_form = new OptionsForm;
    m_form->setObjectName(name + QStringLiteral("-options"));
    m_form->setSpecs(specs);
    m_state = wrapped({});
    m_state->setObjectName(name + QStringLiteral("-state"));
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 16, 0);
    column->setSpacing(8);
    column->addWidget(title);
    column->addWidget(wrapped(translatedLesson(info->text)));
    column->addSpacing(16);
    column->addWidget(m_form);
    column->addSpacing(16);
    column->addWidget(m_state);
    column->addStretch();
    auto *scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(kTextWidthPx);
    scroll->setFocusPolicy(Qt::NoFocus);

    m_play = new QPushButton(tr("&Play"));
    m_play->setObjectName(name + QStringLiteral("-play"));
    m_play->setAccessibleName(tr("Play the steps"));
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setObjectName(name + QStringLiteral("-step"));
    m_slider->setAccessibleName(tr("Step of the lesson"));
    m_slider->setRange(0, 0);
    m_slider->setPageStep(5);
    m_position = new QLabel;
    m_position->setObjectName(name + QStringLiteral("-position"));
    m_position->setMinimumWidth(m_position->fontMetrics().horizontalAdvance(QStringLiteral("Epoch 000 of 000")) + 8);
    auto *player = new QHBoxLayout;
    player->setSpacing(8);
    player->addWidget(m_play);
    player->addWidget(m_slider, 1);
    player->addWidget(m_position);
    m_holder = new QWidget;
    auto *right = new QVBoxLayout;
    right->setSpacing(8);
    right->addWidget(m_holder, 1);
    right->addLayout(player);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 16, 0, 0);
    layout->setSpacing(16);
    layout->addWidget(scroll);
    layout->addLayout(right, 1);

    m_quiet.setSingleShot(true);
    m_quiet.setInterval(kQuietMs);
    m_pace.setInterval(kPaceMs);
    connect(&m_quiet, &QTimer::timeout, this, &LessonPage::workOut);
    connect(m_form, &OptionsForm::valueChanged, &m_quiet, qOverload<>(&QTimer::start));
    connect(m_slider, &QSlider::valueChanged, this, &LessonPage::showCurrent);
    connect(m_slider, &QSlider::sliderPressed, this, &LessonPage::pause);
    connect(m_play, &QPushButton::clicked, this, [this] {
        if (m_pace.isActive())
            pause();
        else
            play();
    });
    connect(&m_pace, &QTimer::timeout, this, [this] {
        m_slider->setValue(m_slider->value() + 1);
        if (m_slider->value() == m_slider->maximum())
            pause();
    });
}

LessonPage::~LessonPage()
{
    m_jobs.cancel(m_job);
}

void LessonPage::setPictures(QWidget *pictures)
{
    auto *layout = new QVBoxLayout(m_holder);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(pictures);
}

void LessonPage::setLastStep(int last)
{
    m_slider->setMaximum(last);
}

void LessonPage::goTo(int step)
{
    m_slider->setValue(step);
}

void LessonPage::setState(const QString &text)
{
    m_state->setText(text);
}

void LessonPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_isFirst)
        workOut();
}

void LessonPage::workOut()
{
    if (m_jobs.isRunning(m_job)) { // the newest options, once that is done
        m_quiet.start();
        return;
    }
    if (!m_form->check())
        return;
    auto [run, show] = work(m_form->values());
    const QPointer<LessonPage> self(this);
    m_job = m_jobs.start(makeJob(
        tr("Working out the lesson"), [run = std::move(run)](JobControl &) { return run(); },
        [self, show = std::move(show)](const Result<void> &result, bool canceled) {
            if (self && !canceled)
                self->takeWork(show, result);
        }));
}

void LessonPage::takeWork(const std::function<void()> &show, const Result<void> &result)
{
    if (!result) {
        setState(QString::fromStdString(result.error().message));
        return;
    }
    show();
    showCurrent();
    if (std::exchange(m_isFirst, false))
        play();
}

void LessonPage::showCurrent()
{
    const int step = m_slider->value();
    m_position->setText(stepText(step));
    m_slider->setAccessibleDescription(m_position->text());
    showStep(step);
}

void LessonPage::play()
{
    if (m_slider->value() == m_slider->maximum())
        m_slider->setValue(0);
    m_pace.start();
    m_play->setText(tr("&Pause"));
    m_play->setAccessibleName(tr("Pause the steps"));
}

void LessonPage::pause()
{
    m_pace.stop();
    m_play->setText(tr("&Play"));
    m_play->setAccessibleName(tr("Play the steps"));
}

QString translatedLesson(const std::string &text)
{
    return QCoreApplication::translate("Lessons", text.c_str());
}

} // namespace masque
