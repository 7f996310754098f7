// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/BatchDialog.h"

#include "studio/plots/CurvePlot.h"

#include <QPushButton>
#include <QSpinBox>

namespace masque {

BatchDialog::BatchDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : TrialDialog(jobs, QStringLiteral("batch"), tr("Find the largest batch"),
                  tr("A few training steps with small batches, to see what memory each image needs..."), parent)
{
    m_plot = new CurvePlot(QStringLiteral("batch-plot"), tr("Memory by batch, MiB"));
    m_plot->setXTitle(tr("Images a step"));
    m_plot->setEmptyText(tr("What each batch needs\nis drawn here."));
    m_plot->setLegendAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_batch = new QSpinBox;
    m_batch->setObjectName(QStringLiteral("batch-value"));
    m_batch->setRange(1, 4096);
    m_batch->setEnabled(false);
    m_use = addUse(tr("Use This Batch"), QStringLiteral("batch-use"));
    addChoice(m_plot, tr("&Batch"), m_batch);
    connect(m_use, &QPushButton::clicked, this, [this] {
        Q_EMIT batchChosen(m_batch->value());
        close();
    });
    start<BatchTest>(
        [request = std::move(request), models](JobControl &control) {
            return testBatchSizes(request, models, 0, control.stopToken(),
                                  [&](double fraction) { control.report(fraction); });
        },
        [this](const BatchTest &test) { showTest(test); });
}

void BatchDialog::showTest(const BatchTest &test)
{
    const auto mib = [](std::int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); };
    const QString measured = tr("measured"), expected = tr("expected");
    QVector<QPointF> points;
    for (const auto &point : test.points)
        points.append({double(point.batch), mib(point.bytes)});
    m_plot->setCurve(measured, 0, CurvePlot::Line::Dotted);
    m_plot->setValues(measured, points);
    if (test.largest < 1) {
        say(tr("Not even one image fits the free memory. A smaller input size or network needs less."));
        return;
    }
    m_plot->setCurve(expected, 1, CurvePlot::Line::Thin);
    m_plot->setValues(expected, {{0, mib(test.fixedBytes)},
                                 {double(test.largest), mib(test.fixedBytes + test.imageBytes * test.largest)}});
    m_plot->setEvents({{double(test.largest), tr("largest"), tr("The largest batch that fits.")}});
    const bool isAll = test.fixedBytes + test.imageBytes * (test.largest + 1) <= test.budgetBytes;
    const QString found =
        isAll ? tr("all %1 training images would fit one batch") : tr("a batch of up to %1 images fits");
    say(tr("An image needs about %1, and %2 may be used: %3. Larger batches are not better by themselves: they make "
           "fewer and calmer steps.")
            .arg(locale().formattedDataSize(test.imageBytes), locale().formattedDataSize(test.budgetBytes),
                 found.arg(test.largest)));
    m_batch->setValue(test.largest);
    m_batch->setEnabled(true);
    m_batch->setFocus();
    m_use->setEnabled(true);
}

} // namespace masque
