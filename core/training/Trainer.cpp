// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Trainer.h"

#include "core/base/text.h"
#include "core/models/fast/fast.h"
#include "core/training/schedule.h"

#include <torch/cuda.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace masque {

namespace {

constexpr int kMaxClasses = 255;

} // namespace

Trainer::Trainer(const TrainingSetup &setup, std::stop_token stop, const TrainingSink &sink)
    : m_setup(setup), m_options(setup.options), m_loss(LossSpec::of(setup.options, setup.classWeights)),
      m_stop(std::move(stop)), m_sink(sink), m_log(isFirst() ? setup.runFolder : ""), m_watchdog(setup.options.lr),
      m_watchBudget(setup.watchBudget)
{
}

Result<TrainingOutcome> Trainer::run()
{
    if (auto ready = check(); !ready)
        return ready.error();
    if (auto ready = prepare(); !ready)
        return ready.error();
    auto end = TrainingEnd::Finished;
    while (!isOver() && end == TrainingEnd::Finished) {
        const auto epoch = runEpoch(m_progress.epoch + 1);
        if (!epoch)
            return epoch.error();
        if (*epoch == PassEnd::Stopped)
            end = TrainingEnd::Stopped;
        else if (*epoch == PassEnd::Alarmed)
            if (auto rescued = rescue(); !rescued)
                return rescued.error();
    }
    const auto after = "after epoch " + std::to_string(m_progress.epoch);
    if (end == TrainingEnd::Stopped) {
        const auto step = m_progress.step > 0 ? ", step " + std::to_string(m_progress.step) : "";
        if (auto said = say("stopped " + after + step); !said)
            return said.error();
    } else if (m_progress.epoch < m_options.epochs) {
        if (auto said =
                say("ended early " + after + ": no better " + m_options.metric + " than that of epoch "
                    + std::to_string(m_progress.bestEpoch) + " in " + std::to_string(m_options.patience) + " epochs");
            !said)
            return said.error();
    }
    if (m_watchBudget.looks() > 0)
        if (auto said = sayWatched(); !said)
            return said.error();
    return TrainingOutcome{.end = end,
                           .epochsDone = m_progress.epoch,
                           .bestEpoch = m_progress.bestEpoch,
                           .bestMetric = m_progress.bestMetric,
                           .seconds = m_progress.seconds,
                           .watchSeconds = m_watchBudget.seconds()};
}

Error Trainer::withWayOut(Error error) const
{
    const bool isKept = !m_setup.runFolder.empty();
    if (error.context == Ranks::kContext) {
        error.message += "; training ends on all of them";
        if (isKept && isFirst())
            error.message += ", and " + file("last.ckpt") + " is whole: resume the run to go on from there";
        return error;
    }
    if (error.code == ErrorCode::Device) {
        error.message =
            "the device " + m_device.str() + " failed; " + error.message
            + (isKept ? ". Start the program anew (if that is no help, the machine), then resume the run: it "
                        "goes on from its last checkpoint"
                      : ". Start the program anew; if that is no help, the machine");
        return error;
    }
    for (const int full : {ENOSPC, EDQUOT, EFBIG})
        if (isKept && error.code == ErrorCode::Io && error.message.ends_with(std::strerror(full)))
            error.message +=
                ". Free some space, then resume the run: it goes on from its last checkpoint, which is whole";
    return error;
}

bool Trainer::isOver() const
{
    const bool impatient = m_options.patience > 0 && m_progress.bestEpoch > 0
                           && m_progress.epoch - m_progress.bestEpoch >= m_options.patience;
    return m_progress.epoch >= m_options.epochs || impatient;
}

Result<void> Trainer::check() const
{
    if (auto valid = validateOptions(trainingTable().specs(), trainingTable().toJson(m_options)); !valid)
        return valid;
    if (!m_setup.network || !m_setup.train || m_setup.train->size() == 0)
        return Error{ErrorCode::Data, "there are no images to train on", "train"};
    const auto classes = static_cast<int>(m_setup.classNames.size());
    if (classes < 1 || classes > kMaxClasses)
        return Error{ErrorCode::Data,
                     "training needs 1 to " + std::to_string(kMaxClasses) + " classes, there are "
                         + std::to_string(classes),
                     "classes"};
    const auto channels = m_loss.outputChannels(classes);
    if (m_setup.spec.outputChannels != channels)
        return Error{ErrorCode::Internal, "loss " + m_options.loss + " with " + std::to_string(classes)
                                              + " classes needs " + std::to_string(channels)
                                              + " output channels, the network has "
                                              + std::to_string(m_setup.spec.outputChannels)};
    if (m_loss.multiLabel && (!m_setup.hasBackground || classes < 2))
        return Error{ErrorCode::Internal, "overlapping classes need a background class before them"};
    for (const auto *source : {m_setup.train, hasVal() ? m_setup.val : m_setup.train})
        if (const auto elements = source->targetElements(); m_loss.isSoft()) {
            if (elements != static_cast<std::size_t>(channels))
                return Error{ErrorCode::Unsupported, "soft-ce needs the share of each class in the whole image",
                             "loss"};
        } else if (const auto mask =
                       BatchShape{1, m_loss.multiLabel ? channels : 1, source->height(), source->width()}.elements();
                   elements != mask && (m_loss.multiLabel || elements != 1))
            return Error{ErrorCode::Unsupported, "these samples' targets are neither masks nor classes of images"};
    return checkFreeze();
}

Result<void> Trainer::checkFreeze() const
{
    if (m_options.freeze.empty())
        return {};
    bool some = false, all = true;
    std::string layers;
    for (const auto &item : m_setup.network->named_parameters()) {
        const bool frozen = isAmongLayers(m_options.freeze, item.key());
        some = some || frozen;
        all = all && frozen;
    }
    for (const auto &child : m_setup.network->named_children())
        layers += (layers.empty() ? "" : ", ") + child.key();
    if (!some)
        return Error{ErrorCode::Option,
                     "freeze: no parameter's name begins with '" + m_options.freeze + "'; the network has: " + layers,
                     "freeze"};
    if (all && m_options.freezeEpochs == 0)
        return Error{ErrorCode::Option, "freeze: nothing is left to be trained", "freeze"};
    return {};
}

Result<void> Trainer::prepare()
{
    const auto device = resolveDevice(m_options.device);
    if (!device)
        return device.error();
    m_device = torch::Device(*device);
    if (m_setup.ranks && m_device.is_cuda() && !m_device.has_index())
        m_device.set_index(static_cast<c10::DeviceIndex>(m_setup.ranks->localRank() % torch::cuda::device_count()));
    m_classes = static_cast<int>(m_setup.classNames.size());
    m_confusion = torch::zeros({std::int64_t{m_classes} * m_classes + 1}, torch::kLong);
    const auto computeThreads = setComputeThreads(threadCount());
    const bool mayBeFast = m_options.precision == "auto" || m_options.precision == "float32";
    m_isFast = mayBeFast && m_device.is_cpu() && fast::isAvailable();
    m_layout =
        m_options.precision == "exact" || m_isFast ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
    auto &network = *m_setup.network;
    network.to(m_device);
    for (auto &parameter : network.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.variable_data().contiguous(m_layout));
    m_optimizer.emplace(network, m_options);
    if (m_options.ema > 0)
        m_average.emplace(network, m_options.ema);
    if (auto begun = isFirst() ? begin(*device, computeThreads) : Result<void>(); !begun)
        return begun;
    if (m_setup.ranks)
        if (auto said = say(std::to_string(rankCount()) + " ranks train together (" + m_setup.ranks->transport(*device)
                            + "), " + std::to_string(m_options.batch * rankCount()) + " images a step");
            !said)
            return said;
    return shareState();
}

Result<void> Trainer::say(const std::string &message)
{
    if (m_sink.message)
        m_sink.message(message);
    return m_log.writeMessage(message);
}

Result<void> Trainer::say(const Finding &finding)
{
    if (m_sink.finding)
        m_sink.finding(finding);
    return m_log.write(finding.toJson());
}

double Trainer::rate(int epoch, int step, int steps) const
{
    const double at = epoch - 1 + static_cast<double>(step) / std::max(1, steps);
    return m_setup.rate ? m_setup.rate(at) : m_progress.rateFactor * learningRate(m_options, at);
}

Result<Trainer::PassEnd> Trainer::runEpoch(int epoch)
{
    if (auto changed = changeSamples(epoch); !changed)
        return changed.error();
    auto training = startPass(Split::Train, epoch);
    auto end = runPass(training);
    if (!end || *end != PassEnd::Done)
        return end;
    auto train = epochReport(training);
    std::optional<EpochReport> val;
    auto sole = soleClass(training);
    auto fit = labelFit(training);
    if (hasVal()) {
        const WeightAverage::Scope averaged(m_average ? &*m_average : nullptr);
        if (auto shared = shareBuffers(); !shared)
            return shared.error();
        auto validation = startPass(Split::Val, epoch);
        end = runPass(validation);
        if (!end)
            return end;
        if (*end == PassEnd::Done) {
            val = epochReport(validation);
            sole = soleClass(validation);
            fit = labelFit(validation);
        }
    }
    if (*end == PassEnd::Stopped) { // validation starts anew when the run is resumed; training is done
        if (auto kept = keep(training); !kept)
            return kept.error();
        return PassEnd::Stopped;
    }
    if (*end == PassEnd::Alarmed)
        return end;
    if (auto finished = finishEpoch(train, val, sole, fit); !finished)
        return finished.error();
    watch(training, true);
    return PassEnd::Done;
}

void Trainer::judge(EpochReport &judged)
{
    const double figure = judged.value(m_options.metric);
    const bool better = m_options.metric == "loss" ? figure < m_progress.bestMetric : figure > m_progress.bestMetric;
    judged.best = m_progress.bestEpoch == 0 || better;
    if (judged.best) {
        m_progress.bestEpoch = judged.epoch;
        m_progress.bestMetric = figure;
    }
    m_progress.plateau = judged.best ? 0 : m_progress.plateau + 1;
    if (m_options.schedule == "plateau" && m_progress.plateau >= m_options.scheduleEpochs) {
        m_progress.plateau = 0;
        m_progress.rateFactor *= m_options.scheduleFactor;
    }
}

Result<void> Trainer::finishEpoch(EpochReport &train, std::optional<EpochReport> &val,
                                  const std::optional<std::string> &soleClass, const LabelFit &fit)
{
    auto &judged = val ? *val : train;
    m_progress = TrainingProgress{.epoch = train.epoch,
                                  .bestEpoch = m_progress.bestEpoch,
                                  .bestMetric = m_progress.bestMetric,
                                  .seconds = secondsSoFar(),
                                  .rateFactor = m_progress.rateFactor,
                                  .rescues = m_progress.rescues,
                                  .plateau = m_progress.plateau};
    m_confusion.zero_();
    judge(judged);
    if (judged.best) {
        const WeightAverage::Scope averaged(m_average ? &*m_average : nullptr);
        if (auto saved = save("best.ckpt", {}); !saved)
            return saved;
    }
    // log before last.ckpt: what a crash leaves between the two is cut off when the run is resumed
    for (const auto *report : {&train, val ? &*val : nullptr})
        if (report)
            if (auto written = m_log.write(report->toJson()); !written)
                return written;
    for (const auto &finding : m_watchdog.atEpochEnd(train, val ? &*val : nullptr, soleClass, fit))
        if (auto said = say(finding); !said)
            return said;
    if (auto saved = save("last.ckpt", state()); !saved)
        return saved;
    m_saved = Clock::now();
    if (m_sink.epoch) {
        m_sink.epoch(train);
        if (val)
            m_sink.epoch(*val);
    }
    return {};
}

} // namespace masque
