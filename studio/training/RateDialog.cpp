// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/RateDialog.h"

#include "studio/plots/CurvePlot.h"

#include <QDoubleValidator>
#include <QLineEdit>
#include <QPushButton>

#include <cmath>

namespace masque {

RateDialog::RateDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : TrialDialog(jobs, QStringLiteral("rate"), tr("Find a learning rate"),
                  tr("A hundred steps, each at a higher rate, until the loss runs away..."), parent)
{
    m_plot = new CurvePlot(QStringLiteral("rate-plot"), tr("Loss by learning rate"));
    m_plot->setXTitle(tr("Learning rate, power of ten"));
    m_plot->setEmptyText(tr("The loss at each rate\nis drawn here."));
    m_rate = new QLineEdit;
    m_rate->setObjectName(QStringLiteral("rate-value"));
    auto *validator = new QDoubleValidator(1e-8, 1e6, 12, m_rate);
    validator->setLocale(QLocale::c());
    m_rate->setValidator(validator);
    m_rate->setMaximumWidth(160);
    auto *use = addUse(tr("Use This Rate"), QStringLiteral("rate-use"));
    addChoice(m_plot, tr("&Learning rate"), m_rate);
    connect(use, &QPushButton::clicked, this, &RateDialog::choose);
    connect(m_rate, &QLineEdit::textChanged, this, [this, use] { use->setEnabled(m_rate->hasAcceptableInput()); });
    start<RateTest>(
        [request = std::move(request), models](JobControl &control) {
            return testLearningRates(request, models, control.stopToken(),
                                     [&](double fraction) { control.report(fraction); });
        },
        [this](const RateTest &test) { showTest(test); });
}

void RateDialog::showTest(const RateTest &test)
{
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
        say(tr("The loss falls at no rate. Look at the data first (Check)."));
        return;
    }
    const double steepest = *test.suggested;
    m_plot->setEvents({{std::log10(steepest), tr("steepest"), tr("Here the loss falls most steeply.")}});
    say(tr("The loss falls most steeply at %1. A third to a tenth of that is the careful choice.")
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
