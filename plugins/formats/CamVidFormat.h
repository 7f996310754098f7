// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/MaskFilesFormat.h"

namespace masque {

/// Lists train.txt, val.txt, test.txt of "image mask" pairs, as SegNet's CamVid has them, with classes.txt of
/// "id name"; a class named void or unlabelled is ignored.
class CamVidFormat : public MaskFilesFormat {
public:
    std::string id() const override { return "camvid"; }
    std::string title() const override { return "Lists of images and masks (CamVid)"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// SPLIT/, SPLITannot/, SPLIT.txt and classes.txt.
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    Result<void> writeCommon(const Dataset &, const std::string &folder,
                             const std::map<Split, std::vector<std::string>> &lines) const override;
};

} // namespace masque
