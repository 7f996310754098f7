// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/dialects.h"
#include "plugins/formats/WritingFormat.h"

namespace masque {

/// Images with LabelMe JSON beside them; also any folder of images, which may be labelled then. Classes come from
/// labels.txt in the folder or its parent, as labelme's own tools have it.
class LabelMeFormat : public WritingFormat {
public:
    std::string id() const override { return "labelme"; }
    std::string title() const override { return "Images with LabelMe JSON"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// Images byte for byte, in the folders they were in; masks as mask shapes; labels.txt; for splits that no folder
    /// says, masque.json.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::vector<std::string> ownLosses(const Dataset &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
    virtual LabelMeVariant labelMeVariant() const { return LabelMeVariant::Full; }
};

/// The same for labelme before 5.4 and X-AnyLabeling, which know no masks (acceptedByAll). Reading is LabelMeFormat's.
class OldLabelMeFormat : public LabelMeFormat {
public:
    std::string id() const override { return "labelme-5.3"; }
    std::string title() const override
    {
        return "LabelMe JSON for every labelme and X-AnyLabeling (masks as polygons)";
    }
    int probe(const std::string &) const override { return 0; }

protected:
    LabelMeVariant labelMeVariant() const override { return LabelMeVariant::ForAll; }
};

} // namespace masque
