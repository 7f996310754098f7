// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/review/ClassifierChoice.h"

#include "core/runs/run.h"
#include "studio/jobs/Job.h"

#include <QPointer>

#include <algorithm>

namespace masque {

namespace {
constexpr int kMaxWidthPx = 320;
} // namespace

ClassifierChoice::ClassifierChoice(Document &document, JobRunner &jobs, QString none, QWidget *parent)
    : QComboBox(parent), m_document(document), m_jobs(jobs), m_none(std::move(none))
{
    setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(14);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setMaximumWidth(kMaxWidthPx); // a run's name and its accuracy, where there is room
    setPlaceholderText(tr("No run yet"));
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::RunsChanged)
            read();
    });
    read();
}

void ClassifierChoice::choose(const QString &run)
{
    m_wanted = run;
    if (const int row = findData(run); row >= 0) {
        m_wanted.clear();
        setCurrentIndex(row);
    } else {
        read();
    }
}

void ClassifierChoice::read()
{
    const auto dataset = m_document.dataset();
    if (!dataset) {
        clear();
        setEnabled(false);
        return;
    }
    const auto runs = std::make_shared<std::vector<RunInfo>>();
    m_jobs.start(makeJob(
        {},
        [runs, root = dataset->root, wanted = m_wanted.toStdString()](JobControl &) -> Result<void> {
            *runs = listRuns(root);
            if (std::ranges::find(*runs, wanted, &RunInfo::folder) == runs->end())
                if (auto other = readRun(wanted); other && other->datasetRoot == root) // it lies elsewhere
                    runs->push_back(std::move(*other));
            return {};
        },
        [self = QPointer(this), runs, root = dataset->root,
         isOfImages = dataset->task == Task::Classification](const Result<void> &, bool) {
            if (!self || !self->m_document.dataset() || self->m_document.dataset()->root != root)
                return;
            const QVariant chosen = self->m_wanted.isEmpty() ? self->currentData() : QVariant(self->m_wanted);
            self->clear();
            if (!self->m_none.isEmpty())
                self->addItem(self->m_none, QString());
            for (const RunInfo &run : *runs)
                if (const std::string &task = run.options.data.task;
                    run.canPredict() && task != taskName(Task::Segmentation) && (task != "auto" || isOfImages))
                    self->addItem(tr("%1 (accuracy %2)")
                                      .arg(QString::fromStdString(run.name))
                                      .arg(run.figures.pixelAccuracy, 0, 'f', 3),
                                  QString::fromStdString(run.folder));
            self->setCurrentIndex(std::max(chosen.isValid() ? self->findData(chosen) : 0, self->count() > 0 ? 0 : -1));
            if (self->run() == self->m_wanted)
                self->m_wanted.clear();
            self->setEnabled(self->count() > (self->m_none.isEmpty() ? 0 : 1));
        }));
}

} // namespace masque
