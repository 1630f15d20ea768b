// The tree ensembles of the published NCS2 measurements as tensor programs, operator by operator as their author's
// converter wrote them (R-e-d-a-X/EdgeTPU-and-NCS, benchmarks/ncs): its `<=` is Less + Equal as added floats. Weights
// are made up, and Gather is of opset 7, which OpenVINO 2021.4 knows and which says the same.
#pragma once

#include <stdexcept>
#include <string>

#include "support/ir_network.h"

namespace edgescope::testing_support {

struct ForestShape {
  std::int64_t trees = 1, depth = 8, features = 8, classes = 4;
  std::int64_t nodes = 255;  // inner ones of the largest tree; leaves are one more
  std::int64_t batch = 1;
};

namespace forest_program {

using Value = IrNetwork::Value;
using Shape = IrNetwork::Shape;

inline const std::string kBroadcast = "auto_broadcast=\"numpy\"";

inline Value cast(IrNetwork& net, const Value& x, const std::string& type) {
  return net.op("Convert", {x}, x.shape, "destination_type=\"" + type + "\"", type);
}

inline Value less_or_equal(IrNetwork& net, const Value& x, const Value& threshold) {
  const auto compared = [&](const char* op) {
    return cast(net, net.op(op, {x, threshold}, x.shape, kBroadcast, "boolean"), "f32");
  };
  const Value less = compared("Less"), equal = compared("Equal");
  return net.op("Add", {less, equal}, x.shape, kBroadcast);
}

inline Value reshape(IrNetwork& net, const Value& x, const Shape& shape) {
  return net.op("Reshape", {x, net.integers({static_cast<std::int64_t>(shape.size())}, shape)}, shape,
                "special_zero=\"false\"", x.type);
}

inline Value gather(IrNetwork& net, const Value& from, const Value& at, const Shape& shape, std::int64_t axis) {
  return net.op("Gather", {from, at, net.integers({}, {axis})}, shape, "batch_dims=\"0\"", from.type, "opset7");
}

inline Value product(IrNetwork& net, const Value& a, const Value& b, const Shape& shape, bool transposed = false) {
  return net.op("MatMul", {a, b}, shape,
                std::string("transpose_a=\"false\" transpose_b=\"") + (transposed ? "true" : "false") + "\"");
}

inline Value sum(IrNetwork& net, const Value& x, std::int64_t axis, const Shape& shape) {
  return net.op("ReduceSum", {x, net.integers({1}, {axis})}, shape, "keep_dims=\"false\"");
}

}  // namespace forest_program

// Three matrix products over all nodes and leaves.
inline IrNetwork gemm_forest(const ForestShape& f) {
  namespace p = forest_program;
  IrNetwork net;
  const std::int64_t nodes = f.trees * f.nodes, leaves = f.trees * (f.nodes + 1), b = f.batch;
  const auto x = net.input({b, f.features});
  const auto features = p::product(net, net.floats({nodes, f.features}), x, {nodes, b}, true);
  const auto decisions =
      p::reshape(net, p::less_or_equal(net, features, net.floats({nodes, 1})), {f.trees, f.nodes, b});
  const auto paths = p::reshape(
      net, p::product(net, net.floats({f.trees, f.nodes + 1, f.nodes}), decisions, {f.trees, f.nodes + 1, b}),
      {leaves, b});
  const auto equal = net.op("Equal", {paths, net.floats({leaves, 1})}, {leaves, b}, p::kBroadcast, "boolean");
  const auto reached = p::reshape(net, p::cast(net, equal, "f32"), {f.trees, f.nodes + 1, b});
  const auto votes =
      p::reshape(net, p::product(net, net.floats({f.trees, f.classes, f.nodes + 1}), reached, {f.trees, f.classes, b}),
                 {f.trees, f.classes, b});
  const auto all = p::sum(net, votes, 0, {f.classes, b});
  net.result(net.op("Transpose", {all, net.integers({2}, {1, 0})}, {b, f.classes}));
  return net;
}

// A step down all trees at a time, by gathering each tree's node.
inline IrNetwork traversal_forest(const ForestShape& f) {
  namespace p = forest_program;
  if (f.batch != 1) throw std::invalid_argument("made for one row only");
  IrNetwork net;
  const std::int64_t t = f.trees, nodes = t * (2 * f.nodes + 1);
  const auto x = net.input({1, f.features});
  const auto offsets = [&] { return net.indices({1, 1, t}, nodes); };
  const auto feature_of = net.indices({nodes}, f.features), left = net.indices({nodes}, nodes),
             right = net.indices({nodes}, nodes), threshold = net.floats({nodes});
  const auto step = [&](const auto& value, const auto& limit, const auto& on_left, const auto& on_right) {
    const auto goes_left = p::cast(net, p::less_or_equal(net, value, limit), "boolean");
    const auto child = net.op("Select", {goes_left, on_left, on_right}, {1, 1, t}, p::kBroadcast, "i64");
    return p::reshape(net, net.op("Add", {child, offsets()}, {1, 1, t}, p::kBroadcast, "i64"), {t});
  };
  auto at = step(p::gather(net, x, net.indices({1, t}, f.features), {1, 1, t}, 1), net.floats({1, 1, t}),
                 net.indices({1, t}, nodes), net.indices({1, t}, nodes));
  for (std::int64_t level = 1; level < f.depth; ++level) {
    const auto of_node = [&](const auto& table) { return p::reshape(net, p::gather(net, table, at, {t}, 0), {1, t}); };
    const auto value = p::gather(net, x, of_node(feature_of), {1, 1, t}, 1);
    at = step(value, of_node(threshold), of_node(left), of_node(right));
  }
  const auto votes = p::gather(net, net.floats({nodes, f.classes}), at, {t, f.classes}, 0);
  net.result(p::sum(net, p::reshape(net, votes, {1, t, f.classes}), 1, {1, f.classes}));
  return net;
}

// The same of perfect trees, where a child's place is computed.
inline IrNetwork perfect_forest(const ForestShape& f) {
  namespace p = forest_program;
  if (f.batch != 1) throw std::invalid_argument("made for one row only");
  IrNetwork net;
  const std::int64_t t = f.trees;
  const auto x = net.input({1, f.features});
  const auto right_of = [&](const auto& value, const auto& limit) {
    return p::cast(net, p::cast(net, p::less_or_equal(net, value, limit), "boolean"), "i64");
  };
  const auto first = right_of(p::gather(net, x, net.indices({t}, f.features), {1, t}, 1), net.floats({1, t}));
  auto at = p::reshape(net, net.op("Add", {first, net.indices({1, t}, 2 * t)}, {1, t}, p::kBroadcast, "i64"), {t});
  for (std::int64_t level = 1; level < f.depth; ++level) {
    const std::int64_t nodes = t << level;
    const auto twice = net.op("Multiply", {net.integers({1}, {2}), at}, {t}, p::kBroadcast, "i64");
    const auto feature = p::reshape(net, p::gather(net, net.indices({nodes}, f.features), at, {t}, 0), {1, t});
    const auto value = p::reshape(net, p::gather(net, x, feature, {1, 1, t}, 1), {t});
    const auto limit = p::gather(net, net.floats({nodes}), at, {t}, 0);
    at = net.op("Add", {twice, right_of(value, limit)}, {t}, p::kBroadcast, "i64");
  }
  const auto votes = p::gather(net, net.floats({t << f.depth, f.classes}), at, {t, f.classes}, 0);
  net.result(p::sum(net, p::reshape(net, votes, {1, t, f.classes}), 1, {1, f.classes}));
  return net;
}

}  // namespace edgescope::testing_support
