// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/processors.h"
#include "core/training/Trainer.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <thread>

/// What a training has in common with those of other ranks.
namespace masque {

namespace {

torch::Tensor plain(const torch::Tensor &tensor)
{
    return tensor.variable_data();
}

} // namespace

int Trainer::threadCount() const
{
    if (!m_setup.ranks || m_options.threads > 0)
        return m_options.threads;
    const int usable = usableProcessors();
    const bool isBound =
        usable < static_cast<int>(std::thread::hardware_concurrency()); // mpirun or Slurm has shared out
    return isBound ? usable : std::max(1, usable / m_setup.ranks->localSize());
}

Result<void> Trainer::shareState()
{
    if (!m_setup.ranks)
        return {};
    const auto progress = m_setup.ranks->share(m_progress.toJson().dump());
    if (!progress)
        return progress.error();
    std::vector<torch::Tensor> tensors;
    for (const auto &item : networkTensors(*m_setup.network))
        tensors.push_back(item.second);
    for (const auto &item : state())
        tensors.push_back(plain(item.second));
    if (auto shared = m_setup.ranks->share(tensors); !shared)
        return shared;
    if (isFirst())
        return {};
    m_progress = TrainingProgress::fromJson(Json::parse(*progress).value_or(Json()));
    m_secondsBefore = m_progress.seconds;
    m_watchdog = Watchdog(m_options.lr, {m_progress.firstSteps, m_progress.firstStepsSum});
    m_confusion.zero_(); // what was counted before is counted once
    return {};
}

Result<void> Trainer::shareBuffers()
{
    return m_setup.ranks ? m_setup.ranks->share(m_setup.network->buffers()) : Result<void>();
}

void Trainer::gatherGradients()
{
    if (!m_setup.ranks)
        return;
    std::vector<torch::Tensor> trained;
    for (const auto &parameter : m_setup.network->parameters())
        if (parameter.requires_grad())
            trained.push_back(parameter);
    if (m_gradients && m_gradients->isOf(trained))
        return;
    m_gradients.reset(); // its hooks first
    m_gradients.emplace(*m_setup.ranks, trained);
}

Result<Trainer::Wish> Trainer::agreed(const Wish &own) const
{
    if (!m_setup.ranks)
        return own;
    // anyone may stop; the clock is rank 0's
    const auto wishes = at::tensor({own.stop, isFirst() && own.report, isFirst() && own.save}, torch::kInt);
    if (auto summed = m_setup.ranks->sum({wishes}); !summed)
        return summed.error();
    const auto *wish = wishes.data_ptr<int>();
    return Wish{.stop = wish[0] > 0, .report = wish[1] > 0, .save = wish[2] > 0};
}

Result<void> Trainer::pool(std::vector<PendingBatch> &pending) const
{
    if (!m_setup.ranks)
        return {};
    std::int64_t figures = 0;
    for (const auto &batch : pending)
        figures += 1 + static_cast<std::int64_t>(batch.samples.size());
    const auto pooled = at::zeros({figures}, torch::kDouble);
    const auto each = [&](const auto &use) {
        std::int64_t at = 0;
        for (auto &batch : pending) {
            const auto images = static_cast<std::int64_t>(batch.samples.size());
            use(batch, pooled[at], pooled.slice(0, at + 1, at + 1 + images));
            at += 1 + images;
        }
    };
    each([](const PendingBatch &batch, torch::Tensor loss, const torch::Tensor &samples) {
        if (batch.count == 0)
            return;
        loss.copy_(batch.loss).mul_(batch.count);
        if (batch.sampleLosses.defined())
            samples.slice(0, batch.first, batch.first + batch.count).copy_(batch.sampleLosses);
    });
    if (auto summed = m_setup.ranks->sum({pooled}); !summed)
        return summed;
    each([](PendingBatch &batch, const torch::Tensor &loss, const torch::Tensor &samples) {
        batch.loss = loss / static_cast<double>(batch.samples.size());
        if (batch.sampleLosses.defined())
            batch.sampleLosses = samples;
    });
    return {};
}

Result<void> Trainer::pool(Pass &pass) const
{
    if (!m_setup.ranks)
        return {};
    pass.isPooled = true;
    return m_setup.ranks->sum({pass.confusion, pass.corrected, pass.fit});
}

} // namespace masque
