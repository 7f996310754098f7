// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Optimizer.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace masque {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kAlpha = 0.99, kEpsilon = 1e-8;

} // namespace

Optimizer::Optimizer(const torch::nn::Module &network, const TrainingOptions &options)
    : m_options(options), m_step(torch::zeros({}, torch::kLong))
{
    const auto &kind = options.optimizer;
    const bool isAdam = kind == "adam" || kind == "adamw";
    for (const auto &item : network.named_parameters()) {
        m_names.push_back(item.key());
        m_parameters.push_back(item.value());
        const auto zeros = [&] { return at::zeros_like(item.value().variable_data()); };
        if (isAdam)
            m_means.push_back(zeros());
        if (isAdam || kind == "rmsprop")
            m_squares.push_back(zeros());
        if (!isAdam && options.momentum > 0)
            m_momenta.push_back(zeros());
    }
}

void Optimizer::clearGradients()
{
    for (auto &parameter : m_parameters)
        parameter.mutable_grad().reset();
}

Optimizer::Active Optimizer::active() const
{
    Active active;
    const auto take = [](const std::vector<torch::Tensor> &from, std::size_t i, std::vector<torch::Tensor> &into) {
        if (!from.empty())
            into.push_back(from[i]);
    };
    for (std::size_t i = 0; i < m_parameters.size(); ++i) {
        const auto &parameter = m_parameters[i];
        if (!parameter.requires_grad())
            continue;
        active.parameters.push_back(parameter);
        active.gradients.push_back(parameter.grad().defined() ? parameter.grad() : at::zeros_like(parameter));
        take(m_means, i, active.means);
        take(m_squares, i, active.squares);
        take(m_momenta, i, active.momenta);
    }
    return active;
}

void Optimizer::step(double lr, double divisor)
{
    const torch::NoGradGuard noGradients;
    auto now = active();
    if (now.parameters.empty())
        return;
    if (divisor != 1)
        at::_foreach_div_(now.gradients, divisor);
    if (m_options.clipNorm > 0)
        clip(now.gradients);
    const auto &kind = m_options.optimizer;
    if (m_options.weightDecay > 0 && kind == "adamw")
        at::_foreach_mul_(now.parameters, 1 - lr * m_options.weightDecay);
    else if (m_options.weightDecay > 0)
        now.gradients = at::_foreach_add(now.gradients, now.parameters, m_options.weightDecay);
    m_step += 1;
    if (kind == "sgd")
        stepSgd(now, lr);
    else if (kind == "rmsprop")
        stepRmsprop(now, lr);
    else
        stepAdam(now, lr);
}

void Optimizer::clip(std::vector<torch::Tensor> &gradients) const
{
    std::vector<torch::Tensor> norms;
    for (const auto &gradient : gradients)
        norms.push_back(gradient.norm());
    const auto scale = (m_options.clipNorm / (at::stack(norms).norm() + 1e-6)).clamp_max(1);
    for (auto &gradient : gradients)
        gradient.mul_(scale);
}

void Optimizer::stepAdam(Active &now, double lr) const
{
    const auto steps = static_cast<double>(m_step.item<std::int64_t>());
    at::_foreach_mul_(now.means, kBeta1);
    at::_foreach_add_(now.means, now.gradients, 1 - kBeta1);
    at::_foreach_mul_(now.squares, kBeta2);
    at::_foreach_addcmul_(now.squares, now.gradients, now.gradients, 1 - kBeta2);
    auto scale = at::_foreach_sqrt(now.squares);
    at::_foreach_div_(scale, std::sqrt(1 - std::pow(kBeta2, steps)));
    at::_foreach_add_(scale, kEpsilon);
    at::_foreach_addcdiv_(now.parameters, now.means, scale, -lr / (1 - std::pow(kBeta1, steps)));
}

void Optimizer::stepSgd(Active &now, double lr) const
{
    if (now.momenta.empty()) {
        at::_foreach_add_(now.parameters, now.gradients, -lr);
        return;
    }
    at::_foreach_mul_(now.momenta, m_options.momentum);
    at::_foreach_add_(now.momenta, now.gradients);
    if (m_options.nesterov)
        at::_foreach_add_(now.parameters, now.gradients, -lr);
    at::_foreach_add_(now.parameters, now.momenta, m_options.nesterov ? -lr * m_options.momentum : -lr);
}

void Optimizer::stepRmsprop(Active &now, double lr) const
{
    at::_foreach_mul_(now.squares, kAlpha);
    at::_foreach_addcmul_(now.squares, now.gradients, now.gradients, 1 - kAlpha);
    auto scale = at::_foreach_sqrt(now.squares);
    at::_foreach_add_(scale, kEpsilon);
    if (now.momenta.empty()) {
        at::_foreach_addcdiv_(now.parameters, now.gradients, scale, -lr);
        return;
    }
    at::_foreach_mul_(now.momenta, m_options.momentum);
    at::_foreach_addcdiv_(now.momenta, now.gradients, scale);
    at::_foreach_add_(now.parameters, now.momenta, -lr);
}

NamedTensors Optimizer::state() const
{
    NamedTensors state = {{"optimizer.step", m_step}};
    const auto add = [&](const char *prefix, const std::vector<torch::Tensor> &tensors) {
        for (std::size_t i = 0; i < tensors.size(); ++i)
            state.emplace_back(prefix + m_names[i], tensors[i]);
    };
    add("optimizer.mean.", m_means);
    add("optimizer.square.", m_squares);
    add("optimizer.momentum.", m_momenta);
    return state;
}

} // namespace masque
