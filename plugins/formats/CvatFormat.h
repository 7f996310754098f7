// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/formats/WritingFormat.h"

namespace masque {

/// CVAT for images 1.1 (docs.cvat.ai, formats/format-cvat): one XML file of all images, which lie in images/ or beside
/// it. Boxes, polygons, polylines, points, ellipses and masks are shapes in order of z_order; tags are flags of the
/// image; attributes of yes and no are flags of the shape, others are kept as its key `cvat`, as is what has no shape
/// here (cuboids, skeletons).
class CvatFormat : public WritingFormat {
public:
    std::string id() const override { return "cvat"; }
    std::string title() const override { return "CVAT for images"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;

protected:
    /// annotations.xml and images/SUBSET/.
    Holds holds() const override;
    Result<bool> place(const Dataset &, Output &) const override;
    std::vector<std::string> commonFiles(const Dataset &, const std::vector<Output> &) const override;
    std::unique_ptr<Writer> makeWriter(const Dataset &, const std::string &folder) const override;
};

} // namespace masque
