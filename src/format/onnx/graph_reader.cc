#include "format/onnx/graph_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/onnx/fields.h"
#include "format/onnx/tensor.h"

namespace edgescope::format::onnx {
namespace {

using Owner = graph::Extent::Owner;

constexpr std::string_view kCaptured = "captured";

// After so many bytes of a graph the pages behind are given back.
constexpr std::ptrdiff_t kWalked = 16 << 20;

// What a tensor costs here, in its subgraph, in the table of names and while the graph is checked.
std::uint64_t cost(const graph::Tensor& tensor) {
  return 2 * sizeof(graph::Tensor) + tensor.name.size() + 2 * sizeof(std::int64_t) * tensor.shape.dims.size() +
         2 * sizeof(std::string) * tensor.shape.symbols.size() + 160;
}

}  // namespace

base::Status GraphReader::graph(Bytes message, std::string name) {
  if (depth_ > kDeepestGraph)
    return base::fail(context_.error(fmt::format("graphs lie more than {} deep in one another", kDeepestGraph),
                                     message.data(), std::move(name)));
  graph_.name = std::move(name);
  EDGESCOPE_CHECK(sort_parts(message));
  EDGESCOPE_CHECK(inputs());
  EDGESCOPE_CHECK(declare_nodes());
  EDGESCOPE_CHECK(types(infos_));
  EDGESCOPE_CHECK(types(outputs_));
  EDGESCOPE_CHECK(connect_nodes());
  EDGESCOPE_CHECK(outputs());
  EDGESCOPE_CHECK(annotations());
  finish();
  return {};
}

base::Status GraphReader::function(Bytes message, std::string name) {
  namespace number = fields::function;
  graph_.name = std::move(name);
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.wire != Wire::Length) continue;
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(Node), field.whole.data()));
    switch (field.number) {
      case number::input: {
        EDGESCOPE_TRY(tensor, add({.name = std::string(field.text()), .shape = {.known = false}}, field.whole.data()));
        graph_.inputs.push_back(tensor);
        break;
      }
      case number::output:
        outputs_.push_back(field);
        break;
      case number::node:
        nodes_.push_back({.field = field});
        break;
      case number::value_info:
        infos_.push_back(field);
        break;
      case number::doc_string:
      case number::metadata_props:
        EDGESCOPE_CHECK(context_.claim(field.whole, {.owner = Owner::Metadata}));
        break;
      default:
        break;
    }
  }
  EDGESCOPE_CHECK(context_.finished(walk, "a function"));
  EDGESCOPE_CHECK(declare_nodes());
  EDGESCOPE_CHECK(types(infos_));
  EDGESCOPE_CHECK(connect_nodes());
  for (const Field& output : outputs_) {
    EDGESCOPE_TRY(tensor, resolve(output.text(), output.whole.data()));
    if (tensor < 0)
      return base::fail(context_.error(fmt::format("nothing makes the function's output `{}`", output.text()),
                                       output.whole.data(), graph_.name));
    graph_.outputs.push_back(tensor);
  }
  finish();
  return {};
}

// Constants become tensors at once, so that the file's weights are passed only one time.
base::Status GraphReader::sort_parts(Bytes message) {
  namespace number = fields::graph;
  Walk walk(message);
  const std::byte* kept = message.data();
  for (Field field; walk.next(field);) {
    if (const std::byte* here = field.whole.data(); here - kept > kWalked) {
      context_.file().release(static_cast<std::uint64_t>(kept - context_.file().bytes().data()),
                              static_cast<std::uint64_t>(here - kept));
      kept = here;
    }
    if (field.wire != Wire::Length) continue;
    switch (field.number) {
      case number::initializer:
        EDGESCOPE_CHECK(initializer(field, false));
        continue;
      case number::sparse_initializer:
        EDGESCOPE_CHECK(initializer(field, true));
        continue;
      case number::node:
        nodes_.push_back({.field = field});
        break;
      case number::input:
        inputs_.push_back(field);
        break;
      case number::output:
        outputs_.push_back(field);
        break;
      case number::value_info:
        infos_.push_back(field);
        break;
      case number::quantization_annotation:
        annotations_.push_back(field);
        break;
      case number::name:
        if (field.payload.size() <= kLongAttribute && !field.payload.empty()) graph_.name = field.text();
        break;
      case number::doc_string:
      case number::metadata_props:
        EDGESCOPE_CHECK(context_.claim(field.whole, {.owner = Owner::Metadata}));
        break;
      default:
        break;
    }
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(Node), field.whole.data()));
  }
  return context_.finished(walk, "a graph");
}

base::Status GraphReader::initializer(const Field& field, bool sparse) {
  const int index = static_cast<int>(graph_.tensors.size());
  const graph::Extent weights = owner(Owner::Weights, index);
  EDGESCOPE_TRY(tensor, sparse ? read_sparse_tensor(context_, field.payload, weights)
                               : read_tensor(context_, field.payload, weights));
  if (tensor.name.empty()) return base::fail(context_.error("a constant has no name", field.whole.data()));
  EDGESCOPE_CHECK(add(std::move(tensor), field.whole.data()));
  return context_.claim(field.whole, owner(Owner::Tensors, index));
}

// Until IR version 4 every initializer was an input, too; later one that is may be replaced by the
// caller. Both are constants here.
base::Status GraphReader::inputs() {
  for (const Field& field : inputs_) {
    Bytes type;
    EDGESCOPE_TRY(name, value_name(field.payload, &type));
    int tensor = find(name);
    if (tensor < 0 || !graph_.tensors[static_cast<std::size_t>(tensor)].constant) {
      graph::Tensor input{.name = std::string(name), .shape = {.known = false}};
      EDGESCOPE_CHECK(read_type(context_, type, input));
      EDGESCOPE_TRY(added, add(std::move(input), field.whole.data()));
      graph_.inputs.push_back(tensor = added);
    }
    EDGESCOPE_CHECK(context_.claim(field.whole, owner(Owner::Tensors, tensor)));
  }
  return {};
}

base::Status GraphReader::declare_nodes() {
  for (Node& node : nodes_) EDGESCOPE_CHECK(declare(node));
  return {};
}

base::Result<GraphReader::Header> GraphReader::header(const Field& field) const {
  namespace number = fields::node;
  Header header;
  Walk walk(field.payload);
  for (Field part; walk.next(part);) {
    if (part.wire != Wire::Length) continue;
    if (part.number == number::output || part.number == number::attribute)
      EDGESCOPE_CHECK(context_.charge(2 * sizeof(Bytes), part.whole.data()));
    switch (part.number) {
      case number::output:
        header.outputs.push_back(part.text());
        break;
      case number::name:
        header.name = part.text();
        break;
      case number::op_type:
        header.type = part.text();
        break;
      case number::domain:
        header.domain = part.text();
        break;
      case number::overload:
        header.overload = part.text();
        break;
      case number::attribute:
        header.attributes.push_back(part.payload);
        break;
      case number::doc_string:
      case number::metadata_props:
        EDGESCOPE_CHECK(context_.claim(part.whole, {.owner = Owner::Metadata}));
        break;
      default:
        break;
    }
  }
  EDGESCOPE_CHECK(context_.finished(walk, "a node"));
  if (header.domain == "ai.onnx") header.domain = {};
  if (header.type.empty())
    return base::fail(context_.error("a node has no operator type", field.whole.data(), std::string(header.name)));
  return header;
}

base::Status GraphReader::declare(Node& node) {
  EDGESCOPE_TRY(head, header(node.field));
  EDGESCOPE_TRY(folded, fold(head, node.field));
  if (folded) return {};

  graph::Operator op;
  op.name = head.name;
  op.source_kind = qualified(head.domain, head.type);
  op.kind = graph::kind_from_source(graph::Source::Onnx, op.source_kind);
  op.version = version(head.domain);
  EDGESCOPE_CHECK(context_.charge(
      2 * sizeof op + op.name.size() + 2 * op.source_kind.size() + 64 + head.outputs.size() * 2 * sizeof(int),
      node.field.whole.data()));
  const std::string callee =
      head.overload.empty() ? op.source_kind : fmt::format("{}:{}", op.source_kind, head.overload);
  const auto function = context_.functions.find(callee);
  if (function != context_.functions.end()) {
    if (op.kind == graph::Kind::Unknown) op.kind = graph::Kind::Call;
    op.attributes.emplace_back(graph::attr::subgraph, static_cast<std::int64_t>(function->second));
  } else {
    op.custom = !head.domain.empty() && !head.domain.starts_with("ai.onnx.");
  }
  if (!head.domain.empty()) op.options = node.field.payload;
  for (std::string_view output : head.outputs) {
    if (output.empty()) {
      op.outputs.push_back(-1);
      continue;
    }
    if (find(output) >= 0)
      return base::fail(context_.error(fmt::format("the value `{}` is made a second time", output),
                                       node.field.whole.data(), place(op)));
    EDGESCOPE_TRY(tensor, add({.name = std::string(output), .shape = {.known = false}}, node.field.whole.data()));
    op.outputs.push_back(tensor);
  }
  node.op = static_cast<int>(graph_.operators.size());
  graph_.operators.push_back(std::move(op));
  return {};
}

base::Status GraphReader::types(const std::vector<Field>& infos) {
  for (const Field& field : infos) {
    Bytes type;
    EDGESCOPE_TRY(name, value_name(field.payload, &type));
    const int index = find(name);
    EDGESCOPE_CHECK(context_.claim(field.whole, owner(index < 0 ? Owner::Graph : Owner::Tensors, index)));
    if (index < 0 || type.empty()) continue;
    graph::Tensor& tensor = graph_.tensors[static_cast<std::size_t>(index)];
    if (!tensor.constant) EDGESCOPE_CHECK(read_type(context_, type, tensor));
  }
  return {};
}

base::Status GraphReader::connect_nodes() {
  for (const Node& node : nodes_)
    if (node.op >= 0) EDGESCOPE_CHECK(connect(node));
  return {};
}

base::Status GraphReader::connect(const Node& node) {
  graph::Operator& op = graph_.operators[static_cast<std::size_t>(node.op)];
  std::vector<int> captured;
  Walk walk(node.field.payload);
  for (Field part; walk.next(part);) {
    if (part.is(fields::node::input, Wire::Length)) {
      EDGESCOPE_CHECK(context_.charge(8 * sizeof(int), part.whole.data()));
      EDGESCOPE_TRY(tensor, resolve(part.text(), part.whole.data()));
      if (tensor < 0 && !part.text().empty())
        return base::fail(context_.error(fmt::format("reads the value `{}`, which nothing makes", part.text()),
                                         part.whole.data(), place(op)));
      op.inputs.push_back(tensor);
    } else if (part.is(fields::node::attribute, Wire::Length)) {
      EDGESCOPE_TRY(read, read_attribute(context_, part.payload));
      EDGESCOPE_CHECK(attribute(op, std::move(read), node, captured));
    }
  }
  if (!captured.empty()) {
    std::sort(captured.begin(), captured.end());
    captured.erase(std::unique(captured.begin(), captured.end()), captured.end());
    op.inputs.insert(op.inputs.end(), captured.begin(), captured.end());
    op.attributes.emplace_back(kCaptured, static_cast<std::int64_t>(captured.size()));
  }
  if (op.source_kind.find(':') == std::string::npos) canonicalise(op, graph_);
  return context_.claim(node.field.whole, owner(Owner::Operators, -1, node.op));
}

base::Status GraphReader::attribute(graph::Operator& op, NodeAttribute read, const Node& node,
                                    std::vector<int>& captured) {
  // Names that mean something to whoever reads the model, and that only this reader may give.
  if (read.name == graph::attr::subgraph || read.name == kCaptured) read.name += '_';
  if (!read.reference.empty()) {
    op.attributes.emplace_back(std::move(read.name), "@" + read.reference);
    op.options = node.field.payload;
  } else if (!read.graphs.empty()) {
    return bodies(op, read, captured);
  } else if (!read.tensor.empty() || !read.sparse_tensor.empty()) {
    const bool sparse = read.tensor.empty();
    const graph::Extent mine = owner(Owner::Operators, -1, node.op);
    EDGESCOPE_TRY(tensor, sparse ? read_sparse_tensor(context_, read.sparse_tensor, mine)
                                 : read_tensor(context_, read.tensor, mine));
    op.attributes.emplace_back(std::move(read.name), (sparse ? "sparse tensor " : "tensor ") + summary(tensor));
    op.options = node.field.payload;
  } else if (read.has_value) {
    if (read.shortened) op.options = node.field.payload;
    op.attributes.emplace_back(std::move(read.name), std::move(read.value));
  }
  return {};
}

base::Status GraphReader::bodies(graph::Operator& op, const NodeAttribute& read, std::vector<int>& captured) {
  std::vector<std::int64_t> indices;
  for (const Bytes& message : read.graphs) {
    const int index = static_cast<int>(context_.model.subgraphs.size());
    std::string name = fmt::format("{}.{}", op.name.empty() ? op.source_kind : op.name, read.name);
    EDGESCOPE_CHECK(context_.charge(2 * sizeof(graph::Subgraph) + sizeof(GraphReader) + name.size(), message.data()));
    context_.model.subgraphs.emplace_back();
    GraphReader body(context_, opsets_, index, this);
    EDGESCOPE_CHECK(body.graph(message, std::move(name)));
    captured.insert(captured.end(), body.captured().begin(), body.captured().end());
    indices.push_back(index);
    EDGESCOPE_CHECK(context_.claim(message, {.owner = Owner::Graph, .subgraph = index}));
  }
  // If: the branch that is taken comes first, though programs write attributes in alphabetic order.
  const auto all = std::find_if(op.attributes.begin(), op.attributes.end(),
                                [](const auto& entry) { return entry.first == graph::attr::subgraph; });
  std::vector<std::int64_t> list = indices;
  if (all != op.attributes.end()) {
    std::vector<std::int64_t> before = graph::get<std::vector<std::int64_t>>(op.attributes, graph::attr::subgraph);
    if (const auto* one = std::get_if<std::int64_t>(&all->second)) before = {*one};
    list.insert(read.name == "then_branch" ? list.end() : list.begin(), before.begin(), before.end());
    op.attributes.erase(all);
  }
  const auto value = [](std::vector<std::int64_t> several) {
    return several.size() == 1 ? graph::Attribute(several.front()) : graph::Attribute(std::move(several));
  };
  op.attributes.emplace_back(graph::attr::subgraph, value(std::move(list)));
  op.attributes.emplace_back(read.name, value(std::move(indices)));
  return {};
}

base::Status GraphReader::outputs() {
  for (const Field& field : outputs_) {
    EDGESCOPE_TRY(name, value_name(field.payload));
    EDGESCOPE_TRY(tensor, resolve(name, field.whole.data()));
    if (tensor < 0)
      return base::fail(
          context_.error(fmt::format("nothing makes the graph's output `{}`", name), field.whole.data(), graph_.name));
    graph_.outputs.push_back(tensor);
  }
  return {};
}

void GraphReader::finish() { context_.model.subgraphs[static_cast<std::size_t>(index_)] = std::move(graph_); }

int GraphReader::find(std::string_view name) const {
  const auto it = names_.find(name);
  return it == names_.end() ? -1 : *it;
}

base::Result<int> GraphReader::add(graph::Tensor tensor, const std::byte* at) {
  EDGESCOPE_CHECK(context_.charge(cost(tensor), at));
  if (find(tensor.name) >= 0)
    return base::fail(
        context_.error(fmt::format("the name `{}` is given to two values", tensor.name), at, graph_.name));
  const int index = static_cast<int>(graph_.tensors.size());
  const bool named = !tensor.name.empty();
  graph_.tensors.push_back(std::move(tensor));
  if (named) names_.insert(index);
  return index;
}

// A value of this graph, or of one around it: that one then also becomes a tensor here.
base::Result<int> GraphReader::resolve(std::string_view name, const std::byte* at) {
  if (name.empty()) return -1;
  if (const int known = find(name); known >= 0 || outer_ == nullptr) return known;
  EDGESCOPE_TRY(there, outer_->resolve(name, at));
  if (there < 0) return -1;
  graph::Tensor copy = outer_->graph_.tensors[static_cast<std::size_t>(there)];
  const bool constant = copy.constant;
  EDGESCOPE_TRY(here, add(std::move(copy), at));
  if (!constant) {
    graph_.inputs.push_back(here);
    captured_.push_back(there);
  }
  return here;
}

base::Result<std::string_view> GraphReader::value_name(Bytes value_info, Bytes* type) const {
  std::string_view name;
  Walk walk(value_info);
  for (Field field; walk.next(field);) {
    if (field.is(fields::value_info::name, Wire::Length)) name = field.text();
    if (type != nullptr && field.is(fields::value_info::type, Wire::Length)) *type = field.payload;
  }
  EDGESCOPE_CHECK(context_.finished(walk, "the description of a value"));
  return name;
}

std::string GraphReader::place(const graph::Operator& op) const {
  std::string text = op.name.empty() ? op.source_kind : fmt::format("{} {}", op.source_kind, op.name);
  return index_ == 0 ? text : fmt::format("{} of {}", text, graph_.name);
}

std::int64_t GraphReader::version(std::string_view domain) const {
  const std::string key(domain);
  if (const auto own = opsets_.find(key); own != opsets_.end()) return own->second;
  const auto models = context_.opsets.find(key);
  return models == context_.opsets.end() ? 0 : models->second;
}

}  // namespace edgescope::format::onnx
