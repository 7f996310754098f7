// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/panels/HistoryModel.h"

#include <QWidget>

class QListView;

namespace masque {

/// The history of the current image with a picture of what each step changed. A click, or Enter on the row that the
/// arrows chose, goes back or forth to the state after that step.
class HistoryPanel : public QWidget {
    Q_OBJECT
public:
    HistoryPanel(Document &document, JobRunner &jobs, QWidget *parent = nullptr);

private:
    void restore(const QModelIndex &index);
    void showCurrent();

    Document &m_document;
    HistoryModel *m_model;
    QListView *m_list;
};

} // namespace masque
