// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/browser/ItemsModel.h"
#include "studio/classgrid/ModelOpinions.h"

#include <QSortFilterProxyModel>

namespace masque {

/// The dataset's images with the class of each, and what a model says of it; those that one choice lets through.
class ClassGridModel : public QSortFilterProxyModel {
    Q_OBJECT
public:
    enum class Show { All, Unlabelled, Unsure, Differing, Disputed, OneClass };
    enum Role { ClassRole = ItemsModel::FolderRole + 1, ColorRole, OpinionRole, DiffersRole, VotesRole, DisputedRole };

    ClassGridModel(Document &document, ModelOpinions &opinions, JobRunner &jobs, QObject *parent = nullptr);

    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    void setShown(Show show, const std::string &name = {}); ///< name: of OneClass
    int itemOf(const QModelIndex &index) const;             ///< position in Dataset::items
    QModelIndex indexOf(int item) const;                    ///< invalid where it is not shown
    const LabelSet &classes() const { return m_classes; }
    std::string classOf(int item) const; ///< empty: none; `__ignore__`: unsure
    const VoteCounts &votesOf(int item) const;
    bool differs(int item) const;       ///< the model says another class than the label
    double agreementOf(int item) const; ///< of its raters, on the image or the face they agree on least; 1 without
    std::vector<int> counts() const;    ///< images a class, then those that are unsure, then those without

Q_SIGNALS:
    void classesChanged();

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    void takeChange(const ChangeEvent &event);

    Document &m_document;
    ModelOpinions &m_opinions;
    ItemsModel *m_items;
    LabelSet m_classes;
    Show m_show = Show::All;
    std::string m_name;
};

} // namespace masque
