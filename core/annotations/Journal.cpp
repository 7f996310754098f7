// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Journal.h"

#include "core/annotations/byte_stream.h"
#include "core/annotations/journal_files.h"

#include <chrono>

#include <unistd.h>
#include <zlib.h>

namespace masque {

using namespace journal;

namespace {

std::string compress(std::string_view bytes)
{
    uLongf size = ::compressBound(static_cast<uLong>(bytes.size()));
    std::string out(size, '\0');
    if (::compress2(reinterpret_cast<Bytef *>(out.data()), &size, reinterpret_cast<const Bytef *>(bytes.data()),
                    static_cast<uLong>(bytes.size()), Z_BEST_SPEED)
        != Z_OK)
        return {};
    out.resize(size);
    return out;
}

std::string snapshotRecord(const Annotation &annotation, ShapeNumbers &numbers)
{
    const std::string bytes = encodeAnnotation(annotation, numbers);
    ByteWriter head;
    head.byte(kSnapshot);
    head.number(bytes.size());
    return head.bytes() + compress(bytes);
}

std::string editRecord(JournalNode parent, std::int64_t timeMs, const std::string &edit)
{
    ByteWriter head;
    head.byte(kEdit);
    head.number(parent);
    head.integer(timeMs);
    return head.bytes() + edit;
}

std::int64_t nowMs()
{
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

/// Journals in use by this process, by folder and image.
std::mutex openMutex;
std::map<std::pair<std::string, std::string>, std::weak_ptr<Journal>> openJournals;

} // namespace

std::shared_ptr<Journal> Journal::open(const std::string &folder, const std::string &image)
{
    const std::lock_guard lock(openMutex);
    std::erase_if(openJournals, [](const auto &entry) { return entry.second.expired(); });
    auto &known = openJournals[{folder, image}];
    if (auto journal = known.lock())
        return journal;
    std::shared_ptr<Journal> journal(new Journal(folder, image));
    journal->load();
    known = journal;
    return journal;
}

Journal::Journal(std::string folder, std::string image)
    : m_folder(std::move(folder)), m_image(std::move(image)), m_file(pathOf(m_folder, m_image, 1), kMagic)
{
}

Journal::~Journal() = default;

std::vector<JournalStep> Journal::steps() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<JournalStep> out;
    out.reserve(m_branch.size());
    for (const JournalNode node : m_branch) {
        const Node &step = m_nodes[node - 1];
        out.push_back({node, step.name, step.timeMs, step.dirty});
    }
    return out;
}

std::size_t Journal::position() const
{
    const std::lock_guard lock(m_mutex);
    return m_index;
}

std::size_t Journal::compact(const Annotation &annotation, std::uint64_t hash, std::uint64_t maxBytes)
{
    const std::lock_guard lock(m_mutex);
    const Base *base = baseOf(hash);
    if (m_file.size() <= maxBytes || !m_file.isInFile() || m_file.hasPending() || !base || base->node != current()
        || base->saved == Saved::Lossy || m_index != m_branch.size())
        return 0;
    std::uint64_t bytes = 0;
    std::size_t first = m_branch.size();
    while (first > 0 && bytes + m_nodes[m_branch[first - 1] - 1].bytes <= maxBytes / 2)
        bytes += m_nodes[m_branch[--first] - 1].bytes;
    Annotation start = annotation;
    if (!walk(start, current(), first == 0 ? 0 : m_branch[first - 1]))
        return 0;

    std::vector<Node> nodes;
    std::vector<std::string> records{recordOfImage(), snapshotRecord(start, m_numbers)};
    for (std::size_t i = first; i < m_branch.size(); ++i) {
        Node node = m_nodes[m_branch[i] - 1];
        const auto edit = m_file.read(node.place, node.bytes);
        if (!edit)
            return 0;
        node.parent = static_cast<JournalNode>(nodes.size());
        records.push_back(editRecord(node.parent, node.timeMs, *edit));
        nodes.push_back(std::move(node));
    }
    const auto places = m_file.replace(records);
    if (!places)
        return 0;
    m_snapshotPlace = (*places)[1] + 1;
    m_snapshotBytes = records[1].size() - 1;
    m_branch.clear();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        nodes[i].place = (*places)[i + 2] + records[i + 2].size() - nodes[i].bytes;
        m_branch.push_back(static_cast<JournalNode>(i + 1));
    }
    m_nodes = std::move(nodes);
    m_index = m_branch.size();
    m_bases.clear();
    writeBase(hash, current(), annotation, Saved::Exactly);
    writeSaved(hash, current());
    write();
    return first;
}

std::string Journal::recordOfImage() const
{
    ByteWriter out;
    out.byte(kImage);
    out.text(m_image);
    return out.bytes();
}

std::int64_t Journal::timeOf(JournalNode node) const
{
    const std::lock_guard lock(m_mutex);
    return node == 0 || !hasNode(node) ? 0 : m_nodes[node - 1].timeMs;
}

JournalNode Journal::addEdit(const Edit &edit)
{
    const std::lock_guard lock(m_mutex);
    const std::string record = editRecord(current(), nowMs(), encodeEdit(edit, m_numbers));
    const std::uint64_t place = m_file.append(record);
    ByteReader in(record);
    in.byte();
    readEdit(in, place, record.size());
    write();
    return current();
}

void Journal::moveTo(JournalNode node)
{
    const std::lock_guard lock(m_mutex);
    if (!hasNode(node) || node == current())
        return;
    follow(node);
    ByteWriter out;
    out.byte(kMove);
    out.number(node);
    m_file.append(out.bytes());
    write();
}

void Journal::addSnapshot(const Annotation &annotation)
{
    ShapeNumbers numbers; // of its own, so that nobody waits while thousands of shapes are written
    {
        const std::lock_guard lock(m_mutex);
        for (const Shape &shape : annotation.shapes)
            numbers.bind(m_numbers.numberOf(shape.id), shape.id);
    }
    const std::string record = snapshotRecord(annotation, numbers);
    const std::lock_guard lock(m_mutex);
    if (m_snapshotBytes > 0)
        return;
    m_snapshotPlace = m_file.append(record) + 1;
    m_snapshotBytes = record.size() - 1;
    write();
}

bool Journal::needsSnapshot() const
{
    const std::lock_guard lock(m_mutex);
    return m_snapshotBytes == 0;
}

void Journal::willSave(std::uint64_t hash, JournalNode node, const Annotation &annotation, Saved saved)
{
    const std::lock_guard lock(m_mutex);
    writeBase(hash, node, annotation, saved);
    write();
}

void Journal::didSave(std::uint64_t hash, JournalNode node)
{
    const std::lock_guard lock(m_mutex);
    writeSaved(hash, node);
    write();
}

void Journal::writeBase(std::uint64_t hash, JournalNode node, const Annotation &annotation, Saved saved)
{
    Base base{hash, node, saved, {}};
    base.shapes.reserve(annotation.shapes.size());
    for (const Shape &shape : annotation.shapes)
        base.shapes.push_back(m_numbers.numberOf(shape.id));
    ByteWriter out;
    out.byte(kBase);
    out.fixed64(hash);
    out.number(node);
    out.byte(saved == Saved::Lossy);
    out.number(base.shapes.size());
    for (const std::uint64_t number : base.shapes)
        out.number(number);
    m_file.append(out.bytes());
    m_bases.push_back(std::move(base));
}

void Journal::writeSaved(std::uint64_t hash, JournalNode node)
{
    ByteWriter out;
    out.byte(kSaved);
    out.fixed64(hash);
    out.fixed32(node);
    out.byte(node == current()); // so that a look at the end tells that all is saved
    m_file.append(out.bytes());
    m_saved = node;
}

Result<Edit> Journal::edit(JournalNode node, const Annotation &annotation, EditSide side) const
{
    const std::lock_guard lock(m_mutex);
    return decode(node, annotation, side);
}

Result<EditSketch> Journal::sketch(JournalNode node) const
{
    Result<std::string> bytes = std::string();
    {
        const std::lock_guard lock(m_mutex);
        if (node == 0 || !hasNode(node))
            return Error{ErrorCode::Internal, m_file.path() + ": there is no such step", m_file.path()};
        bytes = m_file.read(m_nodes[node - 1].place, m_nodes[node - 1].bytes);
    }
    if (!bytes)
        return bytes.error();
    return sketchEdit(*bytes);
}

bool Journal::write()
{
    const auto written = m_file.flush();
    m_writeError = written ? std::string() : written.error().message;
    return m_writeError.empty();
}

bool Journal::flush()
{
    const std::lock_guard lock(m_mutex);
    return m_nodes.empty() || write(); // a journal of an image that was only looked at is no file
}

void Journal::sync()
{
    int handle = -1;
    {
        const std::lock_guard lock(m_mutex);
        handle = m_file.duplicateHandle();
    }
    if (handle >= 0) {
        ::fdatasync(handle);
        ::close(handle);
    }
}

std::string Journal::writeError() const
{
    const std::lock_guard lock(m_mutex);
    return m_writeError;
}

bool Journal::isOnDisk() const
{
    const std::lock_guard lock(m_mutex);
    return m_file.isInFile() && m_writeError.empty();
}

std::string Journal::path() const
{
    const std::lock_guard lock(m_mutex);
    return m_file.path();
}

std::uint64_t Journal::bytes() const
{
    const std::lock_guard lock(m_mutex);
    return m_file.size();
}

} // namespace masque
