// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/onnx_model.h"

#include "core/base/files.h"
#include "core/training/checkpoint_file.h"

#include <onnx/onnx_pb.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace masque {

namespace {

namespace jit = torch::jit;
using Names = std::vector<std::string>;

constexpr int kOpset = 11, kIrVersion = 6; // of ONNX 1.6, 2019

/// Writes a traced graph's operations one after another (onnx/docs/Operators.md). What the trace took from the network
/// are constants in it, and become initialisers by the network's own names.
class Writer {
public:
    Writer(const Network &network, onnx::GraphProto &graph) : m_graph(graph)
    {
        for (const auto &[name, tensor] : networkTensors(network))
            m_known.emplace(tensor.data_ptr(), name.substr(kNetworkPrefix.size()));
    }

    void write(const jit::Graph &graph)
    {
        m_names[graph.inputs().at(0)] = "images";
        for (const auto *node : graph.nodes())
            add(*node);
        put("Identity", {name(graph.outputs().at(0))}, "logits");
    }

private:
    void add(const jit::Node &node)
    {
        std::string kind = node.kind().toQualString();
        if (kind.ends_with('_')) // in place
            kind.pop_back();
        const auto in = [&](std::size_t i) { return name(node.input(i)); };
        if (kind == "prim::Constant" || kind == "prim::ListConstruct")
            return; // by those that use them
        const std::string out = fresh();
        m_names[node.output()] = out;
        if (kind == "aten::_convolution" || kind == "aten::convolution")
            convolution(node, out);
        else if (kind == "aten::batch_norm")
            set(put("BatchNormalization", {in(0), in(1), in(2), in(3), in(4)}, out), "epsilon", real(node, 7));
        else if (kind == "aten::group_norm")
            groupNorm(node, out);
        else if (kind == "aten::relu")
            put("Relu", {in(0)}, out);
        else if (kind == "aten::hardtanh")
            clip(in(0), real(node, 1), real(node, 2), out);
        else if (kind == "aten::clamp_min")
            put("Add", {emit("Relu", {minus(in(0), real(node, 1))}), scalar(real(node, 1))}, out);
        else if (kind == "aten::add" || kind == "aten::sub")
            sum(node, kind == "aten::add" ? "Add" : "Sub", out);
        else if (kind == "aten::mul")
            put("Mul", {in(0), in(1)}, out);
        else if (kind == "aten::div")
            spread(node, "Div", out);
        else if (kind == "aten::square")
            put("Mul", {in(0), in(0)}, out);
        else if (kind == "aten::sqrt")
            put("Sqrt", {in(0)}, out);
        else if (kind == "aten::cat")
            concat(node, out);
        else if (kind == "aten::max_pool2d")
            maxPool(node, out);
        else if (kind == "aten::upsample_bilinear2d")
            enlarge(node, out);
        else if (kind == "aten::mean")
            mean(node, out);
        else if (kind == "aten::amax" && wholes(node, 1) == std::vector<std::int64_t>{2, 3})
            put("GlobalMaxPool", {in(0)}, out);
        else if (kind == "aten::adaptive_avg_pool2d")
            pool(node, out);
        else if (kind == "aten::expand_as") { // one value a channel, over the image
            put("Add", {emit("Sub", {in(1), in(1)}), in(0)}, out);
        } else if (kind == "aten::reshape" || kind == "aten::view")
            put("Reshape", {in(0), integers(wholes(node, 1))}, out);
        else if (kind == "aten::dropout" || kind == "aten::feature_dropout" || kind == "aten::contiguous")
            m_names[node.output()] = in(0);
        else
            TORCH_CHECK(false, "ONNX is not written for networks with ", kind);
    }

    std::string minus(const std::string &x, double value) { return emit("Sub", {x, scalar(value)}); }

    /// ReLU6 and its like; without Clip, whose bounds cv::dnn 4.6 does not take as ONNX has them.
    void clip(const std::string &x, double low, double high, const std::string &out)
    {
        TORCH_CHECK(low == 0, "ONNX is not written for this clipping");
        put("Sub", {emit("Relu", {x}), emit("Relu", {minus(x, high)})}, out);
    }

    void convolution(const jit::Node &node, const std::string &out)
    {
        Names inputs = {name(node.input(0)), name(node.input(1))};
        if (!node.input(2)->mustBeNone())
            inputs.push_back(name(node.input(2)));
        const bool isTransposed = jit::toIValue(node.input(6))->toBool();
        const auto padding = sides(node, 4);
        auto &made = put(isTransposed ? "ConvTranspose" : "Conv", inputs, out);
        const auto weights = jit::toIValue(node.input(1))->toTensor();
        set(made, "kernel_shape", std::vector{weights.size(2), weights.size(3)});
        set(made, "strides", sides(node, 3));
        set(made, "pads", std::vector{padding[0], padding[1], padding[0], padding[1]});
        set(made, "dilations", sides(node, 5));
        set(made, "group", jit::toIValue(node.input(8))->toInt());
    }

    /// Each group about its own mean and spread, by poolings and a convolution of the groups.
    void groupNorm(const jit::Node &node, const std::string &out)
    {
        const auto groups = jit::toIValue(node.input(1))->toInt();
        const auto weights = jit::toIValue(node.input(2))->toTensor(), bias = jit::toIValue(node.input(3))->toTensor();
        const auto size = weights.size(0) / groups;
        const auto mean = [&](const std::string &x) {
            const auto even = torch::full({weights.size(0), size, 1, 1}, 1.0 / static_cast<double>(size));
            auto &made = put("Conv", {emit("GlobalAveragePool", {x}), tensor(even)}, fresh());
            set(made, "kernel_shape", std::vector<std::int64_t>{1, 1});
            set(made, "group", groups);
            return made.output(0);
        };
        const auto x = name(node.input(0));
        const auto centred = emit("Sub", {x, mean(x)});
        const auto variance = mean(emit("Mul", {centred, centred}));
        const auto spread = emit("Sqrt", {emit("Add", {variance, scalar(real(node, 4))})});
        auto &scaled =
            put("Conv", {emit("Div", {centred, spread}), tensor(weights.reshape({-1, 1, 1, 1})), tensor(bias)},
                out); // a channel its own
        set(scaled, "kernel_shape", std::vector<std::int64_t>{1, 1});
        set(scaled, "group", weights.size(0));
    }

    void sum(const jit::Node &node, const char *kind, const std::string &out)
    {
        TORCH_CHECK(jit::toIValue(node.input(2))->toScalar().toDouble() == 1, "a sum is weighted");
        spread(node, kind, out);
    }

    /// Of two tensors, the second perhaps one value a channel. cv::dnn 4.6 takes that for a number where there is but
    /// one channel, so that two of them are made for it.
    void spread(const jit::Node &node, const char *kind, const std::string &out)
    {
        auto a = name(node.input(0)), b = name(node.input(1));
        const auto isOne = [&](std::size_t i, std::size_t sides) { // the first of its sides after N
            const auto type = node.input(i)->type()->cast<c10::TensorType>();
            const auto sizes = type ? type->sizes().concrete_sizes() : c10::optional<std::vector<std::int64_t>>();
            return sizes && sizes->size() == 4
                   && std::all_of(sizes->begin() + 1, sizes->begin() + 1 + static_cast<std::ptrdiff_t>(sides),
                                  [](auto side) { return side == 1; });
        };
        const bool isConstant = jit::toIValue(node.input(1)).has_value();
        if (isConstant || !isOne(0, 1) || !isOne(1, 3)) {
            put(kind, {a, b}, out);
            return;
        }
        const auto twice = torch::ones({2, 1, 1, 1});
        for (auto *x : {&a, &b})
            *x = convolved(*x, twice);
        set(put("Conv", {emit(kind, {a, b}), tensor(torch::tensor({1.f, 0.f}).reshape({1, 2, 1, 1}))}, out),
            "kernel_shape", std::vector<std::int64_t>{1, 1});
    }

    std::string convolved(const std::string &x, const torch::Tensor &weights)
    {
        auto &made = put("Conv", {x, tensor(weights)}, fresh());
        set(made, "kernel_shape", std::vector<std::int64_t>{1, 1});
        return made.output(0);
    }

    void concat(const jit::Node &node, const std::string &out)
    {
        Names inputs;
        for (const auto *part : node.input(0)->node()->inputs())
            inputs.push_back(name(part));
        set(put("Concat", inputs, out), "axis", jit::toIValue(node.input(1))->toInt());
    }

    void maxPool(const jit::Node &node, const std::string &out)
    {
        auto &made = put("MaxPool", {name(node.input(0))}, out);
        const auto padding = sides(node, 3);
        set(made, "kernel_shape", sides(node, 1));
        set(made, "strides", sides(node, 2));
        set(made, "pads", std::vector{padding[0], padding[1], padding[0], padding[1]});
    }

    void enlarge(const jit::Node &node, const std::string &out)
    {
        const bool isAligned = jit::toIValue(node.input(2))->toBool();
        std::vector<float> scales = {1, 1};
        for (const double scale : reals(*node.input(3)))
            scales.push_back(static_cast<float>(scale));
        auto &made =
            put("Resize", {name(node.input(0)), tensor(torch::empty({0})), tensor(torch::tensor(scales))}, out);
        set(made, "mode", std::string("linear"));
        set(made, "coordinate_transformation_mode", std::string(isAligned ? "align_corners" : "half_pixel"));
    }

    void mean(const jit::Node &node, const std::string &out)
    {
        const auto dims = wholes(node, 1);
        const auto x = name(node.input(0));
        TORCH_CHECK(jit::toIValue(node.input(2))->toBool(), "a mean loses its dimension");
        if (dims == std::vector<std::int64_t>{2, 3}) {
            put("GlobalAveragePool", {x}, out);
        } else if (dims == std::vector<std::int64_t>{1, 2, 3}) { // the same in each channel
            const auto channels = channelsOf(*node.input(0));
            channelMean(emit("GlobalAveragePool", {x}), channels, channels, out);
        } else {
            TORCH_CHECK(dims == std::vector<std::int64_t>{1}, "ONNX is not written for this mean");
            channelMean(x, channelsOf(*node.input(0)), 1, out);
        }
    }

    /// As a convolution, since cv::dnn 4.6 has no other way.
    void channelMean(const std::string &x, std::int64_t from, std::int64_t to, const std::string &out)
    {
        const auto weights = torch::full({to, from, 1, 1}, 1.0 / static_cast<double>(from));
        set(put("Conv", {x, tensor(weights)}, out), "kernel_shape", std::vector<std::int64_t>{1, 1});
    }

    /// To a size that divides the traced one.
    void pool(const jit::Node &node, const std::string &out)
    {
        const auto to = sides(node, 1);
        const auto x = name(node.input(0));
        if (to == std::vector<std::int64_t>{1, 1}) {
            put("GlobalAveragePool", {x}, out);
            return;
        }
        const auto from = sizesOf(*node.input(0));
        const std::vector<std::int64_t> step = {from.at(2) / to[0], from.at(3) / to[1]};
        TORCH_CHECK(step[0] * to[0] == from[2] && step[1] * to[1] == from[3], "ONNX has no pooling of ", from[3], "x",
                    from[2], " to ", to[1], "x", to[0], "; train at a multiple of that");
        auto &made = put("AveragePool", {x}, out);
        set(made, "kernel_shape", step);
        set(made, "strides", step);
    }

    static std::vector<std::int64_t> sizesOf(const jit::Value &value)
    {
        const auto type = value.type()->cast<c10::TensorType>();
        TORCH_CHECK(type && type->sizes().concrete_sizes(), "the trace knows no size");
        return *type->sizes().concrete_sizes();
    }
    static std::int64_t channelsOf(const jit::Value &value) { return sizesOf(value).at(1); }

    static std::vector<std::int64_t> wholes(const jit::Node &node, std::size_t i)
    {
        std::vector<std::int64_t> out;
        const auto *value = node.input(i);
        if (value->node()->kind() != c10::prim::ListConstruct)
            return jit::toIValue(value)->toIntVector();
        for (const auto *item : value->node()->inputs())
            out.push_back(jit::toIValue(item)->toInt());
        return out;
    }
    static std::vector<double> reals(const jit::Value &value)
    {
        std::vector<double> out;
        if (value.node()->kind() != c10::prim::ListConstruct)
            return jit::toIValue(&value)->toDoubleVector();
        for (const auto *item : value.node()->inputs())
            out.push_back(jit::toIValue(item)->toScalar().toDouble());
        return out;
    }
    /// Of height and width, where one may stand for both.
    static std::vector<std::int64_t> sides(const jit::Node &node, std::size_t i)
    {
        auto out = wholes(node, i);
        out.resize(2, out.at(0));
        return out;
    }
    static double real(const jit::Node &node, std::size_t i)
    {
        return jit::toIValue(node.input(i))->toScalar().toDouble();
    }

    std::string fresh() { return "v" + std::to_string(m_next++); }

    std::string name(const jit::Value *value)
    {
        const auto known = m_names.find(value);
        if (known != m_names.end())
            return known->second;
        const auto constant = jit::toIValue(value);
        TORCH_CHECK(constant && (constant->isTensor() || constant->isScalar()), "ONNX has no form for a value of type ",
                    value->type()->str());
        return m_names[value] =
                   constant->isTensor() ? tensor(constant->toTensor()) : scalar(constant->toScalar().toDouble());
    }

    std::string scalar(double value) { return tensor(torch::tensor(static_cast<float>(value))); }
    std::string integers(const std::vector<std::int64_t> &values)
    {
        return tensor(torch::tensor(values, torch::kLong));
    }
    /// An initialiser.
    std::string tensor(const torch::Tensor &given)
    {
        const auto known = given.numel() > 0 ? m_known.find(given.data_ptr()) : m_known.end();
        const std::string named = known != m_known.end() ? known->second : fresh();
        if (known != m_known.end() && !m_written.insert(named).second)
            return named;
        const auto values = given.cpu().contiguous();
        auto *out = m_graph.add_initializer();
        out->set_name(named);
        out->set_data_type(values.scalar_type() == torch::kLong ? onnx::TensorProto::INT64 : onnx::TensorProto::FLOAT);
        TORCH_CHECK(values.scalar_type() == torch::kLong || values.scalar_type() == torch::kFloat,
                    "ONNX is written for float32 alone");
        for (const auto side : values.sizes())
            out->add_dims(side);
        out->set_raw_data(values.data_ptr(), values.nbytes());
        return named;
    }

    onnx::NodeProto &put(const std::string &kind, const Names &inputs, const std::string &output)
    {
        auto *node = m_graph.add_node();
        node->set_op_type(kind);
        node->set_name(kind + "_" + std::to_string(m_graph.node_size()));
        for (const auto &input : inputs)
            node->add_input(input);
        node->add_output(output);
        return *node;
    }
    std::string emit(const std::string &kind, const Names &inputs) { return put(kind, inputs, fresh()).output(0); }
    static onnx::AttributeProto &attribute(onnx::NodeProto &node, const char *name,
                                           onnx::AttributeProto::AttributeType type)
    {
        auto *out = node.add_attribute();
        out->set_name(name);
        out->set_type(type);
        return *out;
    }
    static void set(onnx::NodeProto &node, const char *name, double value)
    {
        attribute(node, name, onnx::AttributeProto::FLOAT).set_f(static_cast<float>(value));
    }
    static void set(onnx::NodeProto &node, const char *name, std::int64_t value)
    {
        attribute(node, name, onnx::AttributeProto::INT).set_i(value);
    }
    static void set(onnx::NodeProto &node, const char *name, const std::string &value)
    {
        attribute(node, name, onnx::AttributeProto::STRING).set_s(value);
    }
    static void set(onnx::NodeProto &node, const char *name, const std::vector<std::int64_t> &values)
    {
        auto &out = attribute(node, name, onnx::AttributeProto::INTS);
        for (const auto value : values)
            out.add_ints(value);
    }

    onnx::GraphProto &m_graph;
    std::unordered_map<const jit::Value *, std::string> m_names;
    std::unordered_map<const void *, std::string> m_known; ///< the network's tensors by their memory
    std::set<std::string> m_written;
    int m_next = 0;
};

void describe(onnx::ValueInfoProto &value, const std::string &name, std::int64_t channels, bool isOfImages)
{
    value.set_name(name);
    auto *type = value.mutable_type()->mutable_tensor_type();
    type->set_elem_type(onnx::TensorProto::FLOAT);
    auto *shape = type->mutable_shape();
    shape->add_dim()->set_dim_param("N");
    shape->add_dim()->set_dim_value(channels);
    for (const char *side : {"H", "W"})
        if (isOfImages)
            shape->add_dim()->set_dim_value(1);
        else
            shape->add_dim()->set_dim_param(side);
}

} // namespace

Result<std::string> onnxModel(Network &network, const Json &facts, int height, int width)
{
    network.eval();
    const torch::NoGradGuard noGradients;
    for (auto &parameter : network.parameters())
        parameter.set_requires_grad(false);
    std::int64_t outputs = 0;
    bool isOfImages = false;
    const auto traced = jit::tracer::trace(
        {torch::rand({1, network.inputChannels(), height, width})},
        [&](jit::Stack stack) {
            const auto y = network.ofNormalised(network.normalised(stack.at(0).toTensor()));
            outputs = y.size(1);
            isOfImages = y.size(2) == 1 && height > 1;
            return jit::Stack{y};
        },
        [](const torch::autograd::Variable &) { return std::string(); }, true, false, nullptr, {"images"});
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("Masque");
    auto *opset = model.add_opset_import();
    opset->set_domain("");
    opset->set_version(kOpset);
    const auto tell = [&](const char *key, const std::string &value) {
        auto *entry = model.add_metadata_props();
        entry->set_key(key);
        entry->set_value(value);
    };
    tell("masque", facts.dump(-1));
    tell("classes", facts["classes"].dump(-1));
    tell("stride", std::to_string(network.stride()));
    auto *graph = model.mutable_graph();
    graph->set_name(facts["model"].toString());
    describe(*graph->add_input(), "images", network.inputChannels(), false);
    Writer(network, *graph).write(*traced.first->graph);
    describe(*graph->add_output(), "logits", outputs, isOfImages);
    return model.SerializeAsString();
}

std::optional<Json> onnxFacts(const std::string &path)
{
    const auto bytes = readFile(path);
    onnx::ModelProto model;
    if (!bytes || !model.ParseFromString(*bytes))
        return {};
    for (const auto &entry : model.metadata_props())
        if (entry.key() == "masque")
            if (auto facts = Json::parse(entry.value()))
                return std::move(*facts);
    return {};
}

} // namespace masque
