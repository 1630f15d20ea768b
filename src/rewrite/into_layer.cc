// into-layer: a constant that is added to a layer's result becomes part of its bias, one that multiplies it part of
// its weights. One operator less, and no constant of its own to be streamed.
//
// Floats round at another place. Quantised, the layer makes what the operator made: a bias in steps of the sums,
// weights by their scales alone; what was rounded twice is rounded once.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
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

// One a channel: of one number, or of a shape whose last dimension alone is not 1.
std::optional<Numbers> by_channel(const graph::Tensor& tensor, std::size_t channels) {
  auto numbers = real_numbers(tensor);
  if (!numbers) return std::nullopt;
  if (numbers->size() == 1) return Numbers(channels, numbers->front());
  const auto& dims = tensor.shape.dims;
  if (numbers->size() != channels || dims.back() != static_cast<std::int64_t>(channels)) return std::nullopt;
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

// A layer whose result one operator alone reads.
struct Layer {
  graph::Operator op;
  std::size_t channels = 0, axis = 0;  // of the weights
};

std::optional<Layer> layer_before(const graph::Model& model, const graph::Subgraph& graph, int tensor, int reader) {
  const int at = maker(graph, tensor);
  if (at < 0 || only_reader(graph, tensor) != reader) return std::nullopt;
  const Kind kind = graph.operators[static_cast<std::size_t>(at)].kind;
  if (kind != Kind::Convolution && kind != Kind::DepthwiseConvolution && kind != Kind::FullyConnected)
    return std::nullopt;
  auto op = canonical(model, graph, at);
  if (!op || op->inputs.size() < 2 || graph::get<std::string>(op->attributes, attr::activation, "none") != "none")
    return std::nullopt;
  const graph::Tensor& weights = graph.tensors[static_cast<std::size_t>(op->inputs[1])];
  if (!constant_numbers(weights) || weights.shape.dims.empty()) return std::nullopt;
  const std::size_t axis = kind == Kind::DepthwiseConvolution ? weights.shape.dims.size() - 1 : 0;
  return Layer{*std::move(op), static_cast<std::size_t>(weights.shape.dims[axis]), axis};
}

}  // namespace

bool rewrite_into_layer(graph::Model& model, graph::Subgraph& graph, int index) {
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  // With channels first a bias is an addition, and nothing is won.
  if ((kind != Kind::Add && kind != Kind::Multiply) || model.layout != graph::Layout::ChannelsLast) return false;
  const auto op = canonical(model, graph, index);
  if (!op || op->inputs.size() != 2) return false;
  const std::size_t data = graph.tensors[static_cast<std::size_t>(op->inputs[0])].constant ? 1 : 0;
  auto layer = layer_before(model, graph, op->inputs[data], index);
  if (!layer) return false;
  const auto factors = by_channel(graph.tensors[static_cast<std::size_t>(op->inputs[1 - data])], layer->channels);
  if (!factors) return false;

  const int x = layer->op.inputs[0], w = layer->op.inputs[1], result = op->outputs[0];
  Patch patch(model, graph, index);
  const graph::Tensor weights = patch.tensor(w);
  const bool quantized = weights.type == ElementType::Int8 && weights.quantization && patch.tensor(x).quantization &&
                         patch.tensor(x).quantization->scales.size() == 1;
  if (!quantized && weights.type != ElementType::Float32) return false;
  const bool has_bias = layer->op.inputs.size() > 2 && layer->op.inputs[2] >= 0;
  Numbers bias(layer->channels, 0.0);
  if (has_bias) {
    const auto given = constant_numbers(patch.tensor(layer->op.inputs[2]));
    if (!given || given->size() != layer->channels) return false;
    bias = *given;
  }
  Numbers numbers = *constant_numbers(weights);
  graph::Quantization scales = weights.quantization ? *weights.quantization : graph::Quantization{};
  const auto count = static_cast<std::int64_t>(layer->channels);
  if (kind == Kind::Add) {
    for (std::size_t k = 0; k < bias.size(); ++k) {
      const double step = quantized ? static_cast<double>(patch.tensor(x).quantization->scales[0]) *
                                          static_cast<double>(scales.scales[scales.per_channel() ? k : 0])
                                    : 1;
      bias[k] += quantized ? std::nearbyint((*factors)[k] / step) : (*factors)[k];
      if (quantized && std::abs(bias[k]) > 2147483647.0) return false;
    }
  } else if (quantized) {
    // The scales of a fully connected layer stay one, which is what devices take.
    const bool one = std::all_of(factors->begin(), factors->end(), [&](double f) { return f == factors->front(); });
    if (!one && (layer->op.kind == Kind::FullyConnected || !scales.per_channel())) return false;
    for (std::size_t k = 0; k < scales.scales.size(); ++k) {
      if ((*factors)[k] <= 0) return false;
      scales.scales[k] = static_cast<float>(scales.scales[k] * (*factors)[k]);
    }
  } else {
    const std::size_t inner = layer->axis == 0 ? numbers.size() / layer->channels : 1;
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] *= (*factors)[i / inner % layer->channels];
    for (std::size_t k = 0; k < bias.size(); ++k) bias[k] *= (*factors)[k];
  }
  int filter = w;
  if (kind == Kind::Multiply) {
    filter = patch.constant(
        weights.type, weights.shape.dims,
        quantized ? std::vector<std::byte>(weights.data.begin(), weights.data.end()) : packed<float>(numbers));
    if (quantized) patch.quantize(filter, scales);
  }
  const int sum = patch.constant(quantized ? ElementType::Int32 : ElementType::Float32, {count},
                                 quantized ? packed<std::int32_t>(bias) : packed<float>(bias));
  if (quantized) {
    graph::Quantization sums = scales;
    for (float& scale : sums.scales) scale *= patch.tensor(x).quantization->scales[0];
    sums.zero_points.assign(1, 0);
    sums.axis = 0;
    patch.quantize(sum, std::move(sums));
  }
  std::erase_if(layer->op.attributes, [](const auto& one) { return one.first == attr::activation; });
  layer->op.attributes.emplace_back(std::string(attr::activation),
                                    graph::get<std::string>(op->attributes, attr::activation, "none"));
  const int made = patch.again(layer->op, {x, filter, sum});
  if (patch.tensor(result).quantization) patch.quantize_like(made, result);
  return patch.finish(made);
}

}  // namespace edgescope::rewrite
