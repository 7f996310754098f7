// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/LabelSet.h"

#include <QWidget>

#include <deque>
#include <map>
#include <vector>

namespace masque {

/// The probabilities of one track over the last seconds, a line a class.
class ProbabilityTimeline : public QWidget {
    Q_OBJECT
public:
    explicit ProbabilityTimeline(QWidget *parent = nullptr);

    void add(int track, double timeS, const std::vector<float> &probabilities);
    void setTrack(int track, const LabelSet &labels); ///< that is shown; 0: none
    void clear();

    QSize sizeHint() const override { return {320, 120}; }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    struct Value {
        double timeS;
        std::vector<float> probabilities;
    };
    std::map<int, std::deque<Value>> m_values; ///< by track
    LabelSet m_labels;
    int m_track = 0;
    double m_now = 0;
};

} // namespace masque
