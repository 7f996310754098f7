// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QWidget>

class QLabel;
class QTreeWidget;

namespace masque {

/// What is wrong with the dataset's files, a line each; activating one goes to its image.
class ProblemsPanel : public QWidget {
    Q_OBJECT
public:
    explicit ProblemsPanel(Document &document, QWidget *parent = nullptr);

Q_SIGNALS:
    void countChanged(int problems);

private:
    void list();
    std::optional<int> itemOf(const std::string &file) const;

    Document &m_document;
    QTreeWidget *m_list;
    QLabel *m_text;
    std::vector<std::pair<std::string, std::string>> m_shown;
};

} // namespace masque
