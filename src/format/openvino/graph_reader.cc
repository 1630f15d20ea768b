#include "format/openvino/graph_reader.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "format/openvino/attributes.h"
#include "format/openvino/values.h"
#include "graph/uses.h"

namespace edgescope::format::openvino {
namespace {

using graph::Kind;
using graph::Shape;
using graph::Tensor;
using pugi::xml_node;

// Of a layer's name, when its outputs are named after it: one name must not become thousands of copies.
constexpr std::size_t kLongestStem = 256;

// Where an element's tag begins; pugixml remembers where its name is.
std::uint64_t start_of(xml_node node) { return static_cast<std::uint64_t>(node.offset_debug()) - 1; }

// "opset8" is 8; other sets ("extension", "experimental") are not the format's own.
std::optional<std::int64_t> opset_number(std::string_view version) {
  if (!version.starts_with("opset")) return std::nullopt;
  return parse_int(version.substr(5));
}

// IR v11 lists a tensor's names, separated by commas; a comma within a name is escaped.
std::string first_name(std::string_view names) {
  std::string first;
  for (std::size_t i = 0; i < names.size() && names[i] != ','; ++i) {
    if (names[i] == '\\' && i + 1 < names.size()) ++i;
    first += names[i];
  }
  return first;
}

class GraphReader {
 public:
  GraphReader(Context& context, xml_node net, std::string name, int index)
      : context_(context), net_(net), index_(index) {
    graph_.name = std::move(name);
  }

  base::Result<graph::Subgraph> run() {
    const xml_node layers = net_.child("layers");
    if (!layers) return context_.error(net_, fmt::format("<{}> has no <layers>", net_.name()));
    for (xml_node node : layers.children("layer")) {
      EDGESCOPE_CHECK(layer(node));
      own(node, layers);
    }
    for (xml_node node : net_.child("edges").children("edge")) EDGESCOPE_CHECK(edge(node));
    EDGESCOPE_CHECK(connect());
    finish_operators();
    return std::move(graph_);
  }

 private:
  struct Layer {
    std::string name;
    int op = -1;      // operators
    int tensor = -1;  // constants and parameters
  };
  using Port = std::pair<int, std::uint64_t>;  // layer, port id
  struct Slot {
    xml_node node;
    int op = -1;  // -1: a graph output
    std::size_t position = 0;
    int tensor = -1;
  };

  base::Status layer(xml_node node) {
    const auto id = parse_unsigned(node.attribute("id").value());
    const std::string_view type = node.attribute("type").value();
    Layer layer{.name = node.attribute("name").value()};
    if (!id) return context_.error(node, "a layer has no valid id", layer.name);
    if (type.empty()) return context_.error(node, "a layer has no type", layer.name);
    const int number = static_cast<int>(layers_.size());
    if (!ids_.emplace(*id, number).second)
      return context_.error(node, fmt::format("layer id {} appears twice", *id), layer.name);
    layers_.push_back(std::move(layer));

    if (type == "Const") return constant(node, number);
    if (type == "Parameter") return parameter(node, number);
    if (type == "Result") return inputs(node, number, -1);
    return operation(node, number, type);
  }

  base::Status constant(xml_node node, int number) {
    const std::string& name = layers_[number].name;
    const xml_node data = node.child("data");
    const auto offset = parse_unsigned(data.attribute("offset").value());
    const auto size = parse_unsigned(data.attribute("size").value());
    if (!offset || !size) return context_.error(node, "a constant has no valid offset and size", name);
    EDGESCOPE_TRY(tensor, source_tensor(node, number));
    auto bytes = context_.weights.part(*offset, *size);
    if (!bytes) {
      bytes.error().node = name;
      return base::fail(std::move(bytes.error()));
    }
    tensor.constant = true;
    tensor.data = *bytes;
    if (tensor.type == graph::ElementType::String) tensor.encoding = graph::Encoding::Strings;
    if (!tensor.shape.is_static()) return context_.error(node, "a constant has a dynamic shape", name);
    // What the vendor's reader accepts too: a size larger than the shape needs.
    const auto elements = tensor.shape.elements();
    const auto needed = elements ? graph::packed_bytes(tensor.type, *elements) : std::nullopt;
    if (needed && *needed < tensor.data.size()) tensor.data = tensor.data.first(*needed);
    add_source(node, number, std::move(tensor));
    if (context_.weights.file())
      context_.extents.add(
          1, *context_.weights.file(), *bytes,
          {.owner = graph::Extent::Owner::Weights, .subgraph = index_, .tensor = layers_[number].tensor});
    return {};
  }

  base::Status parameter(xml_node node, int number) {
    EDGESCOPE_TRY(tensor, source_tensor(node, number));
    add_source(node, number, std::move(tensor));
    graph_.inputs.push_back(layers_[number].tensor);
    return {};
  }

  // The only output of a constant or parameter: <data> says type and shape, in old files the port does.
  base::Result<Tensor> source_tensor(xml_node node, int number) {
    const xml_node data = node.child("data");
    EDGESCOPE_TRY(tensor, port_tensor(node.child("output").child("port"), layers_[number].name));
    if (const auto type = data.attribute("element_type")) tensor.type = parse_type(type.value());
    if (const auto text = data.attribute("shape")) {
      auto shape = parse_shape(text.value());
      if (!shape)
        return context_.error(node, fmt::format("`{}` is not a shape", std::string_view(text.value()).substr(0, 80)),
                              layers_[number].name);
      tensor.shape = std::move(*shape);
    }
    return tensor;
  }

  void add_source(xml_node node, int number, Tensor tensor) {
    layers_[number].tensor = add(std::move(tensor));
    const auto port = parse_unsigned(node.child("output").child("port").attribute("id").value());
    made_.emplace(Port(number, port.value_or(0)), layers_[number].tensor);
  }

  base::Result<Tensor> port_tensor(xml_node port, const std::string& otherwise) const {
    Tensor tensor;
    tensor.name = first_name(port.attribute("names").value());
    if (tensor.name.empty()) tensor.name = otherwise;
    tensor.type = parse_type(port.attribute("precision").value());
    for (xml_node dim : port.children("dim")) {
      const auto value = parse_int(dim.text().get());
      if (!value || *value < graph::kDynamic)
        return context_.error(
            dim, fmt::format("`{}` is not a dimension", std::string_view(dim.text().get()).substr(0, 80)), otherwise);
      tensor.shape.dims.push_back(*value);
    }
    return tensor;
  }

  base::Status operation(xml_node node, int number, std::string_view type) {
    const std::string_view version = node.attribute("version").value();
    const auto opset = opset_number(version);
    graph::Operator op;
    op.kind = graph::kind_from_source(graph::Source::OpenVino, type);
    op.name = layers_[number].name;
    op.source_kind = version.empty() ? std::string(type) : fmt::format("{}:{}", version, type);
    op.version = opset.value_or(0);
    op.custom = !version.empty() && !opset;
    auto attributes = read_attributes(op.kind, op.version, node.child("data"));
    if (!attributes) return context_.error(node, std::move(attributes.error().what), op.name);
    op.attributes = std::move(*attributes);
    EDGESCOPE_CHECK(bodies(node, op));

    const xml_node outputs = node.child("output");
    const bool several = outputs.child("port").next_sibling("port");
    const std::string stem = op.name.substr(0, kLongestStem);
    for (xml_node port : outputs.children("port")) {
      const auto id = parse_unsigned(port.attribute("id").value());
      if (!id) return context_.error(port, "an output port has no valid id", op.name);
      EDGESCOPE_TRY(tensor, port_tensor(port, several ? fmt::format("{}.{}", stem, op.outputs.size()) : op.name));
      tensor.variable = op.kind == Kind::ReadVariable;
      const int made = add(std::move(tensor));
      if (!made_.emplace(Port(number, *id), made).second)
        return context_.error(port, fmt::format("output port {} appears twice", *id), op.name);
      op.outputs.push_back(made);
    }
    layers_[number].op = static_cast<int>(graph_.operators.size());
    graph_.operators.push_back(std::move(op));
    return inputs(node, number, layers_[number].op);
  }

  base::Status inputs(xml_node node, int number, int op) {
    std::size_t position = 0;
    for (xml_node port : node.child("input").children("port")) {
      const auto id = parse_unsigned(port.attribute("id").value());
      if (!id) return context_.error(port, "an input port has no valid id", layers_[number].name);
      if (!slot_of_.emplace(Port(number, *id), slots_.size()).second)
        return context_.error(port, fmt::format("input port {} appears twice", *id), layers_[number].name);
      slots_.push_back({.node = port, .op = op, .position = position++});
    }
    if (op < 0 && position != 1)
      return context_.error(node, fmt::format("a result has {} inputs", position), layers_[number].name);
    return {};
  }

  // Loops and conditions: the bodies become subgraphs; how their ports meet the layer's is kept as text.
  base::Status bodies(xml_node node, graph::Operator& op) {
    std::vector<std::int64_t> found;
    for (const char* name : {"body", "then_body", "else_body"}) {
      const xml_node body = node.child(name);
      if (!body) continue;
      EDGESCOPE_TRY(index, read_graph(context_, body, fmt::format("{}/{}", op.name, name)));
      found.push_back(index);
    }
    if (found.empty()) return {};
    op.attributes.emplace_back(graph::attr::subgraph, std::move(found));
    for (const char* name : {"port_map", "then_port_map", "else_port_map", "back_edges"}) {
      std::vector<std::string> rows;
      for (xml_node row : node.child(name).children()) {
        std::string text = row.name();
        for (const pugi::xml_attribute& attribute : row.attributes())
          text += fmt::format(" {}={}", attribute.name(), attribute.value());
        rows.push_back(std::move(text));
      }
      if (!rows.empty()) op.attributes.emplace_back(name, std::move(rows));
    }
    return {};
  }

  base::Status edge(xml_node node) {
    const auto end = [&](const char* layer, const char* port) -> base::Result<Port> {
      const auto id = parse_unsigned(node.attribute(layer).value());
      const auto at = parse_unsigned(node.attribute(port).value());
      const auto found = id ? ids_.find(*id) : ids_.end();
      if (!at || found == ids_.end())
        return context_.error(node, fmt::format("{}=\"{}\" {}=\"{}\" names no layer's port", layer,
                                                std::string_view(node.attribute(layer).value()).substr(0, 40), port,
                                                std::string_view(node.attribute(port).value()).substr(0, 40)));
      return Port(found->second, *at);
    };
    EDGESCOPE_TRY(from, end("from-layer", "from-port"));
    EDGESCOPE_TRY(to, end("to-layer", "to-port"));
    const auto tensor = made_.find(from);
    const auto slot = slot_of_.find(to);
    if (tensor == made_.end())
      return context_.error(node, fmt::format("an edge comes from output port {}, which does not exist", from.second),
                            layers_[from.first].name);
    if (slot == slot_of_.end())
      return context_.error(node, fmt::format("an edge leads to input port {}, which does not exist", to.second),
                            layers_[to.first].name);
    Slot& target = slots_[slot->second];
    if (target.tensor >= 0)
      return context_.error(node, fmt::format("input port {} has a second edge", to.second), layers_[to.first].name);
    target.tensor = tensor->second;
    return {};
  }

  base::Status connect() {
    for (const Slot& slot : slots_) {
      if (slot.tensor < 0)
        return context_.error(slot.node,
                              fmt::format("no edge leads to input port {}", slot.node.attribute("id").value()),
                              slot.node.parent().parent().attribute("name").value());
      if (slot.op < 0)
        graph_.outputs.push_back(slot.tensor);
      else
        graph_.operators[slot.op].inputs.push_back(slot.tensor);
    }
    return {};
  }

  // What can be told only when the inputs are known.
  void finish_operators() {
    for (int at : graph::execution_order(graph_)) {
      graph::Operator& op = graph_.operators[at];
      if (op.inputs.size() > 1) groups(op, graph_.tensors[op.inputs[1]].shape);
      open_ranks(op);
    }
  }

  // Weights are [groups, ...] here, so their shape is the only place that says how many.
  static void groups(graph::Operator& op, const Shape& weights) {
    const bool grouped =
        op.source_kind.ends_with(":GroupConvolution") || op.source_kind.ends_with(":GroupConvolutionBackpropData");
    if (op.kind == Kind::TransposedConvolution && !grouped)
      op.attributes.emplace_back(graph::attr::groups, std::int64_t{1});
    if (!grouped || !weights.known || weights.dims.size() < 3 || weights.dims[0] < 0) return;
    op.attributes.emplace_back(graph::attr::groups, weights.dims[0]);
    if (op.kind == Kind::GroupConvolution && weights.dims[2] == 1) op.kind = Kind::DepthwiseConvolution;
  }

  // A port without dimensions is a scalar or has an open rank: the file says the same for both. Behind an
  // open rank it is open; so it is behind operators that make a rank from what is dynamic.
  void open_ranks(graph::Operator& op) {
    const bool makes_rank = op.kind == Kind::Reshape || op.kind == Kind::Squeeze || op.kind == Kind::Expand;
    bool open = false;
    for (int input : op.inputs) {
      const Shape& shape = graph_.tensors[input].shape;
      open = open || !shape.known || (makes_rank && !shape.is_static());
    }
    if (!open) return;
    for (int output : op.outputs) {
      Shape& shape = graph_.tensors[output].shape;
      shape.known = !shape.dims.empty();
    }
  }

  int add(Tensor tensor) {
    graph_.tensors.push_back(std::move(tensor));
    return static_cast<int>(graph_.tensors.size()) - 1;
  }

  // The layer's text belongs to it, up to the next layer.
  void own(xml_node node, xml_node layers) {
    using Owner = graph::Extent::Owner;
    const Layer& layer = layers_.back();
    const std::uint64_t start = start_of(node);
    std::uint64_t end = 0;
    if (const xml_node next = node.next_sibling("layer")) {
      end = start_of(next);
    } else {
      const std::string_view text(reinterpret_cast<const char*>(context_.xml.bytes().data()), context_.xml.size());
      const xml_node behind = layers.next_sibling();
      const std::size_t close = text.rfind("</layers", behind ? start_of(behind) : text.size());
      end = close == text.npos || close < start ? start : close;
    }
    graph::Extent extent{.file = 0, .offset = start, .size = end - start, .owner = Owner::Graph, .subgraph = index_};
    if (layer.op >= 0) {
      extent.owner = Owner::Operators;
      extent.op = layer.op;
    } else if (layer.tensor >= 0) {
      extent.owner = Owner::Tensors;
      extent.tensor = layer.tensor;
    }
    context_.extents.add(extent);
  }

  Context& context_;
  xml_node net_;
  int index_;
  graph::Subgraph graph_;
  std::vector<Layer> layers_;
  std::map<std::uint64_t, int> ids_;
  std::map<Port, int> made_;
  std::map<Port, std::size_t> slot_of_;
  std::vector<Slot> slots_;
};

}  // namespace

tl::unexpected<base::Error> Context::error(xml_node node, std::string what, std::string name) const {
  return base::fail({.what = std::move(what), .file = xml.path(), .offset = start_of(node), .node = std::move(name)});
}

base::Result<int> read_graph(Context& context, xml_node net, std::string name) {
  const int index = static_cast<int>(context.model.subgraphs.size());
  context.model.subgraphs.emplace_back();
  EDGESCOPE_TRY(graph, GraphReader(context, net, std::move(name), index).run());
  context.model.subgraphs[index] = std::move(graph);
  return index;
}

}  // namespace edgescope::format::openvino
