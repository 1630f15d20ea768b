// into-layer: a constant that is added to a layer's result becomes part of its bias, one that multiplies it part of
// its weights, and one that multiplies what it is given likewise. One operator less, and no constant of its own to be
// kept or streamed.
//
// Floats round at another place. Quantised, the layer makes what the operator made: a bias in steps of the sums,
// weights by their scales alone; what was rounded twice is rounded once.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "base/half.h"
#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using graph::Layout;
using Numbers = std::vector<double>;

// The numbers that a constant stands for.
std::optional<Numbers> real_numbers(const graph::Tensor& tensor) {
  auto numbers = constant_numbers(tensor);
  if (!numbers || graph::is_float(tensor.type)) return numbers;
  if (!tensor.quantization || tensor.quantization->scales.size() != 1) return std::nullopt;
  const auto& zeros = tensor.quantization->zero_points;
  for (double& number : *numbers)
    number = (number - (zeros.empty() ? 0.0 : static_cast<double>(zeros[0]))) * tensor.quantization->scales[0];
  return numbers;
}

// One a channel: of one number, or of a shape of which only the channels' dimension, so many from the back, is not 1.
std::optional<Numbers> by_channel(const graph::Tensor& tensor, std::size_t channels, std::size_t from_back) {
  auto numbers = real_numbers(tensor);
  if (!numbers) return std::nullopt;
  if (numbers->size() == 1) return Numbers(channels, numbers->front());
  const auto& dims = tensor.shape.dims;
  if (numbers->size() != channels || dims.size() <= from_back ||
      dims[dims.size() - 1 - from_back] != static_cast<std::int64_t>(channels))
    return std::nullopt;
  return numbers;
}

template <typename T>
std::vector<std::byte> packed(const Numbers& numbers) {
  std::vector<std::byte> data(numbers.size() * sizeof(T));
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const T value = static_cast<T>(numbers[i]);
    std::memcpy(data.data() + i * sizeof(T), &value, sizeof(T));
  }
  return data;
}

std::vector<std::byte> packed_as(ElementType type, Numbers numbers) {
  if (type != ElementType::Float16) return packed<float>(numbers);
  for (double& number : numbers) number = base::to_half(static_cast<float>(number));
  return packed<std::uint16_t>(numbers);
}

bool is_layer(Kind kind) {
  return kind == Kind::Convolution || kind == Kind::DepthwiseConvolution || kind == Kind::FullyConnected ||
         kind == Kind::Matmul;
}

std::string activation_of(const graph::Operator& op) {
  return graph::get<std::string>(op.attributes, attr::activation, "none");
}

void set_activation(graph::Operator& op, const std::string& activation) {
  std::erase_if(op.attributes, [](const auto& one) { return one.first == attr::activation; });
  if (activation != "none") op.attributes.emplace_back(std::string(attr::activation), activation);
}

// A layer with constant weights.
struct Layer {
  graph::Operator op;
  std::size_t channels = 0;   // of the result
  std::size_t from_back = 0;  // where they lie in the result
  std::size_t inner = 1;      // weights of one channel that lie side by side
  bool holds_bias = false;    // in the words of this format

  std::size_t channel(std::size_t weight) const { return weight / inner % channels; }
};

std::optional<Layer> layer_at(const graph::Model& model, const graph::Subgraph& graph, int at) {
  if (at < 0 || !is_layer(graph.operators[static_cast<std::size_t>(at)].kind)) return std::nullopt;
  auto op = canonical(model, graph, at);
  if (!op || !is_layer(op->kind) || op->inputs.size() < 2 || activation_of(*op) != "none") return std::nullopt;
  const graph::Tensor& weights = graph.tensors[static_cast<std::size_t>(op->inputs[1])];
  const graph::Tensor& result = graph.tensors[static_cast<std::size_t>(op->outputs[0])];
  const std::size_t rank = result.shape.dims.size();
  if (!constant_numbers(weights) || weights.shape.dims.empty() || rank < 2) return std::nullopt;
  const bool product = op->kind == Kind::FullyConnected || op->kind == Kind::Matmul;
  const bool channels_last = model.layout == Layout::ChannelsLast;
  Layer layer{.op = *std::move(op)};
  layer.from_back = product || channels_last ? 0 : rank - 2;
  layer.channels = static_cast<std::size_t>(result.shape.dims[rank - 1 - layer.from_back]);
  const auto all = weights.shape.elements().value_or(0);
  if (layer.channels == 0 || all % layer.channels != 0) return std::nullopt;
  if (layer.op.kind == Kind::Matmul)
    layer.inner = graph::get<bool>(layer.op.attributes, attr::transpose_b)
                      ? static_cast<std::size_t>(weights.shape.dims.back())
                      : 1;
  else if (!channels_last || layer.op.kind != Kind::DepthwiseConvolution)
    layer.inner = all / layer.channels;
  layer.holds_bias = layer.op.kind != Kind::Matmul && model.format != graph::Format::OpenVinoIr;
  return layer;
}

// The other operand of an operator that has a constant one: which input the data are.
std::size_t data_of(const graph::Subgraph& graph, const graph::Operator& op) {
  return graph.tensors[static_cast<std::size_t>(op.inputs[0])].constant ? 1 : 0;
}

// A layer and what is added to it, behind a network's one reader of each.
struct Chain {
  Layer layer;
  std::optional<Numbers> bias;
};

std::optional<Chain> chain_before(const graph::Model& model, const graph::Subgraph& graph, int tensor, int reader) {
  if (only_reader(graph, tensor) != reader) return std::nullopt;
  int at = maker(graph, tensor);
  if (at < 0) return std::nullopt;
  std::optional<graph::Operator> addition;
  if (graph.operators[static_cast<std::size_t>(at)].kind == Kind::Add) {
    addition = canonical(model, graph, at);
    if (!addition || addition->inputs.size() != 2 || activation_of(*addition) != "none") return std::nullopt;
    const int from = addition->inputs[data_of(graph, *addition)];
    if (only_reader(graph, from) != at) return std::nullopt;
    at = maker(graph, from);
  }
  auto layer = layer_at(model, graph, at);
  if (!layer) return std::nullopt;
  Chain chain{.layer = *std::move(layer), .bias = std::nullopt};
  const graph::Operator& op = chain.layer.op;
  if (op.inputs.size() > 2 && op.inputs[2] >= 0) {
    chain.bias = by_channel(graph.tensors[static_cast<std::size_t>(op.inputs[2])], chain.layer.channels, 0);
    if (!chain.bias) return std::nullopt;
  }
  if (addition) {
    const int added = addition->inputs[1 - data_of(graph, *addition)];
    const auto more =
        by_channel(graph.tensors[static_cast<std::size_t>(added)], chain.layer.channels, chain.layer.from_back);
    if (!more) return std::nullopt;
    if (!chain.bias) chain.bias.emplace(chain.layer.channels, 0.0);
    for (std::size_t k = 0; k < more->size(); ++k) (*chain.bias)[k] += (*more)[k];
  }
  return chain;
}

bool is_wide(const graph::Tensor& tensor) {
  return tensor.type == ElementType::Float32 || tensor.type == ElementType::Float16;
}

bool into_floats(graph::Model& model, graph::Subgraph& graph, int index, const graph::Operator& op) {
  const std::size_t data = data_of(graph, op);
  const auto chain = chain_before(model, graph, op.inputs[data], index);
  if (!chain) return false;
  const Layer& layer = chain->layer;
  const auto factors =
      by_channel(graph.tensors[static_cast<std::size_t>(op.inputs[1 - data])], layer.channels, layer.from_back);
  Patch patch(model, graph, index);
  const graph::Tensor weights = patch.tensor(layer.op.inputs[1]);
  if (!factors || !is_wide(weights)) return false;
  // Where a bias is an addition, another addition is won only if there was one.
  if (op.kind == Kind::Add && !layer.holds_bias && !chain->bias) return false;
  Numbers numbers = *constant_numbers(weights);
  Numbers bias = chain->bias.value_or(Numbers(layer.channels, 0.0));
  int filter = layer.op.inputs[1];
  if (op.kind == Kind::Multiply) {
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] *= (*factors)[layer.channel(i)];
    for (std::size_t k = 0; k < bias.size(); ++k) bias[k] *= (*factors)[k];
    filter = patch.constant(weights.type, weights.shape.dims, packed_as(weights.type, std::move(numbers)));
  } else {
    for (std::size_t k = 0; k < bias.size(); ++k) bias[k] += (*factors)[k];
  }
  std::vector<std::int64_t> dims = {static_cast<std::int64_t>(layer.channels)};
  const bool biased = op.kind == Kind::Add || chain->bias;
  graph::Operator made = layer.op;
  if (layer.holds_bias) {
    set_activation(made, activation_of(op));
    std::vector<int> inputs = {layer.op.inputs[0], filter};
    if (biased) inputs.push_back(patch.constant(weights.type, dims, packed_as(weights.type, bias)));
    return patch.finish(patch.again(made, inputs));
  }
  const int product = patch.again(made, {layer.op.inputs[0], filter});
  if (!biased) return activation_of(op) == "none" ? patch.finish(product) : patch.give_up();
  dims.insert(dims.end(), layer.from_back, 1);
  graph::Operator sum{.kind = Kind::Add};
  set_activation(sum, activation_of(op));
  return patch.finish(patch.again(sum, {product, patch.constant(weights.type, dims, packed_as(weights.type, bias))}));
}

bool into_steps(graph::Model& model, graph::Subgraph& graph, int index, const graph::Operator& op) {
  const std::size_t data = data_of(graph, op);
  if (only_reader(graph, op.inputs[data]) != index) return false;
  auto layer = layer_at(model, graph, maker(graph, op.inputs[data]));
  if (!layer || !layer->holds_bias) return false;
  const auto factors = by_channel(graph.tensors[static_cast<std::size_t>(op.inputs[1 - data])], layer->channels, 0);
  if (!factors) return false;
  const int x = layer->op.inputs[0], w = layer->op.inputs[1], result = op.outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor weights = patch.tensor(w);
  if (weights.type != ElementType::Int8 || !weights.quantization || !patch.tensor(x).quantization ||
      patch.tensor(x).quantization->scales.size() != 1)
    return false;
  Numbers bias(layer->channels, 0.0);
  if (layer->op.inputs.size() > 2 && layer->op.inputs[2] >= 0) {
    const auto given = constant_numbers(patch.tensor(layer->op.inputs[2]));
    if (!given || given->size() != layer->channels) return false;
    bias = *given;
  }
  graph::Quantization scales = *weights.quantization;
  if (op.kind == Kind::Add) {
    for (std::size_t k = 0; k < bias.size(); ++k) {
      const double step = static_cast<double>(patch.tensor(x).quantization->scales[0]) *
                          static_cast<double>(scales.scales[scales.per_channel() ? k : 0]);
      bias[k] += std::nearbyint((*factors)[k] / step);
      if (std::abs(bias[k]) > 2147483647.0) return false;
    }
  } else {
    // The scales of a fully connected layer stay one, which is what devices take.
    const bool one = std::all_of(factors->begin(), factors->end(), [&](double f) { return f == factors->front(); });
    if (!one && (layer->op.kind == Kind::FullyConnected || !scales.per_channel())) return false;
    for (std::size_t k = 0; k < scales.scales.size(); ++k) {
      if ((*factors)[k] <= 0) return false;
      scales.scales[k] = static_cast<float>(scales.scales[k] * (*factors)[k]);
    }
  }
  int filter = w;
  if (op.kind == Kind::Multiply) {
    filter = patch.constant(weights.type, weights.shape.dims, {weights.data.begin(), weights.data.end()});
    patch.quantize(filter, scales);
  }
  const int sum =
      patch.constant(ElementType::Int32, {static_cast<std::int64_t>(layer->channels)}, packed<std::int32_t>(bias));
  graph::Quantization sums = scales;
  for (float& scale : sums.scales) scale *= patch.tensor(x).quantization->scales[0];
  sums.zero_points.assign(1, 0);
  sums.axis = 0;
  patch.quantize(sum, std::move(sums));
  set_activation(layer->op, activation_of(op));
  const int made = patch.again(layer->op, {x, filter, sum});
  patch.quantize_like(made, result);
  return patch.finish(made);
}

// A layer that is given what a constant multiplied: one number, or one a channel of what goes in.
bool from_before(graph::Model& model, graph::Subgraph& graph, int index) {
  const auto layer = layer_at(model, graph, index);
  // Fused activations are the layer's own and stay; layer_at() does not look at such.
  if (!layer) return false;
  const int given = layer->op.inputs[0], at = maker(graph, given);
  if (at < 0 || graph.operators[static_cast<std::size_t>(at)].kind != Kind::Multiply ||
      only_reader(graph, given) != index)
    return false;
  const auto scaled = canonical(model, graph, at);
  if (!scaled || scaled->inputs.size() != 2 || activation_of(*scaled) != "none") return false;
  const std::size_t data = data_of(graph, *scaled);
  const int x = scaled->inputs[data];
  const auto factor = constant_number(graph.tensors[static_cast<std::size_t>(scaled->inputs[1 - data])]);
  Patch patch(model, graph, index);
  const graph::Tensor weights = patch.tensor(layer->op.inputs[1]);
  if (!factor || !is_wide(weights) || patch.tensor(x).shape.dims != patch.tensor(given).shape.dims) return false;
  Numbers numbers = *constant_numbers(weights);
  for (double& number : numbers) number *= *factor;
  std::vector<int> inputs = layer->op.inputs;
  inputs[0] = x;
  inputs[1] = patch.constant(weights.type, weights.shape.dims, packed_as(weights.type, std::move(numbers)));
  return patch.finish(patch.again(layer->op, inputs));
}

}  // namespace

bool rewrite_into_layer(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  if (is_layer(kind)) return from_before(model, graph, index);
  if (kind != Kind::Add && kind != Kind::Multiply) return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() != 2) return false;
  return into_floats(model, graph, index, *op) || into_steps(model, graph, index, *op);
}

}  // namespace edgescope::rewrite
