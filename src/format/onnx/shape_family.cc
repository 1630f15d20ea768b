#include "format/onnx/shape_family.h"

#include <algorithm>
#include <iterator>

namespace edgescope::format::onnx {
namespace {

using graph::Kind;

constexpr Kind kSame[] = {Kind::Relu,
                          Kind::Clamp,
                          Kind::Prelu,
                          Kind::LeakyRelu,
                          Kind::Elu,
                          Kind::Logistic,
                          Kind::Tanh,
                          Kind::HardSwish,
                          Kind::HardSigmoid,
                          Kind::Swish,
                          Kind::Softplus,
                          Kind::Softsign,
                          Kind::Gelu,
                          Kind::Softmax,
                          Kind::LogSoftmax,
                          Kind::Hardmax,
                          Kind::Exp,
                          Kind::Log,
                          Kind::Sqrt,
                          Kind::Abs,
                          Kind::Negate,
                          Kind::Sign,
                          Kind::Floor,
                          Kind::Ceil,
                          Kind::Round,
                          Kind::Sin,
                          Kind::Cos,
                          Kind::Tan,
                          Kind::Reciprocal,
                          Kind::Erf,
                          Kind::Mish,
                          Kind::Celu,
                          Kind::Selu,
                          Kind::ThresholdedRelu,
                          Kind::LogicalNot,
                          Kind::BitwiseNot,
                          Kind::IsNan,
                          Kind::IsInf,
                          Kind::Cast,
                          Kind::CastLike,
                          Kind::Quantize,
                          Kind::Dequantize,
                          Kind::DynamicQuantize,
                          Kind::Identity,
                          Kind::Dropout,
                          Kind::BatchNormalization,
                          Kind::InstanceNormalization,
                          Kind::LayerNormalization,
                          Kind::GroupNormalization,
                          Kind::RmsNormalization,
                          Kind::LocalResponseNormalization,
                          Kind::L2Normalization,
                          Kind::MeanVarianceNormalization,
                          Kind::Cumsum,
                          Kind::Trilu,
                          Kind::ScatterElements,
                          Kind::ScatterNdUpdate};
constexpr Kind kBroadcast[] = {
    Kind::Add,        Kind::Subtract,  Kind::Multiply,     Kind::Divide,     Kind::Power,     Kind::Maximum,
    Kind::Minimum,    Kind::SumN,      Kind::MeanN,        Kind::Modulo,     Kind::Equal,     Kind::Less,
    Kind::LessEqual,  Kind::Greater,   Kind::GreaterEqual, Kind::LogicalAnd, Kind::LogicalOr, Kind::LogicalXor,
    Kind::BitwiseAnd, Kind::BitwiseOr, Kind::BitwiseXor,   Kind::Select};
constexpr Kind kReduce[] = {Kind::ReduceMean,      Kind::ReduceSum,      Kind::ReduceMax, Kind::ReduceMin,
                            Kind::ReduceProd,      Kind::ReduceL1,       Kind::ReduceL2,  Kind::ReduceLogSum,
                            Kind::ReduceLogSumExp, Kind::ReduceSumSquare};

template <std::size_t N>
bool any_of(const Kind (&kinds)[N], Kind kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

}  // namespace

ShapeFamily shape_family(Kind kind) {
  if (any_of(kSame, kind)) return ShapeFamily::Same;
  if (any_of(kBroadcast, kind)) return ShapeFamily::Broadcast;
  return any_of(kReduce, kind) ? ShapeFamily::Reduce : ShapeFamily::Own;
}

}  // namespace edgescope::format::onnx
