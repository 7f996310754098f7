// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace masque {

/// How many images have which mean IoU, a bar a tenth. The arrows walk over the bars; a click, Return or Space chooses
/// one, the same again lets it go.
class IouHistogram : public QWidget {
    Q_OBJECT
public:
    static constexpr int kBars = 10;
    explicit IouHistogram(QWidget *parent = nullptr);
    void setValues(const std::vector<double> &ious); ///< each 0..1
    int count(int bar) const { return m_counts[static_cast<std::size_t>(bar)]; }
    QRect barRect(int bar) const;                                   ///< where it can be clicked, up to the full height
    void setChosen(std::optional<std::pair<double, double>> range); ///< emits nothing
    QSize sizeHint() const override { return {320, 240}; }

Q_SIGNALS:
    void rangeChosen(std::optional<std::pair<double, double>> range); ///< from, up to

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    bool event(QEvent *event) override;

private:
    void setCurrent(int bar);
    void choose();
    QRect plotRect() const;
    QString sentence(int bar) const;

    std::array<int, kBars> m_counts{};
    int m_current = 0;
    std::optional<int> m_chosen;
};

} // namespace masque
