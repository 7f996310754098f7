// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/HistoryModel.h"

#include "studio/panels/history_picture.h"
#include "studio/theme/Theme.h"

#include <QDateTime>
#include <QLocale>
#include <QPointer>

#include <algorithm>

namespace masque {

namespace {

constexpr int kCachedThumbnails = 2000; // about 13 MB
constexpr std::size_t kBatch = 12;      ///< drawn by one job, so that scrolling on is soon followed
constexpr int kQuietMs = 150;           ///< drawing them takes from the edits that are being made

QString timeText(std::int64_t ms)
{
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(ms);
    const QLocale locale;
    return time.date() == QDate::currentDate() ? locale.toString(time.time(), QLocale::ShortFormat)
                                               : locale.toString(time, QLocale::ShortFormat);
}

} // namespace

HistoryModel::HistoryModel(Document &document, JobRunner &jobs, QObject *parent)
    : QAbstractListModel(parent), m_document(document), m_jobs(jobs), m_thumbnails(kCachedThumbnails)
{
    m_start.setSingleShot(true);
    m_start.setInterval(kQuietMs);
    connect(&m_start, &QTimer::timeout, this, &HistoryModel::startThumbnails);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        switch (event.kind) {
        case ChangeEvent::HistoryChanged:
            if (m_start.isActive())
                m_start.start();
            [[fallthrough]];
        case ChangeEvent::CurrentItem:
        case ChangeEvent::DatasetOpened:
        case ChangeEvent::ImageLoaded: follow(); break;
        case ChangeEvent::LabelsChanged: m_thumbnails.clear(); break; // colours
        default: break;
        }
    });
    follow();
}

int HistoryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !m_history ? 0 : static_cast<int>(m_nodes.size()) + 1;
}

int HistoryModel::currentRow() const
{
    return m_history ? m_current : -1;
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const
{
    const History *history = m_document.undoStack();
    if (!index.isValid() || history != m_history || !history)
        return {};
    const int row = index.row();
    const QString name = row == 0 ? tr("Opened") : history->text(row - 1);
    switch (role) {
    case Qt::DisplayRole: return name;
    case TimeRole: return row == 0 ? QString() : timeText(history->step(row - 1).timeMs);
    case UndoneRole: return row > m_current;
    case CurrentRole: return row == m_current;
    case Qt::AccessibleTextRole:
        return row == 0 ? name
                        : tr("%1, %2%3")
                              .arg(name, timeText(history->step(row - 1).timeMs),
                                   row > m_current ? tr(", undone") : QString());
    case Qt::ToolTipRole: return row == 0 ? tr("The image before its first step") : name;
    case Qt::DecorationRole: {
        const JournalNode node = row == 0 ? 0 : m_nodes[static_cast<std::size_t>(row) - 1];
        if (const QPixmap *picture = m_thumbnails.object(node))
            return *picture;
        requestThumbnail(node);
        return {};
    }
    default: return {};
    }
}

void HistoryModel::follow()
{
    const History *history = m_document.undoStack();
    if (!history || history != m_history || history->count() == 0) {
        beginResetModel();
        m_history = history;
        m_nodes.clear();
        m_current = 0;
        m_thumbnails.clear();
        m_wanted.clear();
        ++m_generation;
        if (history) {
            for (int i = 0; i < history->count(); ++i)
                m_nodes.push_back(history->step(i).node);
            m_current = history->index();
        }
        endResetModel();
        return;
    }
    const int known = static_cast<int>(m_nodes.size());
    const auto isSame = [&](int i) { return m_nodes[static_cast<std::size_t>(i)] == history->step(i).node; };
    int same = std::min(known, history->count()); // a new step replaces what was undone: only the end differs
    while (same > 0 && !isSame(same - 1))
        --same;
    const int before = m_current;
    m_current = std::min(history->index(), same);
    if (same < known) {
        beginRemoveRows({}, same + 1, known);
        m_nodes.resize(static_cast<std::size_t>(same));
        endRemoveRows();
    }
    if (same < history->count()) {
        beginInsertRows({}, same + 1, history->count());
        for (int i = same; i < history->count(); ++i)
            m_nodes.push_back(history->step(i).node);
        endInsertRows();
    }
    m_current = history->index();
    const int last = rowCount() - 1;
    Q_EMIT dataChanged(index(std::min({before, m_current, last})), index(std::min(std::max(before, m_current), last)),
                       {UndoneRole, CurrentRole});
}

int HistoryModel::rowOf(JournalNode node) const
{
    if (node == 0)
        return 0;
    // Numbers grow along a branch.
    const auto found = std::lower_bound(m_nodes.begin(), m_nodes.end(), node);
    return found != m_nodes.end() && *found == node ? static_cast<int>(found - m_nodes.begin()) + 1 : -1;
}

void HistoryModel::requestThumbnail(JournalNode node) const
{
    if (std::find(m_wanted.begin(), m_wanted.end(), node) == m_wanted.end())
        m_wanted.push_back(node);
    if (!m_isDrawing && !m_start.isActive())
        m_start.start();
}

void HistoryModel::startThumbnails()
{
    const History *history = m_document.undoStack();
    if (m_isDrawing || m_wanted.empty() || history != m_history || !history)
        return;
    // The last ones asked for are those in view now.
    std::vector<JournalNode> batch;
    while (!m_wanted.empty() && batch.size() < kBatch) {
        batch.push_back(m_wanted.back());
        m_wanted.pop_back();
    }
    m_isDrawing = true;
    auto pictures = std::make_shared<std::vector<QImage>>(batch.size());
    HistoryPicture picture;
    picture.image = m_document.image();
    picture.labels = m_document.labels();
    picture.background = Theme::instance().isDark() ? QColor(48, 48, 48) : QColor(224, 224, 224);
    picture.erased = Theme::instance().error();
    m_jobs.start(makeJob(
        {},
        [journal = history->journal(), batch, pictures, picture](JobControl &control) -> Result<void> {
            for (std::size_t i = 0; i < batch.size() && !control.isStopRequested(); ++i)
                if (const auto sketch = batch[i] == 0 ? EditSketch() : journal->sketch(batch[i])) // 0: the whole image
                    (*pictures)[i] = drawSketch(*sketch, picture, 2 * kThumbnailPx);
            return {};
        },
        [guard = QPointer<HistoryModel>(this), batch, pictures, generation = m_generation](const Result<void> &, bool) {
            if (!guard)
                return;
            guard->m_isDrawing = false;
            if (generation == guard->m_generation)
                for (std::size_t i = 0; i < batch.size(); ++i)
                    guard->takeThumbnail(batch[i], (*pictures)[i]);
            if (!guard->m_wanted.empty())
                guard->m_start.start();
        }));
}

void HistoryModel::takeThumbnail(JournalNode node, const QImage &picture)
{
    QPixmap pixmap = QPixmap::fromImage(picture);
    pixmap.setDevicePixelRatio(2);
    m_thumbnails.insert(node, new QPixmap(std::move(pixmap)));
    if (const int row = rowOf(node); row >= 0)
        Q_EMIT dataChanged(index(row), index(row), {Qt::DecorationRole});
}

} // namespace masque
