// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/base/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace masque {

/// One file of COCO's annotations (Lin et al. 2014; the keys of cocodataset.org/#format-data), as an index: where in
/// the file each image's annotations lie. The file is read as a stream, so that its size does not matter.
class CocoFile {
public:
    struct Image {
        std::int64_t id = 0;
        std::string fileName = {};
        Size size = {};           ///< empty where the file does not say
        std::uint64_t offset = 0; ///< of its object in the file
        std::uint32_t length = 0;
    };

    /// Whether a file begins like one; reads as far as the first key that tells.
    static bool isCoco(const std::string &path);
    /// Errors name the file and the place.
    static Result<CocoFile> open(const std::string &path);

    const std::string &path() const { return m_path; }
    const std::vector<Image> &images() const { return m_images; }
    const std::map<std::int64_t, std::string> &categories() const { return m_categories; }
    bool hasShapes() const { return !m_places.empty() && !m_categories.empty(); }

    /// The annotations of images()[image] as shapes: polygons (those of one object share a group), run-length masks,
    /// boxes where there is neither. A crowd's label is `__ignore__`. What labelme has no field for is kept as the
    /// shape's key `coco`. Errors name the annotation and the field. Thread-safe.
    Result<Annotation> read(std::size_t image) const;
    /// The whole object of images()[image], or of a category, as the file has it; null where it cannot be read.
    Json imageJson(std::size_t image) const;
    std::vector<Json> annotationsJson(std::size_t image) const;
    Json categoryJson(std::int64_t id) const;

private:
    struct Place {
        std::uint32_t image = 0;
        std::uint32_t length = 0;
        std::uint64_t offset = 0;
    };
    friend class CocoHandler;

    Json objectAt(std::uint64_t offset, std::uint32_t length) const;
    Result<void> addShapes(const Json &annotation, Annotation &to) const;

    std::string m_path;
    std::vector<Image> m_images;
    std::map<std::int64_t, std::string> m_categories;
    std::map<std::int64_t, Place> m_categoryPlaces;
    std::vector<Place> m_places; ///< by image, then in the file's order
};

} // namespace masque
