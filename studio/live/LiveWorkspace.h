// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/ClipWriter.h"
#include "core/plugins/PluginHost.h"
#include "studio/live/CapturedFaces.h"
#include "studio/live/LiveLearning.h"
#include "studio/live/LiveSession.h"

#include <QWidget>

#include <map>
#include <optional>

QT_BEGIN_NAMESPACE
class QAction;
class QCheckBox;
class QComboBox;
class QGridLayout;
class QLabel;
class QListView;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

class ClassifierChoice;
class LiveView;
class ProbabilityTimeline;

/// The Live workspace: a camera or a video, its faces with their emotions, and the way from a face that is told wrong
/// to the dataset.
class LiveWorkspace : public QWidget {
    Q_OBJECT
public:
    LiveWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent = nullptr);

    void setSource(const QString &source);            ///< a camera's number or a video file
    void setDetector(LiveSession::MakeDetector make); ///< instead of the one that is chosen here
    void start();
    void stop();
    void play(const QString &run, const QString &source); ///< as soon as the run is known

Q_SIGNALS:
    void reportRequested(const QString &runFolder); ///< how well it tells emotions

protected:
    void hideEvent(QHideEvent *event) override;

private:
    QWidget *makeBar();
    QWidget *makeSide();
    void makeActions();
    void chooseVideo();
    void chooseFaceModel();
    void takeStarted();
    void takeMoment(const LiveMoment &moment);
    void takeEnd(const QString &error);
    void choose(int track);
    void showFace();
    void showState();
    void say(const QString &text);
    const LiveFace *face() const; ///< the chosen one, else the only one
    const LabelSet &labels() const;
    void giveClass(int id);
    void capture(int id);
    void keepUncertain(const LiveMoment &moment);
    void takeLearned(const LiveLearning::Learned &learned);
    void useRun(const std::string &run);
    void record(bool isOn);
    void recordClip(bool isOn);
    void endClip();
    void savePicture();

    static constexpr float kUncertain = 0.5F; ///< no class is more probable: the network is unsure

    Document &m_document;
    JobRunner &m_jobs;
    LiveSession *m_session;
    CapturedFaces *m_captured;
    LiveLearning *m_learning;
    std::unique_ptr<ClipWriter> m_clip;
    LiveSession::MakeDetector m_makeDetector;
    ClassifierChoice *m_run = nullptr;
    QComboBox *m_source = nullptr;
    QPushButton *m_start = nullptr, *m_pause = nullptr, *m_report = nullptr, *m_capture = nullptr, *m_learn = nullptr,
                *m_back = nullptr;
    QAction *m_record = nullptr, *m_recordClip = nullptr, *m_picture = nullptr;
    QCheckBox *m_keepUncertain = nullptr;
    LiveView *m_view = nullptr;
    ProbabilityTimeline *m_timeline = nullptr;
    QWidget *m_classes = nullptr;
    QGridLayout *m_classRows = nullptr;
    QLabel *m_faceTitle = nullptr, *m_message = nullptr, *m_figures = nullptr, *m_learnedText = nullptr;
    QListView *m_list = nullptr;
    std::vector<QProgressBar *> m_bars;
    QString m_runToPlay; ///< once it is listed
    std::string m_sourceName, m_table;
    std::optional<LiveLearning::Learned> m_learned; ///< the last time
    std::map<int, double> m_keptAtS;                ///< of each track, when its face was last kept as uncertain
    int m_chosen = 0;
    double m_lastTimeS = -1;
};

} // namespace masque
