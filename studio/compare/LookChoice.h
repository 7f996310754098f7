// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/compare/comparison.h"

#include <QObject>

QT_BEGIN_NAMESPACE
class QComboBox;
QT_END_NAMESPACE

namespace masque {

class LinkedViews;

/// The choices above the panels of prediction and difference, and how the panels are arranged.
class LookChoice : public QObject {
    Q_OBJECT
public:
    LookChoice(LinkedViews &views, QObject *parent);
    QWidget *arrangement() const { return m_bar; } ///< for the workspace's bar
    ComparisonLook look() const;                   ///< marked is never set
    void setLabels(const LabelSet &labels);        ///< the classes there are
    void setHasOther(bool hasOther);               ///< whether there is another model to compare with

Q_SIGNALS:
    void changed();

private:
    void fill();
    void arrange();

    LinkedViews &m_views;
    QWidget *m_bar = nullptr;
    QComboBox *m_said = nullptr, *m_differs = nullptr, *m_arrangement = nullptr, *m_first = nullptr,
              *m_second = nullptr;
    LabelSet m_labels;
    bool m_hasOther = false;
};

} // namespace masque
