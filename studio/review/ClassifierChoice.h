// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QComboBox>

namespace masque {

/// The runs of the document's dataset that tell classes of whole images and have a checkpoint; read anew when there are
/// others. currentData() is the run's folder.
class ClassifierChoice : public QComboBox {
    Q_OBJECT
public:
    /// none: the text of an entry without a run, which comes first; empty: there is no such entry.
    ClassifierChoice(Document &document, JobRunner &jobs, QString none, QWidget *parent = nullptr);
    QString run() const { return currentData().toString(); }
    void choose(const QString &run); ///< its folder; at once, or when the list has it

private:
    void read();

    Document &m_document;
    JobRunner &m_jobs;
    const QString m_none;
    QString m_wanted; ///< chosen, but not listed yet
};

} // namespace masque
