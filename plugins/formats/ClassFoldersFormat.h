// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// One folder a class (torchvision's ImageFolder), with folders of splits above; FER-2013's seven emotions keep its
/// order.
class ClassFoldersFormat : public WritingFormat {
public:
    std::string id() const override { return "class-folders"; }
    std::string title() const override { return "One folder a class"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// SPLIT/CLASS/; images without a class are left out.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
