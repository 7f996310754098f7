// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"

#include <string>

/// LabelMe JSON, every version from 1 to 7.1 and X-AnyLabeling's dialect. Unknown keys keep place and value at both
/// levels; untouched numbers keep their spelling; a file that equals Python's json.dumps(indent=2, ensure_ascii=False)
/// of itself comes back byte for byte.
namespace masque {

/// True if the document looks like a LabelMe file: an object with a `shapes` array.
bool isLabelMe(const Json &document);

/// Errors name the file, the shape's index and the field ("a.json: shapes[3].points: ...").
Result<Annotation> readLabelMe(const std::string &path);
Result<Annotation> labelMeFromJson(Json document, const std::string &name);

/// Null if a mask could not be encoded (memory). New documents say "version": "5.1.1", imageData null; keys in
/// labelme's order.
Json labelMeToJson(const Annotation &annotation);

/// The text of the file; an Error if a mask could not be encoded.
Result<std::string> labelMeText(const Annotation &annotation);

/// Atomic. imagePath and imageSize of the annotation are written as they are.
Result<void> writeLabelMe(const std::string &path, const Annotation &annotation);

} // namespace masque
