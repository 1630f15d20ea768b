// function: functions that the NCS2 lacks, by ones that it has.
//
//   sign x         float(x > 0) - float(x < 0)
//   cosh, sinh x   (exp x +- exp -x) / 2
//   softsign x     x (1 + max(x, -x))^-1
//   a mod b        of the signs of a: FloorMod(|a|, |b|), negative where a is
//   sum |x|        of max(x, -x) over the axes (ReduceL1)
//   any x          of truth values: the largest of them as floats is above 0 (ReduceLogicalOr)
//   |x|_2          the square root of the sum of x x over the axes (ReduceL2)
//   log softmax x  d - log of the sum of exp d, where d is x less its largest
//   (a - b)^2      of whole numbers: (a - b) (a - b)
//
// Of the last three QueryNetwork says that they do not compile, or says that they do and they do not.
#include <optional>
#include <variant>

#include "rewrite/constants.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::ElementType;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

// The axes of a reduction, as an attribute or a constant input.
std::optional<Ints> axes_of(const graph::Subgraph& graph, const graph::Operator& op) {
  if (const graph::Attribute* axes = graph::find(op.attributes, attr::axes))
    if (const Ints* list = std::get_if<Ints>(axes)) return *list;
  if (op.inputs.size() < 2 || op.inputs[1] < 0) return std::nullopt;
  const auto numbers = constant_numbers(graph.tensors[static_cast<std::size_t>(op.inputs[1])]);
  if (!numbers) return std::nullopt;
  return Ints(numbers->begin(), numbers->end());
}

}  // namespace

bool rewrite_function(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.empty() || op.outputs.size() != 1) return false;
  const int x = op.inputs[0];
  Patch patch(model, graph, index);
  const ElementType type = patch.tensor(x).type;
  const auto number = [&](double value) { return patch.number(value, type); };
  switch (op.kind) {
    case Kind::Sign: {
      if (!graph::is_float(type)) return false;
      const int above = patch.cast(patch.add(Kind::Greater, {x, number(0)}), type);
      const int below = patch.cast(patch.add(Kind::Less, {x, number(0)}), type);
      return patch.finish(patch.add(Kind::Subtract, {above, below}));
    }
    case Kind::Cosh:
    case Kind::Sinh: {
      if (!graph::is_float(type)) return false;
      const int up = patch.add(Kind::Exp, {x}), down = patch.add(Kind::Exp, {patch.add(Kind::Negate, {x})});
      const int both = patch.add(op.kind == Kind::Cosh ? Kind::Add : Kind::Subtract, {up, down});
      return patch.finish(patch.add(Kind::Multiply, {both, number(0.5)}));
    }
    case Kind::Softsign: {
      if (!graph::is_float(type)) return false;
      const int absolute = patch.add(Kind::Maximum, {x, patch.add(Kind::Negate, {x})});
      const int inverse = patch.add(Kind::Power, {patch.add(Kind::Add, {absolute, number(1)}), number(-1)});
      return patch.finish(patch.add(Kind::Multiply, {x, inverse}));
    }
    case Kind::Modulo: {
      if (!graph::is_float(type) || op.inputs.size() != 2) return false;
      const auto absolute = [&patch](int a) { return patch.add(Kind::Maximum, {a, patch.add(Kind::Negate, {a})}); };
      const int rest = patch.add(Kind::FloorMod, {absolute(x), absolute(op.inputs[1])});
      const int below = patch.add(Kind::Less, {x, number(0)});
      return patch.finish(patch.add(Kind::Select, {below, patch.add(Kind::Negate, {rest}), rest}));
    }
    case Kind::ReduceL1: {
      const auto axes = axes_of(graph, op);
      if (!axes || !graph::is_float(type)) return false;
      const int absolute = patch.add(Kind::Maximum, {x, patch.add(Kind::Negate, {x})});
      return patch.finish(
          patch.add(Kind::ReduceSum, {absolute},
                    {{attr::axes, *axes}, {attr::keep_dims, graph::get<bool>(op.attributes, attr::keep_dims)}}));
    }
    case Kind::ReduceL2: {
      const auto axes = axes_of(graph, op);
      if (!axes || !graph::is_float(type)) return false;
      const int sum =
          patch.add(Kind::ReduceSum, {patch.add(Kind::Multiply, {x, x})},
                    {{attr::axes, *axes}, {attr::keep_dims, graph::get<bool>(op.attributes, attr::keep_dims)}});
      return patch.finish(patch.add(Kind::Sqrt, {sum}));
    }
    case Kind::LogSoftmax: {
      if (!graph::is_float(type)) return false;
      const Ints axis = {graph::get<std::int64_t>(op.attributes, attr::axis, -1)};
      const auto less = [&](int a, int b) {
        return patch.add(Kind::Add, {a, patch.add(Kind::Multiply, {b, number(-1)})});
      };
      const int below = less(x, patch.add(Kind::ReduceMax, {x}, {{attr::axes, axis}, {attr::keep_dims, true}}));
      const int sum =
          patch.add(Kind::ReduceSum, {patch.add(Kind::Exp, {below})}, {{attr::axes, axis}, {attr::keep_dims, true}});
      return patch.finish(less(below, patch.add(Kind::Log, {sum})));
    }
    case Kind::SquaredDifference: {
      if (type != ElementType::Int32 && type != ElementType::Int64) return false;
      const int apart = patch.add(Kind::Add, {x, patch.add(Kind::Multiply, {op.inputs[1], number(-1)})});
      return patch.finish(patch.add(Kind::Multiply, {apart, apart}));
    }
    case Kind::ReduceAny: {
      const auto axes = axes_of(graph, op);
      if (!axes) return false;
      const int largest =
          patch.add(Kind::ReduceMax, {patch.cast(x, ElementType::Float32)},
                    {{attr::axes, *axes}, {attr::keep_dims, graph::get<bool>(op.attributes, attr::keep_dims)}});
      return patch.finish(patch.add(Kind::Greater, {largest, patch.number(0, ElementType::Float32)}));
    }
    default:
      return false;
  }
}

}  // namespace edgescope::rewrite
