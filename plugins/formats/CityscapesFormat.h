// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// Cityscapes (Cordts et al. 2016; the table of cityscapesScripts' labels.py): leftImg8bit/SPLIT/CITY/ and gtFine/
/// beside it with, for each image, instanceIds (a class, or class * 1000 + number), labelIds, or polygons as JSON; the
/// first that is there counts. Void classes are ignored; a group is a shape of its class with the flag `group`.
class CityscapesFormat : public WritingFormat {
public:
    std::string id() const override { return "cityscapes"; }
    std::string title() const override { return "Cityscapes"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// labelIds, labelTrainIds, instanceIds and polygons of each image.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

/// A class of the table; its position is its id.
struct CityscapesClass {
    std::string_view name;
    int trainId = 255; ///< 0..18, 255: not trained
    bool isVoid = false;
    bool hasInstances = false;
};
const std::vector<CityscapesClass> &cityscapesTable();

} // namespace masque
