// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QLabel;
class QListView;
class QStackedWidget;

namespace masque {

class ItemsModel;
class SearchField;

/// The dataset's images with a search field. What is picked becomes the document's current image.
class BrowserPanel : public QWidget {
    Q_OBJECT
public:
    BrowserPanel(Document &document, JobRunner &jobs, QWidget *parent = nullptr);

    /// Goes so many rows on in what the filter shows; stops at the ends.
    void step(int rows);
    void stepToEnd(int direction); ///< -1: the first of what the filter shows, 1: the last
    /// The next in this direction, round the end, of what the filter shows with this status; false if there is none.
    bool stepToStatus(int direction, ItemStatus status);
    void focusSearch();

Q_SIGNALS:
    void positionText(const QString &text); ///< "12 / 300"; in a filter, of what it shows
    void openFolderRequested();
    void openSampleRequested();

private:
    QWidget *makeEmptyPage();
    void takeChange(const ChangeEvent &event);
    void showCurrent();
    void showCount();
    void showPosition();
    void takeSearch(const QString &text);
    QStringList suggest(const QString &token) const;

    Document &m_document;
    ItemsModel *m_model;
    SearchField *m_search;
    QLabel *m_error, *m_count, *m_position;
    QListView *m_list;
    QLabel *m_emptyText;
    QStackedWidget *m_pages;
};

} // namespace masque
