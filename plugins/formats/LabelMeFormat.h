// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/old_labelme.h"
#include "core/datasets/DatasetFormat.h"

namespace masque {

/// Images with LabelMe JSON beside them; also any folder of images, which may be labelled then. Classes come from
/// labels.txt in the folder or its parent, as labelme's own tools have it.
class LabelMeFormat : public DatasetFormat {
public:
    std::string id() const override { return "labelme"; }
    std::string title() const override { return "Images with LabelMe JSON"; }
    bool canWrite() const override { return true; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

    std::vector<std::string> outputFiles(const Dataset &) const override;
    std::vector<std::string> losses(const Dataset &) const override;
    /// Copies the images byte for byte and writes the annotations, masks as mask shapes, with labels.txt and, for
    /// splits that no folder says, masque.json.
    Result<void> write(const Dataset &, const std::string &folder, std::stop_token, const Progress &) const override;

protected:
    virtual MaskStyle maskStyle() const { return MaskStyle::Masks; }
};

/// The same for labelme before 5.4, which knows no masks: they are written as polygons. Reading is LabelMeFormat's.
class OldLabelMeFormat : public LabelMeFormat {
public:
    std::string id() const override { return "labelme-5.3"; }
    std::string title() const override { return "LabelMe JSON for labelme before 5.4 (masks as polygons)"; }
    int probe(const std::string &) const override { return 0; }
    /// Counts what polygons cannot say, which reads every annotation.
    std::vector<std::string> losses(const Dataset &) const override;

protected:
    MaskStyle maskStyle() const override { return MaskStyle::Polygons; }
};

} // namespace masque
