// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/DocumentPrivate.h"

#include "core/image/image_file.h"

namespace masque {

namespace {

/// What a job makes of one image.
struct MadeEdit {
    LoadedAnnotation loaded; ///< only where it was not in memory
    Size imageSize;
    Edit edit{.name = {}, .shapes = {}};
};

} // namespace

/// Edits of many images, one after the other.
struct Document::Private::Batch {
    std::vector<int> items;
    MakeEdit make;
    BatchProgress progress;
    BatchOutcome outcome;
    std::size_t next = 0;
    quint64 generation = 0;
};

void Document::editItems(std::vector<int> items, MakeEdit make, BatchProgress progress)
{
    if (!d->dataset)
        return;
    auto batch = std::make_shared<Private::Batch>();
    batch->items = std::move(items);
    batch->make = std::move(make);
    batch->progress = std::move(progress);
    batch->generation = d->generation;
    d->editNext(batch);
}

void Document::Private::editNext(const std::shared_ptr<Batch> &batch)
{
    const bool isOver = batch->next >= batch->items.size() || batch->generation != generation || !dataset;
    if (batch->progress && !batch->progress(batch->outcome, isOver))
        return;
    if (isOver)
        return;
    const int index = batch->items[batch->next];
    const Item item = dataset->items[static_cast<std::size_t>(index)];
    const auto found = states.find(absolute(item.image));
    const auto known = found == states.end() ? nullptr : found->second;
    const std::uint64_t revision = known ? known->revision : 0;
    const auto made = std::make_shared<MadeEdit>();
    run(
        {},
        [made, batch, index, item, source = dataset, isKnown = known != nullptr, maxBytes = journalLimit / 2,
         annotation = known ? known->annotation : Annotation(),
         size = known ? known->imageSize : Size()](JobControl &control) -> Result<void> {
            made->imageSize = size;
            if (!isKnown) {
                made->loaded = loadAnnotation(*source, item, maxBytes);
                if (!made->loaded.resumed)
                    return Error{ErrorCode::Data, made->loaded.error.toStdString()};
                const auto info = readImageInfo(source->absolute(item.image));
                if (!info)
                    return info.error();
                made->imageSize = info->size;
            }
            auto edit = batch->make(index, isKnown ? annotation : made->loaded.resumed->annotation, made->imageSize,
                                    control.stopToken());
            if (!edit)
                return edit.error();
            made->edit = std::move(*edit);
            return {};
        },
        [this, made, batch, item, known, revision](const Result<void> &result, bool canceled) {
            if (canceled || batch->generation != generation || !dataset) {
                batch->next = batch->items.size();
                editNext(batch);
                return;
            }
            const auto now = states.find(absolute(item.image));
            auto state = now == states.end() ? nullptr : now->second;
            if (state != known || (known && known->revision != revision)) {
                editNext(batch); // it was edited, opened or forgotten meanwhile: once more
                return;
            }
            if (!state && result) {
                state = makeState(item, std::move(made->loaded), made->imageSize);
                state->used = useCount;
                states[absolute(item.image)] = state;
            }
            if (!result || !state->readError.isEmpty()) {
                ++batch->outcome.failed;
                if (batch->outcome.error.isEmpty())
                    batch->outcome.error = result ? state->readError : QString::fromStdString(result.error().message);
            } else if (!made->edit.isEmpty()) {
                push(*state, std::move(made->edit));
                ++batch->outcome.changed;
            }
            ++batch->outcome.done;
            ++batch->next;
            if (batch->next % 8 == 0) {
                saveAll();
                forgetOldStates();
            }
            editNext(batch);
        });
}

} // namespace masque
