// axis-steps: operators that go along an axis step by step and that the NCS2 lacks, by its slices.
//
//   cumsum   every slice added to the sum of those before it, in the order in which it is defined, so that no bit
//            changes; of axes of up to 16 elements, as each is an addition of its own
//   roll     the end and the beginning of the axis, joined the other way round
//   reverse  of sequences whose lengths are all the same constant: a gather of the places in that order
#include <algorithm>
#include <numeric>
#include <optional>
#include <span>

#include "rewrite/constants.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kMostSlices = 16;

// The one number of an input; nothing where it has others.
std::optional<std::int64_t> number(const graph::Subgraph& graph, const graph::Operator& op, std::size_t input) {
  if (op.inputs.size() <= input || op.inputs[input] < 0) return std::nullopt;
  const auto numbers = constant_numbers(graph.tensors[static_cast<std::size_t>(op.inputs[input])]);
  if (!numbers || numbers->size() != 1) return std::nullopt;
  return static_cast<std::int64_t>(numbers->front());
}

class AlongAxis {
 public:
  AlongAxis(Patch& patch, int x, std::size_t axis) : patch_(patch), x_(x), axis_(axis) {}

  std::int64_t length() const { return patch_.tensor(x_).shape.dims[axis_]; }
  int slice(std::int64_t begin, std::int64_t size) {
    Ints begins(patch_.tensor(x_).shape.dims.size(), 0), sizes = patch_.tensor(x_).shape.dims;
    begins[axis_] = begin;
    sizes[axis_] = size;
    return patch_.add(Kind::Slice, {x_}, {{attr::begin, begins}, {attr::sizes, sizes}});
  }
  int join(std::vector<int> parts) {
    return patch_.add(Kind::Concatenation, std::move(parts), {{attr::axis, static_cast<std::int64_t>(axis_)}});
  }

 private:
  Patch& patch_;
  int x_;
  std::size_t axis_;
};

bool reverse(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.size() != 2) return false;
  const auto length = constant_number(graph.tensors[static_cast<std::size_t>(op.inputs[1])]);
  Patch patch(model, graph, index);
  const graph::Shape& shape = patch.tensor(op.inputs[0]).shape;
  const auto rank = static_cast<std::int64_t>(shape.dims.size());
  std::int64_t axis = graph::get<std::int64_t>(op.attributes, "seq_axis", 1);
  if (axis < 0) axis += rank;
  if (!length || !shape.is_static() || axis < 0 || axis >= rank) return false;
  std::vector<std::int32_t> places(static_cast<std::size_t>(shape.dims[static_cast<std::size_t>(axis)]));
  if (*length < 0 || *length > static_cast<double>(places.size())) return false;
  std::iota(places.begin(), places.end(), 0);
  std::reverse(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(*length));
  const auto bytes = std::as_bytes(std::span(places));
  const int order = patch.constant(graph::ElementType::Int32, {static_cast<std::int64_t>(places.size())},
                                   {bytes.begin(), bytes.end()});
  return patch.finish(patch.add(Kind::Gather, {op.inputs[0], order}, {{attr::axis, axis}}));
}

}  // namespace

bool rewrite_axis_steps(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator op = graph.operators[static_cast<std::size_t>(index)];
  const bool roll = op.kind == Kind::Roll;
  if (op.kind == Kind::ReverseSequence) return reverse(model, graph, index);
  if (!roll && op.kind != Kind::Cumsum) return false;
  // In canonical form a sum says its axis itself.
  const auto given = !roll && op.inputs.size() == 1 ? std::optional(graph::get<std::int64_t>(op.attributes, attr::axis))
                                                    : number(graph, op, roll ? 2 : 1);
  Patch patch(model, graph, index);
  const graph::Tensor& x = patch.tensor(op.inputs[0]);
  const auto rank = static_cast<std::int64_t>(x.shape.dims.size());
  if (!given || !x.shape.is_static() || !graph::is_float(x.type) || *given < -rank || *given >= rank) return false;
  AlongAxis along(patch, op.inputs[0], static_cast<std::size_t>(*given < 0 ? *given + rank : *given));
  const std::int64_t n = along.length();
  if (roll) {
    const auto shift = number(graph, op, 1);
    if (!shift || n == 0) return false;
    const std::int64_t by = ((*shift % n) + n) % n;
    if (by == 0) return patch.finish(op.inputs[0]);
    return patch.finish(along.join({along.slice(n - by, by), along.slice(0, n - by)}));
  }
  if (n < 2 || n > kMostSlices || graph::get<bool>(op.attributes, "exclusive", false)) return false;
  const bool reverse = graph::get<bool>(op.attributes, "reverse", false);
  std::vector<int> sums(static_cast<std::size_t>(n));
  int sum = -1;
  for (std::int64_t k = 0; k < n; ++k) {
    const std::int64_t at = reverse ? n - 1 - k : k;
    const int slice = along.slice(at, 1);
    sum = k == 0 ? slice : patch.add(Kind::Add, {sum, slice});
    sums[static_cast<std::size_t>(at)] = sum;
  }
  return patch.finish(along.join(std::move(sums)));
}

}  // namespace edgescope::rewrite
