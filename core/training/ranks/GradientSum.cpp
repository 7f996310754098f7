// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ranks/GradientSum.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/utils/lambda_post_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

namespace masque {

namespace {

// as DistributedDataParallel: the first ones are soon on their way
constexpr std::int64_t kFirstBytes = 1 << 20, kBytes = 25 << 20;

} // namespace

GradientSum::GradientSum(Ranks &ranks, const std::vector<torch::Tensor> &parameters) : m_ranks(ranks)
{
    for (auto i = parameters.rbegin(); i != parameters.rend(); ++i)
        m_parameters.push_back({.tensor = *i, .view = {}});
    fillBuckets();
    for (auto &parameter : m_parameters) {
        parameter.node = torch::autograd::impl::grad_accumulator(parameter.tensor);
        parameter.hook = parameter.node->add_post_hook(std::make_unique<torch::autograd::utils::LambdaPostHook>(
            [this, &parameter](const torch::autograd::variable_list &outputs, const torch::autograd::variable_list &) {
                if (m_isOn)
                    take(parameter);
                return outputs;
            }));
    }
}

GradientSum::~GradientSum()
{
    for (auto &parameter : m_parameters)
        parameter.node->del_post_hook(parameter.hook);
}

void GradientSum::fillBuckets()
{
    const auto fits = [&](std::size_t first, std::int64_t bytes, const torch::Tensor &next) {
        return next.options().type_equal(m_parameters[first].tensor.options())
               && next.device() == m_parameters[first].tensor.device()
               && bytes + static_cast<std::int64_t>(next.nbytes()) <= (m_buckets.empty() ? kFirstBytes : kBytes);
    };
    for (std::size_t first = 0, last = 0; first < m_parameters.size(); first = last) {
        std::int64_t elements = 0, bytes = 0;
        for (last = first; last < m_parameters.size(); ++last) {
            const auto &tensor = m_parameters[last].tensor;
            if (last > first && !fits(first, bytes, tensor))
                break;
            elements += tensor.numel();
            bytes += static_cast<std::int64_t>(tensor.nbytes());
        }
        Bucket bucket{.gradients = torch::zeros({elements}, m_parameters[first].tensor.options().requires_grad(false)),
                      .parameters = static_cast<int>(last - first)};
        std::int64_t at = 0;
        for (auto i = first; i < last; ++i) {
            auto &[tensor, view, number, isReady, node, hook] = m_parameters[i];
            view = bucket.gradients.as_strided(tensor.sizes(), tensor.strides(), at);
            number = m_buckets.size();
            at += tensor.numel();
        }
        m_buckets.push_back(std::move(bucket));
    }
}

bool GradientSum::isOf(const std::vector<torch::Tensor> &parameters) const
{
    return std::equal(parameters.rbegin(), parameters.rend(), m_parameters.begin(), m_parameters.end(),
                      [](const auto &tensor, const auto &parameter) { return tensor.is_same(parameter.tensor); });
}

void GradientSum::begin()
{
    for (auto &parameter : m_parameters)
        parameter.isReady = false;
    for (auto &bucket : m_buckets)
        bucket.missing = bucket.parameters;
    m_next = 0;
    m_waits.clear();
    m_isOn = true;
}

void GradientSum::take(Parameter &parameter)
{
    if (parameter.isReady)
        return;
    const torch::NoGradGuard noGradients;
    auto &gradient = parameter.tensor.mutable_grad();
    if (gradient.defined())
        parameter.view.copy_(gradient);
    else
        parameter.view.zero_();
    gradient = parameter.view;
    parameter.isReady = true;
    --m_buckets[parameter.bucket].missing;
    try { // nothing may be thrown through the backward pass
        for (; m_failure.empty() && m_next < m_buckets.size() && m_buckets[m_next].missing == 0; ++m_next)
            m_waits.push_back(m_ranks.startSum(m_buckets[m_next].gradients));
    } catch (const std::exception &e) {
        m_failure = e.what();
    }
}

Result<void> GradientSum::finish()
{
    for (auto &parameter : m_parameters)
        take(parameter);
    m_isOn = false;
    try {
        for (const auto &wait : m_waits)
            wait();
    } catch (const std::exception &e) {
        m_failure = e.what();
    }
    m_waits.clear();
    return m_failure.empty() ? Result<void>() : m_ranks.lost(m_failure);
}

} // namespace masque
