// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

QT_BEGIN_NAMESPACE
class QTimer;
QT_END_NAMESPACE

namespace masque {

class ImageView;

/// Two views in one place: side by side along a line that can be dragged (or moved by the arrow keys when it has the
/// focus), or one after the other.
class PairView : public QWidget {
    Q_OBJECT
public:
    enum class Mode { Split, Blink };
    static constexpr int kBlinkMs = 700;

    explicit PairView(QWidget *parent = nullptr);
    void setMode(Mode mode);
    void setDivider(double fraction); ///< where the line is, 0 (left: only the second) to 1
    double divider() const { return m_divider; }
    bool isSecondShown() const; ///< of a blink
    ImageView *first() const { return m_first; }
    ImageView *second() const { return m_second; }

protected:
    void resizeEvent(QResizeEvent *event) override;
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    bool eventFilter(QObject *object, QEvent *event) override; ///< of the line

private:
    void arrange();

    ImageView *m_first = nullptr, *m_second = nullptr;
    QWidget *m_window = nullptr; ///< what can be seen of the second
    QWidget *m_line = nullptr;
    QTimer *m_blink = nullptr;
    Mode m_mode = Mode::Split;
    double m_divider = 0.5;
};

} // namespace masque
