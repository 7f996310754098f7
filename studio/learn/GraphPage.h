// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/learn/LessonPage.h"

QT_BEGIN_NAMESPACE
class QListWidget;
QT_END_NAMESPACE

namespace masque {

class GraphView;

/// The graph as a picture, and what each step works out as a list; choosing a line there goes to its step.
class GraphPage : public LessonPage {
    Q_OBJECT
public:
    explicit GraphPage(JobRunner &jobs);

protected:
    Work work(const Json &options) override;
    void showStep(int step) override;
    QString stepText(int step) const override;

private:
    void take(const GraphLesson &lesson);

    GraphLesson m_lesson;
    GraphView *m_view = nullptr;
    QListWidget *m_list = nullptr;
};

} // namespace masque
