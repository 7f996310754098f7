// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/LiveWorkspace.h"

#include "studio/document/label_keys.h"
#include "studio/live/LiveView.h"
#include "studio/live/ProbabilityTimeline.h"
#include "studio/review/ClassifierChoice.h"
#include "studio/review/face_model.h"
#include "studio/tools/swatch.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QHideEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

LiveWorkspace::LiveWorkspace(Document &document, const PluginRegistry &plugins, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_jobs(jobs), m_session(new LiveSession(plugins.models, jobs, this)),
      m_captured(new CapturedFaces(document, jobs, this)), m_learning(new LiveLearning(document, plugins, jobs, this))
{
    setObjectName(QStringLiteral("live-workspace"));
    m_run = new ClassifierChoice(document, jobs, {}, this);
    m_view = new LiveView;
    m_message = new QLabel;
    m_message->setObjectName(QStringLiteral("live-message"));
    m_message->setWordWrap(true);
    m_figures = new QLabel;
    m_figures->setObjectName(QStringLiteral("live-figures"));
    m_figures->setProperty("role", QStringLiteral("muted"));

    auto *left = new QVBoxLayout;
    left->setContentsMargins(0, 0, 0, 0);
    left->setSpacing(8);
    left->addWidget(makeBar());
    left->addWidget(m_view, 1);
    auto *below = new QHBoxLayout;
    below->setContentsMargins(8, 0, 8, 8);
    below->addWidget(m_message, 1);
    below->addWidget(m_figures);
    left->addLayout(below);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(left, 1);
    layout->addWidget(makeSide());
    makeActions();

    connect(m_session, &LiveSession::started, this, &LiveWorkspace::takeStarted);
    connect(m_session, &LiveSession::moment, this, &LiveWorkspace::takeMoment);
    connect(m_session, &LiveSession::ended, this, &LiveWorkspace::takeEnd);
    connect(m_session, &LiveSession::stalled, this,
            [this](double seconds) { say(tr("No picture has come for %1 s; still waiting").arg(seconds, 0, 'f', 0)); });
    connect(m_view, &LiveView::chosen, this, &LiveWorkspace::choose);
    connect(m_captured, &CapturedFaces::failed, this, &LiveWorkspace::say);
    connect(m_learning, &LiveLearning::failed, this, &LiveWorkspace::say);
    connect(m_learning, &LiveLearning::changed, this, &LiveWorkspace::showState);
    connect(m_learning, &LiveLearning::learned, this, &LiveWorkspace::takeLearned);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::RunsChanged)
            showState();
    });
    connect(m_run, &QComboBox::currentIndexChanged, this, [this] {
        showState();
        if (!m_runToPlay.isEmpty() && m_run->run() == m_runToPlay) {
            m_runToPlay.clear();
            start();
        }
    });
    showState();
}

void LiveWorkspace::setSource(const QString &source)
{
    int row = m_source->findData(source);
    if (row < 0) {
        m_source->addItem(QFileInfo(source).fileName(), source);
        row = m_source->count() - 1;
        m_source->setItemData(row, source, Qt::ToolTipRole);
    }
    m_source->setCurrentIndex(row);
}

void LiveWorkspace::setDetector(LiveSession::MakeDetector make)
{
    m_makeDetector = std::move(make);
}

void LiveWorkspace::chooseVideo()
{
    auto *dialog = new QFileDialog(this, tr("Open video"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Videos (*.mp4 *.avi *.mkv *.mov *.webm *.m4v *.mpg)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, &LiveWorkspace::setSource);
    dialog->open();
}

void LiveWorkspace::chooseFaceModel()
{
    auto *dialog = new QFileDialog(this, tr("YuNet's file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("ONNX (*.onnx)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        QSettings().setValue(kFaceModelKey, file);
        say(tr("Faces will be found with %1 from the next start on").arg(QFileInfo(file).fileName()));
    });
    dialog->open();
}

void LiveWorkspace::start()
{
    if (m_run->run().isEmpty())
        return;
    m_sourceName = m_source->currentData().toString().toStdString();
    auto makeDetector = m_makeDetector;
    if (!makeDetector)
        makeDetector = [options = chosenFaceDetector()] { return makeFaceDetector(options); };
    m_chosen = 0;
    m_lastTimeS = -1;
    m_keptAtS.clear();
    m_timeline->clear();
    m_view->setChosen(0);
    m_view->clear(tr("Opening…"));
    say({});
    m_session->start(
        m_run->run().toStdString(), [source = m_sourceName] { return openFrameSource(source); }, makeDetector);
    showState();
}

void LiveWorkspace::play(const QString &run, const QString &source)
{
    setSource(source);
    m_runToPlay = run;
    m_run->choose(run);
}

void LiveWorkspace::stop()
{
    m_session->stop();
}

void LiveWorkspace::takeStarted()
{
    while (QLayoutItem *item = m_classRows->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_bars.clear();
    const LabelSet &labels = m_session->labels();
    const auto keys = labelKeys(labels);
    for (int id = 0; id < labels.size(); ++id) {
        const QString name = QString::fromStdString(labels[id].name);
        const auto key = keys[static_cast<std::size_t>(id)];
        auto *button = new QPushButton(colorSwatch(toQColor(labels[id].color)),
                                       key ? QStringLiteral("%1  %2").arg(*key).arg(name) : name);
        button->setObjectName(QStringLiteral("live-class"));
        button->setFlat(true);
        button->setStyleSheet(QStringLiteral("text-align: left;"));
        button->setToolTip(tr("The chosen face joins the dataset as %1").arg(name));
        connect(button, &QPushButton::clicked, this, [this, id] { capture(id); });
        auto *bar = new QProgressBar;
        bar->setRange(0, 100);
        bar->setAccessibleName(tr("Probability of %1").arg(name));
        bar->setTextVisible(false);
        bar->setFixedHeight(8);
        bar->setStyleSheet(
            QStringLiteral("QProgressBar::chunk { background: %1; }").arg(toQColor(labels[id].color).name()));
        m_classRows->addWidget(button, id, 0);
        m_classRows->addWidget(bar, id, 1);
        m_bars.push_back(bar);
    }
    showState();
}

void LiveWorkspace::takeMoment(const LiveMoment &moment)
{
    m_view->show(moment, m_session->labels());
    const bool isNew = moment.lookedAt.timeS > m_lastTimeS || m_lastTimeS < 0;
    for (const LiveFace &face : moment.faces) {
        m_timeline->add(face.track, moment.lookedAt.timeS, face.probabilities);
        if (m_record->isChecked() && isNew)
            m_table += liveTableRow(moment.lookedAt.timeS, face) + "\n";
    }
    if (isNew && m_keepUncertain->isChecked())
        keepUncertain(moment);
    if (m_clip)
        m_clip->add(moment.frame);
    m_lastTimeS = moment.lookedAt.timeS;
    m_figures->setText(tr("%1 frames/s   latency %2 ms   faces %3   %4")
                           .arg(moment.perSecond, 0, 'f', 0)
                           .arg(moment.latencyMs, 0, 'f', 0)
                           .arg(moment.faces.size())
                           .arg(m_session->detectorName()));
    if (!m_picture->isEnabled())
        showState();
    if (m_message->text().startsWith(tr("No picture has come for")))
        say({});
    showFace();
}

const LiveFace *LiveWorkspace::face() const
{
    const auto &faces = m_view->moment().faces;
    const auto found = std::ranges::find(faces, m_chosen, &LiveFace::track);
    return found != faces.end() ? &*found : m_chosen == 0 && faces.size() == 1 ? &faces.front() : nullptr;
}

void LiveWorkspace::choose(int track)
{
    m_chosen = track;
    m_view->setChosen(track);
    showFace();
}

void LiveWorkspace::showFace()
{
    const LiveFace *shown = face();
    m_faceTitle->setText(shown ? tr("Face %1").arg(shown->track) : tr("Face"));
    m_timeline->setTrack(shown ? shown->track : m_chosen, m_session->labels());
    for (std::size_t id = 0; id < m_bars.size(); ++id)
        m_bars[id]->setValue(
            shown && id < shown->probabilities.size() ? static_cast<int>(100 * shown->probabilities[id] + 0.5F) : 0);
}

void LiveWorkspace::takeEnd(const QString &error)
{
    say(!error.isEmpty() ? error : tr("Stopped"));
    if (!error.isEmpty() && m_view->moment().frame.rgb.empty())
        m_view->clear(error);
    if (m_record->isChecked())
        m_record->trigger();
    if (m_recordClip->isChecked())
        m_recordClip->trigger();
    showState();
}

void LiveWorkspace::showState()
{
    const bool isRunning = m_session->isRunning();
    const bool hasRun = !m_run->run().isEmpty();
    m_start->setText(isRunning ? tr("Stop") : tr("Start"));
    m_start->setEnabled(isRunning || hasRun);
    m_pause->setEnabled(isRunning);
    m_report->setEnabled(hasRun);
    m_pause->setText(m_session->isPaused() ? tr("Resume") : tr("Pause"));
    m_record->setEnabled(isRunning);
    m_recordClip->setEnabled(isRunning);
    m_capture->setText(m_record->isChecked() || m_recordClip->isChecked() ? tr("Recording") : tr("Capture"));
    m_learn->setEnabled(hasRun || m_learning->isRunning());
    m_learn->setText(m_learning->isRunning() ? tr("Stop learning") : tr("Learn from these faces"));
    const bool isAfter = m_learned && m_run->run().toStdString() == m_learned->after;
    const bool isLearned = m_learned && (isAfter || m_run->run().toStdString() == m_learned->before);
    m_back->setVisible(isLearned);
    m_learnedText->setVisible(isLearned);
    m_back->setText(isAfter ? tr("Go back") : tr("Take it again"));
    m_back->setToolTip(isAfter ? tr("The run from before recognises again")
                               : tr("The run that learnt recognises again"));
    m_picture->setEnabled(!m_view->moment().frame.rgb.empty());
    m_source->setEnabled(!isRunning);
    m_run->setEnabled(!isRunning && hasRun);
    if (!isRunning && m_view->moment().frame.rgb.empty())
        m_view->clear(!m_document.dataset() ? tr("Open a dataset with a run that tells emotions.")
                      : !hasRun             ? tr("Train a network on emotions first; it is offered here.")
                                            : tr("Choose a camera or a video, then Start."));
}

void LiveWorkspace::say(const QString &text)
{
    m_message->setText(text);
}

/// The run's, once one was started; else the dataset's.
const LabelSet &LiveWorkspace::labels() const
{
    return m_session->labels().isEmpty() ? m_document.labels() : m_session->labels();
}

/// A camera is not looked through unseen; what joined the dataset is listed by it.
void LiveWorkspace::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    if (event->spontaneous()) // the window was made small
        return;
    stop();
    m_captured->reopenDataset();
}

} // namespace masque
