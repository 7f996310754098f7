// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/compare/split/ConfusionModel.h"

#include <QTableView>

#include <optional>
#include <utility>

namespace masque {

/// The confusion matrix as a picture of squares: the fuller a colour, the more of the row's pixels. The arrows walk
/// over it; a click, Return or Space chooses a cell, the same again lets it go.
class ConfusionView : public QTableView {
    Q_OBJECT
public:
    explicit ConfusionView(QWidget *parent = nullptr);
    /// As ConfusionModel::setCounts.
    void setCounts(const LabelSet &labels, const ConfusionMatrix &confusion, ConfusionModel::CountImages countImages);
    void setGreatestSquare(int px) { m_greatestSquare = px; }
    void setChosen(std::optional<std::pair<int, int>> cell); ///< truth, prediction; emits nothing
    std::optional<std::pair<int, int>> chosen() const { return m_chosen; }

Q_SIGNALS:
    void cellChosen(std::optional<std::pair<int, int>> cell);

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void choose(const QModelIndex &index);
    void fitSquares();

    ConfusionModel *m_model = nullptr;
    int m_greatestSquare = 40;
    std::optional<std::pair<int, int>> m_chosen;
};

} // namespace masque
