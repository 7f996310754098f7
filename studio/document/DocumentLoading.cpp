// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/DocumentPrivate.h"

#include "core/annotations/labelme.h"
#include "core/base/files.h"
#include "core/image/image_file.h"

#include <algorithm>
#include <filesystem>

namespace masque {

namespace {

constexpr std::uint64_t kKeptStates = 16; ///< of images shown last: their histories need not be read again
constexpr quint64 kLimitEvery = 20;       ///< images left until the journals' sizes are looked at again
constexpr std::size_t kImageCacheBytes = std::size_t{512} << 20;

/// What a loading job found. Every field stands for itself: an image is shown although its annotation is broken.
struct Loaded {
    ImagePtr image;
    QString imageError;
    LoadedAnnotation annotation;
};

void loadImage(const std::string &file, Loaded &loaded)
{
    auto image = readImage(file);
    if (!image) {
        loaded.imageError = QString::fromStdString(image.error().message);
        return;
    }
    auto levels = buildImageLevels(std::move(image).value());
    if (levels)
        loaded.image = std::make_shared<const ImageLevels>(std::move(levels).value());
    else
        loaded.imageError = QString::fromStdString(file + ": " + levels.error().message);
}

} // namespace

LoadedAnnotation loadAnnotation(const Dataset &dataset, const Item &item, std::uint64_t maxJournalBytes)
{
    namespace fs = std::filesystem;
    // item.json may be an absolute path in the fallback folder already; then both are the same file.
    const std::string json = item.json.empty() ? fs::path(item.image).replace_extension(".json").string() : item.json;
    const auto fallback = fs::path(fallbackFolder(dataset.root)) / json;
    LoadedAnnotation loaded;
    loaded.file =
        std::make_shared<AnnotationFile>(dataset.absolute(json), fallback.string(), dataset.absolute(item.image));
    std::error_code ignored;
    std::string source = loaded.file->path(); // what readAnnotation reads
    if (!fs::exists(source, ignored) && !item.mask.empty())
        source = dataset.absolute(item.mask);
    const auto bytes = readFile(source);
    auto annotation = readAnnotation(dataset, item);
    if (!annotation) {
        loaded.error = QString::fromStdString(annotation.error().message);
        return loaded;
    }
    loaded.journal = Journal::open(journalFolder(dataset.root), item.image);
    std::uint64_t hash = bytes ? contentHash(*bytes) : 0;
    if (!bytes && !item.foreign.empty()) // one file may hold all images' annotations: this one's content counts
        hash = contentHash(labelMeText(*annotation).value_or(std::string()));
    loaded.resumed = loaded.journal->resume(std::move(annotation).value(), hash);
    loaded.journal->compact(loaded.resumed->annotation, hash, maxJournalBytes);
    if (loaded.resumed->isConflict)
        loaded.file->expectConflict();
    return loaded;
}

std::shared_ptr<ItemState> Document::Private::makeState(const Item &item, LoadedAnnotation loaded, Size imageSize)
{
    // The state is reached through a pointer of its own, which lives exactly as long as it.
    auto owner = std::make_shared<ItemState *>(nullptr);
    auto state = std::make_shared<ItemState>(History::Target{
        [owner]() -> const Annotation & { return (*owner)->annotation; },
        [owner](const Edit &edit) { apply(edit, (*owner)->annotation); },
        [this, owner](Rect dirty) { takeChange(**owner, dirty); },
        [this](const QString &why) {
            notice = Document::tr("The history cannot go further back: %1").arg(why);
            emitChange(ChangeEvent::SaveStateChanged);
        },
    });
    *owner = state.get();
    state->root = dataset->root;
    state->image = item.image;
    state->file = std::move(loaded.file);
    state->imageSize = imageSize;
    if (loaded.resumed) {
        state->annotation = std::move(loaded.resumed->annotation);
        state->history.setJournal(std::move(loaded.journal));
        state->hasConflict = loaded.resumed->isConflict;
        if (loaded.resumed->recovered > 0)
            state->revision = 1; // the file does not have it yet
        if (state->hasConflict)
            state->saveError = conflictText(*state);
    } else {
        state->readError = loaded.error;
    }
    // A file that does not say its size is left so: an edit of one vertex changes one vertex.
    if (!state->annotation.imageSize && !state->annotation.source && !imageSize.isEmpty())
        state->annotation.imageSize = imageSize;
    QObject::connect(&state->history, &History::changed, q, [this, raw = state.get()] {
        if (current.get() == raw)
            emitChange(ChangeEvent::HistoryChanged);
    });
    return state;
}

ImagePtr ImageCache::find(const std::string &file)
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry &e) { return e.file == file; });
    if (found == m_entries.end())
        return nullptr;
    std::rotate(found, found + 1, m_entries.end());
    return m_entries.back().image;
}

void ImageCache::put(const std::string &file, ImagePtr image)
{
    if (find(file))
        m_entries.back().image = std::move(image);
    else
        m_entries.push_back({file, std::move(image)});
    std::size_t bytes = 0;
    for (auto entry = m_entries.rbegin(); entry != m_entries.rend(); ++entry) {
        bytes += entry->image->bytes();
        if (bytes > kImageCacheBytes && entry != m_entries.rbegin()) {
            m_entries.erase(m_entries.begin(), entry.base());
            break;
        }
    }
}

void Document::setCurrentIndex(int index)
{
    const int count = d->dataset ? static_cast<int>(d->dataset->items.size()) : 0;
    index = index < 0 || index >= count ? -1 : index;
    if (index == d->currentIndex)
        return;
    d->leaveCurrent();
    d->currentIndex = index;
    d->emitChange(ChangeEvent::CurrentItem);
    d->load();
}

void Document::Private::leaveCurrent()
{
    ++loadGeneration;
    jobs.cancel(loadJob);
    saveAll();
    if (dataset && loadGeneration % kLimitEvery == 0)
        limitJournalFiles();
    current.reset();
    image.reset();
    loadError.clear();
    if (!selection.empty()) {
        selection.clear();
        emitChange(ChangeEvent::SelectionChanged);
    }
    forgetOldStates();
}

void Document::Private::forgetOldStates()
{
    std::erase_if(states, [this](const auto &entry) {
        const ItemState &state = *entry.second;
        if (entry.second == current || state.isUnsaved() || state.saving != 0)
            return false;
        if (state.history.count() == 0)
            return true;
        // Its history can be read again.
        return state.used + kKeptStates < useCount && state.history.journal()->isOnDisk();
    });
}

void Document::Private::load()
{
    if (currentIndex < 0)
        return;
    const Item item = dataset->items[static_cast<std::size_t>(currentIndex)];
    const std::string file = absolute(item.image);
    auto loaded = std::make_shared<Loaded>();
    loaded->image = images.find(file);
    // A history belongs to the shapes in memory. When the file has changed meanwhile and nothing here is unsaved, the
    // file wins; otherwise saving will tell of the conflict.
    std::shared_ptr<ItemState> kept;
    if (const auto found = states.find(file); found != states.end()) {
        if (found->second->isUnsaved() || !found->second->file->isChangedOnDisk())
            kept = found->second;
        else
            states.erase(found);
    }
    loadJob = run(
        {},
        [source = dataset, item, file, loaded, needsAnnotation = !kept,
         maxBytes = journalLimit / 2](JobControl &control) -> Result<void> {
            if (!loaded->image && !control.isStopRequested())
                loadImage(file, *loaded);
            if (needsAnnotation && !control.isStopRequested())
                loaded->annotation = loadAnnotation(*source, item, maxBytes);
            return {};
        },
        [this, loaded, file, item, kept, loading = loadGeneration](const Result<void> &result, bool canceled) {
            if (loaded->image)
                images.put(file, loaded->image);
            if (loading != loadGeneration || canceled)
                return;
            if (!loaded->image) {
                loadError = loaded->imageError;
                if (!result)
                    loadError = QString::fromStdString(result.error().message);
                setSummary(currentIndex, {.status = ItemStatus::Problem, .problem = loadError.toStdString()});
                emitChange(ChangeEvent::ImageLoaded);
                return;
            }
            image = loaded->image;
            auto &state = states[file];
            if (kept)
                state = kept;
            if (!state) { // else it was recovered meanwhile
                int recovered = 0;
                QString warning;
                if (const auto &resumed = loaded->annotation.resumed) {
                    recovered = resumed->recovered;
                    warning = QString::fromStdString(resumed->warning);
                }
                const cv::Mat &pixels = image->levels.front();
                state = makeState(item, std::move(loaded->annotation), {pixels.cols, pixels.rows});
                tellRecovered(*state, recovered, warning);
            }
            if (!state->annotation.imageSize && !state->annotation.source)
                state->annotation.imageSize = Size{image->levels.front().cols, image->levels.front().rows};
            state->used = ++useCount;
            current = state;
            loadError = state->readError;
            if (!loadError.isEmpty())
                setSummary(currentIndex, {.status = ItemStatus::Problem, .problem = loadError.toStdString()});
            addLabelsOf(current->annotation);
            emitChange(ChangeEvent::ImageLoaded);
            emitChange(ChangeEvent::HistoryChanged);
            emitChange(ChangeEvent::SaveStateChanged);
            prefetch();
        });
}

void Document::Private::prefetch()
{
    for (const int neighbour : {currentIndex + 1, currentIndex - 1}) {
        if (neighbour < 0 || neighbour >= static_cast<int>(dataset->items.size()))
            continue;
        const std::string file = absolute(dataset->items[static_cast<std::size_t>(neighbour)].image);
        if (images.find(file))
            continue;
        auto loaded = std::make_shared<Loaded>();
        run(
            {},
            [file, loaded](JobControl &control) -> Result<void> {
                if (!control.isStopRequested())
                    loadImage(file, *loaded);
                return {};
            },
            [this, file, loaded](const Result<void> &, bool) {
                if (loaded->image)
                    images.put(file, loaded->image);
            });
    }
}

} // namespace masque
