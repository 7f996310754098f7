// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/live/LiveSession.h"

#include <QWidget>

namespace masque {

/// The video with its faces: a box and a class each. A click chooses a face.
class LiveView : public QWidget {
    Q_OBJECT
public:
    explicit LiveView(QWidget *parent = nullptr);

    void show(const LiveMoment &moment, const LabelSet &labels);
    void clear(const QString &text); ///< shown instead
    void setChosen(int track);       ///< 0: none
    const LiveMoment &moment() const { return m_moment; }

Q_SIGNALS:
    void chosen(int track); ///< 0: beside every face

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;

private:
    QRectF imageArea() const;
    QRectF widgetBox(const cv::Rect2d &box) const;

    LiveMoment m_moment;
    LabelSet m_labels;
    QString m_text;
    int m_chosen = 0;
};

} // namespace masque
