// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/CapturedFaces.h"

#include "core/base/files.h"
#include "core/image/picture_file.h"
#include "core/runs/run.h"
#include "studio/jobs/job_support.h"

#include <QDateTime>
#include <QPointer>

#include <algorithm>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr int kThumbnailPx = 64;

std::string descriptionOf(const std::string &file)
{
    return fs::path(file).replace_extension(".json").string();
}

/// The picture and its LabelMe file; the picture last, so that none is there without what it is.
Result<void> writeFace(const std::string &file, const CapturedFaces::Face &face)
{
    if (const auto made = makeFolder(fs::path(file).parent_path().string()); !made)
        return made;
    Json json = Json::object(), flags = Json::object(), live = Json::object();
    if (!face.label.empty())
        flags.set(face.label, true);
    live.set("source", face.source);
    live.set("time_s", face.timeS);
    live.set("track", face.track);
    if (!face.guess.empty())
        live.set("guess", face.guess);
    json.set("version", "5.4.1");
    json.set("flags", std::move(flags));
    json.set("shapes", Json::array());
    json.set("imagePath", fs::path(file).filename().string());
    json.set("imageData", Json());
    json.set("imageHeight", face.rgb.rows);
    json.set("imageWidth", face.rgb.cols);
    json.set("live", std::move(live));
    if (const auto written = writeFileAtomically(descriptionOf(file), json.dump(2) + "\n"); !written)
        return written;
    return writeImage(file, face.rgb);
}

/// What writeFace wrote of a face that waits.
Result<CapturedFaces::Face> readFace(const std::string &file)
{
    auto rgb = readImage(file);
    if (!rgb)
        return rgb.error();
    const auto json = readJsonFile(descriptionOf(file));
    if (!json)
        return json.error();
    const Json &live = (*json)["live"];
    return CapturedFaces::Face{std::move(*rgb),
                               {},
                               live["source"].toString(),
                               live["time_s"].toDouble(),
                               static_cast<int>(live["track"].toInt()),
                               live["guess"].toString()};
}

Result<void> removeFace(const std::string &file)
{
    std::error_code failure;
    if (!fs::remove(file, failure) && failure)
        return Error{ErrorCode::Io, file + ": " + failure.message(), file};
    fs::remove(descriptionOf(file), failure);
    return {};
}

/// Beside the dataset's runs: where the dataset cannot be written, there it can.
std::string waitingFolder(const std::string &root)
{
    return (fs::path(runsFolder(root)).parent_path() / "uncertain").string();
}

QImage thumbnail(const cv::Mat &rgb)
{
    const QImage picture(rgb.data, rgb.cols, rgb.rows, qsizetype(rgb.step), QImage::Format_RGB888);
    return picture.scaled(kThumbnailPx, kThumbnailPx, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

} // namespace

Result<std::string> folderForClass(const Dataset &dataset, const std::string &label)
{
    if (!dataset.items.empty() && pictureName(dataset.items.front().image))
        return Error{ErrorCode::Data,
                     dataset.root + ": its images are rows of one file, which no other can join; open a folder",
                     dataset.root};
    const Item *other = nullptr; // of another class, for learning from
    for (const Item &item : dataset.items) {
        if (item.label.empty() || (item.split != Split::Train && item.split != Split::None))
            continue;
        const fs::path folder = fs::path(dataset.absolute(item.image)).parent_path();
        if (item.label == label)
            return folder.string();
        other = other ? other : &item;
    }
    if (other)
        return (fs::path(dataset.absolute(other->image)).parent_path().parent_path() / label).string();
    return dataset.absolute("live");
}

CapturedFaces::CapturedFaces(Document &document, JobRunner &jobs, QObject *parent)
    : QAbstractListModel(parent), m_document(document), m_jobs(jobs)
{
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened && openRoot() != m_root) {
            beginResetModel();
            m_entries.clear();
            m_root = openRoot();
            m_joined = 0;
            endResetModel();
            Q_EMIT changed();
            readWaiting();
        }
    });
    m_root = openRoot();
    readWaiting();
}

void CapturedFaces::readWaiting()
{
    if (m_root.empty())
        return;
    const auto found = std::make_shared<std::vector<std::shared_ptr<Entry>>>();
    m_jobs.start(makeJob(
        {},
        [found, folder = waitingFolder(m_root)](JobControl &control) -> Result<void> {
            std::error_code ignored;
            std::vector<std::string> files;
            for (const auto &entry : fs::directory_iterator(folder, ignored))
                if (entry.path().extension() == ".png")
                    files.push_back(entry.path().string());
            std::ranges::sort(files);
            for (const std::string &file : files) {
                if (control.isStopRequested())
                    break;
                if (auto face = readFace(file)) { // a stranger's file stays where it is
                    const QImage picture = thumbnail(face->rgb);
                    face->rgb.release();
                    found->push_back(std::make_shared<Entry>(Entry{picture, std::move(*face), file}));
                }
            }
            return {};
        },
        [self = QPointer(this), found, root = m_root](const Result<void> &, bool canceled) {
            if (!self || canceled || self->m_root != root)
                return;
            for (const auto &entry : *found)
                self->insert(entry);
            Q_EMIT self->changed();
        }));
}

std::string CapturedFaces::openRoot() const
{
    return m_document.dataset() ? m_document.dataset()->root : std::string();
}

void CapturedFaces::add(Face face)
{
    for (int row = rowCount() - 1; row >= 0; --row)
        if (const Face &old = m_entries[static_cast<std::size_t>(row)]->face;
            old.source == face.source && old.timeS == face.timeS && old.track == face.track)
            remove(row);
    const auto entry = std::make_shared<Entry>(Entry{thumbnail(face.rgb), std::move(face), {}});
    write(entry, {});
}

void CapturedFaces::give(int row, const std::string &label)
{
    if (row < 0 || row >= rowCount())
        return;
    const auto entry = m_entries[static_cast<std::size_t>(row)];
    if (entry->file.empty() || entry->face.label == label || !m_document.dataset())
        return; // it is being written
    if (const auto folder = folderForClass(*m_document.dataset(), label); !folder) {
        Q_EMIT failed(QString::fromStdString(folder.error().message));
        return;
    }
    const std::string before = std::exchange(entry->file, {});
    entry->face.label = label;
    drop(entry);
    write(entry, before);
}

/// Inserts the entry and writes its files; before: the file that it was until now, which then goes.
void CapturedFaces::write(const std::shared_ptr<Entry> &entry, const std::string &before)
{
    const auto dataset = m_document.dataset();
    if (!dataset) {
        Q_EMIT failed(tr("Open a dataset first: the face joins it"));
        return;
    }
    const auto folder =
        entry->face.label.empty() ? waitingFolder(dataset->root) : folderForClass(*dataset, entry->face.label);
    if (!folder) {
        Q_EMIT failed(QString::fromStdString(folder.error().message));
        return;
    }
    const QString stamp = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    const std::string file =
        *folder + "/live-" + stamp.toStdString() + "-" + std::to_string(entry->face.track) + ".png";
    insert(entry);
    m_jobs.start(makeJob(
        {},
        [file, before, face = entry->face](JobControl &) mutable -> Result<void> {
            if (before.empty())
                return writeFace(file, face);
            auto old = readFace(before);
            if (!old)
                return old.error();
            face.rgb = std::move(old->rgb);
            const auto written = writeFace(file, face);
            return written ? removeFace(before) : written;
        },
        [self = QPointer(this), entry, file](const Result<void> &result, bool canceled) {
            if (!self)
                return;
            entry->face.rgb.release();
            if (result && !canceled) {
                entry->file = file;
                self->m_joined += entry->face.label.empty() ? 0 : 1;
            } else {
                self->drop(entry);
                if (!result)
                    Q_EMIT self->failed(QString::fromStdString(result.error().message));
            }
            Q_EMIT self->changed();
        }));
    Q_EMIT changed();
}

void CapturedFaces::insert(const std::shared_ptr<Entry> &entry)
{
    const int row = entry->face.label.empty() ? 0 : waiting();
    beginInsertRows({}, row, row);
    m_entries.insert(m_entries.begin() + row, entry);
    endInsertRows();
}

int CapturedFaces::waiting() const
{
    return static_cast<int>(
        std::ranges::count_if(m_entries, [](const auto &entry) { return entry->face.label.empty(); }));
}

void CapturedFaces::drop(const std::shared_ptr<Entry> &entry)
{
    const auto found = std::ranges::find(m_entries, entry);
    if (found == m_entries.end())
        return;
    const int row = static_cast<int>(found - m_entries.begin());
    beginRemoveRows({}, row, row);
    m_entries.erase(found);
    endRemoveRows();
}

void CapturedFaces::remove(int row)
{
    if (row < 0 || row >= rowCount() || m_entries[static_cast<std::size_t>(row)]->file.empty())
        return;
    const auto entry = m_entries[static_cast<std::size_t>(row)];
    if (const auto removed = removeFace(entry->file); !removed) {
        Q_EMIT failed(QString::fromStdString(removed.error().message));
        return;
    }
    m_joined += entry->face.label.empty() ? 0 : 1; // the dataset may list it
    drop(entry);
    Q_EMIT changed();
}

void CapturedFaces::reopenDataset()
{
    if (m_joined > 0 && m_document.dataset()) {
        m_joined = 0;
        m_document.open(QString::fromStdString(m_document.dataset()->root));
    }
}

int CapturedFaces::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

QVariant CapturedFaces::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Entry &entry = *m_entries[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return entry.face.label.empty() ? tr("%1?").arg(QString::fromStdString(entry.face.guess))
                                        : QString::fromStdString(entry.face.label);
    case Qt::DecorationRole: return entry.picture;
    case Qt::ToolTipRole: return QString::fromStdString(entry.file);
    default: return {};
    }
}

} // namespace masque
