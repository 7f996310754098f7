// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// Layouts that are known by their files and not read: opening such a folder says what it is and what to do, instead of
/// showing its images as if nobody had labelled them.
class UnreadLayouts : public DatasetFormat {
public:
    std::string id() const override { return "unread"; }
    std::string title() const override { return "Known layouts that are not read"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
