// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/EpochReport.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace masque {

/// Something that the watchdog noticed: a line of log.jsonl, a mark in the plot, a sentence to a person.
struct Finding {
    std::string kind; ///< diverged, rate-too-high, no-progress, overfitting, one-class, labels, corrected
    int epoch = 0;
    std::string message;                  ///< what is seen, with its figures, and what helps
    std::vector<std::string> images = {}; ///< it is about these; of corrected all that joined
    Json toJson() const;
    static Finding fromJson(const Json &);
};

/// The kind of a finding that says which samples were corrected before its epoch.
inline constexpr const char *kCorrected = "corrected";

/// Pixel accuracy of an epoch's predictions against the labels of their own images, and against those of others. Both 0
/// where it is not known.
struct LabelFit {
    double own = 0, other = 0;
};

/// Watches a training by its figures alone. Says each kind of thing once a run. Knows no network.
class Watchdog {
public:
    /// What later steps are judged by: the losses of the run's first ten, summed up.
    struct FirstSteps {
        int count = 0;
        double sum = 0;
    };
    explicit Watchdog(double lr) : m_lr(lr) {}
    Watchdog(double lr, FirstSteps first) : m_lr(lr), m_first(first) {}
    const FirstSteps &firstSteps() const { return m_first; }

    /// Each training step's loss, in order; what is wrong with it, if it is not finite or has run away: ten steps'
    /// mean above one and above five times that of the run's first ten, or one of those a hundred times those before.
    std::optional<std::string> alarm(double loss);
    /// After a rescue: the steps start afresh, judged by the same first ones.
    void forgetSteps() { m_recent.clear(); }

    /// At the end of an epoch; val where there is one. soleClass: the name of the class that every pixel was predicted
    /// to be, if there was only one although the truth has more.
    std::vector<Finding> atEpochEnd(const EpochReport &train, const EpochReport *val,
                                    const std::optional<std::string> &soleClass, const LabelFit &fit = {});
    /// What a resumed run has behind it, without saying anything.
    void replay(const EpochReport &train, const EpochReport *val);

private:
    void say(std::vector<Finding> &findings, const char *kind, int epoch, std::string message);
    double m_lr;
    FirstSteps m_first;
    std::vector<double> m_recent;       ///< losses of steps
    std::vector<double> m_train, m_val; ///< losses of epochs
    int m_soleClassEpochs = 0, m_strangeEpochs = 0;
    std::set<std::string> m_said;
};

} // namespace masque
