// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/base/Result.h"

/// What reading and writing LabelMe JSON share: writing reads the kept source again to see which fields differ from it.
namespace masque::labelme {

/// One entry of `shapes`; errors begin with where ("a.json: shapes[3]"). Its source is left empty.
Result<Shape> readShape(const Json &json, const std::string &where);
/// What a shape_type says; Other for what this program does not know.
ShapeType typeNamed(std::string_view name);
/// As it is written: in the words of the shape's source while that still says the same.
std::string writtenType(const Shape &shape);
/// null, [] and a missing key are no flags.
Result<Flags> readFlags(const Json &json, const std::string &where);
std::optional<Size> readSize(const Json &document);
bool readChecked(const Json &document);
/// Masque's own key, told like a mask shape: {"points": [[left, top], [right, bottom]], "mask": PNG in base64}. Null
/// if there is none, or one that makes no sense: no label is lost with it.
inline constexpr const char *kKeptKey = "kept_labels";
std::shared_ptr<const Mask> readKept(const Json &document);

} // namespace masque::labelme
