// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// One folder a class (torchvision's ImageFolder), with folders of splits above; FER-2013's seven emotions keep its
/// order.
class ClassFoldersFormat : public DatasetFormat {
public:
    std::string id() const override { return "class-folders"; }
    std::string title() const override { return "One folder a class"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
