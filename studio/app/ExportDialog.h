// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"
#include "studio/document/Document.h"

#include <QDialog>

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
QT_END_NAMESPACE

namespace masque {

/// Writes the document's dataset in another format into a new folder. What the format cannot hold is listed before
/// anything is written; writing can be stopped.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    ExportDialog(Document &document, const FormatList &formats, JobRunner &jobs, QWidget *parent = nullptr);
    ~ExportDialog() override;

    void reject() override; ///< stops what is at work, first

Q_SIGNALS:
    void openRequested(const QString &folder);

private:
    const DatasetFormat &format() const;
    void makeForm();
    void choose();
    void look(); ///< at what would be lost
    void write();
    void follow();
    void start(const QString &title, std::function<Result<void>(JobControl &)> work,
               std::function<void(const Result<void> &, bool canceled)> done);
    void say(const QString &text, bool isError = false);

    Document &m_document;
    FormatList m_formats; ///< that can write
    JobRunner &m_jobs;
    JobId m_job = 0;
    bool m_isWriting = false;
    QComboBox *m_format;
    QLineEdit *m_folder;
    QListWidget *m_losses;
    QLabel *m_lossTitle, *m_files, *m_text;
    QProgressBar *m_progress;
    QPushButton *m_write = nullptr, *m_open = nullptr, *m_close = nullptr;
};

} // namespace masque
