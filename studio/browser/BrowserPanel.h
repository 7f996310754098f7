// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QStackedWidget;

namespace masque {

class ItemsModel;

/// The dataset's images with a search field. What is picked becomes the document's current image.
class BrowserPanel : public QWidget {
    Q_OBJECT
public:
    BrowserPanel(Document &document, JobRunner &jobs, QWidget *parent = nullptr);

    /// Goes so many rows on in what the filter shows; stops at the ends.
    void step(int rows);
    void focusSearch();

Q_SIGNALS:
    void openFolderRequested();
    void openSampleRequested();

private:
    QWidget *makeEmptyPage();
    void takeChange(const ChangeEvent &event);
    void showCurrent();
    void showCount();

    Document &m_document;
    ItemsModel *m_model;
    QLineEdit *m_search;
    QLabel *m_count;
    QListView *m_list;
    QLabel *m_emptyText;
    QStackedWidget *m_pages;
};

} // namespace masque
