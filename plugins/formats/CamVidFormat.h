// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/DatasetFormat.h"

namespace masque {

/// Lists train.txt, val.txt, test.txt of "image mask" pairs, as SegNet's CamVid has them, with classes.txt of
/// "id name"; a class named void or unlabelled is ignored.
class CamVidFormat : public DatasetFormat {
public:
    std::string id() const override { return "camvid"; }
    std::string title() const override { return "Lists of images and masks (CamVid)"; }
    int probe(const std::string &path) const override;
    Result<Dataset> read(const std::string &path) const override;
};

} // namespace masque
