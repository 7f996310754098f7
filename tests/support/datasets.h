// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/datasets/Dataset.h"
#include "tests/support/support.h"

#include <memory>

namespace masque {

/// A small sample dataset in folder/data, indexed.
struct DemoData {
    std::shared_ptr<const Dataset> dataset; ///< null if it could not be made
    std::vector<ItemSummary> summaries;
};
DemoData openIndexed(const std::string &root);
DemoData makeDemo(const TestFolder &, int count, bool withoutAnnotations = false);

} // namespace masque
