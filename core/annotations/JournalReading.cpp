// SPDX-License-Identifier: GPL-3.0-or-later
// Journal's reading: what its file says, and the annotation that follows from it.
#include "core/annotations/Journal.h"

#include "core/annotations/byte_stream.h"
#include "core/annotations/journal_files.h"

#include <algorithm>

#include <zlib.h>

namespace masque {

using namespace journal;

namespace {

constexpr std::size_t kMaxSnapshotBytes = std::size_t{1} << 30;

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

} // namespace

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

} // namespace masque
