#include "target/edgetpu/operator_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/edgetpu/package.h"
#include "target/edgetpu/mapping.h"
#include "target/edgetpu/operator_tables.h"

namespace edgescope::target::edgetpu {
namespace {

using graph::ElementType;
using graph::Kind;
using graph::Operator;
using graph::Subgraph;
using graph::Tensor;

class Rules {
 public:
  Rules(const Subgraph& graph, int index, Compiler compiler)
      : graph_(graph),
        index_(index),
        op_(graph.operators[static_cast<std::size_t>(index)]),
        compiler_(compiler),
        runtime_(runtime_of(compiler)) {}

  std::optional<Verdict> obstacle() {
    if (auto reason = rejection()) return reason;
    if (op_.custom) {
      if (auto type = data_types()) return type;
      return cpu(status::unsupported, fmt::format("{} is a custom operator", op_.source_kind),
                 "keep custom operators at the end of the network");
    }
    // What takes floats in is the host's work, and the compiler says so in other words than of floats elsewhere.
    if (op_.kind == Kind::Quantize && input(0) && input(0)->type == ElementType::Float32)
      return cpu(status::limitation, fmt::format("`{}` is float32: the host quantises it", input(0)->name),
                 "convert with inference_input_type int8 or uint8, then the application hands over bytes");
    const std::optional<int> since = supported_since(op_.kind);
    if (!since) {
      // The data type is looked at first: an operator on floats or int32 is reported so whatever it is.
      if (auto type = data_types()) return type;
      const std::string_view other = replacement(op_.kind);
      return cpu(status::unsupported, "the Edge TPU has no such operator",
                 other.empty() ? "move it behind the last mapped operator, or replace it" : std::string(other));
    }
    if (auto type = data_types()) return type;
    if (is_other_form(op_.source_kind))
      return cpu(status::unsupported, fmt::format("the Edge TPU has no {}", op_.source_kind),
                 "use the plain form of it: PAD, SPLIT in equal parts, two-dimensional convolutions");
    if (op_.kind == Kind::ResizeNearest && op_.version >= 3 && compiler_ <= Compiler::V14)
      return cpu(status::version,
                 fmt::format("version {} of it, with half-pixel centres or aligned corners", op_.version),
                 "compile with version 15 or newer");
    if (*since > runtime_)
      return cpu(status::unsupported,
                 fmt::format("supported from runtime {} on, this compiler makes {}", *since, runtime_),
                 "compile with version 16");
    if (auto shape = shapes()) return shape;
    return particular();
  }

 private:
  const Tensor* input(std::size_t i) const {
    if (i >= op_.inputs.size() || op_.inputs[i] < 0) return nullptr;
    return &graph_.tensors[static_cast<std::size_t>(op_.inputs[i])];
  }
  const Tensor* output(std::size_t i = 0) const {
    if (i >= op_.outputs.size() || op_.outputs[i] < 0) return nullptr;
    return &graph_.tensors[static_cast<std::size_t>(op_.outputs[i])];
  }

  std::optional<Verdict> cpu(std::string_view status, std::string reason, std::string remedy,
                             bool verified = true) const {
    return Verdict{.op = index_,
                   .mapping = Mapping::Cpu,
                   .status = std::string(status),
                   .reason = std::move(reason),
                   .remedy = std::move(remedy),
                   .verified = verified};
  }

  // What makes the compiler give up on the whole model.
  std::optional<Verdict> rejection() const {
    const auto rejected = [&](std::string_view status, std::string reason, std::string remedy, bool verified) {
      return Verdict{.op = index_,
                     .mapping = Mapping::Rejected,
                     .status = std::string(status),
                     .reason = std::move(reason),
                     .remedy = std::move(remedy),
                     .verified = verified};
    };
    for (const auto* list : {&op_.inputs, &op_.outputs})
      for (int index : *list)
        if (index >= 0 && !graph_.tensors[static_cast<std::size_t>(index)].shape.is_static()) {
          const Tensor& tensor = graph_.tensors[static_cast<std::size_t>(index)];
          return rejected("",
                          fmt::format("`{}` has the dynamic shape {}: the compiler takes static shapes only",
                                      tensor.name, tensor.shape.text()),
                          "fix every dimension when the model is exported, the batch at 1", true);
        }
    if (op_.custom && op_.source_kind != format::edgetpu::kCustomCode && !is_known_custom(op_.source_kind))
      return rejected(
          status::interpreter,
          fmt::format("{} is a custom operator that the compiler's own interpreter does not know", op_.source_kind),
          "cut the model before it, or express it by standard operators", true);
    if (op_.source_kind.starts_with("STABLEHLO_"))
      return rejected(status::registration, fmt::format("{} is newer than the compiler's own TFLite", op_.source_kind),
                      "convert to TFLite's builtin operators", false);
    if (const FirstUnknown* known = first_unknown(op_, compiler_))
      return rejected(
          status::registration,
          fmt::format("it is version {} of {}, and this compiler knows those before {}{}", op_.version, known->op,
                      known->version, known->source.empty() ? std::string() : fmt::format(" ({})", known->source)),
          op_.kind == Kind::FullyConnected
              ? "convert without scales by channel for dense layers "
                "(_experimental_disable_per_channel_quantization_for_dense_layers)"
              : "convert with an older TensorFlow (2.5 to 2.8), whose converter writes older versions",
          !known->source.empty());
    return std::nullopt;
  }

  static bool eight_bit(ElementType type) { return type == ElementType::Int8 || type == ElementType::UInt8; }

  // Results and activations must be 8 bit; constants are parameters and have their own rules.
  std::optional<Verdict> data_types() const {
    const auto wrong = [&](const Tensor& tensor) {
      const bool floats = tensor.type == ElementType::Float32;
      const std::string_view other = replacement(op_.kind);
      std::string remedy = floats ? "quantise the whole model to int8 (representative data set; inference_input_type "
                                    "and inference_output_type int8 or uint8)"
                                  : fmt::format("keep {} values out of the part that is to run on the device",
                                                graph::element_type_name(tensor.type));
      if (!other.empty() && (!floats || op_.kind == Kind::Dequantize)) remedy = other;
      return cpu(status::data_type,
                 fmt::format("`{}` is {}, the device computes on int8 and uint8", tensor.name,
                             graph::element_type_name(tensor.type)),
                 remedy);
    };
    for (std::size_t i = 0; i < op_.inputs.size(); ++i)
      if (const Tensor* tensor = input(i); tensor && !tensor->constant && !tensor->variable && !eight_bit(tensor->type))
        return wrong(*tensor);
    for (std::size_t i = 0; i < op_.outputs.size(); ++i)
      if (const Tensor* tensor = output(i); tensor && !eight_bit(tensor->type)) return wrong(*tensor);
    if (has_filter() && input(1) && input(1)->constant && !eight_bit(input(1)->type)) return wrong(*input(1));
    return std::nullopt;
  }

  bool has_filter() const {
    return op_.kind == Kind::Convolution || op_.kind == Kind::DepthwiseConvolution ||
           op_.kind == Kind::TransposedConvolution || op_.kind == Kind::FullyConnected;
  }

  // The three innermost dimensions are the device's y, x and z; all others must be 1.
  std::optional<Verdict> shapes() const {
    const auto check = [&](const Tensor& tensor) -> std::optional<Verdict> {
      const auto& dims = tensor.shape.dims;
      if (!tensor.shape.is_static()) return std::nullopt;
      for (std::size_t i = 0; i + 3 < dims.size(); ++i)
        if (dims[i] != 1)
          return cpu(status::rank,
                     fmt::format("`{}` is {}: {} of its outer dimensions is not 1", tensor.name, tensor.shape.text(),
                                 dims.size() == 4 ? "the batch" : "one"),
                     "use batch 1, or turn the batch into the width of a [1,1,N,C] tensor");
      return std::nullopt;
    };
    // A filter that is computed at run time is no activation: that it is not constant is what to say of it.
    const bool spatial_filter = has_filter() && op_.kind != Kind::FullyConnected;
    for (std::size_t i = 0; i < op_.inputs.size(); ++i)
      if (const Tensor* tensor = input(i); tensor && !tensor->constant && !(spatial_filter && i == 1))
        if (auto verdict = check(*tensor)) return verdict;
    for (std::size_t i = 0; i < op_.outputs.size(); ++i)
      if (const Tensor* tensor = output(i))
        if (auto verdict = check(*tensor)) return verdict;
    return std::nullopt;
  }

  std::string activation() const { return graph::get<std::string>(op_.attributes, graph::attr::activation, "none"); }

  std::optional<Verdict> fused_activation(const char* name) const {
    if (activation() == "none") return std::nullopt;
    return cpu(status::limitation, fmt::format("{} with the fused activation {}", name, activation()),
               "make the activation an operator of its own");
  }

  std::optional<Verdict> constant_parameter(std::size_t i, const char* name) const {
    const Tensor* tensor = input(i);
    if (!tensor || tensor->constant) return std::nullopt;
    return cpu(status::not_constant, fmt::format("its {} `{}` is computed at run time", name, tensor->name),
               "make it a constant of the model");
  }

  // The values of a constant int32 operand; none where it is anything else.
  std::vector<std::int64_t> integers(std::size_t i) const {
    std::vector<std::int64_t> values;
    const Tensor* tensor = input(i);
    if (!tensor || !tensor->constant || tensor->type != ElementType::Int32) return values;
    for (std::size_t at = 0; at + 4 <= tensor->data.size(); at += 4) {
      std::uint32_t value = 0;
      for (std::size_t b = 4; b-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(tensor->data[at + b]);
      values.push_back(static_cast<std::int32_t>(value));
    }
    return values;
  }

  // Axes of a reduction from its constant second input (or attribute), counted from the front.
  std::vector<std::int64_t> reduced_axes() const {
    std::vector<std::int64_t> axes = graph::get<std::vector<std::int64_t>>(op_.attributes, graph::attr::axes);
    if (axes.empty()) axes = integers(1);
    const auto rank = input(0) ? static_cast<std::int64_t>(input(0)->shape.dims.size()) : 0;
    for (std::int64_t& axis : axes)
      if (axis < 0) axis += rank;
    return axes;
  }

  std::optional<Verdict> reduction() const {
    const Tensor* in = input(0);
    if (!in || !in->shape.is_static()) return std::nullopt;
    const auto rank = static_cast<std::int64_t>(in->shape.dims.size());
    for (std::int64_t axis : reduced_axes()) {
      const bool batch = rank >= 4 && axis == 0;
      if (batch && in->shape.dims[0] != 1)
        return cpu(status::limitation, "it reduces the batch dimension", "keep the batch at 1",
                   op_.kind != Kind::ReduceSum);
      if (axis == rank - 1 && op_.kind == Kind::ReduceMean && in->shape.dims.back() % 4 != 0)
        return cpu(status::limitation,
                   fmt::format("it averages over {} channels, which is not a multiple of 4", in->shape.dims.back()),
                   "pad the channels to a multiple of 4");
      if (axis == rank - 1 && runtime_ <= 12)
        return cpu(status::limitation, "it reduces the channels", "compile with version 14 or newer");
    }
    return std::nullopt;
  }

  // Pairs of begin and end by dimension.
  std::optional<Verdict> padding() const {
    const std::vector<std::int64_t> pads = integers(1);
    const std::size_t rank = pads.size() / 2;
    const auto padded = [&](std::size_t dim) { return pads[2 * dim] != 0 || pads[2 * dim + 1] != 0; };
    if (rank >= 4 && padded(0)) return cpu(status::limitation, "it pads the batch dimension", "keep the batch at 1");
    if (runtime_ <= 12 && rank >= 1 && padded(rank - 1))
      return cpu(status::limitation, "it pads the channels", "compile with version 14 or newer");
    return std::nullopt;
  }

  // Only rows are seen to be refused: [N, C] with N > 1 ("a fully-connected or softmax layer with 2D output").
  std::optional<Verdict> one_dimensional(const char* name) const {
    const Tensor* out = output();
    if (!out || !out->shape.is_static() || out->shape.dims.size() < 2) return std::nullopt;
    if (std::all_of(out->shape.dims.begin(), out->shape.dims.end() - 1, [](std::int64_t dim) { return dim == 1; }))
      return std::nullopt;
    return cpu(status::limitation, fmt::format("{} with the two-dimensional output {}", name, out->shape.text()),
               op_.kind == Kind::FullyConnected
                   ? "write it as a 1x1 CONV_2D on [1,1,N,C]"
                   : "apply it to one row at a time, or on the CPU behind the last mapped operator");
  }

  std::optional<Verdict> resize() const {
    const Tensor *in = input(0), *out = output();
    if (!in || !out || !in->shape.is_static() || !out->shape.is_static() || in->shape.dims.size() != 4)
      return std::nullopt;
    const auto& a = in->shape.dims;
    const auto& b = out->shape.dims;
    if (a == b) return std::nullopt;
    // Seen: 1x1 -> 33x33 is refused, small whole factors are mapped. Between them the limit is not published.
    const double factor = std::max(static_cast<double>(b[1]) / static_cast<double>(a[1]),
                                   static_cast<double>(b[2]) / static_cast<double>(a[2]));
    constexpr double kLargest = 16;
    if (op_.kind == Kind::ResizeBilinear && factor > kLargest)
      return cpu(status::precision, fmt::format("it enlarges {}x{} to {}x{}", a[1], a[2], b[1], b[2]),
                 "enlarge in steps, or leave it as the last operator", false);
    return std::nullopt;
  }

  std::optional<Verdict> particular() const {
    switch (op_.kind) {
      case Kind::AveragePool:
        return fused_activation("AVERAGE_POOL_2D");
      case Kind::MaxPool:
        return fused_activation("MAX_POOL_2D");
      case Kind::Convolution:
      case Kind::DepthwiseConvolution: {
        if (auto verdict = constant_parameter(1, "filter")) return verdict;
        if (auto verdict = constant_parameter(2, "bias")) return verdict;
        const auto dilations = graph::get<std::vector<std::int64_t>>(op_.attributes, graph::attr::dilations);
        if (dilations.size() == 2 && dilations[0] != dilations[1])
          return cpu(status::limitation, fmt::format("dilations {} and {} differ", dilations[0], dilations[1]),
                     "use one dilation in both directions");
        if (op_.kind == Kind::DepthwiseConvolution && runtime_ <= 12 && dilations.size() == 2 && dilations[0] != 1)
          return cpu(status::limitation, "a dilated depthwise convolution", "compile with version 14 or newer", false);
        return std::nullopt;
      }
      case Kind::TransposedConvolution: {
        if (auto verdict = constant_parameter(1, "filter")) return verdict;
        return constant_parameter(3, "bias");
      }
      case Kind::FullyConnected: {
        // A constant first operand with runtime weights is what the notebook's forests are made of: it maps.
        const Tensor* in = input(0);
        if (in && !in->constant)
          if (auto verdict = constant_parameter(1, "weight matrix")) return verdict;
        if (auto verdict = constant_parameter(2, "bias")) return verdict;
        if (graph::get<std::string>(op_.attributes, "weights_format", "DEFAULT") != "DEFAULT")
          return cpu(status::limitation, "its weights are shuffled", "convert with the default weights format");
        return in && in->constant ? std::nullopt : one_dimensional("FULLY_CONNECTED");
      }
      case Kind::Softmax: {
        if (auto verdict = one_dimensional("SOFTMAX")) return verdict;
        const Tensor* in = input(0);
        // Published as 16,000; a compiled file with 16,384 shows that the real limit is not below that.
        if (in && in->shape.elements().value_or(0) > 16384)
          return cpu(status::limitation,
                     fmt::format("SOFTMAX over {} elements, at most 16,000 are supported", *in->shape.elements()),
                     "leave it to the CPU as the last operator, or use the scores as they are");
        return std::nullopt;
      }
      case Kind::ReduceMean:
      case Kind::ReduceSum:
      case Kind::ReduceMax:
      case Kind::ReduceMin:
        return reduction();
      case Kind::ResizeBilinear:
      case Kind::ResizeNearest:
        return resize();
      case Kind::Concatenation: {
        if (auto verdict = fused_activation("CONCATENATION")) return verdict;
        for (std::size_t i = 0; i < op_.inputs.size(); ++i)
          if (const Tensor* part = input(i); part && part->constant) {
            const std::int64_t zero =
                part->quantization && !part->quantization->zero_points.empty() ? part->quantization->zero_points[0] : 0;
            const bool zeros =
                std::all_of(part->data.begin(), part->data.end(), [&](std::byte b) { return b == std::byte(zero); });
            if (op_.inputs.size() != 2 || !zeros)
              return cpu(status::limitation,
                         fmt::format("it joins the constant `{}`; only padding with zeros is supported", part->name),
                         "fold the constant into the next layer's weights");
          }
        return std::nullopt;
      }
      case Kind::StridedSlice: {
        for (const char* mask : {"ellipsis_mask", "new_axis_mask"})
          if (graph::get<std::int64_t>(op_.attributes, mask, 0) != 0)
            return cpu(status::limitation, fmt::format("{} is set", mask), "write the slice without it");
        for (std::int64_t stride : integers(3))
          if (stride != 1)
            return cpu(status::limitation, fmt::format("one of its strides is {}", stride),
                       "use SLICE, or a strided convolution");
        return std::nullopt;
      }
      case Kind::Pad:
        return padding();
      case Kind::Prelu: {
        if (auto verdict = constant_parameter(1, "slopes")) return verdict;
        const Tensor* slopes = input(1);
        for (std::size_t i = 0; slopes && i + 1 < slopes->shape.dims.size(); ++i)
          if (slopes->shape.dims[i] != 1)
            return cpu(status::limitation, fmt::format("slopes of shape {}", slopes->shape.text()),
                       "share the slopes over height and width (shared_axes=[1,2])");
        return std::nullopt;
      }
      case Kind::Squeeze: {
        const Tensor *in = input(0), *out = output();
        if (in && out && in->shape.is_static() && out->shape.is_static()) {
          const auto leading = [](const std::vector<std::int64_t>& dims) {
            return std::vector<std::int64_t>(
                std::find_if(dims.begin(), dims.end(), [](std::int64_t d) { return d != 1; }), dims.end());
          };
          if (leading(in->shape.dims) != leading(out->shape.dims))
            return cpu(status::limitation, fmt::format("{} to {} moves data", in->shape.text(), out->shape.text()),
                       "squeeze leading dimensions only, or use RESHAPE");
        }
        return std::nullopt;
      }
      default:
        return std::nullopt;
    }
  }

  const Subgraph& graph_;
  int index_;
  const Operator& op_;
  Compiler compiler_;
  int runtime_;
};

}  // namespace

bool seen_mapped(Kind kind) {
  return kind != Kind::Rsqrt && kind != Kind::ReduceSum && kind != Kind::SquaredDifference;
}

std::optional<Verdict> obstacle(const Subgraph& subgraph, int op, Compiler compiler) {
  return Rules(subgraph, op, compiler).obstacle();
}

}  // namespace edgescope::target::edgetpu
