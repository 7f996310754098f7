// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/Thumbnails.h"

#include "core/image/image_file.h"

#include <QPointer>

#include <algorithm>

namespace masque {

namespace {

constexpr int kCacheKiB = 64 * 1024;
constexpr std::size_t kMostWanted = 64; ///< more than a screen shows; older wishes have scrolled away
constexpr std::size_t kBatch = 6;

} // namespace

struct Thumbnails::Made {
    struct Entry {
        int item;
        Item source;
        QImage image;
        std::optional<ItemSummary> summary; ///< read along the way where the index has not come yet
        bool needsSummary;
    };
    std::vector<Entry> entries;
};

Thumbnails::Thumbnails(Document &document, JobRunner &jobs, QObject *parent)
    : QObject(parent), m_document(document), m_jobs(jobs), m_pictures(kCacheKiB)
{
}

Thumbnails::~Thumbnails()
{
    m_jobs.cancel(m_job);
}

void Thumbnails::clear()
{
    ++m_generation;
    m_jobs.cancel(m_job);
    m_pictures.clear();
    m_wanted.clear();
    m_making.clear();
}

QPixmap Thumbnails::picture(int item)
{
    if (const QPixmap *known = m_pictures.object(item))
        return *known;
    if (!m_making.contains(item)) {
        std::erase(m_wanted, item);
        m_wanted.push_back(item);
        if (m_wanted.size() > kMostWanted)
            m_wanted.erase(m_wanted.begin());
        // Later, so that one job takes what one repaint asks for, and painting never waits for a job.
        if (m_making.isEmpty())
            QMetaObject::invokeMethod(this, &Thumbnails::startJob, Qt::QueuedConnection);
    }
    return {};
}

void Thumbnails::startJob()
{
    const auto dataset = m_document.dataset();
    if (!dataset || m_wanted.empty() || !m_making.isEmpty())
        return;
    auto made = std::make_shared<Made>();
    while (!m_wanted.empty() && made->entries.size() < kBatch) {
        const int item = m_wanted.back();
        m_wanted.pop_back();
        if (item >= static_cast<int>(dataset->items.size()))
            continue;
        const auto at = static_cast<std::size_t>(item);
        made->entries.push_back(
            {item, dataset->items[at], {}, {}, m_document.summaries()[at].status == ItemStatus::Unknown});
        m_making.insert(item);
    }
    m_job = m_jobs.start(makeJob(
        {},
        [dataset, made](JobControl &control) -> Result<void> {
            for (Made::Entry &entry : made->entries) {
                if (control.isStopRequested())
                    break;
                if (const auto thumbnail = readThumbnail(dataset->absolute(entry.source.image), kSidePx)) {
                    const cv::Mat &rgb = *thumbnail;
                    entry.image =
                        QImage(rgb.data, rgb.cols, rgb.rows, static_cast<qsizetype>(rgb.step), QImage::Format_RGB888)
                            .copy();
                }
                if (entry.needsSummary)
                    entry.summary = summarise(*dataset, entry.source);
            }
            return {};
        },
        [guard = QPointer<Thumbnails>(this), made, generation = m_generation](const Result<void> &, bool canceled) {
            if (guard && guard->m_generation == generation) {
                guard->m_making.clear();
                if (!canceled)
                    guard->take(*made);
            }
        }));
}

void Thumbnails::take(const Made &made)
{
    for (const Made::Entry &entry : made.entries) {
        // A file without a picture gets an empty one, so that it is not asked for again and again.
        auto *picture = new QPixmap(entry.image.isNull() ? QPixmap(1, 1) : QPixmap::fromImage(entry.image));
        if (entry.image.isNull())
            picture->fill(Qt::transparent);
        m_pictures.insert(entry.item, picture, std::max(1, picture->width() * picture->height() * 4 / 1024));
        if (entry.summary)
            m_document.noteSummary(entry.item, *entry.summary);
        Q_EMIT ready(entry.item);
    }
    startJob();
}

} // namespace masque
