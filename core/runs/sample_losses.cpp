// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runs/sample_losses.h"

#include "core/base/Json.h"
#include "core/runs/run.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace masque {

namespace {

/// The image of each training sample, in the order of their indices: one a window where images are cut into such.
Result<std::vector<std::string>> trainingImages(const std::string &runFolder)
{
    const auto split = readJsonFile(runFolder + "/split.json");
    if (!split)
        return split.error();
    std::vector<std::string> names;
    const auto &images = (*split)["train"].items(), &windows = (*split)["train_windows"].items();
    constexpr std::int64_t kMostWindows = 1 << 20;
    for (std::size_t i = 0; i < images.size(); ++i) {
        const auto count = i < windows.size() ? std::clamp<std::int64_t>(windows[i].toInt(), 0, kMostWindows) : 1;
        names.insert(names.end(), static_cast<std::size_t>(count), images[i].toString());
    }
    if (!windows.empty())
        return names; // how many windows later ones have is not noted
    std::set<std::string> known(names.begin(), names.end());
    for (const auto &image : (*split)["val"].items())
        known.insert(image.toString());
    if (const auto run = readRun(runFolder))
        for (const auto &finding : run->findings)
            for (const auto &image : finding.kind == kCorrected ? finding.images : std::vector<std::string>())
                if (known.insert(image).second)
                    names.push_back(image); // labelled while it trained
    return names;
}

int stepsPerEpoch(const std::vector<StepRecord> &steps)
{
    int most = 1;
    for (const auto &step : steps)
        most = std::max(most, step.step);
    return most;
}

double position(const StepRecord &step, int perEpoch)
{
    return step.epoch - 1 + static_cast<double>(step.step) / perEpoch;
}

void sortByLoss(std::vector<SampleLoss> &samples)
{
    std::stable_sort(samples.begin(), samples.end(), [](const auto &a, const auto &b) {
        return std::isnan(a.loss) ? !std::isnan(b.loss) : a.loss > b.loss; // what is no number is worst
    });
}

} // namespace

Result<StepSamples> samplesNear(const std::string &runFolder, double at)
{
    auto steps = readSteps(runFolder);
    if (!steps)
        return steps.error();
    const auto names = trainingImages(runFolder);
    if (!names)
        return names.error();
    if (steps->empty())
        return Error{ErrorCode::Data, runFolder + ": no step of this run was kept", runFolder};
    const int perEpoch = stepsPerEpoch(*steps);
    const auto nearest = std::min_element(steps->begin(), steps->end(), [&](const auto &a, const auto &b) {
        return std::abs(position(a, perEpoch) - at) < std::abs(position(b, perEpoch) - at);
    });
    StepSamples out{.step = *nearest, .samples = {}};
    for (std::size_t i = 0; i < nearest->samples.size(); ++i)
        if (nearest->samples[i] < names->size() && i < nearest->sampleLosses.size())
            out.samples.push_back({(*names)[nearest->samples[i]], nearest->sampleLosses[i]});
    sortByLoss(out.samples);
    return out;
}

Result<std::vector<SampleLoss>> alwaysHighLosses(const std::string &runFolder)
{
    const auto steps = readSteps(runFolder);
    if (!steps)
        return steps.error();
    const auto names = trainingImages(runFolder);
    if (!names)
        return names.error();
    std::map<std::string, std::vector<double>> seen; // by image, whichever of its windows
    for (const auto &step : *steps)
        for (std::size_t i = 0; i < std::min(step.samples.size(), step.sampleLosses.size()); ++i)
            if (step.samples[i] < names->size())
                seen[(*names)[step.samples[i]]].push_back(step.sampleLosses[i]);
    std::vector<SampleLoss> out;
    for (const auto &[image, losses] : seen) {
        const auto from = losses.begin() + static_cast<std::ptrdiff_t>(losses.size() / 4);
        out.push_back({image, std::accumulate(from, losses.end(), 0.0) / static_cast<double>(losses.end() - from)});
    }
    sortByLoss(out);
    return out;
}

Result<std::vector<StepPoint>> stepCurve(const std::string &runFolder)
{
    const auto steps = readSteps(runFolder);
    if (!steps)
        return steps.error();
    const int perEpoch = stepsPerEpoch(*steps);
    std::map<double, StepPoint> curve; // a step that was trained again counts as it went at last
    for (const auto &step : *steps) {
        const double at = position(step, perEpoch);
        curve[at] = {at, step.loss, step.lr};
    }
    std::vector<StepPoint> points;
    for (const auto &[at, point] : curve)
        points.push_back(point);
    return points;
}

} // namespace masque
