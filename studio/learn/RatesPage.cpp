// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/RatesPage.h"

#include "studio/learn/LinePage.h"
#include "studio/plots/CurvePlot.h"

#include <QGridLayout>
#include <QLabel>

namespace masque {

RatesPage::RatesPage(JobRunner &jobs) : LessonPage("rates", ratesTable().specs(), jobs)
{
    auto *pictures = new QWidget;
    auto *grid = new QGridLayout(pictures);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(8);
    const std::pair<const char *, QString> kinds[] = {
        {"small", tr("Small")}, {"right", tr("Middle")}, {"large", tr("Large")}};
    for (const auto &[key, title] : kinds) {
        const int column = static_cast<int>(m_columns.size());
        const QString name = QStringLiteral("lesson-rates-") + QLatin1String(key);
        Column made{newLinePlot(name + QStringLiteral("-fit"), title),
                    newLossPlot(name + QStringLiteral("-loss"), tr("Loss")), new QLabel};
        made.line->hideLegend();
        made.verdict->setObjectName(name);
        made.verdict->setWordWrap(true);
        made.verdict->setAlignment(Qt::AlignTop);
        made.verdict->setMinimumHeight(5 * made.verdict->fontMetrics().lineSpacing()); // nothing jumps at the end
        for (const auto *plot : {made.line, made.loss}) // three of them, and still a window for small screens
            plot->findChild<QWidget *>(plot->objectName() + QStringLiteral("-curves"))->setMinimumSize(180, 120);
        grid->addWidget(made.line, 0, column);
        grid->addWidget(made.loss, 1, column);
        grid->addWidget(made.verdict, 2, column);
        grid->setColumnStretch(column, 1);
        m_columns.push_back(made);
    }
    grid->setRowStretch(0, 1);
    grid->setRowStretch(1, 1);
    setPictures(pictures);
}

LessonPage::Work RatesPage::work(const Json &options)
{
    return makeWork<RatesOptions, std::vector<RateLesson>>(options, ratesTable(), &compareRates,
                                                           [this](const std::vector<RateLesson> &all) { take(all); });
}

void RatesPage::take(const std::vector<RateLesson> &all)
{
    m_lessons = all;
    setLastStep(static_cast<int>(m_lessons.front().fit.steps.size()) - 1);
    for (std::size_t i = 0; i < m_columns.size(); ++i)
        showPoints(*m_columns[i].line, m_lessons[i].fit);
}

void RatesPage::showStep(int step)
{
    if (m_lessons.empty())
        return;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const auto &[lr, fit, verdict] = m_lessons[i];
        const auto &at = fit.steps[static_cast<std::size_t>(step)];
        showLine(*m_columns[i].line, fit, step);
        showLoss(*m_columns[i].loss, fit, step);
        const QString now = tr("<b>lr %1</b>: %2, loss %3")
                                .arg(QString::number(lr), QString::fromStdString(lineText(at.slope, at.intercept)),
                                     QString::number(at.loss, 'g', 3));
        const bool isOver = step + 1 == static_cast<int>(fit.steps.size());
        m_columns[i].verdict->setText(now + QStringLiteral("<br>")
                                      + (isOver ? translatedLesson(verdict) : QStringLiteral("&nbsp;<br>&nbsp;")));
    }
}

QString RatesPage::stepText(int step) const
{
    return m_lessons.empty() ? QString() : epochText(m_lessons.front().fit, step);
}

} // namespace masque
