// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/label_keys.h"
#include "studio/live/LiveView.h"
#include "studio/live/LiveWorkspace.h"
#include "studio/live/ProbabilityTimeline.h"
#include "studio/review/ClassifierChoice.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

/// What LiveWorkspace is made of: its bar, its side and its keys.
namespace masque {

namespace {

constexpr int kSideWidthPx = 296;

QLabel *makeTitle(const QString &text)
{
    auto *title = new QLabel(text);
    title->setProperty("role", QStringLiteral("title"));
    return title;
}

} // namespace

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

} // namespace masque
