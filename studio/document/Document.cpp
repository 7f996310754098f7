// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/Document.h"

#include "studio/document/DocumentPrivate.h"

#include <algorithm>

namespace masque {

Document::Private::Private(Document *document, JobRunner &runner, FormatList formatList)
    : q(document), jobs(runner), formats(std::move(formatList))
{
    autosave.setSingleShot(true);
    autosave.setInterval(1000);
    QObject::connect(&autosave, &QTimer::timeout, q, [this] { saveAll(); });
    retry.setSingleShot(true);
    retry.setInterval(5000);
    QObject::connect(&retry, &QTimer::timeout, q, [this] { saveAll(); });
    settingsTimer.setSingleShot(true);
    settingsTimer.setInterval(300);
    QObject::connect(&settingsTimer, &QTimer::timeout, q, [this] { saveSettings(); });
}

void Document::Private::emitChange(ChangeEvent::Kind kind, Rect dirty, int first, int last)
{
    Q_EMIT q->changed({kind, dirty, first, last});
}

JobId Document::Private::run(const QString &title, std::function<Result<void>(JobControl &)> work,
                             std::function<void(const Result<void> &, bool canceled)> done)
{
    return jobs.start(
        makeJob(title, std::move(work),
                [guard = QPointer<Document>(q), done = std::move(done)](const auto &result, bool canceled) {
                    if (guard && done)
                        done(result, canceled);
                }));
}

Document::Document(JobRunner &jobs, FormatList formats, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(this, jobs, std::move(formats)))
{
}

Document::~Document()
{
    blockSignals(true);
    saveAndWait();
}

bool Document::isLoaded() const
{
    return d->current != nullptr;
}
QString Document::loadError() const
{
    return d->loadError;
}
int Document::currentIndex() const
{
    return d->currentIndex;
}
std::shared_ptr<const ImageLevels> Document::imageLevels() const
{
    return d->image;
}

const cv::Mat &Document::image() const
{
    static const cv::Mat none;
    return d->image ? d->image->levels.front() : none;
}

Size Document::imageSize() const
{
    return {image().cols, image().rows};
}

const Annotation &Document::annotation() const
{
    static const Annotation none;
    return d->current ? d->current->annotation : none;
}

bool Document::isReadOnly() const
{
    return !d->current || !d->current->readError.isEmpty();
}

void Document::applyEdit(Edit edit)
{
    if (isReadOnly() || edit.isEmpty())
        return;
    ItemState &state = *d->current;
    const std::shared_ptr<Journal> &journal = state.history.journal();
    const bool needsSnapshot = state.history.node() == 0 && journal->needsSnapshot();
    std::optional<Annotation> start;
    if (needsSnapshot)
        start = state.annotation;
    state.history.push(std::move(edit));
    if (start)
        d->addSnapshot(state, std::move(*start));
    d->checkJournal(state);
    d->limitHistory();
}

void Document::undo()
{
    if (d->current)
        d->current->history.undo();
}

void Document::redo()
{
    if (d->current)
        d->current->history.redo();
}

void Document::Private::takeChange(ItemState &state, Rect dirty)
{
    ++state.revision;
    autosave.start();
    addLabelsOf(state.annotation);
    if (current.get() == &state) {
        const auto gone = [&](ShapeId id) { return !state.annotation.find(id); };
        const bool deselected = std::erase_if(selection, gone) > 0;
        emitChange(ChangeEvent::AnnotationChanged, dirty);
        if (deselected)
            emitChange(ChangeEvent::SelectionChanged);
    }
    showSummary(state);
    emitChange(ChangeEvent::SaveStateChanged);
}

void Document::Private::showSummary(const ItemState &state)
{
    if (const int index = indexOf(state); index >= 0)
        setSummary(index, summarise(state.annotation));
}

std::size_t Document::undoBytes() const
{
    std::size_t sum = 0;
    for (const auto &[file, state] : d->states)
        sum += state->history.memoryBytes();
    return sum;
}

void Document::setUndoLimit(std::size_t bytes)
{
    d->undoLimit = bytes;
    d->limitHistory();
}

void Document::Private::limitHistory()
{
    std::size_t bytes = q->undoBytes();
    if (bytes <= undoLimit)
        return;
    // Other images' edits go first, the longest unused of them before the others.
    std::vector<std::shared_ptr<ItemState>> order;
    for (const auto &[file, state] : states)
        order.push_back(state);
    std::sort(order.begin(), order.end(), [this](const auto &a, const auto &b) {
        return (a == current) != (b == current) ? b == current : a->used < b->used;
    });
    for (const auto &state : order) {
        const std::size_t own = state->history.memoryBytes(), excess = bytes > undoLimit ? bytes - undoLimit : 0;
        if (excess == 0)
            break;
        state->history.spill(own > excess ? own - excess : 0);
        bytes -= own - state->history.memoryBytes();
    }
}

History *Document::undoStack() const
{
    return d->current ? &d->current->history : nullptr;
}

const std::set<ShapeId> &Document::selection() const
{
    return d->selection;
}

void Document::setSelection(std::set<ShapeId> ids)
{
    std::erase_if(ids, [this](ShapeId id) { return !annotation().find(id); });
    if (ids == d->selection)
        return;
    d->selection = std::move(ids);
    d->emitChange(ChangeEvent::SelectionChanged);
}

} // namespace masque
