// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"

namespace masque {

/// A line of a text file of classes.
struct ClassLine {
    std::string name;
    std::optional<std::uint32_t> id = {};
    std::optional<std::uint32_t> color = {}; ///< 0xRRGGBB
};

/// One class a line: "name", or in all lines "id name", "r g b name" or "name,r,g,b". Empty lines and a heading of a
/// CSV table are skipped.
Result<std::vector<ClassLine>> readClassList(const std::string &path);

/// labels.txt as labelme reads it: a name a line, spaces belong to it.
Result<std::vector<std::string>> readLabelsTxt(const std::string &path);

/// Names that stand for pixels without truth: void, unlabelled, ignore, __ignore__, ...
bool isVoidName(const std::string &name);

} // namespace masque
