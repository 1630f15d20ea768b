#include "graph/validate.h"

#include <fmt/format.h>

#include <optional>

#include "graph/uses.h"

namespace edgescope::graph {
namespace {

class Validator {
 public:
  Validator(const Model& model, std::size_t index) : model_(model), graph_(model.subgraphs[index]), index_(index) {}

  base::Status run() const {
    EDGESCOPE_CHECK(indices());
    EDGESCOPE_CHECK(producers());
    for (std::size_t i = 0; i < graph_.tensors.size(); ++i) EDGESCOPE_CHECK(constant(i));
    const std::vector<int> order = execution_order(graph_);
    if (order.size() == graph_.operators.size()) return {};
    std::vector<bool> done(graph_.operators.size(), false);
    for (int op : order) done[op] = true;
    for (std::size_t op = 0; op < done.size(); ++op)
      if (!done[op]) return error("the operator waits for its own result: the graph has a cycle", place(op));
    return {};
  }

 private:
  base::Status indices() const {
    const auto in_range = [&](int tensor, bool optional) {
      return (optional && tensor == -1) || (tensor >= 0 && static_cast<std::size_t>(tensor) < graph_.tensors.size());
    };
    const auto check = [&](const std::vector<int>& list, std::string_view what,
                           std::optional<std::size_t> op) -> base::Status {
      for (int tensor : list)
        if (!in_range(tensor, op.has_value()))
          return error(fmt::format("{} names tensor {} of {}", what, tensor, graph_.tensors.size()),
                       op ? place(*op) : "");
      return {};
    };
    EDGESCOPE_CHECK(check(graph_.inputs, "the graph's input list", {}));
    EDGESCOPE_CHECK(check(graph_.outputs, "the graph's output list", {}));
    for (std::size_t op = 0; op < graph_.operators.size(); ++op) {
      EDGESCOPE_CHECK(check(graph_.operators[op].inputs, "an input", op));
      EDGESCOPE_CHECK(check(graph_.operators[op].outputs, "an output", op));
    }
    return {};
  }

  base::Status producers() const {
    std::vector<bool> made(graph_.tensors.size(), false);
    for (int tensor : graph_.inputs) made[tensor] = true;
    for (std::size_t op = 0; op < graph_.operators.size(); ++op)
      for (int tensor : graph_.operators[op].outputs) {
        if (tensor < 0) continue;
        if (graph_.tensors[tensor].constant)
          return error(fmt::format("writes the constant `{}`", graph_.tensors[tensor].name), place(op));
        if (made[tensor])
          return error(fmt::format("tensor `{}` has a second producer", graph_.tensors[tensor].name), place(op));
        made[tensor] = true;
      }
    return {};
  }

  base::Status constant(std::size_t index) const {
    const Tensor& tensor = graph_.tensors[index];
    if (!tensor.constant || tensor.sparse || tensor.encoding != Encoding::Raw) return {};
    const auto node = [&] { return tensor.name.empty() ? fmt::format("tensor {}", index) : tensor.name; };
    const auto elements = tensor.shape.elements();
    if (!elements) {
      if (tensor.shape.is_static()) return error("its dimensions exceed 64 bits", node());
      return {};
    }
    if (element_bits(tensor.type) == 0) return {};
    const auto bytes = packed_bytes(tensor.type, *elements);
    if (!bytes) return error("its size exceeds 64 bits", node());
    if (*bytes != tensor.data.size())
      return error(fmt::format("shape {} of {} takes {} bytes, the file has {}", tensor.shape.text(),
                               element_type_name(tensor.type), *bytes, tensor.data.size()),
                   node());
    return {};
  }

  base::Status error(std::string what, std::string node) const {
    base::Error error{.fault = base::Fault::input, .what = std::move(what), .node = std::move(node)};
    if (!model_.files.empty()) error.file = model_.files.front().path();
    return base::fail(std::move(error));
  }

  std::string place(std::size_t op) const {
    const Operator& o = graph_.operators[op];
    const std::string number =
        index_ == 0 ? fmt::format("operator {}", op) : fmt::format("operator {} of subgraph {}", op, index_);
    return o.name.empty() ? fmt::format("{}, {}", number, o.source_kind)
                          : fmt::format("{}, {} {}", number, o.source_kind, o.name);
  }

  const Model& model_;
  const Subgraph& graph_;
  std::size_t index_;
};

}  // namespace

base::Status validate(const Model& model) {
  for (std::size_t i = 0; i < model.subgraphs.size(); ++i) EDGESCOPE_CHECK(Validator(model, i).run());
  return {};
}

}  // namespace edgescope::graph
