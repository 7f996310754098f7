// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/RecordFile.h"
#include "core/annotations/edit_codec.h"
#include "core/base/geometry.h"

#include <map>
#include <memory>
#include <mutex>

namespace masque {

class ByteReader;

/// The place of one image's annotation in its history: the number of the edit that led there, 0 for the start. Edits
/// are never removed, so a place keeps its meaning; edits made after an undo branch off.
using JournalNode = std::uint32_t;

/// One edit on the current branch.
struct JournalStep {
    JournalNode node = 0;
    std::string name;
    std::int64_t timeMs = 0; ///< since 1970
    Rect dirty = {};
};

/// The history of one image in an append-only file: edits, moves by undo and redo, and which content of the annotation
/// file stands for which place. Undo reads old edits back from it; after a crash the annotation file and the edits
/// behind it give the last finished stroke again.
///
/// Everything is in the operating system's hands when a call returns, so that it survives the end of the process;
/// sync() makes it survive the machine's. What cannot be written is kept in memory, stays readable, and is tried again
/// with the next call. Thread-safe.
class Journal {
public:
    /// The journal of an image, named by its path in the dataset. Shared by all who ask in this process. Another
    /// process that holds the file makes this one use a file beside it.
    static std::shared_ptr<Journal> open(const std::string &folder, const std::string &image);
    ~Journal();

    /// What the annotation file and the journal say together.
    struct Resumed {
        Annotation annotation;
        int recovered = 0;        ///< edits (done or undone) that are newer than the file
        bool isConflict = false;  ///< another program changed the file and there is work that it does not have;
                                  ///< annotation is then what was on the screen
        std::string warning = {}; ///< what could not be used, complete in itself; empty if all is well
    };
    /// onDisk is what the file says and hash what its bytes are (contentHash). Gives its shapes the ids that the
    /// history knows. When another program changed the file and nothing is unsaved, the history begins anew.
    Resumed resume(Annotation onDisk, std::uint64_t hash);

    std::vector<JournalStep> steps() const;      ///< the current branch from its start, undone ones too
    std::size_t position() const;                ///< how many of them are done
    std::int64_t timeOf(JournalNode node) const; ///< milliseconds since 1970

    JournalNode addEdit(const Edit &edit);
    void moveTo(JournalNode node);
    /// For conflicts without the file: the annotation at place 0. May take a while; off the GUI thread.
    void addSnapshot(const Annotation &annotation);
    bool needsSnapshot() const;
    /// Before the annotation file is written with this content, and after it was.
    /// Lossy: the file says less than the annotation, which is rebuilt from the journal then.
    enum class Saved { Exactly, Lossy };
    void willSave(std::uint64_t hash, JournalNode node, const Annotation &annotation, Saved saved = Saved::Exactly);
    void didSave(std::uint64_t hash, JournalNode node);

    /// annotation is the state before or after the edit.
    Result<Edit> edit(JournalNode node, const Annotation &annotation, EditSide side) const;
    Result<EditSketch> sketch(JournalNode node) const;

    /// Makes the file at most about this large: branches that were left and the oldest steps go. annotation is the
    /// state now and hash what its file has, so that nothing unsaved is touched; nothing happens while a step is not
    /// saved. Places and steps change, so only before anybody has asked for them. Returns how many steps went.
    std::size_t compact(const Annotation &annotation, std::uint64_t hash, std::uint64_t maxBytes);

    void sync();  ///< to the disk itself; slow, off the GUI thread
    bool flush(); ///< tries again to write what could not be written
    /// Why edits are in memory only, or empty.
    std::string writeError() const;
    bool isOnDisk() const; ///< there is a file and nothing is waiting
    std::string path() const;
    std::uint64_t bytes() const;

private:
    struct Node {
        JournalNode parent = 0;
        std::uint64_t place = 0; ///< of its edit's bytes
        std::size_t bytes = 0;
        std::string name;
        std::int64_t timeMs = 0;
        Rect dirty;
    };
    struct Base {
        std::uint64_t hash = 0;
        JournalNode node = 0;
        Saved saved = Saved::Exactly;
        std::vector<std::uint64_t> shapes = {}; ///< the numbers of the file's shapes in order
    };

    Journal(std::string folder, std::string image);
    void load();
    bool readRecord(std::uint64_t place, std::string_view record);
    bool readEdit(ByteReader &in, std::uint64_t place, std::size_t bytes);
    void reset();
    void begin(const Annotation &onDisk, std::uint64_t hash);
    std::string recordOfImage() const;
    bool write();
    void writeBase(std::uint64_t hash, JournalNode node, const Annotation &annotation, Saved saved);
    void writeSaved(std::uint64_t hash, JournalNode node);
    void follow(JournalNode node);
    JournalNode current() const { return m_index == 0 ? 0 : m_branch[m_index - 1]; }
    bool hasNode(JournalNode node) const { return node <= m_nodes.size(); }
    Result<Edit> decode(JournalNode node, const Annotation &annotation, EditSide side) const;
    Result<int> walk(Annotation &annotation, JournalNode from, JournalNode to) const;
    int distance(JournalNode from, JournalNode to) const; ///< steps between them
    const Base *baseOf(std::uint64_t hash) const;
    std::optional<Annotation> snapshotState() const;

    mutable std::mutex m_mutex;
    const std::string m_folder, m_image;
    RecordFile m_file;
    mutable ShapeNumbers m_numbers;
    std::vector<Node> m_nodes;         ///< node n is m_nodes[n - 1]
    std::vector<JournalNode> m_branch; ///< the current branch from its start
    std::size_t m_index = 0;           ///< how many of it are done
    std::vector<Base> m_bases;
    JournalNode m_saved = 0; ///< what the annotation file is known to have had
    std::uint64_t m_snapshotPlace = 0;
    std::size_t m_snapshotBytes = 0;
    std::string m_writeError, m_warning;
};

/// The content of an annotation file, for Journal::resume: a hash of its bytes, 0 for no file.
std::uint64_t contentHash(std::string_view bytes);

/// Where the journals of a dataset are: `<root>/.masque/journal`, or in the fallback folder where root cannot be
/// written.
std::string journalFolder(const std::string &root);

/// The images of a dataset (as Journal::open names them) whose journal was not closed with everything saved. Reads
/// little of files that were.
std::vector<std::string> unsavedJournals(const std::string &folder);

/// Removes the oldest journals until all are within the limit: never one that is in use or has unsaved work. Returns
/// the bytes that remain.
std::uint64_t limitJournals(const std::string &folder, std::uint64_t maxBytes);

} // namespace masque
