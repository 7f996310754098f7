// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/learn/LessonPage.h"

namespace masque {

class CurvePlot;

/// Line and loss under three learning rates, side by side.
class RatesPage : public LessonPage {
    Q_OBJECT
public:
    explicit RatesPage(JobRunner &jobs);

protected:
    Work work(const Json &options) override;
    void showStep(int step) override;
    QString stepText(int step) const override;

private:
    struct Column {
        CurvePlot *line = nullptr, *loss = nullptr;
        QLabel *verdict = nullptr;
    };
    void take(const std::vector<RateLesson> &all);

    std::vector<RateLesson> m_lessons;
    std::vector<Column> m_columns;
};

} // namespace masque
