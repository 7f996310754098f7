// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// Cut-outs: RGBA images whose alpha says what is the foreground (from one half on). Each beside an image of its name
/// in another folder, as matting sets have it (clip_img/ and matting/ of AISegment), or by itself: then its own colours
/// are the image.
class CutoutFormat : public WritingFormat {
public:
    std::string id() const override { return "cutout"; }
    std::string title() const override { return "Cut-outs (RGBA)"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// clip_img/ and matting/; a cut-out that nobody corrected is copied, and one that somebody did keeps its soft edge
    /// (at 8 bits) where it agrees with the correction.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
