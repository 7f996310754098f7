// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/MaskFilesFormat.h"

namespace masque {

/// Pairs of images and id masks of the same name in two folders, such as images/ and masks/, with folders of splits
/// above or below; also VOC's JPEGImages and SegmentationClass.
class ImageMaskFormat : public MaskFilesFormat {
public:
    std::string id() const override { return "image-mask"; }
    std::string title() const override { return "Images and masks in two folders"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// images/SPLIT/, masks/SPLIT/ and classes.txt.
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    Result<void> writeCommon(const Dataset &, const std::string &folder,
                             const std::map<Split, std::vector<std::string>> &lines) const override;
};

/// ADE20K's SceneParsing (Zhou et al. 2017): images/training, annotations/training and so on, and a table of classes
/// (objectInfo150.txt) whose first has the value 1; 0 is none of them.
class Ade20kFormat : public ImageMaskFormat {
public:
    std::string id() const override { return "ade20k"; }
    std::string title() const override { return "ADE20K SceneParsing"; }
    int probe(const std::string &path) const override;

protected:
    MaskTable tableFor(const Dataset &) const override;
    bool keepsFiles() const override { return false; }
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    Result<void> writeCommon(const Dataset &, const std::string &folder,
                             const std::map<Split, std::vector<std::string>> &lines) const override;
};

} // namespace masque
