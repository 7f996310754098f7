// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// What the values of mask files stand for when they are written.
struct MaskTable {
    std::vector<std::uint32_t> values;  ///< by class id: grey, or 0xRRGGBB
    std::vector<std::uint32_t> ignored; ///< values of pixels without truth; the first is written
    bool isColor = false;

    /// The dataset's own values where its masks have some, so that they stay; else the class ids.
    static MaskTable of(const Dataset &);
    /// "0 _background_" or "128 0 0 car", a class or a value each.
    std::vector<std::string> lines(const LabelSet &) const;
    /// PNG of class ids in this table's values: with the palette where they are the ids themselves.
    Result<std::string> encode(const cv::Mat1b &ids, const std::vector<Color> &palette) const;
};

/// What formats share that write an image and a mask file each.
class MaskFilesFormat : public WritingFormat {
protected:
    Holds holds() const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;

    virtual MaskTable tableFor(const Dataset &dataset) const { return MaskTable::of(dataset); }
    /// Where a mask that is not changed may be copied as it is.
    virtual bool keepsFiles() const { return true; }
    /// Writes commonFiles: lines are "image mask", by split.
    virtual Result<void> writeCommon(const Dataset &, const std::string &folder,
                                     const std::map<Split, std::vector<std::string>> &lines) const = 0;
    /// ".png", or the extension of a mask that is copied.
    std::string maskExtension(const Dataset &, const Item &) const;
};

} // namespace masque
