// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "studio/document/Document.h"

#include <QStatusBar>

class QLabel;
class QToolButton;

namespace masque {

/// Saved state, cursor pixel and label under it, zoom, jobs and training's progress.
class StatusBar : public QStatusBar {
    Q_OBJECT
public:
    StatusBar(Document &, JobRunner &, QWidget *parent = nullptr);

    void setCursorText(const QString &text);
    void setPositionText(const QString &text); ///< "12 / 300"
    void setZoomText(const QString &text);
    void setWorkText(const QString &text); ///< training or prediction, with time left

Q_SIGNALS:
    void readersRequested(); ///< who opens the file of the current image

private:
    void showSaveState();
    void showReaders();

    Document &m_document;
    QToolButton *m_saved, *m_readers;
    QLabel *m_job, *m_work, *m_cursor, *m_position, *m_zoom;
};

} // namespace masque
