// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/teach/lessons.h"
#include "studio/jobs/Job.h"

#include <QTimer>
#include <QWidget>

#include <functional>
#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
class QSlider;
QT_END_NAMESPACE

namespace masque {

class OptionsForm;

/// What every lesson has: its text, its options, pictures beside them, and a slider through its steps that plays by
/// itself. The lesson is worked out anew in a job whenever an option changes.
class LessonPage : public QWidget {
    Q_OBJECT
public:
    ~LessonPage() override;

protected:
    /// run on a worker, with values only; show on the GUI thread if that went well.
    struct Work {
        std::function<Result<void>()> run;
        std::function<void()> show;
    };

    LessonPage(const std::string &lesson, const std::vector<OptionSpec> &specs, JobRunner &jobs);

    virtual Work work(const Json &options) = 0;
    /// Work by a lesson's own function; take gets its outcome.
    template <typename Options, typename Outcome>
    static Work makeWork(const Json &json, const OptionTable<Options> &table, Result<Outcome> (*teach)(const Options &),
                         std::function<void(const Outcome &)> take)
    {
        const auto outcome = std::make_shared<Outcome>();
        return {[json, &table, teach, outcome]() -> Result<void> {
                    Options options;
                    if (auto applied = table.apply(json, options); !applied)
                        return applied;
                    auto done = teach(options);
                    if (!done)
                        return done.error();
                    *outcome = std::move(*done);
                    return {};
                },
                [take = std::move(take), outcome] { take(*outcome); }};
    }
    virtual void showStep(int step) = 0;
    virtual QString stepText(int step) const = 0; ///< one line beside the slider

    void setPictures(QWidget *pictures);
    void setLastStep(int last); ///< steps go from 0
    void goTo(int step);
    void setState(const QString &text); ///< what there is to say about the step, below the options

    void showEvent(QShowEvent *event) override;

private:
    void workOut();
    void takeWork(const std::function<void()> &show, const Result<void> &result);
    void showCurrent();
    void play();
    void pause();

    JobRunner &m_jobs;
    JobId m_job = 0;
    OptionsForm *m_form = nullptr;
    QLabel *m_state = nullptr, *m_position = nullptr;
    QSlider *m_slider = nullptr;
    QPushButton *m_play = nullptr;
    QWidget *m_holder = nullptr;
    QTimer m_quiet, m_pace;
    bool m_isFirst = true; ///< plays by itself once
};

/// A lesson's English in the program's language.
QString translatedLesson(const std::string &text);

} // namespace masque
