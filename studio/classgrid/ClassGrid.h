// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/classgrid/ClassEdits.h"
#include "studio/classgrid/ClassGridModel.h"

#include <QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QToolBar;
QT_END_NAMESPACE

namespace masque {

class ClassGridDelegate;
class ClassifierChoice;

/// Many images at once, for the classes of whole images: a digit gives the selected ones their class, 0 says that they
/// are no such thing or that one is unsure.
class ClassGrid : public QWidget {
    Q_OBJECT
public:
    ClassGrid(Document &document, const ModelList &models, JobRunner &jobs, QWidget *parent = nullptr);

    ClassEdits &edits() { return *m_edits; }
    void setClass(const std::string &name); ///< of the selected images; empty takes it away
    void setClassOfKey(int digit);          ///< 1..9 as the classes' keys are, 0: unsure
    bool stepToUnlabelled(int direction);   ///< false: there is none
    void step(int rows);

Q_SIGNALS:
    void imageOpened(); ///< by double click or Return: it is the document's current one
    void messageText(const QString &text);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void makeBar();
    void listClasses();
    void showCounts();
    void showCurrent();
    void showVotes();
    void takeVotes();
    void takeShown();
    void setSide(int side);
    std::vector<int> selectedItems() const;
    void select(const QModelIndex &index);

    Document &m_document;
    ModelOpinions *m_opinions;
    ClassGridModel *m_model;
    ClassGridDelegate *m_delegate;
    ClassEdits *m_edits;
    QListView *m_view;
    QToolBar *m_classBar;
    QComboBox *m_show;
    ClassifierChoice *m_runs;
    QLineEdit *m_rater, *m_votes;
    QLabel *m_count;
};

} // namespace masque
