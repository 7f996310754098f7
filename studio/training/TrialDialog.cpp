// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/TrialDialog.h"

#include "studio/theme/screen_fit.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

namespace masque {

TrialDialog::TrialDialog(JobRunner &jobs, const QString &name, const QString &title, const QString &waiting,
                         QWidget *parent)
    : QDialog(parent), m_jobs(jobs)
{
    setObjectName(name);
    setWindowTitle(title);
    setAttribute(Qt::WA_DeleteOnClose);
    m_summary = new QLabel(waiting);
    m_summary->setObjectName(name + QStringLiteral("-summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress = new QProgressBar;
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(16, 16, 16, 16);
    m_layout->setSpacing(8);
    m_layout->addWidget(m_summary);
    m_layout->addWidget(m_progress);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId id, double fraction, const QString &) {
        if (id == m_job)
            m_progress->setValue(static_cast<int>(std::lround(fraction * 1000)));
    });
}

TrialDialog::~TrialDialog()
{
    m_jobs.cancel(m_job);
}

QPushButton *TrialDialog::addUse(const QString &text, const QString &name)
{
    auto *use = m_buttons->addButton(text, QDialogButtonBox::AcceptRole);
    use->setObjectName(name);
    use->setProperty("role", "primary");
    use->setEnabled(false);
    return use;
}

void TrialDialog::addChoice(QWidget *plot, const QString &label, QWidget *value)
{
    auto *name = new QLabel(label);
    name->setBuddy(value);
    auto *row = new QHBoxLayout;
    row->addWidget(name);
    row->addWidget(value);
    row->addStretch();
    row->addWidget(m_buttons);
    m_layout->addWidget(plot, 1);
    m_layout->addLayout(row);
    resizeWithinScreen(*this, {720, 520});
}

void TrialDialog::say(const QString &text)
{
    m_summary->setText(text);
}

void TrialDialog::run(std::function<Result<void>(JobControl &)> work, std::function<void()> show)
{
    const QPointer<TrialDialog> self(this);
    m_job = m_jobs.start(makeJob(windowTitle(), std::move(work),
                                 [self, show = std::move(show)](const Result<void> &result, bool canceled) {
                                     if (!self || canceled)
                                         return;
                                     self->m_progress->hide();
                                     if (result) {
                                         show();
                                     } else {
                                         Q_EMIT self->failed(result.error());
                                         self->close();
                                     }
                                 }));
}

} // namespace masque
