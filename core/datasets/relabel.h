// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

/// Renaming a class, or merging it into another, in all LabelMe files of a dataset, in a way that can be taken back.
namespace masque {

/// A class that went into another: what it takes to make it again.
struct MergedClass {
    LabelClass label;
    int id = 0;                            ///< its place among the classes
    std::vector<std::uint32_t> maskValues; ///< of id masks, that were the class's own
};

/// Takes class `from` out of the dataset's classes, later ones move up. Its values in id masks become those of `to`,
/// another class or `__ignore__`; the mask files stay as they are. Both classes must be known.
MergedClass mergeClass(Dataset &, std::string_view from, std::string_view to);
/// The reverse; of the mask values those that still belong to a class. False, and nothing changed, if there are 255
/// classes or one of that name already.
bool splitClass(Dataset &, const MergedClass &);

struct Relabelling {
    std::string from, to;
    std::optional<MergedClass> merged = {}; ///< of `from`, if `to` was a class before
    /// JSON Lines: a heading with from and to, then a line a file with the shapes to be changed, written before the
    /// file itself, so that after a crash at any moment the journal names all that may have been changed.
    std::string journal = {};
};

/// Shapes of one file (absolute path) that get, or got, another class; by their place in it.
struct RelabelEntry {
    std::string file;
    std::vector<std::size_t> shapes;
};

struct RelabelOutcome {
    int files = 0, shapes = 0;         ///< changed
    std::vector<Problem> skipped = {}; ///< not changed, and why
    bool isCanceled = false;           ///< some files were not looked at
};

/// Gives shapes of one class the other in every file but those of `open`, which the caller changes itself and which are
/// noted as he says. Each file is replaced atomically and nothing but the labels changes in it; one that another
/// program changed since it was read is skipped and named. The journal is made new; an error if that fails, before
/// anything is changed.
Result<RelabelOutcome> relabelDataset(const Dataset &, const Relabelling &, const std::vector<RelabelEntry> &open,
                                      std::stop_token stop = {}, const Progress &progress = {});

/// Takes back what the journal names, as far as the shapes still have the class that they got; files with fewer shapes
/// than were noted are skipped and named, those of `open` are the caller's. The journal stays, so that it can be tried
/// again.
Result<RelabelOutcome> undoRelabelling(const std::string &journal, const std::vector<std::string> &open,
                                       std::stop_token stop = {}, const Progress &progress = {});

/// What a journal says: its heading, and its entries as far as they are whole.
Result<Relabelling> readRelabelling(const std::string &journal);
Result<std::vector<RelabelEntry>> readRelabelEntries(const std::string &journal);

} // namespace masque
