// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/document/DocumentPrivate.h"

#include "core/base/files.h"

#include <QFileInfo>

#include <filesystem>

namespace masque {

namespace fs = std::filesystem;

namespace {

struct Opened {
    Dataset dataset;
    int startIndex = 0;
};

Result<Opened> openPath(const std::string &path, const FormatList &formats)
{
    auto dataset = openDataset(path, formats);
    if (!dataset)
        return dataset.error();
    Opened opened{std::move(dataset).value()};
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) {
        const auto isSame = [&](const std::string &file) {
            return fs::equivalent(opened.dataset.absolute(file), path, ignored);
        };
        const std::string stem = fs::path(path).stem().string();
        for (std::size_t i = 0; i < opened.dataset.items.size(); ++i) {
            const Item &item = opened.dataset.items[i];
            if (fs::path(item.image).stem() == stem && (isSame(item.image) || isSame(item.json)))
                opened.startIndex = static_cast<int>(i);
        }
    }
    return opened;
}

} // namespace

void Document::open(const QString &path)
{
    d->saveAll();
    d->jobs.cancel(d->openJob);
    d->isOpening = true;
    d->datasetError.clear();
    d->emitChange(ChangeEvent::SaveStateChanged);
    auto opened = std::make_shared<Opened>();
    d->openJob = d->run(
        tr("Opening %1").arg(QFileInfo(path).fileName()),
        [formats = d->formats, path = path.toStdString(), opened](JobControl &) -> Result<void> {
            auto result = openPath(path, formats);
            if (!result)
                return result.error();
            *opened = std::move(result).value();
            return {};
        },
        [this, opened](const Result<void> &result, bool canceled) {
            if (canceled)
                return;
            d->isOpening = false;
            if (result) {
                d->install(std::move(opened->dataset), opened->startIndex);
            } else { // what was open stays open
                d->datasetError = QString::fromStdString(result.error().message);
                d->emitChange(ChangeEvent::DatasetOpened);
            }
        });
}

void Document::Private::install(Dataset opened, int startIndex)
{
    leaveDataset();
    labels = opened.labels;
    labelsEdited = opened.labelsFixed;
    activeLabel.clear();
    hiddenLabels.clear();
    lockedLabels.clear();
    summaries.assign(opened.items.size(), {});
    dataset = std::make_shared<const Dataset>(std::move(opened));
    notice.clear();
    recoveryNotice.clear();
    if (isReadOnlyFolder(dataset->root))
        notice = Document::tr("This folder cannot be written. Annotations are saved in %1.")
                     .arg(QString::fromStdString(fallbackFolder(dataset->root)));
    pickOnlyLabel();
    emitChange(ChangeEvent::DatasetOpened);
    emitChange(ChangeEvent::LabelsChanged);
    emitChange(ChangeEvent::ActiveLabelChanged);
    q->setCurrentIndex(dataset->items.empty() ? -1 : startIndex);
    recover();
    index();
}

void Document::Private::leaveDataset()
{
    leaveCurrent();
    jobs.cancel(indexJob);
    jobs.cancel(recoveryJob);
    ++generation;
    currentIndex = -1;
    isIndexing = false;
    if (settingsTimer.isActive())
        saveSettings();
}

void Document::Private::index()
{
    if (dataset->items.empty())
        return;
    isIndexing = true;
    auto indexed = std::make_shared<IndexedDataset>();
    indexJob = run(
        Document::tr("Reading annotations"),
        [source = dataset, indexed](JobControl &control) -> Result<void> {
            *indexed = indexDataset(*source, control.stopToken(), [&](std::size_t done, std::size_t total) {
                control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(total, 1)));
            });
            return {};
        },
        [this, indexed, opening = generation](const Result<void> &result, bool canceled) {
            if (opening != generation || canceled)
                return;
            isIndexing = false;
            if (result && indexed->summaries.size() == summaries.size())
                takeIndex(std::move(*indexed));
        });
}

void Document::Private::takeIndex(IndexedDataset indexed)
{
    changeDataset([&](Dataset &changed) { changed.problems = std::move(indexed.dataset.problems); });
    for (const auto &[file, state] : states) // what is edited here is newer than its file
        if (const int i = indexOf(*state); i >= 0 && state->revision > 0)
            indexed.summaries[static_cast<std::size_t>(i)] = summaries[static_cast<std::size_t>(i)];
    for (std::size_t i = 0; i < summaries.size(); ++i) {
        indexed.summaries[i].iou = summaries[i].iou;
        indexed.summaries[i].isProposed = summaries[i].isProposed;
        indexed.summaries[i].uncertainty = summaries[i].uncertainty;
    }
    summaries = std::move(indexed.summaries);
    std::set<std::string> used;
    for (const ItemSummary &summary : summaries)
        used.insert(summary.labels.begin(), summary.labels.end());
    LabelSet found = indexed.dataset.labels;
    for (int id = found.size() - 1; id >= 0; --id)
        if (!labels.idOf(found[id].name) && !used.contains(found[id].name))
            found.remove(id); // only in a file that is older than what is edited here
    mergeLabels(found);
    changeDataset([&](Dataset &changed) { // values that masks were found to have
        for (const auto &[value, id] : indexed.dataset.maskIds)
            if (const auto known = id == kIgnoreId ? std::optional(id) : labels.idOf(indexed.dataset.labels[id].name))
                changed.maskIds.emplace(value, *known);
    });
    emitChange(ChangeEvent::ItemsIndexed, {}, 0, static_cast<int>(summaries.size()) - 1);
}

void Document::Private::changeDataset(const std::function<void(Dataset &)> &change)
{
    auto changed = std::make_shared<Dataset>(*dataset);
    change(*changed);
    dataset = std::move(changed);
}

void Document::Private::setSummary(int index, ItemSummary summary)
{
    ItemSummary &known = summaries[static_cast<std::size_t>(index)];
    summary.iou = known.iou;
    summary.isProposed = known.isProposed;
    summary.uncertainty = known.uncertainty;
    if (known == summary)
        return;
    known = std::move(summary);
    emitChange(ChangeEvent::ItemsIndexed, {}, index, index);
}

void Document::noteSummary(int index, ItemSummary summary)
{
    if (index >= 0 && index < static_cast<int>(d->summaries.size())
        && d->summaries[static_cast<std::size_t>(index)].status == ItemStatus::Unknown)
        d->setSummary(index, std::move(summary));
}

void Document::noteScores(const std::map<int, ModelScore> &scores)
{
    if (scores.empty())
        return;
    for (const auto &[index, score] : scores)
        if (index >= 0 && index < static_cast<int>(d->summaries.size())) {
            auto &summary = d->summaries[static_cast<std::size_t>(index)];
            summary.iou = score.iou;
            summary.uncertainty = score.uncertainty;
        }
    d->emitChange(ChangeEvent::ItemsIndexed, {}, scores.begin()->first, scores.rbegin()->first);
}

void Document::noteProposals(const std::map<int, bool> &waiting)
{
    int first = -1, last = -1;
    for (const auto &[index, isWaiting] : waiting) {
        if (index < 0 || index >= static_cast<int>(d->summaries.size())
            || std::exchange(d->summaries[static_cast<std::size_t>(index)].isProposed, isWaiting) == isWaiting)
            continue;
        first = first < 0 ? index : first;
        last = index;
    }
    if (first >= 0)
        d->emitChange(ChangeEvent::ItemsIndexed, {}, first, last);
}

void Document::close()
{
    if (!d->dataset)
        return;
    d->jobs.cancel(d->openJob);
    d->leaveDataset();
    d->dataset.reset();
    d->summaries.clear();
    d->labels = {};
    d->activeLabel.clear();
    d->notice.clear();
    d->isOpening = false;
    d->emitChange(ChangeEvent::DatasetOpened);
    d->emitChange(ChangeEvent::LabelsChanged);
    d->emitChange(ChangeEvent::CurrentItem);
}

std::shared_ptr<const Dataset> Document::dataset() const
{
    return d->dataset;
}
const std::vector<ItemSummary> &Document::summaries() const
{
    return d->summaries;
}
QString Document::datasetError() const
{
    return d->datasetError;
}
bool Document::isOpening() const
{
    return d->isOpening;
}
bool Document::isIndexing() const
{
    return d->isIndexing;
}
QString Document::notice() const
{
    return d->journalNotice.isEmpty() ? d->notice : d->journalNotice;
}

} // namespace masque
