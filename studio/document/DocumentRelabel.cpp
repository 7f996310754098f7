// SPDX-License-Identifier: GPL-3.0-or-later
// Renaming and merging classes in the whole dataset.
#include "studio/document/DocumentPrivate.h"

#include "core/annotations/shape_ops.h"
#include "core/base/files.h"

#include <QDateTime>

#include <algorithm>
#include <filesystem>

namespace masque {

namespace fs = std::filesystem;

std::string Document::Private::stateFolder() const
{
    const fs::path root = isReadOnlyFolder(dataset->root) ? fallbackFolder(dataset->root) : dataset->root;
    return (root / ".masque" / "relabel").string();
}

std::string Document::Private::relabelJournal() const
{
    std::string newest;
    std::error_code ignored;
    if (dataset)
        for (const auto &entry : fs::directory_iterator(stateFolder(), ignored))
            if (entry.path().extension() == ".jsonl")
                newest = std::max(newest, entry.path().string()); // their names are times
    return newest;
}

/// One edit in the history of every image in memory that has such shapes. Returns what was changed, a file each, the
/// unchanged ones without shapes.
std::vector<RelabelEntry> Document::Private::relabelInMemory(const std::string &to, const PickShape &pick,
                                                             Relabelled *changed)
{
    std::vector<RelabelEntry> entries;
    const auto all = states;
    for (const auto &[path, state] : all) {
        if (!dataset || state->root != dataset->root || !state->readError.isEmpty())
            continue;
        RelabelEntry entry{state->file->path(), {}};
        std::set<ShapeId> ids;
        const auto &shapes = state->annotation.shapes;
        for (std::size_t i = 0; i < shapes.size(); ++i)
            if (pick(entry.file, i, shapes[i])) {
                entry.shapes.push_back(i);
                ids.insert(shapes[i].id);
            }
        if (!ids.empty()) {
            push(*state,
                 changeShapes(state->annotation, ids, "Relabel as " + to, [&](Shape &shape) { shape.label = to; }));
        }
        if (changed)
            changed->shapes.insert(ids.begin(), ids.end());
        entries.push_back(std::move(entry));
    }
    return entries;
}

void Document::Private::changeClasses(const std::function<void(Dataset &)> &change)
{
    changeDataset([&](Dataset &changed) {
        changed.labels = labels;
        change(changed);
        labels = changed.labels;
    });
    labelsEdited = true;
    publishLabels();
    settingsTimer.start();
    if (!activeLabel.isEmpty() && !labels.idOf(activeLabel.toStdString())) {
        activeLabel.clear();
        emitChange(ChangeEvent::ActiveLabelChanged);
    }
}

void Document::Private::startRelabelling(const QString &title, std::function<Result<RelabelOutcome>(JobControl &)> work,
                                         std::function<void(const RelabelOutcome &)> done)
{
    auto outcome = std::make_shared<RelabelOutcome>();
    isRelabelling = true;
    run(
        title,
        [work = std::move(work), outcome](JobControl &control) -> Result<void> {
            auto result = work(control);
            if (!result)
                return result.error();
            *outcome = std::move(*result);
            return {};
        },
        [this, outcome, done = std::move(done), opening = generation](const Result<void> &result, bool canceled) {
            isRelabelling = false;
            if (opening != generation)
                return;
            if (!result && !canceled) {
                notice = QString::fromStdString(result.error().message);
            } else {
                notice = Document::tr("Files changed: %1.").arg(outcome->files);
                if (outcome->isCanceled || canceled)
                    notice += QLatin1Char(' ') + Document::tr("Canceled: the other files are as they were.");
                if (!outcome->skipped.empty())
                    notice += QLatin1Char(' ')
                              + Document::tr("Left alone: %1; the first of them: %2")
                                    .arg(outcome->skipped.size())
                                    .arg(QString::fromStdString(outcome->skipped.front().message));
                done(*outcome);
                // An image that was being read while its file was written.
                if (current && !current->isUnsaved() && current->readError.isEmpty()
                    && current->file->isChangedOnDisk())
                    q->reloadAnnotation();
            }
            emitChange(ChangeEvent::SaveStateChanged);
            jobs.cancel(indexJob);
            index();
        });
}

bool Document::isRelabelling() const
{
    return d->isRelabelling;
}

void Document::relabelClass(const QString &from, const QString &to)
{
    Relabelling wanted{from.toStdString(), to.trimmed().toStdString()};
    const auto old = d->labels.idOf(wanted.from);
    if (!d->dataset || isRelabelling() || wanted.to.empty() || wanted.from == wanted.to || !old || *old == kIgnoreId)
        return;
    if (d->dataset->source) {
        d->notice = tr("The classes of this dataset are named in its own files, which Masque does not change.");
        d->emitChange(ChangeEvent::SaveStateChanged);
        return;
    }
    const QString time = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    wanted.journal = d->stateFolder() + "/" + time.toStdString() + ".jsonl";
    const bool wasActive = activeLabel() == from;
    d->changeClasses([&](Dataset &dataset) {
        if (dataset.labels.idOf(wanted.to))
            wanted.merged = mergeClass(dataset, wanted.from, wanted.to);
        else
            dataset.labels.rename(*dataset.labels.idOf(wanted.from), wanted.to);
    });
    if (wasActive)
        setActiveLabel(to.trimmed());
    auto &changed = d->relabelled[wanted.journal];
    changed.mark = nextShapeId();
    const auto open = d->relabelInMemory(
        wanted.to, [&](const std::string &, std::size_t, const Shape &shape) { return shape.label == wanted.from; },
        &changed);
    d->startRelabelling(
        tr("Renaming %1 to %2").arg(from, to),
        [source = d->dataset, wanted, open](JobControl &control) {
            return relabelDataset(*source, wanted, open, control.stopToken(), [&](std::size_t done, std::size_t total) {
                control.report(double(done) / double(std::max<std::size_t>(total, 1)));
            });
        },
        [](const RelabelOutcome &) {});
}

QString Document::lastRelabelling() const
{
    const std::string journal = d->relabelJournal();
    const auto what = journal.empty() ? Result<Relabelling>(Error{}) : readRelabelling(journal);
    return what ? QString::fromStdString(what->from) + QStringLiteral(" → ") + QString::fromStdString(what->to)
                : QString();
}

void Document::undoRelabelling()
{
    const std::string journal = d->relabelJournal();
    const auto what = journal.empty() ? Result<Relabelling>(Error{}) : readRelabelling(journal);
    const auto entries = what ? readRelabelEntries(journal) : Result<std::vector<RelabelEntry>>(Error{});
    if (!entries || isRelabelling())
        return;
    const bool wasActive = activeLabel().toStdString() == what->to;
    d->changeClasses([&](Dataset &dataset) {
        const auto renamed = dataset.labels.idOf(what->to);
        if (what->merged)
            splitClass(dataset, *what->merged);
        else if (renamed && !dataset.labels.idOf(what->from))
            dataset.labels.rename(*renamed, what->from);
    });
    if (wasActive && activeLabel().isEmpty())
        setActiveLabel(QString::fromStdString(what->from));
    const auto known = d->relabelled[journal];
    const auto open = d->relabelInMemory(what->from, [&](const std::string &file, std::size_t i, const Shape &shape) {
        if (shape.label != what->to)
            return false;
        if (shape.id < known.mark) // by identity, wherever the shapes have moved to since
            return known.shapes.contains(shape.id);
        return std::ranges::any_of(*entries, [&](const RelabelEntry &entry) {
            return entry.file == file && std::ranges::find(entry.shapes, i) != entry.shapes.end();
        });
    });
    std::vector<std::string> files;
    for (const RelabelEntry &entry : open)
        files.push_back(entry.file);
    d->startRelabelling(
        tr("Renaming %1 back").arg(QString::fromStdString(what->to)),
        [journal, files](JobControl &control) {
            return masque::undoRelabelling(journal, files, control.stopToken(),
                                           [&](std::size_t done, std::size_t total) {
                                               control.report(double(done) / double(std::max<std::size_t>(total, 1)));
                                           });
        },
        [journal](const RelabelOutcome &outcome) {
            std::error_code ignored;
            if (!outcome.isCanceled && outcome.skipped.empty())
                fs::rename(journal, journal + ".undone", ignored);
        });
}

} // namespace masque
