// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QDialog>

class QCheckBox;
class QGridLayout;
class QLabel;
class QPushButton;

namespace masque {

/// What is on the screen beside what another program wrote into its file: counts, pictures, and the choice. Nothing
/// changes before a choice is made.
class ConflictDialog : public QDialog {
    Q_OBJECT
public:
    ConflictDialog(Document &document, JobRunner &jobs, QWidget *parent = nullptr);

private:
    void takeTheirs(Result<Annotation> theirs);
    void draw();
    QLabel *addSide(QGridLayout &layout, int column, const QString &title, const QString &name);

    Document &m_document;
    JobRunner &m_jobs;
    Annotation m_mine, m_theirs;
    std::vector<Shape> m_onlyMine, m_onlyTheirs;
    QLabel *m_summary, *m_pictures[2], *m_counts[2];
    QCheckBox *m_differences;
    QPushButton *m_keepMine, *m_takeTheirs;
    quint64 m_drawing = 0; ///< the last one asked for
};

} // namespace masque
