// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "core/runs/RunOptions.h"
#include "studio/jobs/Job.h"

#include <QWidget>

#include <memory>
#include <optional>

QT_BEGIN_NAMESPACE
class QLabel;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

class AugmentationPreview;
struct Dataset;
class OptionsForm;

/// The left column of Train: options, a preview of augmented samples, and Start and Stop with what there is to say
/// about them beside.
class TrainingForm : public QWidget {
    Q_OBJECT
public:
    enum class State { Idle, Running, Stopping, Paused };

    TrainingForm(const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);

    void setDataset(std::shared_ptr<const Dataset> dataset); ///< for the preview; null: none
    std::optional<RunOptions> options();                     ///< nothing if a field is wrong, which is shown there
    void setOption(const char *key, const Json &value);
    void setBlocked(const QString &reason); ///< why Start cannot work now; empty: it can
    void setState(State state);
    void setMessage(const QString &text);
    void setProgress(double fraction, const QString &text); ///< negative: unknown
    void showError(const Error &error);                     ///< at its field if it names one, else beside Start

Q_SIGNALS:
    void startClicked();
    void checkClicked(); ///< before training
    void findRateClicked();
    void findBatchClicked();
    void modelClicked();
    void pauseClicked();
    void resumeClicked(); ///< after a pause
    void stopClicked();

private:
    std::vector<OptionSpec> specsFor(const std::string &model) const;
    void setTask(Task task); ///< offers its networks
    const std::vector<OptionSpec> &modelSpecs(const std::string &model) const;
    void optionChanged(const QString &key);
    void updatePreview();
    void updateButtons();
    void say(const QString &text, const char *role);

    const ModelList m_models;
    OptionsForm *m_form = nullptr;
    AugmentationPreview *m_preview = nullptr;
    QLabel *m_message = nullptr;
    QProgressBar *m_progress = nullptr;
    QPushButton *m_check = nullptr, *m_findRate = nullptr, *m_findBatch = nullptr;
    QPushButton *m_start = nullptr, *m_pause = nullptr, *m_stop = nullptr;
    std::shared_ptr<const Dataset> m_dataset;
    Task m_task = Task::Segmentation; ///< what is learnt from it
    State m_state = State::Idle;
    QString m_blocked;
};

} // namespace masque
