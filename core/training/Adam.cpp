// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/Adam.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_div.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace masque {

namespace {

constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;

} // namespace

Adam::Adam(const torch::nn::Module &network, double weightDecay)
    : m_step(torch::zeros({}, torch::kLong)), m_weightDecay(weightDecay)
{
    for (const auto &item : network.named_parameters()) {
        m_names.push_back(item.key());
        m_parameters.push_back(item.value());
        m_means.push_back(at::zeros_like(item.value()));
        m_squares.push_back(at::zeros_like(item.value()));
    }
}

void Adam::clearGradients()
{
    for (auto &parameter : m_parameters)
        parameter.mutable_grad().reset();
}

void Adam::step(double lr)
{
    const torch::NoGradGuard noGradients;
    std::vector<torch::Tensor> gradients;
    for (const auto &parameter : m_parameters)
        gradients.push_back(parameter.grad().defined() ? parameter.grad() : at::zeros_like(parameter));
    if (m_weightDecay > 0)
        gradients = at::_foreach_add(gradients, m_parameters, m_weightDecay);
    m_step += 1;
    const auto steps = static_cast<double>(m_step.item<std::int64_t>());
    at::_foreach_mul_(m_means, kBeta1);
    at::_foreach_add_(m_means, gradients, 1 - kBeta1);
    at::_foreach_mul_(m_squares, kBeta2);
    at::_foreach_addcmul_(m_squares, gradients, gradients, 1 - kBeta2);
    auto scale = at::_foreach_sqrt(m_squares);
    at::_foreach_div_(scale, std::sqrt(1 - std::pow(kBeta2, steps)));
    at::_foreach_add_(scale, kEpsilon);
    at::_foreach_addcdiv_(m_parameters, m_means, scale, -lr / (1 - std::pow(kBeta1, steps)));
}

NamedTensors Adam::state() const
{
    NamedTensors state = {{"optimizer.step", m_step}};
    for (std::size_t i = 0; i < m_names.size(); ++i) {
        state.emplace_back("optimizer.mean." + m_names[i], m_means[i]);
        state.emplace_back("optimizer.square." + m_names[i], m_squares[i]);
    }
    return state;
}

} // namespace masque
