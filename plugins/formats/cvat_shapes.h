// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "plugins/formats/xml.h"

/// One <image> of CVAT's XML as an annotation, and back.
namespace masque {

/// Errors say which shape and attribute make no sense.
Result<Annotation> annotationFromCvat(const pugi::xml_node &image);
/// Adds the annotation's shapes and tags to <image>.
void addToCvat(pugi::xml_node &image, const Annotation &annotation);

} // namespace masque
