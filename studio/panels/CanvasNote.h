// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>
#include <QTimer>

namespace masque {

/// A line of text at the top of the canvas: what an operation cost, or a mode that must not be overlooked. It lies in
/// its parent, lets the mouse through and never takes the keyboard.
class CanvasNote : public QLabel {
    Q_OBJECT
public:
    enum class Tone { Quiet, Loud };

    CanvasNote(QWidget *canvas, const QString &name, Tone tone, int topPx);

    void showFor(const QString &text, int milliseconds);
    void showAlways(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();

    Tone m_tone;
    int m_topPx;
    QTimer m_timer;
};

} // namespace masque
