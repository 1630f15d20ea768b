#include "target/ncs2/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace edgescope::target::ncs2 {
namespace {

using graph::Kind;

bool one_of(Kind kind, std::initializer_list<Kind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// Kinds that OpenVINO turns into layers of which the plugin makes stages, or folds away.
bool has_stages(Kind kind) {
  switch (kind) {
    case Kind::Input:
    case Kind::Output:
    case Kind::Constant:
    case Kind::Identity:
    case Kind::Dropout:
    case Kind::Convolution:
    case Kind::DepthwiseConvolution:
    case Kind::GroupConvolution:
    case Kind::TransposedConvolution:
    case Kind::FullyConnected:
    case Kind::Matmul:
    case Kind::Einsum:
    case Kind::AveragePool:
    case Kind::MaxPool:
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::SumN:
    case Kind::MeanN:
    case Kind::Power:
    case Kind::Maximum:
    case Kind::Minimum:
    case Kind::FloorMod:
    case Kind::SquaredDifference:
    case Kind::Relu:
    case Kind::Relu6:
    case Kind::Clamp:
    case Kind::Prelu:
    case Kind::LeakyRelu:
    case Kind::Elu:
    case Kind::Logistic:
    case Kind::Tanh:
    case Kind::HardSwish:
    case Kind::HSigmoid:
    case Kind::Swish:
    case Kind::Softplus:
    case Kind::Gelu:
    case Kind::Mish:
    case Kind::Softmax:
    case Kind::LogSoftmax:
    case Kind::Exp:
    case Kind::Log:
    case Kind::Sqrt:
    case Kind::Negate:
    case Kind::Floor:
    case Kind::Ceil:
    case Kind::Round:
    case Kind::Reciprocal:
    case Kind::Erf:
    case Kind::Equal:
    case Kind::NotEqual:
    case Kind::Less:
    case Kind::LessEqual:
    case Kind::Greater:
    case Kind::GreaterEqual:
    case Kind::LogicalAnd:
    case Kind::LogicalOr:
    case Kind::LogicalNot:
    case Kind::LogicalXor:
    case Kind::Select:
    case Kind::NonZero:
    case Kind::Reshape:
    case Kind::Flatten:
    case Kind::Squeeze:
    case Kind::Unsqueeze:
    case Kind::Transpose:
    case Kind::Concatenation:
    case Kind::Split:
    case Kind::Slice:
    case Kind::StridedSlice:
    case Kind::Pad:
    case Kind::Tile:
    case Kind::Expand:
    case Kind::Gather:
    case Kind::GatherElements:
    case Kind::GatherNd:
    case Kind::Scatter:
    case Kind::ScatterElements:
    case Kind::OneHot:
    case Kind::TopK:
    case Kind::Cast:
    case Kind::ReduceMean:
    case Kind::ReduceSum:
    case Kind::ReduceMax:
    case Kind::ReduceMin:
    case Kind::ReduceAll:
    case Kind::ReduceL2:
    case Kind::Resize:
    case Kind::SpaceToDepth:
    case Kind::DepthToSpace:
    case Kind::SpaceToBatch:
    case Kind::BatchToSpace:
    case Kind::ShuffleChannels:
    case Kind::ReverseSequence:
    case Kind::BatchNormalization:
    case Kind::InstanceNormalization:
    case Kind::LocalResponseNormalization:
    case Kind::L2Normalization:
    case Kind::MeanVarianceNormalization:
    case Kind::Grn:
    case Kind::LstmCell:
    case Kind::Lstm:
    case Kind::Scan:
    case Kind::Shape:
    case Kind::Range:
    case Kind::NonMaxSuppression:
    case Kind::RoiAlign:
    case Kind::RoiPooling:
    case Kind::PsroiPooling:
    case Kind::Proposal:
    case Kind::DetectionOutput:
    case Kind::PriorBox:
    case Kind::PriorBoxClustered:
    case Kind::RegionYolo:
    case Kind::ReorgYolo:
    case Kind::CtcGreedyDecoder:
    case Kind::CtcGreedyDecoderSeqLen:
    case Kind::ExperimentalDetectronDetectionOutput:
    case Kind::ExperimentalDetectronGenerateProposalsSingleImage:
    case Kind::ExperimentalDetectronPriorGridGenerator:
    case Kind::ExperimentalDetectronRoiFeatureExtractor:
    case Kind::ExperimentalDetectronTopKRois:
    case Kind::ReadVariable:
    case Kind::AssignVariable:
      return true;
    default:
      return false;
  }
}

// Operators of ONNX that its importer expresses by others, which compile. A remainder by the sign of the divisor
// is FloorMod.
bool importer_expands(const graph::Operator& op) {
  if (op.kind == Kind::Modulo) return graph::get<std::int64_t>(op.attributes, "fmod") == 0;
  return one_of(op.kind, {Kind::ArgMax, Kind::ArgMin, Kind::Celu, Kind::Compress, Kind::Dequantize, Kind::Hardmax,
                          Kind::NegativeLogLikelihoodLoss, Kind::SoftmaxCrossEntropyLoss, Kind::ReduceLogSum,
                          Kind::ReduceLogSumExp, Kind::ReduceSumSquare, Kind::Shrink, Kind::ThresholdedRelu});
}

// How an operator that the device lacks can be had all the same.
std::string replacement(Kind kind) {
  switch (kind) {
    case Kind::Abs:
      return "Write |x| as max(x, -x), which compiles.";
    case Kind::ReduceL1:
      return "Write |x| as max(x, -x) and sum that.";
    case Kind::FakeQuantize:
      return "Take the network before quantisation: the device computes in 16-bit floats.";
    case Kind::Quantize:
    case Kind::Dequantize:
      return "Take the network before quantisation: the device computes in 16-bit floats.";
    case Kind::ReduceProd:
      return "Write the product as exp of the sum of logarithms where all values are positive.";
    case Kind::HardSigmoid:
      return "Write it as Clamp(alpha x + beta, 0, 1).";
    case Kind::Modulo:
      return "FloorMod compiles for floats, and is the same where both operands have one sign.";
    default:
      return "Leave it to the CPU (HETERO:MYRIAD,CPU), or cut the network before it.";
  }
}

bool from_onnx(const Site& site) { return site.model.format == graph::Format::Onnx; }

// Element-wise stages that take 32-bit integers as well as floats.
bool takes_integers(Kind kind) {
  return one_of(kind,
                {Kind::Add, Kind::Subtract, Kind::SumN, Kind::GreaterEqual, Kind::Equal, Kind::Select, Kind::Multiply,
                 Kind::Negate, Kind::Maximum, Kind::Divide, Kind::Minimum, Kind::LogicalNot, Kind::LogicalAnd});
}

bool is_elementwise(Kind kind) {
  return takes_integers(kind) ||
         one_of(kind, {Kind::NotEqual, Kind::Less, Kind::LessEqual, Kind::Greater, Kind::LogicalOr, Kind::LogicalXor,
                       Kind::Power, Kind::FloorMod, Kind::Modulo, Kind::SquaredDifference});
}

bool is_comparison(Kind kind) {
  return one_of(kind, {Kind::Equal, Kind::NotEqual, Kind::Less, Kind::LessEqual, Kind::Greater, Kind::GreaterEqual});
}

bool floats_only(Kind kind) {
  return one_of(
      kind, {Kind::Relu, Kind::Relu6, Kind::Clamp, Kind::Prelu, Kind::LeakyRelu, Kind::Elu, Kind::Logistic, Kind::Tanh,
             Kind::HardSwish, Kind::HSigmoid, Kind::Swish, Kind::Softplus, Kind::Gelu, Kind::Mish, Kind::Softmax,
             Kind::LogSoftmax, Kind::Exp, Kind::Log, Kind::Sqrt, Kind::Floor, Kind::Ceil, Kind::Round, Kind::Reciprocal,
             Kind::Erf, Kind::AveragePool, Kind::MaxPool, Kind::Convolution, Kind::DepthwiseConvolution,
             Kind::GroupConvolution, Kind::TransposedConvolution, Kind::Matmul, Kind::FullyConnected,
             Kind::BatchNormalization, Kind::InstanceNormalization, Kind::MeanVarianceNormalization, Kind::Pad,
             Kind::L2Normalization, Kind::LocalResponseNormalization, Kind::Grn, Kind::Einsum, Kind::Resize,
             Kind::Expand, Kind::Tile, Kind::TopK, Kind::Scatter, Kind::SpaceToBatch, Kind::LstmCell,
             Kind::CtcGreedyDecoder, Kind::CtcGreedyDecoderSeqLen, Kind::ReorgYolo, Kind::RegionYolo, Kind::RoiAlign,
             Kind::RoiPooling, Kind::PsroiPooling, Kind::Proposal,
             // These two become a pooling where they can, which takes floats.
             Kind::ReduceMean, Kind::ReduceMax, Kind::ReduceL2});
}

const char* kCastBefore = "Convert the operand to a float before it: 16-bit floats hold integers up to 2,048 exactly.";

std::optional<Refusal> elementwise(const Site& site) {
  const Kind kind = site.op.kind;
  const DataType first = site.input_type(0), output = site.output_type();
  // The importer computes a power of different types in floats.
  if (kind == Kind::Power && from_onnx(site) && first != site.input_type(1)) return std::nullopt;
  if (first == DataType::S32 && !takes_integers(kind)) {
    if (one_of(kind, {Kind::LogicalOr, Kind::LogicalXor}))
      return Refusal{
          "its operands are truth values, which are 32-bit integers here, and the stage takes 16-bit floats only",
          "Add the operands as floats and compare with 0, or write it by And and Not."};
    return Refusal{
        fmt::format("its operand is of type {}, and the stage takes 16-bit floats only", data_type_name(first)),
        kCastBefore};
  }
  if (kind == Kind::Select && first == DataType::S32) {
    const DataType second = site.input_type(1);
    if (site.input_type(2) != second || output != second)
      return Refusal{"what it chooses from and its result are of different types", "Convert both to one type."};
    return std::nullopt;
  }
  if (one_of(kind, {Kind::Greater, Kind::Less, Kind::Equal}) && first != output) {
    if (first == DataType::Fp16 && (site.op.inputs.size() < 2 || site.input_type(1) == DataType::Fp16))
      return std::nullopt;
    return Refusal{"integers are compared and the result leaves the network as a float",
                   "Convert the operands to floats before it."};
  }
  const bool alike = first == output && (site.op.inputs.size() < 2 || site.input_type(1) == first);
  if (alike) return std::nullopt;
  if (is_comparison(kind)) {
    const char* written = kind == Kind::LessEqual      ? "Not(Greater(a, b))"
                          : kind == Kind::GreaterEqual ? "Not(Less(a, b))"
                                                       : "Not(Equal(a, b))";
    return Refusal{
        "it compares floats and another operator reads the truth values, which the stage cannot write: its result must "
        "be of its operands' type",
        fmt::format("Write it as {}, which compiles and differs for NaN only.", written)};
  }
  if (one_of(kind, {Kind::LogicalAnd, Kind::LogicalNot}))
    return Refusal{"its truth values leave the network as floats, which the stage cannot write",
                   "Convert the result to a float as the network's last step."};
  return Refusal{fmt::format("its operands and its result are of different types ({} and {})", data_type_name(first),
                             data_type_name(output)),
                 "Convert them to one type."};
}

std::optional<Refusal> convolution(const Site& site) {
  const std::size_t rank = site.rank(0);
  if (site.op.inputs.size() > 1 && !site.constant(1))
    return Refusal{"its weights are computed at run time, and the plugin takes constant ones only",
                   "Make the weights constant."};
  if (rank == 5)
    return Refusal{site.op.kind == Kind::Convolution
                       ? "convolutions over three dimensions fail in this release"
                       : "grouped and transposed convolutions over three dimensions are not supported",
                   "Write it as convolutions over two dimensions, or leave it to the CPU (HETERO:MYRIAD,CPU)."};
  if (site.op.kind == Kind::TransposedConvolution && rank == 3)
    return Refusal{"transposed convolutions over one dimension are not supported",
                   "Add a dimension of 1 before it and take it away behind."};
  return std::nullopt;
}

// The operator's own conditions beside the types of its operands.
std::optional<Refusal> of_its_kind(const Site& site) {
  const graph::Operator& op = site.op;
  switch (op.kind) {
    case Kind::Convolution:
    case Kind::DepthwiseConvolution:
    case Kind::GroupConvolution:
    case Kind::TransposedConvolution:
      return convolution(site);
    case Kind::Matmul:
      if (site.rank(0) > 4 || site.rank(1) > 4)
        return Refusal{"matrix products of more than four dimensions are not supported",
                       "Merge the outer dimensions by a Reshape."};
      return std::nullopt;
    case Kind::Pad:
      if (site.rank(0) != 3 && site.rank(0) != 4)
        return Refusal{fmt::format("only tensors of 3 and 4 dimensions can be padded, this one has {}", site.rank(0)),
                       "Reshape it to 4 dimensions before, and back behind."};
      return std::nullopt;
    case Kind::Resize: {
      const auto mode = graph::get<std::string>(op.attributes, "mode");
      // Of the older operator, cubic without aligned corners is taken for another mode.
      const bool older = op.version == 1 || op.source_kind.starts_with("opset1");
      if (mode == "cubic" && !(older && !graph::get<bool>(op.attributes, graph::attr::align_corners)))
        return Refusal{"cubic interpolation is not supported", "Resize by `linear` or `nearest`."};
      return std::nullopt;
    }
    case Kind::ReverseSequence:
      if (site.input_type(1) == DataType::S32)
        return Refusal{"its lengths are integers, and the stage takes 16-bit floats only",
                       "Reverse by Gather with constant indices where the lengths are known.", true};
      return std::nullopt;
    case Kind::Lstm:
      return Refusal{
          "LSTMSequence is refused in this form (it must first become a TensorIterator or an LSTMSequenceIE)",
          "Unroll it into LSTMCell operators, which compile."};
    case Kind::Shape:
      return Refusal{"the plugin crashes when it is asked for what it made of a network with ShapeOf",
                     "Fix the shapes when the model is exported: the operator is then folded away."};
    default:
      return std::nullopt;
  }
}

// What the operator's tensors are, beside the two types that stages compute in.
std::optional<Refusal> of_outer_types(const Site& site) {
  using E = graph::ElementType;
  const graph::Operator& op = site.op;
  for (std::size_t i = 0; i < op.inputs.size(); ++i)
    if (const graph::Tensor* tensor = site.input(i); tensor && tensor->type == E::Int8 && !site.constant(i))
      return Refusal{"it reads 8-bit signed integers, which the device cannot convert",
                     "Give the network floats or unsigned 8-bit integers.", true};
  if (op.outputs.empty() || op.outputs.front() < 0 || !site.output_is_result) return std::nullopt;
  const E result = site.subgraph.tensors[static_cast<std::size_t>(op.outputs.front())].type;
  const bool judged_elsewhere = is_elementwise(op.kind) ||
                                one_of(op.kind, {Kind::Cast, Kind::NonZero, Kind::ReduceSum, Kind::Shape}) ||
                                // Writes what it is told to write, not the integers that say where.
                                (op.kind == Kind::OneHot && graph::is_float(result));
  if (!judged_elsewhere && !site.constant(0) && site.input_type(0) == DataType::S32 &&
      site.output_type() == DataType::Fp16)
    return Refusal{"its integers leave the network as floats, which its stage cannot write",
                   "Convert the result to signed integers or floats as the network's last step.", true};
  // Where OpenVINO takes an operator apart, its parts would have to write 8-bit integers.
  if (result == E::UInt8 && (!query_knows(site) || op.kind == Kind::Expand || op.kind == Kind::Einsum))
    return Refusal{"its result would have to be of 8-bit integers, which no stage but a conversion writes",
                   "Take the result as floats."};
  return std::nullopt;
}

// What the ONNX importer of this release does to operators before the plugin sees them.
std::optional<Refusal> importer(const Site& site) {
  if (!from_onnx(site)) return std::nullopt;
  if (one_of(site.op.kind, {Kind::LessEqual, Kind::GreaterEqual}))
    return Refusal{
        "the ONNX importer expands it into Less, Equal and Or, which it then cannot connect (and Or never compiles)",
        site.op.kind == Kind::LessEqual ? "Write it as Not(Greater(a, b)), which compiles and differs for NaN only."
                                        : "Write it as Not(Less(a, b)), which compiles and differs for NaN only."};
  if (site.op.kind == Kind::Loop || site.op.kind == Kind::Range)
    return Refusal{"the plugin crashes on it", "Unroll the loop, or compute the range when the model is exported."};
  return std::nullopt;
}

}  // namespace

std::string_view data_type_name(DataType type) { return type == DataType::Fp16 ? "FP16" : "S32"; }

const graph::Tensor* Site::input(std::size_t index) const {
  const int tensor = index < op.inputs.size() ? op.inputs[index] : -1;
  return tensor < 0 ? nullptr : &subgraph.tensors[static_cast<std::size_t>(tensor)];
}

namespace {

DataType device_type(graph::ElementType type) {
  using E = graph::ElementType;
  switch (type) {
    case E::Float16:
    case E::BFloat16:
    case E::Float32:
    case E::Float64:
    case E::UInt8:  // of images: converted on the way in
    case E::Unknown:
      return DataType::Fp16;
    default:
      return DataType::S32;
  }
}

}  // namespace

DataType Site::input_type(std::size_t index) const {
  const graph::Tensor* tensor = input(index);
  return tensor ? device_type(tensor->type) : DataType::Fp16;
}

DataType Site::output_type() const {
  if (op.outputs.empty() || op.outputs.front() < 0) return DataType::Fp16;
  const graph::ElementType type = subgraph.tensors[static_cast<std::size_t>(op.outputs.front())].type;
  // Truth values that leave the network leave it as floats, and so do unsigned integers.
  using E = graph::ElementType;
  if (output_is_result && (type == E::Bool || type == E::UInt32 || type == E::UInt64)) return DataType::Fp16;
  return device_type(type);
}

std::size_t Site::rank(std::size_t index) const {
  const graph::Tensor* tensor = input(index);
  return tensor ? tensor->shape.dims.size() : 0;
}

bool Site::constant(std::size_t index) const {
  const int tensor = index < op.inputs.size() ? op.inputs[index] : -1;
  return tensor >= 0 && folded[static_cast<std::size_t>(tensor)];
}

std::optional<Refusal> refusal(const Site& site) {
  const Kind kind = site.op.kind;
  const bool known = has_stages(kind) || (from_onnx(site) && importer_expands(site.op));
  if (site.op.custom || !known) return Refusal{"the plugin has no stage for it", replacement(kind)};
  if (auto found = importer(site)) return found;
  if (auto found = of_its_kind(site)) return found;
  if (auto found = of_outer_types(site)) return found;
  std::optional<Refusal> of_types;
  if (is_elementwise(kind))
    of_types = elementwise(site);
  else if (floats_only(kind) && site.input_type(0) == DataType::S32)
    of_types = Refusal{
        fmt::format("its operand is of type {}, and the stage takes 16-bit floats only", data_type_name(DataType::S32)),
        kCastBefore};
  if (of_types) of_types->only_by_its_stage = kind != Kind::ReduceL2;
  return of_types;
}

bool query_knows(const Site& site) {
  switch (site.op.kind) {
    case Kind::HSigmoid:
    case Kind::LogSoftmax:
    case Kind::ReduceL2:
    case Kind::DepthToSpace:
    case Kind::SpaceToDepth:
    case Kind::SpaceToBatch:
    case Kind::ShuffleChannels:
    case Kind::NonZero:
      return false;
    // a - b as a + (-1) b, a / b as a times b to the power of -1.
    case Kind::Subtract:
    case Kind::Divide:
      return site.constant(0) || site.constant(1) ||
             (site.op.kind == Kind::Divide && site.input_type(0) == DataType::S32);
    case Kind::ReduceSum:
      return site.input_type(0) == DataType::Fp16;
    case Kind::Matmul:
      return site.rank(0) > 1 && site.rank(1) > 1 &&
             (site.rank(0) == site.rank(1) || site.constant(0) || site.constant(1));
    default:
      return true;
  }
}

std::uint64_t row_stages(const graph::Subgraph& graph, const graph::Operator& op) {
  if ((op.kind != Kind::Matmul && op.kind != Kind::FullyConnected) || op.inputs.size() < 2) return 1;
  const auto tensor = [&](int index) { return index < 0 ? nullptr : &graph.tensors[static_cast<std::size_t>(index)]; };
  const graph::Tensor *data = tensor(op.inputs[0]), *weights = tensor(op.inputs[1]);
  if (!data || !weights || data->constant || !weights->constant || op.outputs.empty() || op.outputs[0] < 0) return 1;
  // Matrix products of four dimensions run as one stage on the SHAVEs.
  if (data->shape.dims.size() > 3 || weights->shape.dims.size() > 2) return 1;
  const graph::Shape& made = tensor(op.outputs[0])->shape;
  const auto all = made.elements();
  return !all || *all == 0 || made.dims.empty() || made.dims.back() <= 0
             ? 1
             : *all / static_cast<std::uint64_t>(made.dims.back());
}

}  // namespace edgescope::target::ncs2
