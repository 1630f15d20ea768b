#include "target/edgetpu/operator_tables.h"

#include <algorithm>
#include <map>
#include <span>

namespace edgescope::target::edgetpu {

using graph::Kind;

namespace {

constexpr FirstUnknown kFirstUnknown[] = {
    {"CONV_2D", Compiler::V16, 6, "google-coral/edgetpu #631"},
    {"CONV_2D", Compiler::V14, 5, "google-coral/edgetpu #210"},
    {"TRANSPOSE_CONV", Compiler::V16, 4, "google-coral/edgetpu #845"},
    {"TRANSPOSE_CONV", Compiler::V2_1, 3, "google-coral/edgetpu #147, #358"},
    {"QUANTIZE", Compiler::V16, 3, "google-coral/edgetpu #879"},
    {"EXP", Compiler::V16, 2, "tensorflow/tflite-micro #2633"},
    {"RELU", Compiler::V2_0, 2, "google-coral/edgetpu #34"},
    {"RESIZE_BILINEAR", Compiler::V2_0, 3, "google-coral/edgetpu #45"},
    {"FULLY_CONNECTED", Compiler::V16, 10, ""},
};

// Compiled files hold them.
constexpr std::string_view kKnownCustom[] = {"TFLite_Detection_PostProcess", "PosenetDecoderOp"};

constexpr std::string_view kOtherForms[] = {"PADV2", "SPLIT_V", "CONV_3D", "CONV_3D_TRANSPOSE"};

bool is_in(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

int runtime_of(Compiler compiler) {
  switch (compiler) {
    case Compiler::V1_0:
      return 10;
    case Compiler::V2_0:
    case Compiler::V2_1:
      return 12;
    case Compiler::V14:
    case Compiler::V15:
      return 13;
    case Compiler::V16:
      return 14;
  }
  return 14;
}

std::optional<int> supported_since(Kind kind) {
  static const std::map<Kind, int> table = {
      {Kind::Add, 10},
      {Kind::AveragePool, 10},
      {Kind::Concatenation, 10},
      {Kind::Convolution, 10},
      {Kind::DepthwiseConvolution, 10},
      {Kind::Unsqueeze, 13},
      {Kind::FullyConnected, 10},
      {Kind::L2Normalization, 10},
      {Kind::Logistic, 10},
      {Kind::LstmSequence, 14},
      {Kind::Lstm, 14},
      {Kind::Maximum, 10},
      {Kind::MaxPool, 10},
      {Kind::ReduceMean, 10},
      {Kind::Minimum, 10},
      {Kind::Multiply, 10},
      {Kind::Pack, 13},
      {Kind::Pad, 10},
      {Kind::Prelu, 13},
      {Kind::Quantize, 13},
      {Kind::ReduceMax, 14},
      {Kind::ReduceMin, 14},
      {Kind::Relu, 10},
      {Kind::Relu6, 10},
      {Kind::ReluN1To1, 10},
      {Kind::Reshape, 10},
      {Kind::ResizeBilinear, 10},
      {Kind::ResizeNearest, 10},
      {Kind::Rsqrt, 14},
      {Kind::Slice, 10},
      {Kind::Softmax, 10},
      {Kind::SpaceToDepth, 10},
      {Kind::Split, 10},
      {Kind::Squeeze, 10},
      {Kind::StridedSlice, 10},
      {Kind::Subtract, 10},
      {Kind::ReduceSum, 13},
      {Kind::SquaredDifference, 14},
      {Kind::Tanh, 10},
      {Kind::Transpose, 14},
      {Kind::TransposedConvolution, 13},
  };
  const auto found = table.find(kind);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::string_view replacement(Kind kind) {
  static const std::map<Kind, const char*> table = {
      {Kind::LeakyRelu, "use RELU, or PRELU with constant slopes, before training"},
      {Kind::HardSwish, "use RELU6, or keep x * RELU6(x + 3) / 6 as ADD, RELU6 and MUL"},
      {Kind::Elu, "use RELU or TANH"},
      {Kind::Gelu, "use RELU6, or x * LOGISTIC(1.702 x)"},
      {Kind::ArgMax, "leave it as the last operator: the scores then cross to the CPU once"},
      {Kind::TopK, "leave it as the last operator"},
      {Kind::Exp, "use LOGISTIC or SOFTMAX where the model allows it"},
      {Kind::Divide, "multiply by the reciprocal, folded into a constant"},
      {Kind::Power, "multiply the tensor by itself"},
      {Kind::Gather, "a constant selection is a FULLY_CONNECTED or 1x1 CONV_2D with one-hot weights"},
      {Kind::Less, "a comparison is a clamp of a scaled difference in int8 (RELU_N1_TO_1), if the program is made so"},
      {Kind::LessEqual,
       "a comparison is a clamp of a scaled difference in int8 (RELU_N1_TO_1), if the program is made so"},
      {Kind::Equal, "a comparison is a clamp of a scaled difference in int8 (RELU_N1_TO_1), if the program is made so"},
      {Kind::Matmul, "use FULLY_CONNECTED or CONV_2D with constant weights"},
      {Kind::Dequantize, "convert with inference_output_type=tf.int8 or tf.uint8"},
  };
  const auto found = table.find(kind);
  return found == table.end() ? "" : found->second;
}

const FirstUnknown* first_unknown(const graph::Operator& op, Compiler compiler) {
  for (const FirstUnknown& known : kFirstUnknown)
    if (op.source_kind == known.op && compiler <= known.newest && op.version >= known.version) return &known;
  return nullptr;
}

bool is_known_custom(std::string_view name) { return is_in(kKnownCustom, name); }

bool is_other_form(std::string_view name) { return is_in(kOtherForms, name); }

}  // namespace edgescope::target::edgetpu
