#include "format/onnx/result_type.h"

#include <algorithm>

namespace edgescope::format::onnx {
namespace {

using graph::ElementType;
using graph::Kind;

// The result is of truth values.
constexpr Kind kTruth[] = {Kind::Equal,        Kind::Less,       Kind::LessEqual, Kind::Greater,
                           Kind::GreaterEqual, Kind::LogicalAnd, Kind::LogicalOr, Kind::LogicalXor,
                           Kind::LogicalNot,   Kind::IsNan,      Kind::IsInf};
// The result need not be of the first input's type.
constexpr Kind kOtherType[] = {Kind::If,
                               Kind::Loop,
                               Kind::Scan,
                               Kind::Call,
                               Kind::OneHot,
                               Kind::Range,
                               Kind::Fill,
                               Kind::CastLike,
                               Kind::NonMaxSuppression,
                               Kind::TreeEnsemble,
                               Kind::TreeEnsembleClassifier,
                               Kind::TreeEnsembleRegressor,
                               Kind::ZipMap};

template <std::size_t N>
bool any_of(const Kind (&kinds)[N], Kind kind) {
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

ElementType named(std::string_view name) {
  for (int type = 0; type <= static_cast<int>(ElementType::Variant); ++type)
    if (graph::element_type_name(static_cast<ElementType>(type)) == name) return static_cast<ElementType>(type);
  return ElementType::Unknown;
}

}  // namespace

graph::ElementType result_type(const graph::Subgraph& graph, const graph::Operator& op, std::size_t output) {
  const auto given = [&](std::size_t index) { return index < op.inputs.size() && op.inputs[index] >= 0; };
  const auto of = [&](std::size_t index) {
    return given(index) ? graph.tensors[static_cast<std::size_t>(op.inputs[index])].type : ElementType::Unknown;
  };
  if (any_of(kTruth, op.kind)) return ElementType::Bool;
  const bool foreign = op.custom || op.kind == Kind::Unknown || op.source_kind.find(':') != std::string::npos;
  if (foreign || any_of(kOtherType, op.kind)) return ElementType::Unknown;
  switch (op.kind) {
    case Kind::Shape:
    case Kind::Size:
    case Kind::NonZero:
    case Kind::ArgMax:
    case Kind::ArgMin:
      return ElementType::Int64;
    case Kind::IntegerConvolution:
    case Kind::IntegerMatmul:
      return ElementType::Int32;
    case Kind::QuantizedConvolution:
    case Kind::QuantizedMatmul:
      return of(7);
    case Kind::Quantize:
      return given(2) ? of(2) : ElementType::UInt8;
    case Kind::Dequantize:
    case Kind::Select:
      return of(1);
    case Kind::DynamicQuantize:
      return output == 1 ? ElementType::Float32 : ElementType::UInt8;
    case Kind::MaxPool:
    case Kind::TopK:
      return output == 1 ? ElementType::Int64 : of(0);
    case Kind::Cast:
      return named(graph::get<std::string>(op.attributes, graph::attr::to));
    default:
      return of(0);
  }
}

}  // namespace edgescope::format::onnx
