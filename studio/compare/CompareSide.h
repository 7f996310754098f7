// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/compare/ClassScoresModel.h"

#include <QWidget>

#include <memory>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace masque {

class ConfusionView;
class IouHistogram;
struct Evaluation;

/// The right column of Compare: figures a class, the split's confusion matrix and histogram, and what the colours of
/// the difference mean.
class CompareSide : public QWidget {
    Q_OBJECT
public:
    explicit CompareSide(QWidget *parent = nullptr);
    ClassScoresModel &scores() { return *m_scores; }
    void setMessage(const QString &text);                             ///< about the figures
    void setEvaluation(std::shared_ptr<const Evaluation> evaluation); ///< of the split; null: not known
    /// What the list is filtered by; emits nothing.
    void setChosen(std::optional<std::pair<int, int>> cell, std::optional<std::pair<double, double>> iou);
    void setLegend(const std::vector<std::pair<Color, QString>> &colors, const QString &note);

Q_SIGNALS:
    void cellChosen(std::optional<std::pair<int, int>> cell); ///< truth, prediction
    void iouRangeChosen(std::optional<std::pair<double, double>> iou);

private:
    QWidget *makeFigures();
    QWidget *makeConfusion();

    ConfusionView *m_confusion = nullptr;
    IouHistogram *m_histogram = nullptr;
    QLabel *m_confusionMessage = nullptr, *m_legendNote = nullptr;
    QWidget *m_legend = nullptr;
    ClassScoresModel *m_scores = nullptr;
    QLabel *m_message = nullptr;
};

} // namespace masque
