// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/datasets/Dataset.h"

/// masque.json, a dataset's own settings: classes, explicit splits, format. Private to core/datasets.
namespace masque {

/// One class as it is written in `classes`: name, colour, key.
Json classToJson(const LabelClass &);
LabelClass classFromJson(const Json &);

/// The settings of a folder; null if there is no such file; an error names the broken field.
Result<Json> readDatasetSettings(const std::string &root);
void applyDatasetSettings(const Json &settings, Dataset &dataset);

} // namespace masque
