// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/inference/evaluate.h"

#include <QAbstractTableModel>
#include <QPixmap>

#include <functional>
#include <optional>
#include <vector>

namespace masque {

/// The images of a split with a picture and a figure each, once known; what wants to be looked at first comes first.
class DisagreementModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Image, Score, ColumnCount };
    /// What is shown and sorted by.
    enum class Figure {
        Iou,          ///< of the class that is looked at, else the mean; ascending
        Boundary,     ///< boundary F1, ascending
        Entropy,      ///< uncertainty, descending, as the margin and both losses
        Margin,       ///< 1 - the most probable class's lead
        Loss,         ///< as the network sees it
        TrainingLoss, ///< what stayed high while it was trained on
        Gain,         ///< IoU less that of the model it is compared with; ascending
    };
    struct Entry {
        int item = -1; ///< index in the dataset
        QString name;
        std::optional<ImageScore> score = {}, other = {}; ///< of the run's model and of the one it is compared with
        std::optional<double> trainingLoss = {};
    };
    /// What is shown; the rest stays in entries().
    struct Filter {
        std::optional<int> classId = {};                   ///< in truth or prediction
        std::optional<std::pair<int, int>> cell = {};      ///< truth taken for prediction somewhere
        std::optional<std::pair<double, double>> iou = {}; ///< mean IoU from, up to (1 included)
        bool operator==(const Filter &) const = default;
    };
    using QAbstractTableModel::QAbstractTableModel;

    void setEntries(std::vector<Entry> entries);
    void setFigure(Figure figure);
    void setFilter(Filter filter);
    /// Where pictures come from; null: none. pictureReady tells of one that was not there at once.
    void setPictures(std::function<QPixmap(int item)> pictures) { m_pictures = std::move(pictures); }
    void pictureReady(int item);

    const std::vector<Entry> &entries() const { return m_entries; } ///< all, in the order they came
    Figure figure() const { return m_figure; }
    const Filter &filter() const { return m_filter; }
    int itemAt(int row) const; ///< -1 outside
    int rowOfItem(int item) const;
    /// The figure of an entry; nothing where it is not known.
    std::optional<double> value(const Entry &entry) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void arrange();

    std::vector<Entry> m_entries;
    std::vector<std::size_t> m_rows; ///< into m_entries
    Figure m_figure = Figure::Iou;
    Filter m_filter;
    std::function<QPixmap(int)> m_pictures;
};

/// IoU of one class in an image by its cells; nothing if it does not occur.
std::optional<double> iouOf(const ImageScore &score, int classId);
/// Pixels of truth that were taken for prediction.
std::int64_t pixelsOf(const ImageScore &score, int truth, int prediction);

} // namespace masque
