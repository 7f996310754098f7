// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/document/Document.h"

#include <QObject>

#include <optional>

namespace masque {

/// Fine-tunes a run in the background on the faces that joined the open dataset.
class LiveLearning : public QObject {
    Q_OBJECT
public:
    LiveLearning(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QObject *parent = nullptr);
    ~LiveLearning() override;

    /// What it came to: two runs, their accuracy on the same validation images.
    struct Learned {
        std::string before, after;                           ///< the runs' folders
        std::optional<double> accuracyBefore, accuracyAfter; ///< none without validation images
    };

    void start(const QString &run); ///< its folder
    void cancel();
    bool isRunning() const { return m_job != 0; }

Q_SIGNALS:
    void changed(); ///< began or ended
    void learned(const masque::LiveLearning::Learned &learned);
    void failed(const QString &message);

private:
    Document &m_document;
    const ModelList m_models;
    const FormatList m_formats;
    JobRunner &m_jobs;
    std::string m_root; ///< of the dataset that is learnt from
    JobId m_job = 0;
};

} // namespace masque
