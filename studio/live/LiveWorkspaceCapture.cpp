// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/files.h"
#include "core/image/region.h"
#include "studio/live/LiveView.h"
#include "studio/live/LiveWorkspace.h"
#include "studio/review/ClassifierChoice.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QListView>
#include <QPointer>

#include <algorithm>

/// What LiveWorkspace keeps of what it sees: faces for the dataset and what is learnt of them, tables, clips, pictures.
namespace masque {

namespace {

constexpr double kKeepAgainS = 3; ///< of the same face
constexpr int kMostWaiting = 200; ///< faces kept unasked

} // namespace

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

} // namespace masque
