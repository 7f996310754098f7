// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Names and records of journal files; private to core/annotations.
namespace masque::journal {

inline constexpr char kMagic[] = "MASQJNL1";
inline constexpr const char *kExtension = ".journal";

enum Record : std::uint8_t {
    kImage = 'I',    ///< the image's path in the dataset; first in a file
    kReset = 'R',    ///< what came before belongs to another content of the annotation file
    kBase = 'B',     ///< hash, node, shape numbers: a file with this content is the state at this node
    kSaved = 'W',    ///< hash, node, whether it is the current one: the file has been written with that content
    kEdit = 'E',     ///< parent node, time, encoded edit; its node is the count of edits so far
    kMove = 'P',     ///< the current node
    kSnapshot = 'S', ///< the annotation at node 0, deflated
};
inline constexpr std::size_t kSavedBytes = 14;

/// The n-th file for an image, n from 1: more than one where several processes had it at once.
std::string pathOf(const std::string &folder, const std::string &image, int n);
/// The files that are there, those with unsaved work first, then the latest.
std::vector<std::string> filesOf(const std::string &folder, const std::string &image);
std::string freePath(const std::string &folder, const std::string &image);
/// True if the last thing in it says that all was saved.
bool isClean(const std::string &path);
void keepCopy(const std::string &path); ///< as `<path>.damaged`

} // namespace masque::journal
