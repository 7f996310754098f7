// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Edit.h"
#include "core/annotations/dialects.h"
#include "core/datasets/DatasetFormat.h"
#include "studio/document/ChangeEvent.h"
#include "studio/document/History.h"
#include "studio/document/image_levels.h"
#include "studio/jobs/Job.h"

#include <QObject>
#include <QString>

#include <map>
#include <memory>
#include <set>
#include <vector>

namespace masque {

enum class SaveState { Saved, Modified, Saving, Failed };

/// Owns the open dataset, the current image with its annotation, the histories (one an image, kept in a journal beside
/// the dataset) and autosave. The only place that changes annotations, always on the GUI thread. Files are read and
/// written by jobs; only a finished edit goes to the journal at once.
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
    /// What evaluating a model said of items, by index; stands until told anew.
    struct ModelScore {
        double iou = 0, uncertainty = 0; ///< as in ItemSummary
    };
    void noteScores(const std::map<int, ModelScore> &scores);

    /// Which items a model's proposal waits for, besides those told before; or does no longer.
    void noteProposals(const std::map<int, bool> &waiting);

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

    // Changes.
    void applyEdit(Edit edit);  ///< one undo step, in the journal when this returns
    History *undoStack() const; ///< the current image's; null while nothing is loaded
    /// What is to be done to an item, made on a worker: a value of its arguments.
    using MakeEdit = std::function<Result<Edit>(int item, const Annotation &, Size imageSize, std::stop_token)>;
    struct BatchOutcome {
        int done = 0, changed = 0, failed = 0;
        QString error; ///< of the first that failed
    };
    /// Told before each item and at the end, on the GUI thread; false ends it.
    using BatchProgress = std::function<bool(const BatchOutcome &, bool isOver)>;
    /// Edits many images, one after the other in jobs: each gets a step in its own history, and is saved.
    void editItems(std::vector<int> items, MakeEdit make, BatchProgress progress);
    void undo();
    void redo();
    std::size_t undoBytes() const;        ///< memory of all histories
    void setUndoLimit(std::size_t bytes); ///< steps beyond this are in the journals only, 512 MiB at first
    /// All journals of a dataset together; the oldest go first, never one with unsaved work. 500 MB at first.
    void setJournalLimit(std::uint64_t bytes);

    // Selection, classes.
    const std::set<ShapeId> &selection() const;
    void setSelection(std::set<ShapeId> ids);
    const LabelSet &labels() const;
    QString activeLabel() const;
    void setActiveLabel(const QString &name); ///< an unknown name becomes a new class, written to masque.json
    void setLabelColor(int id, Color color);
    void setLabelKey(int id, std::optional<int> key);
    /// Renames a class in the whole dataset, or merges it into one that there is, in a job. Images in memory get an
    /// edit each in their history; files are written atomically and noted in a journal, so that all of it can be taken
    /// back, also after a restart. What came of it is told in notice().
    void relabelClass(const QString &from, const QString &to);
    QString lastRelabelling() const; ///< "car → vehicle" while there is one to be taken back, else empty
    void undoRelabelling();
    bool isRelabelling() const;
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
    void reloadAnnotation();    ///< takes what the other program wrote, as a step that can be undone
    /// What the other program wrote, read by a job; done gets it or an Error on the GUI thread.
    void readTheirs(std::function<void(Result<Annotation>)> done);

    /// How files are written from now on. ForAll: variantLoss() then says what they could not say.
    LabelMeVariant labelMeVariant() const;
    void setLabelMeVariant(LabelMeVariant variant);
    VariantLoss variantLoss() const; ///< of the current image's last save

Q_SIGNALS:
    void changed(const masque::ChangeEvent &event);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace masque
