// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QFormLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace masque {

/// Class, group, description and flags of the selected shapes, edited together as one step, with what is measured of
/// them, of faces with an emotion also how strong it is and who says so; below, the flags of the image. Flags that the
/// dataset asks for (`label_flags`, `flags` of masque.json) are offered unchecked and written once the user sets one.
class PropertiesPanel : public QWidget {
    Q_OBJECT
public:
    explicit PropertiesPanel(Document &document, QWidget *parent = nullptr);

private:
    void refresh();
    void refreshFlags(const std::vector<const Shape *> &shapes);
    std::vector<const Shape *> shapes() const;
    template <typename Change>
    void change(const std::string &verb, Change change);
    void takeShapeFlag(const QListWidgetItem *item);
    void takeImageFlag(const QListWidgetItem *item);

    Document &m_document;
    QLabel *m_title, *m_measures;
    QLineEdit *m_class, *m_group, *m_description, *m_intensity, *m_rater, *m_votes;
    QLabel *m_agreement;
    QListWidget *m_flags, *m_imageFlags;
    QWidget *m_form;
    QFormLayout *m_rows;
    bool m_isRefreshing = false, m_isRefreshDue = false;
};

} // namespace masque
