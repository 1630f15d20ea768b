#include "format/openvino/same_operator.h"

#include <algorithm>
#include <iterator>

namespace edgescope::format::openvino {

using graph::Kind;

const SameOperator* same_operator(Kind kind) {
  static constexpr SameOperator kOperators[] = {
      {Kind::Add, "opset1:Add", true},
      {Kind::Subtract, "opset1:Subtract", true},
      {Kind::Multiply, "opset1:Multiply", true},
      {Kind::Power, "opset1:Power", true},
      {Kind::Maximum, "opset1:Maximum", true},
      {Kind::Minimum, "opset1:Minimum", true},
      {Kind::FloorMod, "opset1:FloorMod", true},
      {Kind::Modulo, "opset1:Mod", true},
      {Kind::SquaredDifference, "opset1:SquaredDifference", true},
      {Kind::Equal, "opset1:Equal", true},
      {Kind::NotEqual, "opset1:NotEqual", true},
      {Kind::Less, "opset1:Less", true},
      {Kind::LessEqual, "opset1:LessEqual", true},
      {Kind::Greater, "opset1:Greater", true},
      {Kind::GreaterEqual, "opset1:GreaterEqual", true},
      {Kind::LogicalAnd, "opset1:LogicalAnd", true},
      {Kind::LogicalOr, "opset1:LogicalOr", true},
      {Kind::LogicalXor, "opset1:LogicalXor", true},
      {Kind::Select, "opset1:Select", true},
      {Kind::LogicalNot, "opset1:LogicalNot"},
      {Kind::Relu, "opset1:ReLU"},
      {Kind::Prelu, "opset1:PReLU"},
      {Kind::Elu, "opset1:Elu"},
      {Kind::Logistic, "opset1:Sigmoid"},
      {Kind::Tanh, "opset1:Tanh"},
      {Kind::HardSwish, "opset4:HSwish"},
      {Kind::HSigmoid, "opset5:HSigmoid"},
      {Kind::Softplus, "opset4:SoftPlus"},
      {Kind::Mish, "opset4:Mish"},
      {Kind::Erf, "opset1:Erf"},
      {Kind::Exp, "opset1:Exp"},
      {Kind::Log, "opset1:Log"},
      {Kind::Sqrt, "opset1:Sqrt"},
      {Kind::Abs, "opset1:Abs"},
      {Kind::Negate, "opset1:Negative"},
      {Kind::Sign, "opset1:Sign"},
      {Kind::Floor, "opset1:Floor"},
      {Kind::Ceil, "opset1:Ceiling"},
      {Kind::Sin, "opset1:Sin"},
      {Kind::Cos, "opset1:Cos"},
      {Kind::Tan, "opset1:Tan"},
      {Kind::Asin, "opset1:Asin"},
      {Kind::Acos, "opset1:Acos"},
      {Kind::Atan, "opset1:Atan"},
      {Kind::Sinh, "opset1:Sinh"},
      {Kind::Cosh, "opset1:Cosh"},
      {Kind::Asinh, "opset4:Asinh"},
      {Kind::Acosh, "opset4:Acosh"},
      {Kind::Atanh, "opset4:Atanh"},
      {Kind::FakeQuantize, "opset1:FakeQuantize", true},
      {Kind::Concatenation, "opset1:Concat"},
      {Kind::GatherElements, "opset6:GatherElements"},
  };
  const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators),
                                   [kind](const SameOperator& each) { return each.kind == kind; });
  return found == std::end(kOperators) ? nullptr : found;
}

}  // namespace edgescope::format::openvino
