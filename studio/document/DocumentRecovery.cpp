// SPDX-License-Identifier: GPL-3.0-or-later
// What the journals are for besides undo: recovery after a crash, and their own cost.
#include "studio/document/DocumentPrivate.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/image/image_file.h"

#include <QFileInfo>

#include <filesystem>
#include <limits>
#include <set>

namespace masque {

namespace {

constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max(); ///< nothing to compact: there is unsaved work
constexpr int kSyncMs = 5000; ///< what a power cut may take of somebody who never pauses

struct FoundWork {
    std::size_t index = 0;
    LoadedAnnotation loaded;
    Size imageSize;
};

/// Reads the items whose journal has more than their file.
std::vector<FoundWork> findUnsavedWork(const Dataset &dataset, const std::string &except, const JobControl &control)
{
    std::set<std::string> folders;
    for (const Item &item : dataset.items)
        folders.insert(std::filesystem::path(dataset.absolute(item.image)).parent_path().string());
    for (const std::string &folder : folders)
        removeAbandonedTemporaries(folder);
    std::vector<FoundWork> found;
    for (const std::string &image : unsavedJournals(journalFolder(dataset.root))) {
        const auto index = dataset.indexOf(image);
        if (!index || image == except || control.isStopRequested())
            continue;
        FoundWork work{*index, loadAnnotation(dataset, dataset.items[*index], kNoLimit), {}};
        if (!work.loaded.resumed || work.loaded.resumed->recovered == 0)
            continue;
        if (const auto info = readImageInfo(dataset.absolute(image)))
            work.imageSize = info->size;
        found.push_back(std::move(work));
    }
    return found;
}

} // namespace

void Document::Private::recover()
{
    auto found = std::make_shared<std::vector<FoundWork>>();
    const std::string shown =
        currentIndex < 0 ? std::string() : dataset->items[static_cast<std::size_t>(currentIndex)].image;
    recoveryJob = run(
        {},
        [source = dataset, shown, found](JobControl &control) -> Result<void> {
            *found = findUnsavedWork(*source, shown, control);
            return {};
        },
        [this, found, opening = generation](const Result<void> &, bool canceled) {
            if (opening != generation || canceled)
                return;
            for (FoundWork &work : *found)
                takeRecovered(work.index, std::move(work.loaded), work.imageSize);
            limitJournalFiles();
        });
}

void Document::Private::takeRecovered(std::size_t index, LoadedAnnotation loaded, Size imageSize)
{
    const Item &item = dataset->items[index];
    const std::string file = absolute(item.image);
    if (states.contains(file)) // the user was here first
        return;
    const Journal::Resumed &resumed = *loaded.resumed;
    const int recovered = resumed.recovered;
    const QString warning = QString::fromStdString(resumed.warning);
    const auto state = makeState(item, std::move(loaded), imageSize);
    state->used = ++useCount;
    states[file] = state;
    showSummary(*state);
    tellRecovered(*state, recovered, warning);
}

void Document::Private::tellRecovered(const ItemState &state, int steps, const QString &warning)
{
    if (steps > 0) {
        const QString name = QFileInfo(QString::fromStdString(state.image)).fileName();
        const QString text = steps == 1 ? Document::tr("Recovered 1 step in %1.").arg(name)
                                        : Document::tr("Recovered %1 steps in %2.").arg(steps).arg(name);
        recoveryNotice += (recoveryNotice.isEmpty() ? QString() : QStringLiteral(" ")) + text;
        notice = recoveryNotice;
        autosave.start();
    }
    if (!warning.isEmpty())
        notice = warning;
    if (steps > 0 || !warning.isEmpty())
        emitChange(ChangeEvent::SaveStateChanged);
}

void Document::Private::addSnapshot(const ItemState &state, Annotation start)
{
    run({},
        [journal = state.history.journal(), start = std::move(start)](JobControl &) -> Result<void> {
            journal->addSnapshot(start);
            return {};
        },
        {});
}

void Document::Private::checkJournal(const ItemState &state)
{
    const std::shared_ptr<Journal> &journal = state.history.journal();
    const std::string error = journal->writeError();
    const QString text = error.empty()
                             ? QString()
                             : Document::tr("The journal cannot be written, so a crash now would lose the "
                                            "steps since the last save. Nothing is lost while Masque runs. %1")
                                   .arg(QString::fromStdString(error));
    if (text != journalNotice) {
        journalNotice = text;
        emitChange(ChangeEvent::SaveStateChanged);
    }
    if (error.empty() && (!lastSync.isValid() || lastSync.elapsed() > kSyncMs)) {
        lastSync.start();
        run({},
            [journal](JobControl &) -> Result<void> {
                journal->sync();
                return {};
            },
            {});
    }
}

void Document::Private::limitJournalFiles()
{
    run({},
        [folder = journalFolder(dataset->root), bytes = journalLimit](JobControl &) -> Result<void> {
            limitJournals(folder, bytes);
            return {};
        },
        {});
}

void Document::setJournalLimit(std::uint64_t bytes)
{
    d->journalLimit = bytes;
    if (d->dataset)
        d->limitJournalFiles();
}

namespace {

/// What another program wrote, and what its bytes are.
struct Theirs {
    Annotation annotation;
    std::uint64_t hash = 0;
};

Result<Theirs> read(AnnotationFile &file)
{
    file.look();
    auto bytes = readFile(file.path());
    if (!bytes)
        return bytes.error();
    auto json = Json::parse(*bytes);
    if (!json)
        return Error{json.error().code, file.path() + ": " + json.error().message, file.path()};
    auto annotation = labelMeFromJson(std::move(json).value(), file.path());
    if (!annotation)
        return annotation.error();
    return Theirs{std::move(annotation).value(), contentHash(*bytes)};
}

/// done is told on the GUI thread, and not at all if the job is cancelled. (Document::Private has no name out here.)
template <typename Private>
void readInJob(Private &document, const std::shared_ptr<AnnotationFile> &file, std::function<void(Result<Theirs>)> done)
{
    auto theirs = std::make_shared<Result<Theirs>>(Theirs());
    document.run(
        Document::tr("Reading %1").arg(QString::fromStdString(file->path())),
        [file, theirs](JobControl &) -> Result<void> {
            *theirs = read(*file);
            return {};
        },
        [theirs, done = std::move(done)](const Result<void> &, bool canceled) {
            if (!canceled)
                done(std::move(*theirs));
        });
}

} // namespace

void Document::readTheirs(std::function<void(Result<Annotation>)> done)
{
    if (d->current)
        readInJob(*d, d->current->file, [done = std::move(done)](Result<Theirs> theirs) {
            done(theirs ? Result<Annotation>(std::move(theirs->annotation)) : theirs.error());
        });
}

void Document::reloadAnnotation()
{
    if (!d->current)
        return;
    readInJob(*d, d->current->file, [this, state = d->current](Result<Theirs> theirs) {
        if (theirs) {
            d->takeTheirs(*state, std::move(theirs->annotation), theirs->hash);
        } else {
            d->notice = QString::fromStdString(theirs.error().message);
            d->emitChange(ChangeEvent::SaveStateChanged);
        }
    });
}

void Document::Private::takeTheirs(ItemState &state, Annotation theirs, std::uint64_t hash)
{
    Edit edit = replaceAllShapes(state.annotation, std::move(theirs.shapes), "Load the changed file");
    if (state.annotation.flags != theirs.flags)
        edit.flags = {state.annotation.flags, theirs.flags};
    if (state.annotation.checked != theirs.checked)
        edit.checked = {state.annotation.checked, theirs.checked};
    if (state.annotation.votes != theirs.votes)
        edit.votes = {state.annotation.votes, theirs.votes};
    if (!sameMask(state.annotation.kept, theirs.kept))
        edit.kept = {state.annotation.kept, theirs.kept};
    state.annotation.source = theirs.source;
    state.annotation.imagePath = theirs.imagePath;
    if (theirs.imageSize)
        state.annotation.imageSize = theirs.imageSize;
    state.file->accept();
    state.hasConflict = false;
    state.saveError.clear();
    if (!edit.isEmpty())
        state.history.push(std::move(edit));
    state.history.journal()->willSave(hash, state.history.node(), state.annotation);
    state.history.journal()->didSave(hash, state.history.node());
    state.saved = state.revision; // the file says exactly this
    checkJournal(state);
    limitHistory();
    emitChange(ChangeEvent::SaveStateChanged);
}

} // namespace masque
