// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Trainer.h"

#include "core/base/Random.h"
#include "core/training/compute.h"
#include "core/training/losses.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <thread>

namespace masque {

namespace {

constexpr int kIgnore = 255;
constexpr int kMaxClasses = 255;
constexpr auto kReportInterval = std::chrono::milliseconds(100);

double secondsSince(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

const char *name(bool train)
{
    return train ? "train" : "val";
}

} // namespace

Trainer::Trainer(const TrainingSetup &setup, std::stop_token stop, const TrainingSink &sink)
    : m_setup(setup), m_options(setup.options), m_stop(std::move(stop)), m_sink(sink), m_log(setup.runFolder)
{
}

Result<TrainingOutcome> Trainer::run()
{
    if (auto ready = check(); !ready)
        return ready.error();
    if (auto ready = prepare(); !ready)
        return ready.error();
    auto end = TrainingEnd::Finished;
    for (int epoch = m_progress.epoch + 1; epoch <= m_options.epochs; ++epoch) {
        auto train = runPass(Split::Train, epoch);
        if (!train)
            return train.error();
        std::optional<EpochReport> val;
        if (*train && hasVal()) {
            auto measured = runPass(Split::Val, epoch);
            if (!measured)
                return measured.error();
            val = *measured;
        }
        if (!*train || (hasVal() && !val)) {
            end = TrainingEnd::Stopped;
            break;
        }
        if (auto finished = finishEpoch(**train, val); !finished)
            return finished.error();
    }
    if (end == TrainingEnd::Stopped) {
        const auto said = say("stopped after epoch " + std::to_string(m_progress.epoch));
        if (!said)
            return said.error();
    }
    return TrainingOutcome{.end = end,
                           .epochsDone = m_progress.epoch,
                           .bestEpoch = m_progress.bestEpoch,
                           .bestMetric = m_progress.bestMetric,
                           .seconds = m_secondsBefore + secondsSince(m_started)};
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
    const auto channels = outputChannelsFor(m_options.loss, classes);
    if (m_setup.spec.outputChannels != channels)
        return Error{ErrorCode::Internal, "loss " + m_options.loss + " with " + std::to_string(classes)
                                              + " classes needs " + std::to_string(channels)
                                              + " output channels, the network has "
                                              + std::to_string(m_setup.spec.outputChannels)};
    for (const auto *source : {m_setup.train, hasVal() ? m_setup.val : m_setup.train})
        if (source->targetElements()
            != static_cast<std::size_t>(source->height()) * static_cast<std::size_t>(source->width()))
            return Error{ErrorCode::Unsupported, "these samples are not for segmentation: their targets are no masks"};
    return {};
}

Result<void> Trainer::prepare()
{
    const auto device = resolveDevice(m_options.device);
    if (!device)
        return device.error();
    m_device = torch::Device(*device);
    m_classes = static_cast<int>(m_setup.classNames.size());
    const auto threads = setComputeThreads(m_options.threads);
    m_layout = m_options.precision == "exact" ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
    auto &network = *m_setup.network;
    network.to(m_device);
    for (auto &parameter : network.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.variable_data().contiguous(m_layout));
    m_adam.emplace(network, m_options.weightDecay);

    if (m_setup.resume && std::filesystem::exists(file("last.ckpt")))
        return restore();
    if (auto started = m_log.start(); !started)
        return started;
    Json line = Json::object();
    line.set("event", "start");
    line.set("version", MASQUE_VERSION);
    line.set("torch", TORCH_VERSION);
    line.set("network", m_setup.spec.toJson());
    line.set("parameters", parameterCount(network));
    line.set("device", *device);
    line.set("threads", threads);
    line.set("layout", m_layout == at::MemoryFormat::ChannelsLast ? "channels_last" : "contiguous");
    line.set("train_images", static_cast<std::uint64_t>(m_setup.train->size()));
    line.set("val_images", static_cast<std::uint64_t>(hasVal() ? m_setup.val->size() : 0));
    Json classes = Json::array();
    for (const auto &className : m_setup.classNames)
        classes.push_back(className);
    line.set("classes", std::move(classes));
    line.set("options", trainingTable().toJson(m_options));
    if (auto written = m_log.write(line); !written)
        return written;
    if (m_setup.resume)
        if (auto said = say("no epoch was finished before, training starts anew"); !said)
            return said;
    if (!hasVal())
        return say(
            "there are no validation images: the best checkpoint is chosen by the metric on the training images");
    return {};
}

Result<void> Trainer::restore()
{
    const auto progress = restoreCheckpoint(file("last.ckpt"), m_setup.spec, *m_setup.network, m_adam->state());
    if (!progress)
        return progress.error();
    m_progress = *progress;
    m_secondsBefore = progress->seconds;
    if (auto cut = m_log.cutAfter(m_progress.epoch); !cut)
        return cut;
    return say("resumed after epoch " + std::to_string(m_progress.epoch));
}

Result<void> Trainer::say(const std::string &message)
{
    if (m_sink.message)
        m_sink.message(message);
    return m_log.writeMessage(message);
}

double Trainer::rate(int epoch) const
{
    if (m_options.schedule != "cosine")
        return m_options.lr;
    const double done = static_cast<double>(epoch - 1) / m_options.epochs;
    return m_options.lr * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

Result<std::optional<EpochReport>> Trainer::runPass(Split split, int epoch)
{
    const bool train = split == Split::Train;
    const auto &samples = source(split);
    // every epoch draws afresh from seed and epoch, so that a resumed run goes on exactly as an uninterrupted one
    torch::manual_seed(Random::of(m_options.seed, epoch, train ? 1 : 2).next());
    BatchReader reader(samples,
                       train ? BatchReader::shuffled(samples.size(), m_options.seed, epoch)
                             : BatchReader::inOrder(samples.size()),
                       {.batch = m_options.batch,
                        .classes = m_classes,
                        .pinned = m_device.is_cuda(),
                        .threads = m_device.is_cuda() ? static_cast<int>(std::thread::hardware_concurrency() / 2) : 1},
                       m_stop);
    Pass pass{.split = split, .epoch = epoch, .steps = reader.steps(), .lr = rate(epoch)};
    const auto cells = std::int64_t{m_classes} * m_classes + 1;
    pass.confusion = torch::zeros({cells}, torch::TensorOptions(m_device).dtype(torch::kLong));
    m_setup.network->train(train);
    while (pass.step < pass.steps) {
        const auto batch = m_stop.stop_requested() ? Result<Batch>(Batch{}) : reader.next();
        if (m_stop.stop_requested())
            return std::optional<EpochReport>();
        if (!batch)
            return batch.error();
        runStep(pass, *batch);
        const bool due = Clock::now() - m_reported >= kReportInterval;
        if (due || pass.step == pass.steps)
            if (auto finite = settleLosses(pass); !finite)
                return finite.error();
        if (due)
            reportStep(pass);
    }
    if (train)
        if (auto finite = checkWeights(epoch); !finite)
            return finite.error();
    return std::optional(epochReport(pass));
}

void Trainer::runStep(Pass &pass, const Batch &batch)
{
    const bool train = pass.split == Split::Train;
    const torch::AutoGradMode gradients(train);
    const auto images = batch.images.to(m_device, torch::kFloat, m_device.is_cuda()).contiguous(m_layout);
    const auto targets = batch.targets.to(m_device, torch::kByte, m_device.is_cuda());
    torch::Tensor logits;
    {
        const AutocastScope autocast(m_device, m_options.precision == "bfloat16");
        logits = m_setup.network->logits(images);
    }
    logits = logits.to(torch::kFloat);
    const auto loss = segmentationLoss(m_options.loss, logits, targets);
    if (train) {
        m_adam->clearGradients();
        loss.backward();
        m_adam->step(pass.lr);
    }
    countPixels(pass, logits, targets);
    pass.losses.push_back(loss.variable_data());
    pass.counts.push_back(batch.count);
    pass.images += batch.count;
    ++pass.step;
}

void Trainer::countPixels(Pass &pass, const torch::Tensor &logits, const torch::Tensor &targets) const
{
    const auto cell = targets.to(torch::kLong) * m_classes + predictedIds(logits);
    const auto kept = at::where(targets.ne(kIgnore), cell, std::int64_t{m_classes} * m_classes).flatten();
    pass.confusion.scatter_add_(0, kept, torch::ones_like(kept));
}

Result<void> Trainer::settleLosses(Pass &pass) const
{
    if (pass.losses.empty())
        return {};
    const auto values = at::stack(pass.losses).to(torch::kCPU, torch::kDouble);
    const auto first = pass.step - static_cast<int>(pass.losses.size());
    for (std::size_t i = 0; i < pass.losses.size(); ++i) {
        pass.lastLoss = values[static_cast<std::int64_t>(i)].item<double>();
        if (!std::isfinite(pass.lastLoss))
            return Error{ErrorCode::Data,
                         std::string("the loss is not finite in epoch ") + std::to_string(pass.epoch) + ", "
                             + name(pass.split == Split::Train) + " step "
                             + std::to_string(first + static_cast<int>(i) + 1) + "; lowering the learning rate (now "
                             + pythonFloat(pass.lr) + ") may help",
                         "lr"};
        pass.lossSum += pass.lastLoss * pass.counts[i];
    }
    pass.losses.clear();
    pass.counts.clear();
    return {};
}

Result<void> Trainer::checkWeights(int epoch) const
{
    for (const auto &item : m_setup.network->named_parameters())
        if (!item.value().variable_data().isfinite().all().item<bool>())
            return Error{ErrorCode::Data,
                         "the weights (" + item.key() + ") are not finite after epoch " + std::to_string(epoch)
                             + ", last step; lowering the learning rate (now " + pythonFloat(rate(epoch))
                             + ") may help",
                         "lr"};
    return {};
}

EpochReport Trainer::epochReport(const Pass &pass)
{
    const auto counts = pass.confusion.cpu();
    const auto *cells = counts.data_ptr<std::int64_t>();
    const ConfusionMatrix confusion(m_classes, std::vector(cells, cells + counts.numel() - 1));
    EpochReport report;
    report.epoch = pass.epoch;
    report.split = name(pass.split == Split::Train);
    report.metrics = MetricValues::of(confusion, pass.lossSum / pass.images, m_setup.hasBackground);
    report.lr = pass.lr;
    report.seconds = secondsSince(pass.started);
    report.imagesPerSecond = pass.images / std::max(report.seconds, 1e-9);
    return report;
}

void Trainer::reportStep(const Pass &pass)
{
    m_reported = Clock::now();
    const bool train = pass.split == Split::Train;
    const double elapsed = std::max(secondsSince(pass.started), 1e-9);
    m_imageSeconds[train ? 0 : 1] = elapsed / pass.images;
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
                 .split = name(train),
                 .loss = pass.lastLoss,
                 .lr = pass.lr,
                 .imagesPerSecond = pass.images / elapsed,
                 .secondsLeft = trainLeft * trainCost + valLeft * valCost});
}

Result<void> Trainer::finishEpoch(EpochReport &train, std::optional<EpochReport> &val)
{
    auto &judged = val ? *val : train;
    m_progress.epoch = train.epoch;
    m_progress.seconds = m_secondsBefore + secondsSince(m_started);
    judged.best = m_progress.bestEpoch == 0 || judged.metrics.meanIou > m_progress.bestMetric;
    const auto save = [&](const char *which, const NamedTensors &more) {
        return saveCheckpoint(file(which), m_setup.spec, *m_setup.network, more, m_setup.runInfo, m_progress);
    };
    if (judged.best) {
        m_progress.bestEpoch = train.epoch;
        m_progress.bestMetric = judged.metrics.meanIou;
        if (auto saved = save("best.ckpt", {}); !saved)
            return saved;
    }
    // log before last.ckpt: what a crash leaves between the two is cut off when the run is resumed
    for (const auto *report : {&train, val ? &*val : nullptr})
        if (report)
            if (auto written = m_log.write(report->toJson()); !written)
                return written;
    if (auto saved = save("last.ckpt", m_adam->state()); !saved)
        return saved;
    if (m_sink.epoch) {
        m_sink.epoch(train);
        if (val)
            m_sink.epoch(*val);
    }
    return {};
}

} // namespace masque
