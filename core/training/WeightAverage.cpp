// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/WeightAverage.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>

#include <algorithm>

namespace masque {

WeightAverage::WeightAverage(const torch::nn::Module &network, double decay)
    : m_decay(decay), m_updates(torch::zeros({}, torch::kLong))
{
    const auto add = [&](const std::string &name, const torch::Tensor &tensor) {
        if (!tensor.is_floating_point())
            return;
        m_names.push_back(name);
        m_living.push_back(tensor);
        m_averages.push_back(tensor.variable_data().clone());
    };
    for (const auto &item : network.named_parameters())
        add(item.key(), item.value());
    for (const auto &item : network.named_buffers())
        add(item.key(), item.value());
}

void WeightAverage::update()
{
    const torch::NoGradGuard noGradients;
    m_updates += 1;
    const auto updates = static_cast<double>(m_updates.item<std::int64_t>());
    const double decay = std::min(m_decay, (1 + updates) / (10 + updates));
    at::_foreach_mul_(m_averages, decay);
    at::_foreach_add_(m_averages, m_living, 1 - decay);
}

void WeightAverage::exchange()
{
    for (std::size_t i = 0; i < m_living.size(); ++i) {
        const auto living = m_living[i].variable_data();
        m_living[i].set_data(m_averages[i]);
        m_averages[i] = living;
    }
}

WeightAverage::Scope::Scope(WeightAverage *average) : m_average(average)
{
    if (m_average)
        m_average->exchange();
}

WeightAverage::Scope::~Scope()
{
    if (m_average)
        m_average->exchange();
}

NamedTensors WeightAverage::state() const
{
    NamedTensors state = {{"average.updates", m_updates}};
    for (std::size_t i = 0; i < m_names.size(); ++i)
        state.emplace_back("average." + m_names[i], m_averages[i]);
    return state;
}

} // namespace masque
