// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/annotations/Annotation.h"
#include "core/runs/SampleLoader.h"
#include "core/training/live.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace masque {

/// Annotations that were corrected while a run learns from them: handed over by the window, taken by the training
/// thread when an epoch begins. Of an image only the latest one counts. Thread-safe.
class CorrectionQueue {
public:
    void push(const std::string &image, Annotation annotation); ///< image as in Dataset::items
    std::map<std::string, std::shared_ptr<const Annotation>> take();

private:
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<const Annotation>> m_waiting;
};

/// How corrections join a run (ChangeSamples): the loaders get the new annotation, a corrected training image comes
/// three times an epoch from then on instead of once, a corrected validation image is marked so. An image that was
/// labelled only now becomes one of training. What joined when stands in the run's log as a finding of the kind
/// corrected; joined: those of before, in a run that is resumed; test: images that never join.
class CorrectedSamples {
public:
    CorrectedSamples(std::shared_ptr<CorrectionQueue> queue, SampleLoader &train, SampleLoader &val,
                     const std::vector<Finding> &joined, std::set<std::string> test);
    SampleChanges at(int epoch, bool isFresh);

private:
    std::shared_ptr<CorrectionQueue> m_queue;
    SampleLoader &m_train, &m_val;
    std::set<std::string> m_test;
    std::map<std::string, int> m_joined; ///< each image with its first epoch as corrected
};

/// "1 mask corrected", "12 masks corrected, 3 of them in validation", "2 masks corrected, 1 image newly labelled".
std::string correctedText(std::size_t masks, std::size_t ofValidation, std::size_t newImages = 0);

} // namespace masque
