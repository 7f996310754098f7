// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Watchdog.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace masque {

namespace {

constexpr std::size_t kSteps = 10; ///< that a mean of step losses is taken over
constexpr double kRunaway = 5;
constexpr double kBurst = 100;      ///< in one of the first steps, over those before
constexpr int kPatience = 5;        ///< epochs that a trend must last
constexpr double kLeastGain = 0.02; ///< of what is left to gain over the labels of other images

double mean(const std::vector<double> &values)
{
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::string number(std::size_t value)
{
    return std::to_string(value);
}

} // namespace

Json Finding::toJson() const
{
    Json json = Json::object();
    json.set("event", "finding");
    json.set("kind", kind);
    json.set("epoch", epoch);
    json.set("message", message);
    if (!images.empty()) {
        Json names = Json::array();
        for (const auto &image : images)
            names.push_back(image);
        json.set("images", std::move(names));
    }
    return json;
}

Finding Finding::fromJson(const Json &json)
{
    Finding finding{json["kind"].toString(), static_cast<int>(json["epoch"].toInt()), json["message"].toString()};
    for (const auto &image : json["images"].items())
        finding.images.push_back(image.toString());
    return finding;
}

std::optional<std::string> Watchdog::alarm(double loss)
{
    if (!std::isfinite(loss))
        return "the loss is not finite";
    if (m_first.count < static_cast<int>(kSteps)) {
        const double before = m_first.count > 0 ? m_first.sum / m_first.count : loss;
        if (loss > kBurst * std::max(1.0, before))
            return "the loss has run away within the first steps, from " + shortNumber(before) + " to "
                   + shortNumber(loss);
        ++m_first.count;
        m_first.sum += loss;
        return std::nullopt;
    }
    if (m_recent.size() == kSteps)
        m_recent.erase(m_recent.begin());
    m_recent.push_back(loss);
    const double first = m_first.sum / m_first.count;
    if (m_recent.size() == kSteps && mean(m_recent) > std::max(1.0, kRunaway * first))
        return "the loss has run away, from " + shortNumber(first) + " in the first ten steps to "
               + shortNumber(mean(m_recent)) + " in the last ten";
    return std::nullopt;
}

void Watchdog::say(std::vector<Finding> &findings, const char *kind, int epoch, std::string message)
{
    if (m_said.insert(kind).second)
        findings.push_back({kind, epoch, std::move(message)});
}

void Watchdog::replay(const EpochReport &train, const EpochReport *val)
{
    m_train.push_back(train.metrics.loss);
    if (val)
        m_val.push_back(val->metrics.loss);
}

std::vector<Finding> Watchdog::atEpochEnd(const EpochReport &train, const EpochReport *val,
                                          const std::optional<std::string> &soleClass, const LabelFit &fit)
{
    replay(train, val);
    std::vector<Finding> findings;
    const auto epochs = m_train.size();
    const double last = m_train.back();

    if (epochs == 2 && last > 1.2 * m_train.front())
        say(findings, "rate-too-high", train.epoch,
            "the training loss rose from " + shortNumber(m_train.front()) + " in the first epoch to "
                + shortNumber(last) + " in the second: the learning rate " + shortNumber(m_lr)
                + " is probably too high, try " + shortNumber(m_lr / 10));

    if (epochs > kPatience) {
        const auto before = m_train.end() - 1 - kPatience;
        const double best = *std::min_element(before + 1, m_train.end());
        if (best > 0.99 * *before && (val ? val->metrics.meanIou : train.metrics.meanIou) < 0.9)
            say(findings, "no-progress", train.epoch,
                "the training loss has not fallen for " + number(kPatience) + " epochs (" + shortNumber(*before)
                    + ", now " + shortNumber(last)
                    + "): try a learning rate ten times higher or lower, or look whether the labels "
                    + "fit the images");
    }

    if (val && m_val.size() > kPatience) {
        const auto best = std::min_element(m_val.begin(), m_val.end());
        const auto at = static_cast<std::size_t>(best - m_val.begin());
        const double lately = mean({m_val.end() - 3, m_val.end()});
        if (m_val.size() - 1 - at >= kPatience && lately > 1.1 * *best && last < 0.9 * m_train[at])
            say(findings, "overfitting", train.epoch,
                "overfitting: since epoch " + number(static_cast<std::size_t>(train.epoch) + 1 - m_val.size() + at)
                    + " the validation loss rose from " + shortNumber(*best) + " to " + shortNumber(lately)
                    + " while the training loss fell from " + shortNumber(m_train[at]) + " to " + shortNumber(last)
                    + ": more images, augmentation or weight decay help; the best checkpoint is kept");
    }

    m_soleClassEpochs = soleClass ? m_soleClassEpochs + 1 : 0;
    if (m_soleClassEpochs == 3)
        say(findings, "one-class", train.epoch,
            "for three epochs the network has called every pixel \"" + *soleClass
                + "\": class_weights balanced, the loss ce+dice or a lower learning rate help; else look whether the "
                  "labels "
                  "belong to the images");

    const bool isStrange = fit.other > 0 && !soleClass && fit.own - fit.other < kLeastGain * (1 - fit.other);
    m_strangeEpochs = isStrange ? m_strangeEpochs + 1 : 0;
    if (m_strangeEpochs == kPatience)
        say(findings, "labels", train.epoch,
            "for " + number(kPatience)
                + " epochs the predictions have fitted the labels of other images (pixel accuracy "
                + shortNumber(fit.other) + ") as well as those of their own (" + shortNumber(fit.own)
                + "), which is no better than guessing: the labels may not belong to the images (shuffled, misnamed or "
                  "shifted files; look at some in Label), or the learning rate is far off");
    return findings;
}

} // namespace masque
