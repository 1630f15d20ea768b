#include "analysis/macs.h"

#include <array>
#include <initializer_list>
#include <map>
#include <string>

#include "base/checked.h"

namespace edgescope::analysis {
namespace {

using graph::Kind;
using graph::Tensor;
using Count = std::optional<std::uint64_t>;

Count times(Count a, Count b) { return a && b ? base::checked_mul(*a, *b) : std::nullopt; }
Count plus(Count a, Count b) { return a && b ? base::checked_add(*a, *b) : std::nullopt; }
// Exact quotients only: anything else means that the shapes do not fit together.
Count over(Count a, Count b) { return a && b && *b > 0 && *a % *b == 0 ? Count(*a / *b) : std::nullopt; }

class Counter {
 public:
  Counter(const graph::Model& model, const graph::Subgraph& subgraph, const graph::Operator& op)
      : model_(model), graph_(subgraph), op_(op) {}

  Count count() const {
    switch (op_.kind) {
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
      case Kind::GroupConvolution:
      case Kind::BinaryConvolution:
      case Kind::IntegerConvolution:
        return convolution(1);
      case Kind::QuantizedConvolution:
        return convolution(3);
      case Kind::DeformableConvolution:
        return convolution(model_.format == graph::Format::OpenVinoIr ? 2 : 1);
      case Kind::TransposedConvolution:
        return transposed_convolution();
      case Kind::FullyConnected:
        return fully_connected();
      case Kind::Matmul:
        return matmul();
      case Kind::IntegerMatmul:
      case Kind::QuantizedMatmul:
        return times(elements(output(0)), dim(input(0), -1));
      case Kind::Einsum:
        return einsum();
      case Kind::Lstm:
        return lstm();
      case Kind::LstmSequence:
        return recurrent({1, 2, 3, 4, 5, 6, 7, 8, 16});
      case Kind::BidirectionalLstmSequence:
        return plus(recurrent({1, 2, 3, 4, 5, 6, 7, 8, 16, 18, 19, 20, 21, 22, 23, 24, 25, 33}),
                    auxiliary({40, 41, 42, 43, 44, 45, 46, 47}));
      case Kind::Gru:
        return openvino() ? recurrent({3, 4}) : recurrent({1, 2});
      case Kind::Rnn:
        return openvino() ? recurrent({3, 4}) : recurrent({1, 2});
      case Kind::BidirectionalRnn:
        return plus(recurrent({1, 2, 5, 6}), auxiliary({10, 11}));
      case Kind::LstmCell:
        return recurrent({3, 4});
      case Kind::GruCell:
      case Kind::RnnCell:
        return recurrent({2, 3});
      case Kind::Svdf:
        return recurrent({1, 2});
      case Kind::Attention:
        return attention();
      case Kind::Unknown:
      case Kind::Custom:
      case Kind::CustomCall:
      case Kind::Delegate:
      case Kind::GroupedMatmul:
      case Kind::LinearAttention:
      case Kind::FlexAttention:
      case Kind::CausalConvWithState:
      case Kind::Dft:
      case Kind::Idft:
      case Kind::Rdft:
      case Kind::Irdft:
      case Kind::Rfft2d:
      case Kind::Stft:
      case Kind::Istft:
      case Kind::SvmClassifier:
      case Kind::SvmRegressor:
      case Kind::LinearClassifier:
      case Kind::LinearRegressor:
      case Kind::TreeEnsemble:
      case Kind::TreeEnsembleClassifier:
      case Kind::TreeEnsembleRegressor:
        return std::nullopt;
      default:
        return 0;
    }
  }

 private:
  bool openvino() const { return model_.format == graph::Format::OpenVinoIr; }

  const Tensor* tensor(const std::vector<int>& list, std::size_t index) const {
    return index < list.size() && list[index] >= 0 ? &graph_.tensors[static_cast<std::size_t>(list[index])] : nullptr;
  }
  const Tensor* input(std::size_t index) const { return tensor(op_.inputs, index); }
  const Tensor* output(std::size_t index) const { return tensor(op_.outputs, index); }

  static Count elements(const Tensor* tensor) { return tensor ? tensor->shape.elements() : std::nullopt; }

  // A negative `index` counts from the innermost dimension.
  static Count dim(const Tensor* tensor, int index) {
    if (!tensor || !tensor->shape.known) return std::nullopt;
    const auto& dims = tensor->shape.dims;
    const int at = index < 0 ? index + static_cast<int>(dims.size()) : index;
    if (at < 0 || at >= static_cast<int>(dims.size()) || dims[at] < 0) return std::nullopt;
    return static_cast<std::uint64_t>(dims[at]);
  }

  // Batch and spatial positions of an image tensor.
  Count positions(const Tensor* image) const {
    return over(elements(image), dim(image, model_.layout == graph::Layout::ChannelsLast ? -1 : 1));
  }

  // StableHLO states its layouts in attributes that differ from operator to operator.
  bool stablehlo() const { return op_.source_kind.starts_with("STABLEHLO_"); }

  Count convolution(std::size_t filter) const {
    if (stablehlo()) return std::nullopt;
    return times(positions(output(0)), elements(input(filter)));
  }

  Count transposed_convolution() const {
    const bool tflite = model_.format == graph::Format::TfLite;  // output shape, filter, data
    return times(positions(input(tflite ? 2 : 0)), elements(input(1)));
  }

  // The weights' depth is what is left of them after the units, however they are transposed.
  Count fully_connected() const { return times(elements(output(0)), over(elements(input(1)), dim(output(0), -1))); }

  Count matmul() const {
    const Tensor *a = input(0), *b = input(1);
    if (stablehlo()) {
      const auto contracted = graph::get<std::vector<std::int64_t>>(op_.attributes, "lhs_contracting_dimensions", {});
      Count depth = contracted.empty() ? std::nullopt : Count(1);
      for (std::int64_t axis : contracted) depth = times(depth, dim(a, static_cast<int>(axis)));
      return times(elements(output(0)), depth);
    }
    const bool vector_a = a && a->shape.dims.size() == 1, vector_b = b && b->shape.dims.size() == 1;
    Count depth = dim(a, graph::get(op_.attributes, graph::attr::transpose_a, false) && !vector_a ? -2 : -1);
    if (!depth) depth = dim(b, graph::get(op_.attributes, graph::attr::transpose_b, false) || vector_b ? -1 : -2);
    return times(elements(output(0)), depth);
  }

  // TFLite's basic cell holds one matrix for inputs and states; ONNX and IR one each.
  Count lstm() const {
    if (model_.format == graph::Format::Onnx) return recurrent({1, 2});
    if (openvino()) return recurrent({4, 5});
    if (op_.inputs.size() == 5) return times(over(elements(input(0)), dim(input(0), -1)), elements(input(2)));
    return recurrent({1, 2, 3, 4, 5, 6, 7, 8, 16});
  }

  Count matrices(std::initializer_list<std::size_t> inputs) const {
    Count sum = 0;
    for (std::size_t index : inputs)
      if (input(index)) sum = plus(sum, elements(input(index)));
    return sum;
  }

  // Steps times batch: every row of the first input.
  Count recurrent(std::initializer_list<std::size_t> inputs) const {
    return times(over(elements(input(0)), dim(input(0), -1)), matrices(inputs));
  }

  // A second input with its own matrices; most networks have none.
  Count auxiliary(std::initializer_list<std::size_t> inputs) const {
    const Count weights = matrices(inputs);
    if (weights == Count(0)) return 0;
    return times(over(elements(input(0)), dim(input(0), -1)), weights);
  }

  // Each query row meets every key (depth of the queries) and sums every value (depth of the result).
  Count attention() const {
    Count length = dim(input(1), -2);
    if (model_.format == graph::Format::Onnx && input(4)) length = plus(length, dim(input(4), -2));
    return times(length, plus(elements(input(0)), elements(output(0))));
  }

  // The product over all labels of the equation, for two operands.
  Count einsum() const {
    std::string equation;
    for (char c : graph::get<std::string>(op_.attributes, "equation"))
      if (c != ' ') equation += c;
    const std::string operands = equation.substr(0, equation.find("->"));
    if (op_.inputs.size() == 1 && !operands.empty()) return 0;
    const std::size_t comma = operands.find(',');
    if (op_.inputs.size() != 2 || comma == std::string::npos) return std::nullopt;
    std::map<char, std::uint64_t> sizes;
    std::vector<std::uint64_t> broadcast;  // the dimensions of `...`, from the innermost
    for (std::size_t i = 0; i < 2; ++i) {
      std::string labels = i == 0 ? operands.substr(0, comma) : operands.substr(comma + 1);
      const Tensor* operand = input(i);
      if (!operand || !operand->shape.is_static()) return std::nullopt;
      const std::size_t rank = operand->shape.dims.size();
      if (const std::size_t dots = labels.find("..."); dots != std::string::npos) {
        const std::size_t named = labels.size() - 3;
        if (rank < named) return std::nullopt;
        const std::size_t open = rank - named;
        if (broadcast.size() < open) broadcast.resize(open, 1);
        for (std::size_t d = 0; d < open; ++d)
          broadcast[d] = std::max(broadcast[d], *dim(operand, static_cast<int>(dots + open - 1 - d)));
        labels.replace(dots, 3, open, '.');
      }
      if (labels.size() != rank) return std::nullopt;
      for (std::size_t d = 0; d < rank; ++d)
        if (labels[d] != '.') sizes[labels[d]] = std::max(sizes[labels[d]], *dim(operand, static_cast<int>(d)));
    }
    Count product = 1;
    for (const auto& [label, size] : sizes) product = times(product, size);
    for (std::uint64_t size : broadcast) product = times(product, size);
    return product;
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  const graph::Operator& op_;
};

}  // namespace

std::optional<std::uint64_t> macs(const graph::Model& model, const graph::Subgraph& subgraph,
                                  const graph::Operator& op) {
  return Counter(model, subgraph, op).count();
}

}  // namespace edgescope::analysis
