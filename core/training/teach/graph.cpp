// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/models/Network.h"
#include "core/training/teach/lessons.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace masque {

namespace {

enum class Operation { Given, Times, Plus, Minus, Square };

std::string figure(double value)
{
    char out[32];
    std::snprintf(out, sizeof out, value < 0 ? "(%.4g)" : "%.4g", value == 0 ? 0.0 : value);
    return out;
}

std::string plain(double value)
{
    char out[32];
    std::snprintf(out, sizeof out, "%.4g", value == 0 ? 0.0 : value);
    return out;
}

/// Works on values alone, so that the chain rule is spelt out here and LibTorch only checks it.
class Graph {
public:
    std::size_t add(const std::string &name, Operation operation, std::vector<std::size_t> inputs, double given = 0)
    {
        GraphNode node{.name = name, .formula = {}, .inputs = std::move(inputs), .value = given};
        const auto a = node.inputs.empty() ? GraphNode() : m_nodes[node.inputs[0]];
        const auto b = node.inputs.size() < 2 ? GraphNode() : m_nodes[node.inputs[1]];
        const auto write = [&](double value, const char *sign) {
            node.value = value;
            node.formula = a.name + sign + b.name;
            m_steps.push_back({GraphStep::Pass::Forward, m_nodes.size(),
                               name + " = " + node.formula + " = " + figure(a.value) + sign
                                   + (b.name.empty() ? "" : figure(b.value)) + " = " + plain(value)});
        };
        switch (operation) {
        case Operation::Given: break;
        case Operation::Times: write(a.value * b.value, " * "); break;
        case Operation::Plus: write(a.value + b.value, " + "); break;
        case Operation::Minus: write(a.value - b.value, " - "); break;
        case Operation::Square: write(a.value * a.value, "^2"); break;
        }
        m_nodes.push_back(std::move(node));
        m_operations.push_back(operation);
        return m_nodes.size() - 1;
    }

    /// From the last node back to the first.
    void goBack()
    {
        for (std::size_t n = m_nodes.size(); n-- > 0;) {
            auto &node = m_nodes[n];
            const auto top = m_nodes.back().name;
            std::string rule, worked;
            if (n + 1 == m_nodes.size())
                node.gradient = 1;
            for (std::size_t use = n + 1; use < m_nodes.size(); ++use) {
                const auto &user = m_nodes[use];
                for (std::size_t k = 0; k < user.inputs.size(); ++k) {
                    if (user.inputs[k] != n)
                        continue;
                    const double local = slope(use, k);
                    node.gradient += user.gradient * local;
                    rule +=
                        (rule.empty() ? "d" : " + d") + top + "/d" + user.name + " * d" + user.name + "/d" + node.name;
                    worked += (worked.empty() ? "" : " + ") + figure(user.gradient) + " * " + figure(local);
                }
            }
            m_steps.push_back({GraphStep::Pass::Backward, n,
                               "d" + top + "/d" + node.name + " = "
                                   + (rule.empty() ? "" : rule + " = " + worked + " = ") + plain(node.gradient)});
        }
    }

    void checkByAutograd()
    {
        const torch::AutoGradMode gradients(true);
        std::vector<torch::Tensor> values;
        for (std::size_t n = 0; n < m_nodes.size(); ++n) {
            const auto &inputs = m_nodes[n].inputs;
            const auto in = [&](std::size_t k) { return values[inputs[k]]; };
            const auto made = [&]() -> torch::Tensor {
                switch (m_operations[n]) {
                case Operation::Times: return in(0) * in(1);
                case Operation::Plus: return in(0) + in(1);
                case Operation::Minus: return in(0) - in(1);
                case Operation::Square: return in(0).pow(2);
                case Operation::Given: break;
                }
                return torch::full({}, m_nodes[n].value, torch::kDouble).requires_grad_(true);
            };
            values.push_back(made());
            values.back().retain_grad();
        }
        values.back().backward();
        for (std::size_t n = 0; n < m_nodes.size(); ++n)
            m_nodes[n].autograd = values[n].grad().item<double>();
    }

    GraphLesson take() { return {std::move(m_nodes), std::move(m_steps)}; }

private:
    /// Derivative of a node by one of its inputs.
    double slope(std::size_t node, std::size_t input) const
    {
        const auto &inputs = m_nodes[node].inputs;
        switch (m_operations[node]) {
        case Operation::Times: return m_nodes[inputs[1 - input]].value;
        case Operation::Plus: return 1;
        case Operation::Minus: return input == 0 ? 1 : -1;
        case Operation::Square: return 2 * m_nodes[inputs[0]].value;
        case Operation::Given: break;
        }
        return 0;
    }

    std::vector<GraphNode> m_nodes;
    std::vector<Operation> m_operations;
    std::vector<GraphStep> m_steps;
};

} // namespace

Result<GraphLesson> differentiateGraph(const GraphOptions &options)
try {
    if (auto valid = validateOptions(graphTable().specs(), graphTable().toJson(options)); !valid)
        return valid.error();
    Graph graph;
    const auto x = graph.add("x", Operation::Given, {}, options.x);
    const auto w = graph.add("w", Operation::Given, {}, options.weight);
    const auto b = graph.add("b", Operation::Given, {}, options.bias);
    const auto y = graph.add("y", Operation::Given, {}, options.y);
    const auto k = graph.add("k", Operation::Given, {}, options.decay);
    const auto m = graph.add("m", Operation::Times, {w, x});
    const auto p = graph.add("p", Operation::Plus, {m, b});
    const auto e = graph.add("e", Operation::Minus, {p, y});
    const auto s = graph.add("s", Operation::Square, {e});
    const auto r = graph.add("r", Operation::Square, {w});
    const auto d = graph.add("d", Operation::Times, {k, r});
    graph.add("L", Operation::Plus, {s, d});
    graph.goBack();
    graph.checkByAutograd();
    return graph.take();
} catch (...) {
    return torchError("differentiating a graph");
}

double GraphLesson::difference() const
{
    double most = 0;
    for (const auto &node : nodes)
        most = std::max(most, std::abs(node.gradient - node.autograd));
    return most;
}

Json GraphLesson::toJson() const
{
    Json json = Json::object(), list = Json::array(), told = Json::array();
    for (const auto &node : nodes) {
        Json entry = Json::object();
        entry.set("name", node.name);
        entry.set("formula", node.formula);
        entry.set("value", node.value);
        entry.set("gradient", node.gradient);
        entry.set("autograd", node.autograd);
        list.push_back(std::move(entry));
    }
    for (const auto &step : steps) {
        Json entry = Json::object();
        entry.set("pass", step.pass == GraphStep::Pass::Forward ? "forward" : "backward");
        entry.set("node", nodes[step.node].name);
        entry.set("text", step.text);
        told.push_back(std::move(entry));
    }
    json.set("nodes", std::move(list));
    json.set("steps", std::move(told));
    json.set("difference_to_autograd", difference());
    return json;
}

} // namespace masque
