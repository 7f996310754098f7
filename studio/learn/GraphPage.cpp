// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/GraphPage.h"

#include "studio/learn/GraphView.h"

#include <QListWidget>
#include <QSignalBlocker>
#include <QSplitter>

namespace masque {

GraphPage::GraphPage(JobRunner &jobs) : LessonPage("graph", graphTable().specs(), jobs)
{
    m_view = new GraphView;
    m_list = new QListWidget;
    m_list->setObjectName(QStringLiteral("lesson-graph-steps"));
    m_list->setAccessibleName(tr("Steps"));
    m_list->setAlternatingRowColors(true);
    connect(m_list, &QListWidget::currentRowChanged, this, [this](int row) { goTo(row + 1); });
    auto *parts = new QSplitter(Qt::Vertical);
    parts->setChildrenCollapsible(false);
    parts->addWidget(m_view);
    parts->addWidget(m_list);
    parts->setStretchFactor(0, 3);
    parts->setStretchFactor(1, 2);
    setPictures(parts);
}

LessonPage::Work GraphPage::work(const Json &options)
{
    return makeWork<GraphOptions, GraphLesson>(options, graphTable(), &differentiateGraph,
                                               [this](const GraphLesson &lesson) { take(lesson); });
}

void GraphPage::take(const GraphLesson &lesson)
{
    m_lesson = lesson;
    setLastStep(static_cast<int>(m_lesson.steps.size()));
    m_view->setLesson(m_lesson);
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const auto &step : m_lesson.steps)
        m_list->addItem(QString::fromStdString(step.text));
}

void GraphPage::showStep(int step)
{
    if (m_lesson.nodes.empty())
        return;
    m_view->setStep(step);
    const QSignalBlocker quiet(m_list);
    for (int row = 0; row < m_list->count(); ++row) // what is to come stays hidden, to be guessed first
        m_list->item(row)->setHidden(row >= step);
    m_list->setCurrentRow(step - 1);
    m_list->scrollToItem(m_list->currentItem());
    const bool isOver = step == static_cast<int>(m_lesson.steps.size());
    setState(isOver ? tr("LibTorch's autograd finds the same gradients; the greatest difference is %1.")
                          .arg(QString::number(m_lesson.difference(), 'g', 2))
             : step == 0 ? tr("Only what is given is known yet.")
                         : QStringLiteral("<b>%1</b>")
                               .arg(QString::fromStdString(m_lesson.steps[static_cast<std::size_t>(step) - 1].text)));
}

QString GraphPage::stepText(int step) const
{
    if (step == 0 || m_lesson.nodes.empty())
        return tr("Start");
    const bool isForward = m_lesson.steps[static_cast<std::size_t>(step) - 1].pass == GraphStep::Pass::Forward;
    return (isForward ? tr("Forward, %1 of %2") : tr("Backward, %1 of %2")).arg(step).arg(m_lesson.steps.size());
}

} // namespace masque
