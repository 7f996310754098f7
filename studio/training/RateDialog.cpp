// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/RateDialog.h"

#include "studio/plots/CurvePlot.h"

#include <QDialogButtonBox>
#include <QDoubleValidator>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <cmath>

namespace masque {

RateDialog::RateDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_jobs(jobs)
{
    setObjectName(QStringLiteral("rate-test"));
    setWindowTitle(tr("Find a learning rate"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(720, 520);
    m_summary = new QLabel(tr("A hundred steps, each at a higher rate, until the loss runs away..."));
    m_summary->setObjectName(QStringLiteral("rate-summary"));
    m_summary->setWordWrap(true);
    m_progress = new QProgressBar;
    m_progress->setAccessibleName(tr("Progress of the test"));
    m_progress->setTextVisible(false);
    m_progress->setRange(0, 1000);
    m_plot = new CurvePlot(QStringLiteral("rate-plot"), tr("Loss by learning rate"));
    m_plot->setXTitle(tr("Learning rate, power of ten"));
    m_plot->setEmptyText(tr("The loss at each rate\nis drawn here."));
    m_rate = new QLineEdit;
    m_rate->setObjectName(QStringLiteral("rate-value"));
    auto *validator = new QDoubleValidator(1e-8, 1e6, 12, m_rate);
    validator->setLocale(QLocale::c());
    m_rate->setValidator(validator);
    m_rate->setMaximumWidth(160);
    auto *rateLabel = new QLabel(tr("&Learning rate"));
    rateLabel->setBuddy(m_rate);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    auto *use = m_buttons->addButton(tr("Use This Rate"), QDialogButtonBox::AcceptRole);
    use->setObjectName(QStringLiteral("rate-use"));
    use->setProperty("role", "primary");
    use->setEnabled(false);
    auto *row = new QHBoxLayout;
    row->addWidget(rateLabel);
    row->addWidget(m_rate);
    row->addStretch();
    row->addWidget(m_buttons);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(m_summary);
    layout->addWidget(m_progress);
    layout->addWidget(m_plot, 1);
    layout->addLayout(row);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    connect(use, &QPushButton::clicked, this, &RateDialog::choose);
    connect(m_rate, &QLineEdit::textChanged, this, [this, use] { use->setEnabled(m_rate->hasAcceptableInput()); });

    connect(&m_jobs, &JobRunner::progressed, this, [this](JobId id, double fraction, const QString &) {
        if (id == m_job)
            m_progress->setValue(static_cast<int>(std::lround(fraction * 1000)));
    });
    const auto test = std::make_shared<RateTest>();
    const QPointer<RateDialog> self(this);
    m_job = m_jobs.start(makeJob(
        windowTitle(),
        [request = std::move(request), models, test](JobControl &control) -> Result<void> {
            auto done = testLearningRates(request, models, control.stopToken(),
                                          [&](double fraction) { control.report(fraction); });
            if (!done)
                return done.error();
            *test = std::move(*done);
            return {};
        },
        [self, test](const Result<void> &result, bool canceled) {
            if (!self || canceled)
                return;
            if (result) {
                self->showTest(*test);
            } else {
                Q_EMIT self->failed(result.error());
                self->close();
            }
        }));
}

RateDialog::~RateDialog()
{
    m_jobs.cancel(m_job);
}

void RateDialog::showTest(const RateTest &test)
{
    m_progress->hide();
    const QString raw = tr("loss"), smooth = tr("smoothed");
    QVector<QPointF> values, averages;
    for (const auto &point : test.points) {
        values.append({std::log10(point.lr), point.loss});
        averages.append({std::log10(point.lr), point.smoothed});
    }
    m_plot->setCurve(raw, 0, CurvePlot::Line::Thin);
    m_plot->setValues(raw, values);
    m_plot->setCurve(smooth, 1, CurvePlot::Line::Thin);
    m_plot->setValues(smooth, averages);
    if (!test.suggested) {
        m_summary->setText(tr("The loss falls at no rate. Look at the data first (Check)."));
        return;
    }
    const double steepest = *test.suggested;
    m_plot->setEvents({{std::log10(steepest), tr("steepest"), tr("Here the loss falls most steeply.")}});
    m_summary->setText(tr("The loss falls most steeply at %1. A third to a tenth of that is the careful choice.")
                           .arg(QString::number(steepest, 'g', 2)));
    m_rate->setText(QString::number(steepest / 5, 'g', 1));
    m_rate->setFocus();
}

void RateDialog::choose()
{
    Q_EMIT rateChosen(QLocale::c().toDouble(m_rate->text()));
    close();
}

} // namespace masque
