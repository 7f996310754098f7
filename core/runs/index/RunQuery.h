// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/runs/run.h"

#include <optional>
#include <string>
#include <vector>

namespace masque {

/// What is looked for among runs, as one types it: words that name, tags, notes or model hold, and terms that all must
/// be met:
///   tag:baseline state:finished model:unet loss:dice "two words"    holds this text (of any option by its key, too)
///   metric>0.6 mean_iou>=0.7 loss<0.3 epochs<20 lr=0.001 tests>0    compares a figure of the best epoch or an option
///   -tag:old                                                        not
class RunQuery {
public:
    /// Errors: a comparison without a number, an open quotation mark.
    static Result<RunQuery> parse(const std::string &text);
    bool matches(const RunInfo &run) const;

private:
    struct Term {
        std::string key;        ///< empty: plain text
        std::string comparison; ///< : < <= > >= =
        std::string text;       ///< in lower case
        std::optional<double> number;
        bool isNegated = false;
    };
    static bool meets(const Term &term, const Json &record);
    std::vector<Term> m_terms;
};

} // namespace masque
