// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/annotations/Journal.h"

#include "core/annotations/byte_stream.h"
#include "core/annotations/journal_files.h"

#include <algorithm>
#include <chrono>

#include <unistd.h>
#include <zlib.h>

namespace masque {

using namespace journal;

namespace {

constexpr std::size_t kMaxSnapshotBytes = std::size_t{1} << 30;

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

std::string uncompress(std::string_view bytes, std::size_t size)
{
    std::string out(size, '\0');
    uLongf got = static_cast<uLongf>(size);
    if (::uncompress(reinterpret_cast<Bytef *>(out.data()), &got, reinterpret_cast<const Bytef *>(bytes.data()),
                     static_cast<uLong>(bytes.size()))
            != Z_OK
        || got != size)
        return {};
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

void Journal::load()
{
    // Another process may hold the first file, and each may have left unsaved work behind: that one goes first.
    const auto candidates = filesOf(m_folder, m_image);
    for (const std::string &path : candidates) {
        m_file.setPath(path);
        const auto found =
            m_file.open([this](std::uint64_t place, std::string_view record) { return readRecord(place, record); });
        if (found == RecordFile::Found::Records) {
            if (m_file.wasDamaged())
                m_warning = path + ": the history is damaged after step " + std::to_string(m_nodes.size())
                            + "; a copy is kept as " + path + ".damaged";
            return;
        }
        reset();
        if (found == RecordFile::Found::Foreign)
            m_warning = path + ": this is no journal of Masque; it is left alone";
    }
    m_file.setPath(freePath(m_folder, m_image));
}

bool Journal::readRecord(std::uint64_t place, std::string_view record)
{
    ByteReader in(record);
    switch (in.byte()) {
    case kImage: return in.text() == m_image;
    case kReset: reset(); return true;
    case kEdit: return readEdit(in, place, record.size());
    case kMove: {
        const auto node = static_cast<JournalNode>(in.number());
        if (!in.isGood() || !hasNode(node))
            return false;
        follow(node);
        return true;
    }
    case kBase: {
        Base base;
        base.hash = in.fixed64();
        base.node = static_cast<JournalNode>(in.number());
        base.saved = in.byte() ? Saved::Lossy : Saved::Exactly;
        base.shapes.resize(in.count());
        for (auto &number : base.shapes)
            number = in.number();
        if (!in.isGood() || !hasNode(base.node))
            return false;
        m_bases.push_back(std::move(base));
        return true;
    }
    case kSaved:
        in.fixed64();
        if (const JournalNode node = in.fixed32(); in.isGood() && hasNode(node))
            m_saved = node;
        return in.isGood();
    case kSnapshot:
        m_snapshotPlace = place + 1;
        m_snapshotBytes = record.size() - 1;
        return true;
    default: return false; // of a later version, or damaged
    }
}

bool Journal::readEdit(ByteReader &in, std::uint64_t place, std::size_t bytes)
{
    Node node;
    node.parent = static_cast<JournalNode>(in.number());
    node.timeMs = in.integer();
    node.bytes = in.left();
    node.place = place + bytes - node.bytes;
    node.name = in.text(); // where an edit's bytes begin, see encodeEdit
    node.dirty = in.rect();
    if (!in.isGood() || !hasNode(node.parent))
        return false;
    follow(node.parent);
    m_branch.resize(m_index);
    m_nodes.push_back(std::move(node));
    m_branch.push_back(static_cast<JournalNode>(m_nodes.size()));
    ++m_index;
    return true;
}

void Journal::follow(JournalNode node)
{
    const auto at = std::find(m_branch.begin(), m_branch.end(), node);
    if (node == 0 || at != m_branch.end()) {
        m_index = node == 0 ? 0 : static_cast<std::size_t>(at - m_branch.begin()) + 1;
        return;
    }
    m_branch.clear();
    for (JournalNode step = node; step != 0; step = m_nodes[step - 1].parent)
        m_branch.push_back(step);
    std::reverse(m_branch.begin(), m_branch.end());
    m_index = m_branch.size();
}

void Journal::reset()
{
    m_nodes.clear();
    m_branch.clear();
    m_index = 0;
    m_bases.clear();
    m_saved = 0;
    m_snapshotPlace = m_snapshotBytes = 0;
    m_numbers = {};
}

void Journal::begin(const Annotation &onDisk, std::uint64_t hash)
{
    const bool isNew = !m_file.isInFile();
    if (isNew)
        m_file.forgetPending();
    reset();
    m_file.append(isNew ? recordOfImage() : std::string(1, static_cast<char>(kReset)));
    writeBase(hash, 0, onDisk, Saved::Exactly);
    writeSaved(hash, 0);
}

Journal::Resumed Journal::resume(Annotation onDisk, std::uint64_t hash)
{
    const std::lock_guard lock(m_mutex);
    Resumed out{std::move(onDisk), 0, false, std::exchange(m_warning, {})};
    const auto give = [&](int recovered, Annotation annotation) {
        out.annotation = std::move(annotation);
        out.recovered = recovered;
    };
    const auto withDocumentOf = [](Annotation state, const Annotation &file) {
        state.source = file.source;
        state.imagePath = file.imagePath;
        state.imageSize = file.imageSize;
        return state;
    };
    const Base *base = baseOf(hash);
    if (base && base->saved == Saved::Lossy) {
        if (auto state = snapshotState()) {
            give(distance(base->node, current()), withDocumentOf(std::move(*state), out.annotation));
            return out;
        }
    } else if (base && base->shapes.size() == out.annotation.shapes.size()) {
        Annotation state = out.annotation;
        for (std::size_t i = 0; i < state.shapes.size(); ++i)
            state.shapes[i].id = m_numbers.idOf(base->shapes[i]);
        if (const auto walked = walk(state, base->node, current())) {
            give(*walked, std::move(state));
            if (*walked == 0 && m_file.isInFile() && !isClean(m_file.path())) {
                writeSaved(hash, current()); // so that the next look at it is a short one
                write();
            }
            return out;
        } else {
            out.warning = m_file.path() + ": " + walked.error().message;
        }
    } else if (!m_bases.empty() && current() != m_saved) {
        if (auto state = snapshotState()) {
            out.isConflict = true;
            give(distance(m_saved, current()), withDocumentOf(std::move(*state), out.annotation));
            return out;
        }
        out.warning = m_file.path()
                      + ": another program changed the annotation and the edits that were not saved cannot be rebuilt";
    }
    if (!out.warning.empty() && m_file.isInFile() && !m_nodes.empty())
        keepCopy(m_file.path()); // nothing that may still be wanted goes without a trace
    begin(out.annotation, hash);
    return out;
}

const Journal::Base *Journal::baseOf(std::uint64_t hash) const
{
    const Base *found = nullptr;
    for (const Base &base : m_bases)
        if (base.hash == hash && !(found && found->node == current()))
            found = &base;
    return found;
}

std::optional<Annotation> Journal::snapshotState() const
{
    if (m_snapshotBytes == 0)
        return {};
    const auto bytes = m_file.read(m_snapshotPlace, m_snapshotBytes);
    if (!bytes)
        return {};
    ByteReader in(*bytes);
    const std::uint64_t size = in.number();
    if (!in.isGood() || size > kMaxSnapshotBytes)
        return {};
    const std::string raw =
        uncompress(std::string_view(*bytes).substr(bytes->size() - in.left()), static_cast<std::size_t>(size));
    auto state = decodeAnnotation(raw, m_numbers);
    if (!state || !walk(*state, 0, current()))
        return {};
    return std::move(state).value();
}

Result<Edit> Journal::decode(JournalNode node, const Annotation &annotation, EditSide side) const
{
    if (node == 0 || !hasNode(node))
        return Error{ErrorCode::Internal, m_file.path() + ": there is no such step", m_file.path()};
    const Node &step = m_nodes[node - 1];
    const auto bytes = m_file.read(step.place, step.bytes);
    if (!bytes)
        return bytes.error();
    return decodeEdit(*bytes, annotation, side, m_numbers);
}

Result<int> Journal::walk(Annotation &annotation, JournalNode from, JournalNode to) const
{
    int steps = 0;
    std::vector<JournalNode> down; // a node's parent has the smaller number
    for (JournalNode up = to, at = from; at != up;) {
        if (up > at) {
            down.push_back(up);
            up = m_nodes[up - 1].parent;
        } else {
            const auto edit = decode(at, annotation, EditSide::After);
            if (!edit)
                return edit.error();
            apply(inverted(*edit), annotation);
            at = m_nodes[at - 1].parent;
            ++steps;
        }
    }
    for (; !down.empty(); down.pop_back(), ++steps) {
        const auto edit = decode(down.back(), annotation, EditSide::Before);
        if (!edit)
            return edit.error();
        apply(*edit, annotation);
    }
    return steps;
}

int Journal::distance(JournalNode from, JournalNode to) const
{
    int steps = 0;
    for (; from != to; ++steps) {
        JournalNode &later = from > to ? from : to;
        later = m_nodes[later - 1].parent;
    }
    return steps;
}

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
