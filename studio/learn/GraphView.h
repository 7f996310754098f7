// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/teach/lessons.h"

#include <QWidget>

namespace masque {

/// The graph of a lesson drawn up to one of its steps: values once they are computed, gradients once they came back,
/// the step's node and the edges it looks along highlighted. Paints only.
class GraphView : public QWidget {
    Q_OBJECT
public:
    explicit GraphView(QWidget *parent = nullptr);
    void setLesson(GraphLesson lesson);
    void setStep(int step); ///< steps done, 0 for none
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QRectF box(const GraphNode &node) const;
    bool isCurrentEdge(std::size_t from, std::size_t to) const;
    const GraphStep *currentStep() const;

    GraphLesson m_lesson;
    int m_step = 0;
};

} // namespace masque
