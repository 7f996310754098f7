// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/DocumentPrivate.h"

#include "core/base/files.h"

#include <filesystem>

#include <QFileInfo>

namespace masque {

namespace {

QString lossText(const VariantLoss &loss)
{
    QStringList parts;
    if (loss.holes > 0)
        parts << Document::tr("holes filled: %1").arg(loss.holes);
    if (loss.regions > 0)
        parts << Document::tr("regions of fewer than 3 points left out: %1").arg(loss.regions);
    return parts.join(QStringLiteral(", "));
}

} // namespace

int Document::Private::indexOf(const ItemState &state) const
{
    if (!dataset || dataset->root != state.root)
        return -1;
    if (current.get() == &state)
        return currentIndex;
    const auto index = dataset->indexOf(state.image);
    return index ? static_cast<int>(*index) : -1;
}

QString Document::Private::conflictText(const ItemState &state)
{
    return Document::tr("%1: another program changed this file since it was read. Your work is kept here and nothing "
                        "was overwritten.")
        .arg(QString::fromStdString(state.file->path()));
}

SaveOptions Document::Private::saveOptions(const ItemState &state) const
{
    const bool isShown = current.get() == &state && q->isLoaded();
    return {state.history.journal(), state.history.node(), labelMeVariant,
            isShown ? std::optional(q->imageSize()) : std::nullopt};
}

void Document::Private::startSave(const std::shared_ptr<ItemState> &state, AnnotationFile::Overwrite overwrite)
{
    if (!state->isUnsaved() || state->saving != 0 || !state->readError.isEmpty())
        return;
    state->saving = state->revision;
    auto saved = std::make_shared<Result<VariantLoss>>(VariantLoss());
    run(
        {},
        [file = state->file, annotation = state->annotation, revision = state->revision, overwrite, saved,
         options = saveOptions(*state)](JobControl &) -> Result<void> {
            *saved = file->save(annotation, revision, overwrite, options);
            return {};
        },
        [this, state, saved, revision = state->revision](const Result<void> &ran, bool canceled) {
            if (!ran)
                *saved = ran.error(); // short of memory
            if (canceled)
                state->saving = 0;
            else
                takeSaved(state, revision, *saved);
            if ((*saved || canceled) && state->isUnsaved())
                autosave.start();
        });
    emitChange(ChangeEvent::SaveStateChanged);
}

void Document::Private::takeSaved(const std::shared_ptr<ItemState> &state, std::uint64_t revision,
                                  const Result<VariantLoss> &result)
{
    state->saving = 0;
    if (result) {
        state->saved = std::max(state->saved, revision);
        state->saveError.clear();
        state->hasConflict = false;
        state->loss = *result;
        if (result->isLoss())
            notice = Document::tr("%1 was saved so that every labelme opens it, with polygons in place of masks: %2.")
                         .arg(QFileInfo(QString::fromStdString(state->image)).fileName(), lossText(*result));
        const int index = indexOf(*state);
        const std::string path = state->file->path();
        if (index >= 0 && state->file->isFallback() && dataset->items[static_cast<std::size_t>(index)].json != path) {
            changeDataset([&](Dataset &changed) { changed.items[static_cast<std::size_t>(index)].json = path; });
            notice = Document::tr("This folder cannot be written. Annotations are saved in %1.")
                         .arg(QString::fromStdString(fallbackFolder(dataset->root)));
        }
    } else {
        state->hasConflict = result.error().context == "changed";
        state->saveError = QString::fromStdString(result.error().message);
        if (state->hasConflict)
            state->saveError = conflictText(*state);
        else
            retry.start();
    }
    emitChange(ChangeEvent::SaveStateChanged);
}

void Document::Private::saveAll()
{
    autosave.stop();
    const auto all = states; // with jobs that run at once, saving may change the list
    for (const auto &[file, state] : all) {
        if (state->history.journal() && state->history.journal()->flush())
            checkJournal(*state);
        startSave(state, AnnotationFile::Overwrite::Never);
    }
}

void Document::saveNow()
{
    d->saveAll();
}

bool Document::saveAndWait()
{
    d->autosave.stop();
    if (d->settingsTimer.isActive()) {
        d->settingsTimer.stop();
        (void)writeDatasetSettings(*d->dataset);
    }
    bool isSaved = true;
    const auto all = d->states;
    for (const auto &[file, state] : all) {
        if (!state->isUnsaved() || !state->readError.isEmpty())
            continue;
        const auto result = state->file->save(state->annotation, state->revision, AnnotationFile::Overwrite::Never,
                                              d->saveOptions(*state));
        isSaved = isSaved && result;
        d->takeSaved(state, state->revision, result);
    }
    return isSaved;
}

SaveState Document::saveState() const
{
    SaveState worst = SaveState::Saved;
    for (const auto &[file, state] : d->states) {
        if (!state->isUnsaved())
            continue;
        if (!state->saveError.isEmpty() && state->saving == 0)
            return SaveState::Failed;
        worst = std::max(worst, state->saving != 0 ? SaveState::Saving : SaveState::Modified);
    }
    return worst;
}

QString Document::saveError() const
{
    if (d->current && d->current->isUnsaved() && !d->current->saveError.isEmpty())
        return d->current->saveError;
    for (const auto &[file, state] : d->states)
        if (state->isUnsaved() && !state->saveError.isEmpty())
            return state->saveError;
    return {};
}

bool Document::hasConflict() const
{
    return d->current && d->current->isUnsaved() && d->current->hasConflict;
}

void Document::overwriteAnnotation()
{
    if (d->current)
        d->startSave(d->current, AnnotationFile::Overwrite::Always);
}

LabelMeVariant Document::labelMeVariant() const
{
    return d->labelMeVariant;
}

void Document::setLabelMeVariant(LabelMeVariant variant)
{
    if (d->labelMeVariant == variant)
        return;
    d->labelMeVariant = variant;
    d->emitChange(ChangeEvent::SaveStateChanged);
}

VariantLoss Document::variantLoss() const
{
    return d->current ? d->current->loss : VariantLoss();
}

} // namespace masque
