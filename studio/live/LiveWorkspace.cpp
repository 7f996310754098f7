// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/LiveWorkspace.h"

#include "core/base/files.h"
#include "core/image/region.h"
#include "studio/document/label_keys.h"
#include "studio/live/LiveView.h"
#include "studio/live/ProbabilityTimeline.h"
#include "studio/review/ClassifierChoice.h"
#include "studio/review/face_model.h"
#include "studio/theme/Theme.h"
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
#include <QListView>
#include <QMenu>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

constexpr int kSideWidthPx = 296;
constexpr float kUncertain = 0.5F; ///< no class is more probable
constexpr double kKeepAgainS = 3;  ///< of the same face
constexpr int kMostWaiting = 200;  ///< faces kept unasked

QLabel *makeTitle(const QString &text)
{
    auto *title = new QLabel(text);
    title->setProperty("role", QStringLiteral("title"));
    return title;
}

} // namespace

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

QWidget *LiveWorkspace::makeBar()
{
    auto *bar = new QWidget;
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 8, 8, 0);
    layout->setSpacing(8);
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("live-source"));
    m_source->setAccessibleName(tr("Camera or video"));
    m_source->setMinimumContentsLength(10);
    m_source->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    for (int camera = 0; camera < 3; ++camera)
        m_source->addItem(tr("Camera %1").arg(camera), QString::number(camera));
    m_run->setObjectName(QStringLiteral("live-run"));
    m_run->setAccessibleName(tr("Run"));
    const auto addButton = [&](const char *name, const QString &text, const QString &help, auto slot) {
        auto *button = new QPushButton(text);
        button->setObjectName(QLatin1String(name));
        button->setToolTip(help);
        connect(button, &QPushButton::clicked, this, slot);
        layout->addWidget(button);
        return button;
    };
    layout->addWidget(m_source);
    addButton("live-open", tr("Video…"), tr("A video file instead of a camera"), &LiveWorkspace::chooseVideo);
    layout->addWidget(m_run, 1);
    m_start = addButton("live-start", tr("Start"), tr("Opens the camera or the video; nothing is recorded"),
                        [this] { m_session->isRunning() ? stop() : start(); });
    m_start->setProperty("role", QStringLiteral("primary"));
    m_pause = addButton("live-pause", tr("Pause"), tr("The picture stands still, for giving faces their class (Space)"),
                        [this] {
                            m_session->setPaused(!m_session->isPaused());
                            showState();
                        });
    m_report = addButton("live-report", tr("How good is it?"),
                         tr("Accuracy and confusion matrix of this run on its validation images"),
                         [this] { Q_EMIT reportRequested(m_run->run()); });
    m_capture = new QPushButton;
    m_capture->setObjectName(QStringLiteral("live-capture"));
    auto *menu = new QMenu(m_capture);
    menu->setToolTipsVisible(true);
    m_capture->setMenu(menu);
    layout->addWidget(m_capture);
    const auto addEntry = [&](const char *name, const QString &text, const QString &help, auto slot) {
        auto *action = menu->addAction(text, this, slot);
        action->setObjectName(QLatin1String(name));
        action->setToolTip(help);
        return action;
    };
    m_picture = addEntry("live-picture", tr("Save the &picture…"), tr("As it is shown, without boxes"),
                         &LiveWorkspace::savePicture);
    m_recordClip = addEntry("live-clip", tr("Record a &clip…"),
                            tr("Writes the pictures into a file, without boxes, until it is switched off"),
                            &LiveWorkspace::recordClip);
    m_record = addEntry("live-record", tr("Record a &table"),
                        tr("Keeps time, box and probabilities of each face until it is switched off, then asks for a "
                           "file; no picture"),
                        &LiveWorkspace::record);
    for (auto *action : {m_recordClip, m_record}) {
        action->setCheckable(true);
        connect(action, &QAction::toggled, this, &LiveWorkspace::showState);
    }
    menu->addSeparator();
    addEntry("live-face-model", tr("&Face model…"),
             tr("YuNet's ONNX file finds more faces, and faster, than the cascade that is used without it"),
             &LiveWorkspace::chooseFaceModel);
    return bar;
}

QWidget *LiveWorkspace::makeSide()
{
    auto *side = new QWidget;
    side->setFixedWidth(kSideWidthPx);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(16, 8, 16, 8);
    layout->setSpacing(8);
    m_faceTitle = makeTitle(tr("Face"));
    m_classes = new QWidget;
    m_classRows = new QGridLayout(m_classes);
    m_classRows->setContentsMargins(0, 0, 0, 0);
    m_classRows->setSpacing(4);
    m_timeline = new ProbabilityTimeline;
    m_list = new QListView;
    m_list->setObjectName(QStringLiteral("live-captured"));
    m_list->setAccessibleName(tr("Faces that joined the dataset"));
    m_list->setModel(m_captured);
    m_list->setViewMode(QListView::IconMode);
    m_list->setMovement(QListView::Static);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setIconSize({64, 64});
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    auto *remove = new QAction(tr("Delete the file"), m_list);
    remove->setObjectName(QStringLiteral("live-delete"));
    remove->setShortcut(QKeySequence(Qt::Key_Delete));
    remove->setShortcutContext(Qt::WidgetShortcut);
    m_list->addAction(remove);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    connect(remove, &QAction::triggered, this, [this] {
        std::vector<int> rows;
        for (const QModelIndex &index : m_list->selectionModel()->selectedIndexes())
            rows.push_back(index.row());
        std::ranges::sort(rows, std::greater());
        for (const int row : rows)
            m_captured->remove(row);
    });
    m_keepUncertain = new QCheckBox(tr("Keep faces it is unsure of"));
    m_keepUncertain->setObjectName(QStringLiteral("live-uncertain"));
    m_keepUncertain->setToolTip(tr("Faces of which no class has a probability of %1 wait in the list for their class: "
                                   "select them and press its digit. They are files in the dataset's .masque folder; "
                                   "Delete removes them")
                                    .arg(kUncertain));
    m_learn = new QPushButton;
    m_learn->setObjectName(QStringLiteral("live-learn"));
    m_learn->setToolTip(
        tr("Fine-tunes the last layer of the run on the faces that joined the dataset, in the background; "
           "the result is a run of its own that recognises from then on"));
    connect(m_learn, &QPushButton::clicked, this,
            [this] { m_learning->isRunning() ? m_learning->cancel() : m_learning->start(m_run->run()); });
    m_learnedText = new QLabel;
    m_learnedText->setObjectName(QStringLiteral("live-learned"));
    m_learnedText->setWordWrap(true);
    m_back = new QPushButton;
    m_back->setObjectName(QStringLiteral("live-back"));
    connect(m_back, &QPushButton::clicked, this,
            [this] { useRun(m_run->run().toStdString() == m_learned->after ? m_learned->before : m_learned->after); });
    auto *note =
        new QLabel(tr("Nothing is recorded until you give a face its class, let unsure ones be kept, save a "
                      "picture or record. A network tells which expression a face shows, by its training; not what a "
                      "person feels. Its accuracy stands beside the run's name."));
    note->setObjectName(QStringLiteral("live-note"));
    note->setWordWrap(true);
    note->setProperty("role", QStringLiteral("muted"));
    layout->addWidget(m_faceTitle);
    layout->addWidget(m_classes);
    layout->addWidget(m_timeline);
    layout->addWidget(makeTitle(tr("Joined the dataset")));
    layout->addWidget(m_list, 1);
    layout->addWidget(m_keepUncertain);
    auto *learning = new QHBoxLayout;
    learning->setSpacing(8);
    learning->addWidget(m_learn, 1);
    learning->addWidget(m_back);
    layout->addLayout(learning);
    layout->addWidget(m_learnedText);
    layout->addWidget(note);
    return side;
}

void LiveWorkspace::makeActions()
{
    const auto add = [this](const QString &name, const QString &text, const QKeySequence &key, auto slot) {
        auto *action = new QAction(text, this);
        action->setObjectName(name);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, slot);
        addAction(action);
    };
    for (int digit = 1; digit <= 9; ++digit)
        add(QStringLiteral("live-class-%1").arg(digit), tr("Class of key %1").arg(digit),
            QKeySequence(Qt::Key_0 + digit), [this, digit] {
                const auto keys = labelKeys(labels());
                const auto found = std::ranges::find(keys, std::optional(digit));
                if (found != keys.end())
                    giveClass(static_cast<int>(found - keys.begin()));
            });
    add(QStringLiteral("live-pause-key"), tr("Pause"), QKeySequence(Qt::Key_Space), [this] { m_pause->click(); });
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

/// To the selected faces of the list where that has the focus, else to the face in the picture.
void LiveWorkspace::giveClass(int id)
{
    const QModelIndexList selected = m_list->selectionModel()->selectedIndexes();
    if (!m_list->hasFocus() || selected.isEmpty()) {
        capture(id);
        return;
    }
    std::vector<QPersistentModelIndex> rows(selected.begin(), selected.end()); // each gives way to another
    for (const QPersistentModelIndex &row : rows)
        m_captured->give(row.row(), labels()[id].name);
}

void LiveWorkspace::keepUncertain(const LiveMoment &moment)
{
    for (const LiveFace &face : moment.faces) {
        const auto best = std::ranges::max_element(face.probabilities);
        const auto kept = m_keptAtS.find(face.track);
        if (best == face.probabilities.end() || *best >= kUncertain || m_captured->waiting() >= kMostWaiting
            || (kept != m_keptAtS.end() && moment.lookedAt.timeS < kept->second + kKeepAgainS))
            continue;
        const cv::Mat crop = squareCrop(moment.lookedAt.rgb, face.box);
        if (crop.empty())
            continue;
        m_keptAtS[face.track] = moment.lookedAt.timeS;
        m_captured->add({crop,
                         {},
                         m_sourceName,
                         moment.lookedAt.timeS,
                         face.track,
                         m_session->labels()[static_cast<int>(best - face.probabilities.begin())].name});
    }
}

void LiveWorkspace::takeLearned(const LiveLearning::Learned &learned)
{
    m_learned = learned;
    m_learnedText->setText(learned.accuracyBefore && learned.accuracyAfter
                               ? tr("Validation accuracy %1 before, %2 after")
                                     .arg(*learned.accuracyBefore, 0, 'f', 3)
                                     .arg(*learned.accuracyAfter, 0, 'f', 3)
                               : tr("Learnt; without validation images nobody knows whether it became better"));
    useRun(learned.after);
}

void LiveWorkspace::useRun(const std::string &run)
{
    m_run->choose(QString::fromStdString(run));
    m_session->use(run);
    showState();
}

void LiveWorkspace::capture(int id)
{
    const LiveFace *chosen = face();
    if (!chosen) {
        say(m_view->moment().faces.empty() ? tr("No face is seen") : tr("Click a face first"));
        return;
    }
    const cv::Mat crop = squareCrop(m_view->moment().lookedAt.rgb, chosen->box);
    if (crop.empty())
        return;
    m_captured->add({crop, m_session->labels()[id].name, m_sourceName, m_view->moment().lookedAt.timeS, chosen->track});
}

void LiveWorkspace::record(bool isOn)
{
    if (isOn) {
        m_table = liveTableHeader(m_session->labels()) + "\n";
        return;
    }
    auto *dialog = new QFileDialog(this, tr("Save the table"));
    dialog->setObjectName(QStringLiteral("live-table-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, table = std::exchange(m_table, {})](const QString &file) {
        const auto written = writeFileAtomically(file.toStdString(), table);
        say(written ? tr("Saved %1").arg(file) : QString::fromStdString(written.error().message));
    });
    dialog->open();
}

void LiveWorkspace::recordClip(bool isOn)
{
    if (!isOn) {
        endClip();
        return;
    }
    auto *dialog = new QFileDialog(this, tr("Record a clip"));
    dialog->setObjectName(QStringLiteral("live-clip-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters({tr("Motion JPEG (*.avi)"), tr("MPEG-4 (*.mp4)")});
    dialog->setDefaultSuffix(QStringLiteral("avi"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &file) {
        auto clip = ClipWriter::open(file.toStdString());
        if (clip)
            m_clip = std::move(*clip);
        say(clip ? tr("Recording %1").arg(QFileInfo(file).fileName()) : QString::fromStdString(clip.error().message));
    });
    connect(dialog, &QFileDialog::finished, this, [this] {
        if (!m_clip)
            m_recordClip->setChecked(false);
    });
    dialog->open();
}

void LiveWorkspace::endClip()
{
    if (!m_clip)
        return;
    m_jobs.start(makeJob(
        tr("Writing the clip"),
        [clip = std::shared_ptr<ClipWriter>(std::move(m_clip))](JobControl &) -> Result<void> {
            const auto written = clip->finish();
            return written ? Result<void>() : written.error();
        },
        [self = QPointer(this)](const Result<void> &result, bool) {
            if (self)
                self->say(result ? tr("The clip is written") : QString::fromStdString(result.error().message));
        }));
}

void LiveWorkspace::savePicture()
{
    auto *dialog = new QFileDialog(this, tr("Save the picture"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, rgb = m_view->moment().frame.rgb](const QString &file) {
        const auto written = writeImage(file.toStdString(), rgb);
        say(written ? tr("Saved %1").arg(file) : QString::fromStdString(written.error().message));
    });
    dialog->open();
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
