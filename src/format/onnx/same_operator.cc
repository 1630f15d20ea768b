#include "format/onnx/same_operator.h"

#include <algorithm>
#include <iterator>

namespace edgescope::format::onnx {

using graph::Kind;

const SameOperator* same_operator(Kind kind) {
  static constexpr SameOperator kOperators[] = {
      {Kind::Add, "Add"},
      {Kind::Subtract, "Sub"},
      {Kind::Multiply, "Mul"},
      {Kind::Divide, "Div"},
      {Kind::Power, "Pow"},
      {Kind::Maximum, "Max"},
      {Kind::Minimum, "Min"},
      {Kind::Equal, "Equal"},
      {Kind::Less, "Less"},
      {Kind::LessEqual, "LessOrEqual", 12},
      {Kind::Greater, "Greater"},
      {Kind::GreaterEqual, "GreaterOrEqual", 12},
      {Kind::LogicalAnd, "And"},
      {Kind::LogicalOr, "Or"},
      {Kind::LogicalXor, "Xor"},
      {Kind::LogicalNot, "Not"},
      {Kind::Select, "Where", 9},
      {Kind::Relu, "Relu"},
      {Kind::Prelu, "PRelu"},
      {Kind::LeakyRelu, "LeakyRelu"},
      {Kind::Elu, "Elu"},
      {Kind::Logistic, "Sigmoid"},
      {Kind::Tanh, "Tanh"},
      {Kind::HardSwish, "HardSwish", 14},
      {Kind::HardSigmoid, "HardSigmoid"},
      {Kind::Selu, "Selu"},
      {Kind::Softplus, "Softplus"},
      {Kind::Softsign, "Softsign"},
      {Kind::Mish, "Mish", 18},
      {Kind::Erf, "Erf", 9},
      {Kind::Reciprocal, "Reciprocal"},
      {Kind::Exp, "Exp"},
      {Kind::Log, "Log"},
      {Kind::Sqrt, "Sqrt"},
      {Kind::Abs, "Abs"},
      {Kind::Negate, "Neg"},
      {Kind::Sign, "Sign", 9},
      {Kind::Floor, "Floor"},
      {Kind::Ceil, "Ceil"},
      {Kind::Round, "Round", 11},
      {Kind::Sin, "Sin"},
      {Kind::Cos, "Cos"},
      {Kind::Tan, "Tan"},
      {Kind::Asin, "Asin"},
      {Kind::Acos, "Acos"},
      {Kind::Atan, "Atan"},
      {Kind::Sinh, "Sinh", 9},
      {Kind::Cosh, "Cosh", 9},
      {Kind::Asinh, "Asinh", 9},
      {Kind::Acosh, "Acosh", 9},
      {Kind::Atanh, "Atanh", 9},
      {Kind::BatchNormalization, "BatchNormalization"},
      {Kind::IsNan, "IsNaN", 9},
      {Kind::Identity, "Identity"},
      {Kind::Cast, "Cast"},
      {Kind::Transpose, "Transpose"},
      {Kind::Concatenation, "Concat"},
      {Kind::GatherElements, "GatherElements", 11},
  };
  const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [kind](const SameOperator& each) { return each.kind == kind; });
  return found == std::end(kOperators) ? nullptr : found;
}

}  // namespace edgescope::format::onnx
