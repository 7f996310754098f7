// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/Corrections.h"

#include "core/runs/plan.h"

#include <algorithm>
#include <utility>

namespace masque {

namespace {

constexpr int kMoreTimes = 2; // that an epoch has a corrected training image

} // namespace

void CorrectionQueue::push(const std::string &image, Annotation annotation)
{
    auto shared = std::make_shared<const Annotation>(std::move(annotation));
    const std::lock_guard lock(m_mutex);
    m_waiting[image] = std::move(shared);
}

std::map<std::string, std::shared_ptr<const Annotation>> CorrectionQueue::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_waiting, {});
}

CorrectedSamples::CorrectedSamples(std::shared_ptr<CorrectionQueue> queue, SampleLoader &train, SampleLoader &val,
                                   const std::vector<Finding> &joined, std::set<std::string> test)
    : m_queue(std::move(queue)), m_train(train), m_val(val), m_test(std::move(test))
{
    for (const auto &finding : joined)
        for (const auto &image : finding.kind == kCorrected ? finding.images : std::vector<std::string>()) {
            if (m_val.samplesOf(image).empty())
                m_train.add(image); // unless it is there
            m_joined.emplace(image, finding.epoch);
        }
}

SampleChanges CorrectedSamples::at(int epoch, bool isFresh)
{
    SampleChanges changes;
    if (m_queue && isFresh) { // an epoch that goes on in its middle ends as it began
        Finding news{.kind = kCorrected, .epoch = epoch, .message = {}};
        std::size_t ofValidation = 0, newImages = 0;
        for (const auto &[image, annotation] : m_queue->take()) {
            const bool isVal = m_val.correct(image, annotation);
            if (!isVal && !m_train.correct(image, annotation)) {
                if (m_test.contains(image) || !m_train.add(image))
                    continue;
                m_train.correct(image, annotation);
                ++newImages;
            }
            m_joined.emplace(image, epoch);
            news.images.push_back(image);
            ofValidation += isVal;
        }
        if (!news.images.empty()) {
            news.message = correctedText(news.images.size() - newImages, ofValidation, newImages);
            changes.news = std::move(news);
        }
    }
    for (const auto &[image, since] : m_joined) {
        if (since > epoch)
            continue;
        for (const auto sample : m_train.samplesOf(image))
            changes.again.insert(changes.again.end(), kMoreTimes, sample);
        for (const auto sample : m_val.samplesOf(image))
            changes.corrected.push_back(sample);
    }
    std::sort(changes.corrected.begin(), changes.corrected.end());
    return changes;
}

std::string correctedText(std::size_t masks, std::size_t ofValidation, std::size_t newImages)
{
    const auto labelled = countText(newImages, "image") + " newly labelled";
    if (masks == 0 && newImages > 0)
        return labelled;
    auto text = countText(masks, "mask") + " corrected";
    if (ofValidation > 0)
        text +=
            ofValidation < masks ? ", " + std::to_string(ofValidation) + " of them in validation" : " in validation";
    return newImages > 0 ? text + ", " + labelled : text;
}

} // namespace masque
