// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/RunChoice.h"

#include "core/runs/run.h"
#include "studio/document/Document.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>

#include <filesystem>

namespace masque {

RunChoice::RunChoice(Document &document, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_jobs(jobs)
{
    m_runs = new QComboBox;
    m_runs->setObjectName(QStringLiteral("compare-run"));
    m_runs->setAccessibleName(tr("Run"));
    m_runs->setPlaceholderText(tr("No run yet"));
    m_others = new QComboBox;
    m_others->setObjectName(QStringLiteral("compare-other"));
    m_others->setAccessibleName(tr("Run or epoch to compare it with"));
    m_others->setToolTip(tr("Another run, or another epoch of this one, on the same images: who is better where"));
    for (auto *choice : {m_runs, m_others}) {
        choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        choice->setMinimumContentsLength(14);
        choice->setMaximumWidth(fontMetrics().averageCharWidth() * 45); // a name with its figure
    }
    auto *runLabel = new QLabel(tr("&Run"));
    runLabel->setBuddy(m_runs);
    auto *otherLabel = new QLabel(tr("a&gainst"));
    otherLabel->setBuddy(m_others);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    for (auto *label : {runLabel, otherLabel})
        label->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Preferred);
    layout->addWidget(runLabel);
    layout->addWidget(m_runs, 1);
    layout->addWidget(otherLabel);
    layout->addWidget(m_others, 1);
    layout->addStretch();
    connect(m_runs, &QComboBox::activated, this, [this] { setRun(m_runs->currentData().toString()); });
    connect(m_others, &QComboBox::activated, this, [this] {
        m_other = m_others->currentData().toString();
        Q_EMIT otherChosen(m_other);
    });
}

void RunChoice::setRun(const QString &folder)
{
    m_wanted = folder;
    if (m_runs->findData(folder) >= 0)
        useRun(folder);
    else
        load();
}

QString RunChoice::otherName() const
{
    return m_others->currentText();
}

void RunChoice::load()
{
    const auto dataset = m_document.dataset();
    m_root = dataset ? QString::fromStdString(dataset->root) : QString();
    if (!dataset) {
        take({});
        return;
    }
    const auto found = std::make_shared<std::vector<Found>>();
    m_jobs.start(makeJob(
        tr("Reading runs"),
        [found, root = dataset->root](JobControl &) -> Result<void> {
            for (const auto &run : listRuns(root)) {
                if (!run.canPredict())
                    continue; // no checkpoint yet
                std::error_code none;
                const auto has = [&](const char *file) { return std::filesystem::exists(run.folder + file, none); };
                found->push_back({run.name, run.folder, has("/best.ckpt") ? run.bestEpoch : 0,
                                  has("/last.ckpt") ? run.epochsDone : 0, run.bestMetric});
            }
            return {};
        },
        [this, found, root = m_root](const Result<void> &result, bool) {
            if (result && root == m_root)
                take(*found);
        }));
}

void RunChoice::take(const std::vector<Found> &found)
{
    m_found = found;
    const QSignalBlocker quiet(m_runs);
    m_runs->clear();
    for (const auto &run : found) {
        const QString best = run.best > 0 ? tr(" (mean IoU %1)").arg(run.metric, 0, 'f', 3) : QString();
        m_runs->addItem(QString::fromStdString(run.name) + best, QString::fromStdString(run.folder));
    }
    m_runs->setEnabled(m_runs->count() > 0);
    const bool hasWanted = !m_wanted.isEmpty() && m_runs->findData(m_wanted) >= 0;
    useRun(hasWanted ? m_wanted : m_runs->itemData(0).toString());
}

void RunChoice::useRun(const QString &folder)
{
    m_run = folder;
    m_runs->setCurrentIndex(m_runs->findData(folder));
    listOthers();
    Q_EMIT runChosen(folder);
}

void RunChoice::listOthers()
{
    const QSignalBlocker quiet(m_others);
    m_others->clear();
    m_others->addItem(tr("nothing"), QString());
    for (const auto &run : m_found) {
        const QString folder = QString::fromStdString(run.folder), name = QString::fromStdString(run.name);
        const bool isOwn = folder == m_run;
        if (run.best > 0 && !isOwn)
            m_others->addItem(tr("%1, epoch %2 (best)").arg(name).arg(run.best), folder + QStringLiteral("/best.ckpt"));
        if (run.last > 0 && run.last != run.best && (run.best > 0 || !isOwn)) // without a best one the last is shown
            m_others->addItem(isOwn ? tr("its own last epoch, %1").arg(run.last)
                                    : tr("%1, epoch %2").arg(name).arg(run.last),
                              folder + QStringLiteral("/last.ckpt"));
    }
    m_others->setEnabled(m_others->count() > 1);
    const int kept = m_others->findData(m_other);
    m_others->setCurrentIndex(std::max(0, kept));
    if (kept < 0) {
        m_other.clear();
        Q_EMIT otherChosen({});
    }
}

} // namespace masque
