// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/plugins/PluginHost.h"
#include "studio/live/CapturedFaces.h"
#include "studio/live/LiveSession.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QAction;
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

Q_SIGNALS:
    void statusText(const QString &text);

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
    void capture(int id);
    void record(bool isOn);
    void savePicture();

    Document &m_document;
    LiveSession *m_session;
    CapturedFaces *m_captured;
    LiveSession::MakeDetector m_makeDetector;
    ClassifierChoice *m_run = nullptr;
    QComboBox *m_source = nullptr;
    QPushButton *m_start = nullptr, *m_pause = nullptr, *m_record = nullptr, *m_picture = nullptr;
    LiveView *m_view = nullptr;
    ProbabilityTimeline *m_timeline = nullptr;
    QWidget *m_classes = nullptr;
    QGridLayout *m_classRows = nullptr;
    QLabel *m_faceTitle = nullptr, *m_message = nullptr, *m_figures = nullptr;
    QListView *m_list = nullptr;
    std::vector<QProgressBar *> m_bars;
    std::string m_sourceName, m_table;
    int m_chosen = 0;
    double m_lastTimeS = -1;
};

} // namespace masque
