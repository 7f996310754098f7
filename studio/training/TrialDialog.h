// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/jobs/Job.h"

#include <QDialog>

#include <functional>
#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QDialogButtonBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;
QT_END_NAMESPACE

namespace masque {

/// A dialog about what a job finds out: says what is going on, shows how far it is, then what came of it. Closing it
/// cancels the job. Its parts are named after it: "rate-summary" in the dialog "rate".
class TrialDialog : public QDialog {
    Q_OBJECT
public:
    ~TrialDialog() override;

Q_SIGNALS:
    void failed(const masque::Error &error); ///< there is nothing to show; the dialog has closed

protected:
    /// waiting: what the job does, while it does.
    TrialDialog(JobRunner &jobs, const QString &name, const QString &title, const QString &waiting, QWidget *parent);

    /// work runs on a worker; show gets what it found, on the GUI thread, unless the dialog was closed.
    template <typename Outcome>
    void start(std::function<Result<Outcome>(JobControl &)> work, std::function<void(const Outcome &)> show)
    {
        const auto outcome = std::make_shared<std::optional<Outcome>>();
        run(
            [outcome, work = std::move(work)](JobControl &control) -> Result<void> {
                auto done = work(control);
                if (!done)
                    return done.error();
                *outcome = std::move(*done);
                return {};
            },
            [outcome, show = std::move(show)] { show(**outcome); });
    }
    /// What there is to do about it, beside Close: disabled until there is something.
    QPushButton *addUse(const QString &text, const QString &name);
    void say(const QString &text);
    /// The plot of what was found, and below it the value to choose, named by label ("&Batch"), beside the buttons.
    void addChoice(QWidget *plot, const QString &label, QWidget *value);

    QVBoxLayout *m_layout = nullptr;       ///< has summary and progress; the rest is added below
    QDialogButtonBox *m_buttons = nullptr; ///< not yet in the layout

private:
    void run(std::function<Result<void>(JobControl &)> work, std::function<void()> show);

    JobRunner &m_jobs;
    JobId m_job = 0;
    QLabel *m_summary = nullptr;
    QProgressBar *m_progress = nullptr;
};

} // namespace masque
