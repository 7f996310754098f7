// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/training/Trainer.h"

#include <torch/version.h>

#include <filesystem>

/// How a training begins, and what of it is kept and taken up again.
namespace masque {

namespace {

constexpr int kMaxRescues = 3;
constexpr double kRescueFactor = 0.1;

} // namespace

Result<void> Trainer::begin(const std::string &device, int threads)
{
    if (m_setup.resume && std::filesystem::exists(file("last.ckpt")))
        return restore();
    if (auto started = m_log.start(); !started)
        return started;
    if (auto written = writeStart(device, threads); !written)
        return written;
    if (m_setup.resume)
        if (auto said = say("no step was kept before, training starts anew"); !said)
            return said;
    if (!hasVal())
        if (auto said = say(
                "there are no validation images: the best checkpoint is chosen by the metric on the training images");
            !said)
            return said;
    return save("last.ckpt", state()); // whatever happens from here on, there is something to go back to
}

Result<void> Trainer::writeStart(const std::string &device, int threads)
{
    Json line = Json::object();
    line.set("event", "start");
    line.set("version", MASQUE_VERSION);
    line.set("torch", TORCH_VERSION);
    line.set("network", m_setup.spec.toJson());
    line.set("parameters", parameterCount(*m_setup.network));
    line.set("device", device);
    line.set("threads", threads);
    if (m_setup.ranks) {
        line.set("ranks", rankCount());
        line.set("transport", m_setup.ranks->transport(device));
    }
    line.set("compute", m_isFast                                     ? "fast"
                        : m_layout == at::MemoryFormat::ChannelsLast ? "channels_last"
                                                                     : "contiguous");
    line.set("train_images", static_cast<std::uint64_t>(m_setup.train->size()));
    line.set("val_images", static_cast<std::uint64_t>(hasVal() ? m_setup.val->size() : 0));
    Json classes = Json::array();
    for (const auto &className : m_setup.classNames)
        classes.push_back(className);
    line.set("classes", std::move(classes));
    line.set("loss", m_loss.toJson());
    line.set("options", trainingTable().toJson(m_options));
    return m_log.write(line);
}

NamedTensors Trainer::state() const
{
    auto state = m_optimizer->state();
    if (m_average)
        for (auto &item : m_average->state())
            state.push_back(std::move(item));
    state.emplace_back("progress.confusion", m_confusion);
    return state;
}

Result<void> Trainer::save(const char *name, const NamedTensors &more)
{
    if (m_setup.runFolder.empty() || !isFirst())
        return {};
    m_progress.firstSteps = m_watchdog.firstSteps().count;
    m_progress.firstStepsSum = m_watchdog.firstSteps().sum;
    return saveCheckpoint(file(name), m_setup.spec, *m_setup.network, more, m_setup.runInfo, m_progress);
}

Result<void> Trainer::restore()
{
    const auto progress = restoreCheckpoint(file("last.ckpt"), m_setup.spec, *m_setup.network, state());
    if (!progress)
        return progress.error();
    m_progress = *progress;
    m_secondsBefore = progress->seconds;
    const auto epochs = m_log.cutAfter(m_progress.epoch, m_progress.step);
    if (!epochs)
        return epochs.error();
    m_watchdog = Watchdog(m_options.lr, {m_progress.firstSteps, m_progress.firstStepsSum});
    for (std::size_t i = 0; i < epochs->size(); ++i)
        if ((*epochs)[i].split == "train")
            m_watchdog.replay((*epochs)[i],
                              i + 1 < epochs->size() && (*epochs)[i + 1].split == "val" ? &(*epochs)[i + 1] : nullptr);
    if (auto said = say("resumed after epoch " + std::to_string(m_progress.epoch)
                        + (m_progress.step > 0 ? ", step " + std::to_string(m_progress.step) : ""));
        !said)
        return said;
    return fitPosition();
}

Result<void> Trainer::rescue()
{
    const auto epoch = m_progress.epoch + 1;
    if (!m_options.rescue || m_progress.rescues >= kMaxRescues || m_setup.runFolder.empty())
        return Error{ErrorCode::Data,
                     m_alarm
                         + (m_progress.rescues > 0
                                ? ", although the learning rate was lowered " + std::to_string(m_progress.rescues)
                                      + " times: choose a far lower one; Find Rate shows which"
                                : "; lowering the learning rate may help"),
                     "lr"};
    const auto rescues = m_progress.rescues + 1;
    const auto factor = m_progress.rateFactor * kRescueFactor;
    if (isFirst()) {
        const auto progress = restoreCheckpoint(file("last.ckpt"), m_setup.spec, *m_setup.network, state());
        if (!progress)
            return progress.error();
        m_progress = *progress;
    }
    if (auto shared = shareState(); !shared)
        return shared;
    m_progress.rescues = rescues;
    m_progress.rateFactor = factor;
    m_optimizer->clearGradients();
    m_gathered = 0;
    m_watchdog.forgetSteps();
    if (auto saved = save("last.ckpt", state()); !saved)
        return saved;
    const auto step = m_progress.step > 0 ? ", step " + std::to_string(m_progress.step) : "";
    return say(Finding{"diverged", epoch,
                       m_alarm + ": back to the weights after epoch " + std::to_string(m_progress.epoch) + step
                           + ", going on at a tenth of the learning rate (now " + shortNumber(m_options.lr * factor)
                           + " at most)"});
}

Result<void> Trainer::fitPosition()
{
    const int perStep = m_options.batch * rankCount();
    if (m_progress.images == m_progress.step * perStep)
        return {};
    const int seen = m_progress.images;
    m_progress.step = seen / (perStep * m_options.accumulate) * m_options.accumulate;
    m_progress.images = m_progress.step * perStep;
    m_progress.lossSum *= static_cast<double>(m_progress.images) / seen;
    return say("the epoch goes on from image " + std::to_string(m_progress.images) + " of the " + std::to_string(seen)
               + " it had seen, by batches of " + std::to_string(perStep) + " images");
}

} // namespace masque
