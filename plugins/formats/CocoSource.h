// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "plugins/formats/CocoFile.h"

namespace masque {

/// The annotations of a dataset's COCO files; Item::foreign is "file#number of the image in it".
class CocoSource : public AnnotationSource {
public:
    std::map<std::string, CocoFile> lists; ///< by their path in the dataset

    /// The file and the image's number in it; null if foreign is no such place.
    std::pair<const CocoFile *, std::size_t> place(const std::string &foreign) const;
    Result<Annotation> read(const Dataset &, const Item &) const override;
};

} // namespace masque
