// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/CapturedFaces.h"

#include "core/base/files.h"
#include "core/image/picture_file.h"
#include "studio/jobs/job_support.h"

#include <QDateTime>
#include <QPointer>

#include <algorithm>
#include <filesystem>

namespace fs = std::filesystem;

namespace masque {

namespace {

constexpr int kThumbnailPx = 64;

/// The picture and its LabelMe file; the picture last, so that none is there without what it is.
Result<void> write(const std::string &file, const CapturedFaces::Face &face)
{
    if (const auto made = makeFolder(fs::path(file).parent_path().string()); !made)
        return made;
    Json json = Json::object(), flags = Json::object(), live = Json::object();
    flags.set(face.label, true);
    live.set("source", face.source);
    live.set("time_s", face.timeS);
    live.set("track", face.track);
    json.set("version", "5.4.1");
    json.set("flags", std::move(flags));
    json.set("shapes", Json::array());
    json.set("imagePath", fs::path(file).filename().string());
    json.set("imageData", Json());
    json.set("imageHeight", face.rgb.rows);
    json.set("imageWidth", face.rgb.cols);
    json.set("live", std::move(live));
    const auto description = fs::path(file).replace_extension(".json").string();
    if (const auto written = writeFileAtomically(description, json.dump(2) + "\n"); !written)
        return written;
    return writeImage(file, face.rgb);
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
        }
    });
    m_root = openRoot();
}

std::string CapturedFaces::openRoot() const
{
    return m_document.dataset() ? m_document.dataset()->root : std::string();
}

void CapturedFaces::add(Face face)
{
    const auto dataset = m_document.dataset();
    if (!dataset) {
        Q_EMIT failed(tr("Open a dataset first: the face joins it"));
        return;
    }
    const auto folder = folderForClass(*dataset, face.label);
    if (!folder) {
        Q_EMIT failed(QString::fromStdString(folder.error().message));
        return;
    }
    const QString stamp = QDateTime::currentDateTime().toString(QStringLiteral("yyyyMMdd-HHmmss-zzz"));
    const std::string file = *folder + "/live-" + stamp.toStdString() + "-" + std::to_string(face.track) + ".png";
    const QImage picture(face.rgb.data, face.rgb.cols, face.rgb.rows, qsizetype(face.rgb.step), QImage::Format_RGB888);
    for (int row = rowCount() - 1; row >= 0; --row)
        if (const Entry &old = *m_entries[static_cast<std::size_t>(row)];
            old.source == face.source && old.timeS == face.timeS && old.track == face.track)
            remove(row);
    const auto entry = std::make_shared<Entry>(
        Entry{picture.scaled(kThumbnailPx, kThumbnailPx, Qt::KeepAspectRatio, Qt::SmoothTransformation),
              QString::fromStdString(face.label),
              {},
              face.source,
              face.timeS,
              face.track});
    beginInsertRows({}, 0, 0);
    m_entries.insert(m_entries.begin(), entry);
    endInsertRows();
    m_jobs.start(makeJob(
        {}, [file, face](JobControl &) { return write(file, face); },
        [self = QPointer(this), entry, file](const Result<void> &result, bool canceled) {
            if (!self)
                return;
            if (result && !canceled) {
                entry->file = file;
                ++self->m_joined;
            } else {
                self->drop(entry);
                if (!result)
                    Q_EMIT self->failed(QString::fromStdString(result.error().message));
            }
            Q_EMIT self->changed();
        }));
    Q_EMIT changed();
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
    std::error_code failure, ignored;
    if (!fs::remove(entry->file, failure) && failure) {
        Q_EMIT failed(tr("%1: %2").arg(QString::fromStdString(entry->file), QString::fromStdString(failure.message())));
        return;
    }
    fs::remove(fs::path(entry->file).replace_extension(".json"), ignored);
    ++m_joined; // the dataset may list it
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
    case Qt::DisplayRole: return entry.label;
    case Qt::DecorationRole: return entry.picture;
    case Qt::ToolTipRole: return QString::fromStdString(entry.file);
    default: return {};
    }
}

} // namespace masque
