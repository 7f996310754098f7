// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/Document.h"

#include "studio/document/DocumentPrivate.h"
#include "studio/document/EditCommand.h"

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
                    if (guard)
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
    state.history.push(new EditCommand(std::move(edit), [this, &state](const Edit &step) { d->change(state, step); }));
    d->limitHistory();
}

void Document::Private::change(ItemState &state, const Edit &edit)
{
    apply(edit, state.annotation);
    ++state.revision;
    autosave.start();
    addLabelsOf(state.annotation);
    if (current.get() == &state) {
        const auto gone = [&](ShapeId id) { return !state.annotation.find(id); };
        const bool deselected = std::erase_if(selection, gone) > 0;
        emitChange(ChangeEvent::AnnotationChanged, edit.dirtyRect());
        if (deselected)
            emitChange(ChangeEvent::SelectionChanged);
    }
    if (const int index = indexOf(state); index >= 0)
        setSummary(index, summarise(state.annotation));
    emitChange(ChangeEvent::SaveStateChanged);
}

std::size_t ItemState::historyBytes() const
{
    std::size_t sum = 0;
    for (int i = 0; i < history.count(); ++i)
        sum += static_cast<const EditCommand *>(history.command(i))->memoryBytes();
    return sum;
}

std::size_t Document::undoBytes() const
{
    std::size_t sum = 0;
    for (const auto &[file, state] : d->states)
        sum += state->historyBytes();
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
    while (bytes > undoLimit) {
        // Other images' histories go first, the longest unused of them before the others.
        std::shared_ptr<ItemState> oldest;
        for (const auto &[file, state] : states)
            if (state != current && state->history.count() > 0 && (!oldest || state->used < oldest->used))
                oldest = state;
        if (!oldest)
            break;
        bytes -= oldest->historyBytes();
        oldest->history.clear();
    }
    forgetOldStates();
    if (!current)
        return;
    for (int i = 0; i < current->history.index() - 1 && bytes > undoLimit; ++i) {
        // The stack offers its commands for looking only; dropping from the oldest on keeps it consistent.
        auto *command = const_cast<EditCommand *>(static_cast<const EditCommand *>(current->history.command(i)));
        bytes -= command->memoryBytes();
        command->drop();
    }
}

QUndoStack *Document::undoStack() const
{
    return d->current ? &d->current->history : nullptr;
}

QUndoGroup *Document::undoGroup() const
{
    return &d->history;
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
