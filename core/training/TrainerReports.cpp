// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Trainer.h"

#include <algorithm>

/// What a training says of its epochs and steps.
namespace masque {

EpochReport Trainer::epochReport(const Pass &pass) const
{
    const auto figures = [&](const torch::Tensor &count) {
        const auto counts = count.cpu();
        const auto *cells = counts.data_ptr<std::int64_t>();
        const ConfusionMatrix confusion(m_classes, std::vector(cells, cells + counts.numel() - 1));
        return MetricValues::of(confusion, pass.lossSum / std::max(1, pass.images), m_setup.hasBackground);
    };
    EpochReport report;
    report.epoch = pass.epoch;
    report.split = pass.name();
    report.metrics = figures(pass.confusion);
    if (pass.split == Split::Val && !m_changes.corrected.empty())
        report.uncorrected = {static_cast<int>(m_changes.corrected.size()), figures(pass.confusion - pass.corrected)};
    report.lr = pass.lr;
    report.seconds = pass.seconds;
    report.imagesPerSecond = pass.images / std::max(report.seconds, 1e-9);
    return report;
}

std::optional<std::string> Trainer::soleClass(const Pass &pass) const
{
    const auto counts = pass.confusion.cpu().slice(0, 0, std::int64_t{m_classes} * m_classes).view({m_classes, -1});
    const auto predicted = counts.sum(0).nonzero(), truth = counts.sum(1).nonzero();
    if (predicted.size(0) != 1 || truth.size(0) < 2)
        return std::nullopt;
    return m_setup.classNames[static_cast<std::size_t>(predicted.item<std::int64_t>())];
}

LabelFit Trainer::labelFit(const Pass &pass) const
{
    const auto counts = pass.fit.cpu();
    const auto *count = counts.data_ptr<std::int64_t>();
    if (count[0] == 0)
        return {};
    const auto pixels = static_cast<double>(count[0]);
    return {static_cast<double>(count[1]) / pixels, static_cast<double>(count[2]) / pixels};
}

void Trainer::reportStep(const Pass &pass)
{
    m_reported = Clock::now();
    const bool train = pass.split == Split::Train;
    const double elapsed = std::max(secondsSince(pass.started), 1e-9);
    const int images = std::max(1, pass.images - pass.imagesBefore);
    m_imageSeconds[train ? 0 : 1] = elapsed / images;
    if (!m_sink.step)
        return;
    // validation has no backward pass: about a third of the work, until it has been measured
    const double trainCost = m_imageSeconds[0], valCost = m_imageSeconds[1] > 0 ? m_imageSeconds[1] : trainCost / 3;
    const double trainImages = static_cast<double>(m_setup.train->size());
    const double valImages = hasVal() ? static_cast<double>(m_setup.val->size()) : 0;
    const int epochsLeft = m_options.epochs - pass.epoch;
    const double trainLeft = epochsLeft * trainImages + (train ? trainImages - pass.images : 0);
    const double valLeft = epochsLeft * valImages + (train ? valImages : valImages - pass.images);
    m_sink.step({.epoch = pass.epoch,
                 .epochs = m_options.epochs,
                 .step = pass.step,
                 .steps = pass.steps,
                 .split = pass.name(),
                 .loss = pass.lastLoss,
                 .lr = pass.lr,
                 .imagesPerSecond = images / elapsed,
                 .secondsLeft = trainLeft * trainCost + valLeft * valCost});
}

} // namespace masque
