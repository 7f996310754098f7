// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/Random.h"
#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/models/fast/fast.h"
#include "core/training/Trainer.h"
#include "core/training/compute.h"
#include "core/training/losses.h"
#include "core/training/mixup.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

constexpr int kIgnore = 255;
constexpr auto kReportInterval = std::chrono::milliseconds(100);
constexpr auto kSaveInterval = std::chrono::minutes(5);

std::vector<float> floats(const torch::Tensor &tensor)
{
    const auto values = tensor.to(torch::kCPU, torch::kFloat).contiguous();
    return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

} // namespace

double Trainer::secondsSoFar() const
{
    return m_secondsBefore + secondsSince(m_started);
}

Trainer::Pass Trainer::startPass(Split split, int epoch) const
{
    Pass pass{.split = split,
              .epoch = epoch,
              .confusion = torch::zeros_like(m_confusion, m_device),
              .corrected = torch::zeros_like(m_confusion, m_device),
              .fit = torch::zeros({3}, torch::TensorOptions(m_device).dtype(torch::kLong))};
    if (split == Split::Val)
        return pass;
    pass.step = m_progress.step;
    pass.images = pass.imagesBefore = m_progress.images;
    pass.lossSum = m_progress.lossSum;
    pass.lastLoss = m_progress.lastLoss;
    pass.seconds = pass.secondsBefore = m_progress.passSeconds;
    pass.confusion.copy_(m_confusion);
    return pass;
}

BatchReader Trainer::reader(const Pass &pass) const
{
    const bool train = pass.split == Split::Train;
    const auto &samples = source(pass.split);
    const auto cores = usableProcessors();
    return {samples,
            !train ? BatchReader::inOrder(samples.size())
            : m_setup.sampleClasses.empty()
                ? BatchReader::shuffled(samples.size(), m_options.seed, pass.epoch, m_changes.again)
                : BatchReader::balanced(m_setup.sampleClasses, m_options.seed, pass.epoch, m_changes.again),
            {.batch = m_options.batch,
             .rank = m_setup.ranks ? m_setup.ranks->rank() : 0,
             .ranks = rankCount(),
             .classes = m_loss.isSoft()     ? SampleSource::kWholeShare + 1
                        : m_loss.multiLabel ? 2
                                            : m_classes,
             .planes = m_loss.isSoft()     ? m_classes
                       : m_loss.multiLabel ? m_classes - 1
                                           : 0,
             .pinned = m_device.is_cuda(),
             .threads = m_device.is_cuda() ? cores / 2 : 1,
             .firstStep = pass.step},
            m_setup.ranks ? std::stop_token() : m_stop}; // among ranks all must have said it before one stops
}

Result<Trainer::PassEnd> Trainer::runPass(Pass &pass)
{
    const bool train = pass.split == Split::Train;
    auto batches = reader(pass);
    pass.steps = batches.steps();
    m_setup.network->train(train);
    if (train) {
        freeze(pass.epoch);
        gatherGradients();
    }
    pass.lr = rate(pass.epoch, std::max(0, pass.step - 1), pass.steps);
    auto mark = markOf(pass);
    auto wish = agreed({.stop = m_stop.stop_requested()});
    const auto isStopped = [&] { return m_setup.ranks ? wish->stop : m_stop.stop_requested(); };
    while (wish && pass.step < pass.steps) {
        const auto batch = isStopped() ? Result<Batch>(Batch{}) : batches.next();
        if (isStopped()) {
            if (!train)
                return PassEnd::Stopped;
            backTo(mark, pass);
            const auto fine = settle(pass);
            if (!fine)
                return fine.error();
            if (!*fine)
                return PassEnd::Stopped; // without keeping what is broken
            if (auto kept = keep(pass); !kept)
                return kept.error();
            return PassEnd::Stopped;
        }
        if (!batch)
            return batch.error();
        if (auto done = runBatch(pass, *batch, batches.samples(pass.step)); !done)
            return done.error();
        wish = agreed({.stop = m_stop.stop_requested(),
                       .report = Clock::now() - m_reported >= kReportInterval,
                       .save = train && Clock::now() - m_saved >= kSaveInterval});
        if (!wish || m_gathered > 0)
            continue;
        if (wish->report || pass.step == pass.steps) {
            const auto fine = settle(pass);
            if (!fine)
                return fine.error();
            if (!*fine)
                return PassEnd::Alarmed;
        }
        if (wish->report || (train && pass.step == pass.steps)) // however short an epoch is, it is a point of the curve
            reportStep(pass);
        if (wish->save && pass.step < pass.steps) {
            const auto fine = settle(pass);
            if (!fine)
                return fine.error();
            if (*fine)
                if (auto kept = keep(pass); !kept)
                    return kept.error();
        }
        mark = markOf(pass);
        if (train)
            watch(pass, false);
    }
    if (!wish)
        return wish.error();
    if (auto pooled = pool(pass); !pooled)
        return pooled.error();
    if (const auto parameter = train ? weightsNotFinite() : std::string(); !parameter.empty()) {
        m_alarm =
            "the weights (" + parameter + ") are not finite after epoch " + std::to_string(pass.epoch) + ", last step";
        return PassEnd::Alarmed;
    }
    return PassEnd::Done;
}

Trainer::Mark Trainer::markOf(const Pass &pass) const
{
    Mark mark{.pending = pass.pending.size(), .step = pass.step, .images = pass.images};
    if (m_options.accumulate == 1) // every batch is a step: there is never anything to go back from
        return mark;
    mark.confusion = pass.confusion.clone();
    for (const auto &buffer : m_setup.network->buffers())
        mark.buffers.push_back(buffer.clone());
    return mark;
}

void Trainer::backTo(const Mark &mark, Pass &pass)
{
    pass.pending.resize(mark.pending);
    pass.step = mark.step;
    pass.images = mark.images;
    if (!mark.confusion.defined())
        return;
    pass.confusion.copy_(mark.confusion);
    auto buffers = m_setup.network->buffers();
    for (std::size_t i = 0; i < buffers.size(); ++i)
        buffers[i].copy_(mark.buffers[i]);
}

void Trainer::freeze(int epoch)
{
    if (m_options.freeze.empty())
        return;
    const bool now = m_options.freezeEpochs == 0 || epoch <= m_options.freezeEpochs;
    for (auto &item : m_setup.network->named_parameters())
        item.value().set_requires_grad(!(now && isAmongLayers(m_options.freeze, item.key())));
    if (now)
        for (auto &item : m_setup.network->named_modules("", false)) // batch normalisation keeps its statistics too
            if (isAmongLayers(m_options.freeze, item.key()))
                item.value()->eval();
}

Result<void> Trainer::runBatch(Pass &pass, const Batch &batch, std::vector<std::size_t> samples)
{
    const bool train = pass.split == Split::Train;
    // every batch draws afresh from seed, epoch and step, so that a resumed run goes on exactly as an uninterrupted one
    const auto draw = Random::of(m_options.seed, pass.epoch, 2 * pass.step + (train ? 1 : 2)).next();
    torch::manual_seed(isFirst() ? draw : Random::of(draw, m_setup.ranks->rank()).next());
    const torch::AutoGradMode gradients(train);
    const double own = train ? mixShare(m_setup.mixup, m_options.seed, pass.epoch, pass.step) : 1;
    const auto mixed = [own](const torch::Tensor &pure) {
        return own < 1 ? own * pure + (1 - own) * pure.roll(1, 0) : pure;
    };
    const auto images = mixed(batch.images.to(m_device, torch::kFloat, m_device.is_cuda())).contiguous(m_layout);
    const auto targets = batch.targets.to(m_device, torch::kByte, m_device.is_cuda());
    torch::Tensor logits;
    {
        const AutocastScope autocast(m_device, m_options.precision == "bfloat16");
        const fast::Scope fastPath(m_isFast);
        logits = m_setup.network->logits(images);
    }
    logits = logits.to(torch::kFloat);
    const auto ofBoth = [&](const auto &measure) {
        return own < 1 ? own * measure(targets) + (1 - own) * measure(targets.roll(1, 0)) : measure(targets);
    };
    const auto loss = ofBoth([&](const torch::Tensor &ids) { return segmentationLoss(m_loss, logits, ids); });
    PendingBatch pending{
        .loss = loss.variable_data(), .samples = std::move(samples), .first = batch.first, .count = batch.count};
    if (train) {
        pass.lr = rate(pass.epoch, pass.step, pass.steps);
        if (m_gathered == 0)
            m_optimizer->clearGradients();
        const bool whole = (pass.step + 1) % m_options.accumulate == 0 || pass.step + 1 == pass.steps;
        if (whole && m_gradients)
            m_gradients->begin();
        if (whole && m_gathered == 0)
            (batch.count == batch.total ? loss : loss * (static_cast<double>(batch.count) / batch.total)).backward();
        else
            (loss * batch.count).backward();
        if (whole && m_gradients)
            if (auto summed = m_gradients->finish(); !summed)
                return summed;
        m_gathered = whole && m_gathered == 0 ? 1 : m_gathered + batch.total;
        if (whole) {
            m_optimizer->step(pass.lr, m_gathered);
            if (m_average)
                m_average->update();
            m_gathered = 0;
        }
        const torch::NoGradGuard noGradients;
        pending.sampleLosses = ofBoth([&, scores = logits.variable_data()](const torch::Tensor &ids) {
                                   return pixelLosses(m_loss, scores, ids).mean({1, 2});
                               }).slice(0, 0, batch.count);
        pending.lr = pass.lr;
    }
    if (batch.count > 0)
        countPixels(pass, logits, targetIds(m_loss, targets),
                    std::span(pending.samples)
                        .subspan(static_cast<std::size_t>(batch.first), static_cast<std::size_t>(batch.count)));
    pass.pending.push_back(std::move(pending));
    pass.images += batch.total;
    ++pass.step;
    pass.seconds = pass.secondsBefore + secondsSince(pass.started);
    return {};
}

void Trainer::countPixels(Pass &pass, const torch::Tensor &logits, const torch::Tensor &targets,
                          std::span<const std::size_t> samples) const
{
    auto truth = targets.to(torch::kLong), predicted = predictedIds(logits);
    if (m_loss.multiLabel) { // each class against background, a decision for each of a pixel's planes
        const auto ids = at::arange(1, m_classes, truth.options()).view({1, -1, 1, 1});
        truth = truth * ids;
        predicted = logits.gt(0) * ids;
    }
    const auto cell = truth * m_classes + predicted;
    const auto kept = at::where(targets.ne(kIgnore), cell, std::int64_t{m_classes} * m_classes).flatten();
    pass.confusion.scatter_add_(0, kept, torch::ones_like(kept));
    for (std::size_t i = 0; pass.split == Split::Val && i < samples.size(); ++i) {
        if (!std::binary_search(m_changes.corrected.begin(), m_changes.corrected.end(), samples[i]))
            continue;
        const auto own = kept.view({targets.size(0), -1})[static_cast<std::int64_t>(i)];
        pass.corrected.scatter_add_(0, own, torch::ones_like(own));
    }
    const bool isJudged = pass.split == Split::Val || !hasVal();
    if (isJudged && targets.size(0) > 1) // each prediction beside the labels of the next image, too
        pass.fit +=
            at::stack({targets.ne(kIgnore).sum(), predicted.eq(truth).sum(), predicted.eq(truth.roll(1, 0)).sum()});
}

Result<bool> Trainer::settle(Pass &pass)
{
    const bool train = pass.split == Split::Train;
    if (auto pooled = pool(pass.pending); !pooled)
        return pooled.error();
    const auto first = pass.step - static_cast<int>(pass.pending.size());
    for (std::size_t i = 0; i < pass.pending.size(); ++i) {
        const auto &batch = pass.pending[i];
        const auto step = first + static_cast<int>(i) + 1;
        pass.lastLoss = batch.loss.item<double>();
        pass.lossSum += pass.lastLoss * static_cast<double>(batch.samples.size());
        if (train) {
            const StepRecord record{.epoch = pass.epoch,
                                    .step = step,
                                    .lr = batch.lr,
                                    .loss = pass.lastLoss,
                                    .samples = batch.samples,
                                    .sampleLosses = floats(batch.sampleLosses)};
            m_log.addStep(record);
            if (m_sink.record)
                m_sink.record(record);
        }
        const auto alarm = train                          ? m_watchdog.alarm(pass.lastLoss)
                           : std::isfinite(pass.lastLoss) ? std::nullopt
                                                          : std::optional<std::string>("the loss is not finite");
        if (alarm) {
            m_alarm = *alarm + " in epoch " + std::to_string(pass.epoch) + ", " + pass.name() + " step "
                      + std::to_string(step) + ", at the learning rate " + shortNumber(pass.lr);
            pass.pending.clear();
            if (auto written = m_log.flushSteps(); !written)
                return written.error();
            return false;
        }
    }
    pass.pending.clear();
    if (auto written = m_log.flushSteps(); !written)
        return written.error();
    return true;
}

std::string Trainer::weightsNotFinite() const
{
    for (const auto &item : m_setup.network->named_parameters())
        if (!item.value().variable_data().isfinite().all().item<bool>())
            return item.key();
    return {};
}

Result<void> Trainer::keep(const Pass &pass)
{
    if (!weightsNotFinite().empty())
        return {}; // last.ckpt holds the last good ones
    m_progress.step = pass.step;
    m_progress.images = pass.images;
    m_progress.lossSum = pass.lossSum;
    m_progress.lastLoss = pass.lastLoss;
    m_progress.passSeconds = pass.seconds;
    m_progress.seconds = secondsSoFar();
    m_confusion.copy_(pass.confusion);
    if (m_setup.ranks && !pass.isPooled)
        if (auto pooled = m_setup.ranks->sum({m_confusion}); !pooled)
            return pooled;
    m_saved = Clock::now();
    return save("last.ckpt", state());
}

} // namespace masque
