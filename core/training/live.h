// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/training/Watchdog.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

/// What may reach into a training while it runs: somebody who looks at its predictions, and corrected samples.
namespace masque {

class Network;

/// How often a network may be looked at while it trains: so that what the looks take stays below a share of what the
/// training itself takes. Sees figures alone, so that a test can be its clock.
class WatchBudget {
public:
    WatchBudget() = default;
    WatchBudget(double share, double intervalSeconds) : m_share(share), m_interval(intervalSeconds) {}
    /// May there be a look, after a training of so many seconds (looks not counted), that is expected to take no more
    /// than guess where none was timed yet, else as long as the longest lately? Not before the interval is over, unless
    /// it isUrgent.
    bool isDue(double trainedSeconds, double guess, bool isUrgent = false) const;
    /// A look was taken and took so long.
    void add(double trainedSeconds, double seconds);
    double seconds() const { return m_seconds; } ///< of all looks
    int looks() const { return m_looks; }

private:
    double m_share = 0.1, m_interval = 2;
    double m_seconds = 0, m_last = 0;
    int m_looks = 0;
    std::optional<double> m_cost;
};

/// Where a training stands when it is looked at.
struct WatchMoment {
    int epoch = 0;           ///< from 1
    double at = 0;           ///< epochs done, with fractions
    bool isEpochEnd = false; ///< after validation: the moment that is kept
};
/// Called on the training thread between two steps, within the budget. May use the network in any mode, but must leave
/// its weights alone.
using WatchNetwork = std::function<void(const std::shared_ptr<Network> &, const WatchMoment &)>;

/// What is different from now on: samples were corrected.
struct SampleChanges {
    std::vector<std::size_t> again = {}; ///< training samples that an epoch has once more, each time they are listed
    std::vector<std::size_t> corrected = {}; ///< validation samples that are not what they were when the run began
    std::optional<Finding> news = {};        ///< what joined now
};
/// Asked at the start of each epoch. isFresh: it begins with its first step, so that samples may change now.
using ChangeSamples = std::function<SampleChanges(int epoch, bool isFresh)>;

} // namespace masque
