// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/datasets/DatasetFormat.h"
#include "studio/document/ChangeEvent.h"
#include "studio/document/image_levels.h"
#include "studio/jobs/Job.h"

#include <QObject>
#include <QString>

#include <memory>
#include <set>
#include <vector>

QT_BEGIN_NAMESPACE
class QUndoGroup;
class QUndoStack;
QT_END_NAMESPACE

namespace masque {

enum class SaveState { Saved, Modified, Saving, Failed };

/// Owns the open dataset, the current image with its annotation, the undo stacks (one an image, kept while the program
/// runs) and autosave. The only place that changes annotations, always on the GUI thread. Files are read and written by
/// jobs.
class Document : public QObject {
    Q_OBJECT
public:
    Document(JobRunner &jobs, FormatList formats, QObject *parent = nullptr);
    ~Document() override; ///< saves what is unsaved before it returns

    // Dataset. open() lists the files in a job, shows the first image (or the one named), then indexes in the
    // background.
    void open(const QString &path);
    void close();
    std::shared_ptr<const Dataset> dataset() const; ///< null if none is open; a snapshot with today's classes
    const std::vector<ItemSummary> &summaries() const;
    QString datasetError() const; ///< why the last open() failed, empty if it did not
    bool isOpening() const;       ///< files are being listed
    bool isIndexing() const;      ///< annotations are being read in the background
    QString notice() const;       ///< what the user should know of this dataset (where annotations are saved), or empty
    /// What a reader of one item found before the index came to it.
    void noteSummary(int index, ItemSummary summary);

    // Current item. Loading happens in a job, neighbours are prefetched. Setting it saves the one that is left.
    int currentIndex() const; ///< -1: none
    void setCurrentIndex(int index);
    bool isLoaded() const;
    QString loadError() const;
    const cv::Mat &image() const;                           ///< CV_8UC3 RGB, empty while loading
    std::shared_ptr<const ImageLevels> imageLevels() const; ///< the image and its halves; null while loading
    Size imageSize() const;
    const Annotation &annotation() const;
    bool isReadOnly() const; ///< the annotation file could not be read: nothing may be overwritten

    // Changes. The active stack is the current image's.
    void applyEdit(Edit edit);            ///< one undo step
    QUndoStack *undoStack() const;        ///< null while nothing is loaded
    QUndoGroup *undoGroup() const;        ///< its active stack is the current image's; for actions and the history list
    std::size_t undoBytes() const;        ///< memory of all histories
    void setUndoLimit(std::size_t bytes); ///< oldest steps are forgotten beyond this, 512 MiB at first

    // Selection, classes.
    const std::set<ShapeId> &selection() const;
    void setSelection(std::set<ShapeId> ids);
    const LabelSet &labels() const;
    QString activeLabel() const;
    void setActiveLabel(const QString &name); ///< an unknown name becomes a new class, written to masque.json
    void setLabelColor(int id, Color color);
    void setLabelKey(int id, std::optional<int> key);
    const std::set<ShapeId> &hiddenShapes() const;
    const std::set<ShapeId> &lockedShapes() const;
    const std::set<std::string> &hiddenLabels() const;
    const std::set<std::string> &lockedLabels() const;
    void setShapeHidden(ShapeId id, bool hidden);
    void setShapeLocked(ShapeId id, bool locked);
    void setLabelHidden(const std::string &label, bool hidden);
    void setLabelLocked(const std::string &label, bool locked);
    std::set<ShapeId> protectedShapes() const; ///< hidden or locked, by itself or by its class

    // Saving: one quiet second after an edit, when the image is left, on close. A failed save keeps everything and is
    // tried again.
    SaveState saveState() const;
    QString saveError() const;
    void saveNow();     ///< starts the job at once
    bool saveAndWait(); ///< synchronously; for closing. False if it failed
    /// The current image's file was changed by another program since it was read, so that it was not written.
    bool hasConflict() const;
    void overwriteAnnotation(); ///< writes what is on the screen over what the other program wrote
    void reloadAnnotation();    ///< drops what is on the screen, with its history, and reads the file

Q_SIGNALS:
    void changed(const masque::ChangeEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace masque
