// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/relabel.h"
#include "studio/document/AnnotationFile.h"
#include "studio/document/Document.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>

#include <map>

namespace masque {

/// One image's annotation with its history. Kept by absolute image path as long as there is something to undo or to
/// save, also while another dataset is open.
struct ItemState {
    explicit ItemState(History::Target target) : history(std::move(target)) {}

    std::string root, image; ///< the dataset's root and the path in it
    std::shared_ptr<AnnotationFile> file;
    Annotation annotation;
    Size imageSize;
    History history;
    VariantLoss loss;  ///< of the last save
    QString readError; ///< why the annotation could not be read; nothing is ever written then
    QString saveError; ///< why the last save failed
    bool hasConflict = false;
    std::uint64_t revision = 0, saved = 0, saving = 0; ///< saving: the revision that a job is writing, 0 for none
    std::uint64_t used = 0;

    bool isUnsaved() const { return revision != saved; }
};

/// An image's annotation as a job read it, with what its journal says.
struct LoadedAnnotation {
    std::optional<Journal::Resumed> resumed; ///< nothing: error says why
    QString error;
    std::shared_ptr<AnnotationFile> file;
    std::shared_ptr<Journal> journal;
};
/// The journal is made smaller if it has more than maxJournalBytes.
LoadedAnnotation loadAnnotation(const Dataset &dataset, const Item &item, std::uint64_t maxJournalBytes);

using ImagePtr = std::shared_ptr<const ImageLevels>;

/// The last images, limited by bytes.
class ImageCache {
public:
    ImagePtr find(const std::string &file);
    void put(const std::string &file, ImagePtr image);

private:
    struct Entry {
        std::string file;
        ImagePtr image;
    };
    std::vector<Entry> m_entries; ///< last used at the back
};

struct Document::Private {
    Private(Document *document, JobRunner &runner, FormatList formatList);

    Document *const q;
    JobRunner &jobs;
    const FormatList formats;

    // Dataset
    std::shared_ptr<const Dataset> dataset;
    std::vector<ItemSummary> summaries;
    QString datasetError, notice;
    quint64 generation = 0; ///< counts openings, so that late jobs of another dataset are known
    JobId openJob = 0, indexJob = 0;
    bool isOpening = false, isIndexing = false;

    // Current item
    int currentIndex = -1;
    quint64 loadGeneration = 0;
    JobId loadJob = 0;
    std::shared_ptr<ItemState> current; ///< null while loading
    ImagePtr image;
    QString loadError;
    ImageCache images;
    std::map<std::string, std::shared_ptr<ItemState>> states; ///< by absolute image path
    std::uint64_t useCount = 0;
    std::size_t undoLimit = std::size_t{512} << 20;
    LabelMeVariant labelMeVariant = LabelMeVariant::Full;
    std::uint64_t journalLimit = 500'000'000;
    JobId recoveryJob = 0;
    QElapsedTimer lastSync;
    QString recoveryNotice;
    QString journalNotice; ///< why journals cannot be written, empty while they can

    // Selection, classes
    std::set<ShapeId> selection, hiddenShapes, lockedShapes;
    std::set<std::string> hiddenLabels, lockedLabels;
    LabelSet labels;
    bool labelsEdited = false; ///< by the user, so their order and colours stand
    QString activeLabel;

    bool isRelabelling = false;
    struct Relabelled {
        std::set<ShapeId> shapes; ///< in memory, that were changed
        ShapeId mark = 0;         ///< shapes with greater ids came into memory after it
    };
    std::map<std::string, Relabelled> relabelled; ///< by journal

    // Saving
    QTimer autosave, retry, settingsTimer;
    bool settingsSaving = false;

    void emitChange(ChangeEvent::Kind kind, Rect dirty = {}, int first = -1, int last = -1);
    std::string absolute(const std::string &relative) const { return dataset->absolute(relative); }
    /// A job whose end is told only while the document lives.
    JobId run(const QString &title, std::function<Result<void>(JobControl &)> work,
              std::function<void(const Result<void> &, bool canceled)> done);

    // DocumentDataset.cpp
    void install(Dataset opened, int startIndex);
    void leaveDataset();
    void index();
    void takeIndex(IndexedDataset indexed);
    void changeDataset(const std::function<void(Dataset &)> &change);
    void setSummary(int index, ItemSummary summary);

    // DocumentLoading.cpp
    void load();
    void leaveCurrent();
    void prefetch();
    void forgetOldStates();

    std::shared_ptr<ItemState> makeState(const Item &item, LoadedAnnotation loaded, Size imageSize);

    // DocumentBatch.cpp
    struct Batch;
    void editNext(const std::shared_ptr<Batch> &batch);

    // Document.cpp
    void push(ItemState &state, Edit edit); ///< an edit of the user's, into the image's history and journal
    void takeChange(ItemState &state, Rect dirty);
    void showSummary(const ItemState &state); ///< for the browser
    void limitHistory();

    // DocumentRecovery.cpp
    void recover();
    void takeRecovered(std::size_t index, LoadedAnnotation loaded, Size imageSize);
    void tellRecovered(const ItemState &state, int steps, const QString &warning);
    void takeTheirs(ItemState &state, Annotation theirs, std::uint64_t hash);
    void addSnapshot(const ItemState &state, Annotation start);
    void checkJournal(const ItemState &state);
    void limitJournalFiles();

    // DocumentSaving.cpp
    void startSave(const std::shared_ptr<ItemState> &state, AnnotationFile::Overwrite overwrite);
    void takeSaved(const std::shared_ptr<ItemState> &state, std::uint64_t revision, const Result<VariantLoss> &result);
    SaveOptions saveOptions(const ItemState &state) const;
    static QString conflictText(const ItemState &state);
    void saveAll();
    int indexOf(const ItemState &state) const; ///< in the open dataset, -1 if it is of another

    // DocumentRelabel.cpp
    std::string relabelJournal() const; ///< the newest one of this dataset, or empty
    std::string stateFolder() const;
    using PickShape = std::function<bool(const std::string &file, std::size_t index, const Shape &shape)>;
    std::vector<RelabelEntry> relabelInMemory(const std::string &to, const PickShape &pick,
                                              Relabelled *changed = nullptr);
    void changeClasses(const std::function<void(Dataset &)> &change);
    void startRelabelling(const QString &title, std::function<Result<RelabelOutcome>(JobControl &)> work,
                          std::function<void(const RelabelOutcome &)> done);

    // DocumentLabels.cpp
    void addLabelsOf(const Annotation &annotation);
    void mergeLabels(const LabelSet &indexed);
    void publishLabels();
    void saveSettings();
    void pickOnlyLabel();
};

} // namespace masque
