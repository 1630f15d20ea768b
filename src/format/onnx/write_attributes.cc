#include "format/onnx/write_attributes.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/onnx/attributes.h"
#include "format/onnx/fields.h"
#include "format/onnx/tensor.h"
#include "graph/canonical.h"

namespace edgescope::format::onnx {
namespace {

namespace attr = graph::attr;
namespace number = fields::attribute;
using graph::Attribute;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

// AttributeProto.AttributeType of those that have no graph::Attribute.
constexpr std::int64_t kGraph = 5, kGraphs = 10;

struct Visitor {
  Message& message;
  void type(std::int64_t value) const { message.number(number::type, value); }
  void operator()(bool value) const { (*this)(std::int64_t{value}); }
  void operator()(std::int64_t value) const {
    message.number(number::i, value);
    type(2);
  }
  void operator()(double value) const {
    message.real(number::f, static_cast<float>(value));
    type(1);
  }
  void operator()(const std::string& value) const {
    message.text(number::s, value);
    type(3);
  }
  void operator()(const Ints& list) const {
    for (std::int64_t each : list) message.number(number::ints, each);
    type(7);
  }
  void operator()(const std::vector<double>& list) const {
    for (double each : list) message.real(number::floats, static_cast<float>(each));
    type(6);
  }
  void operator()(const std::vector<std::string>& list) const {
    for (const std::string& each : list) message.text(number::strings, each);
    type(8);
  }
};

std::string auto_pad(const std::string& padding) {
  if (padding == "same") return "SAME_UPPER";
  if (padding == "same_lower") return "SAME_LOWER";
  if (padding == "valid") return "VALID";
  return padding == "explicit" ? "NOTSET" : padding;
}

// Reading tells every window its dilations; these operators have had an attribute for them since.
bool without_dilations(const graph::Operator& op) {
  return (op.source_kind == "AveragePool" && op.version < 19) || (op.source_kind == "LpPool" && op.version < 18) ||
         (op.source_kind == "MaxPool" && op.version < 10);
}

class Attributes {
 public:
  Attributes(const graph::Operator& op, const WriteBody& body, Message& node) : op_(op), body_(body), node_(node) {}

  base::Status run() {
    if (!op_.options.empty()) return from_options();
    const bool own = op_.source_kind.find(':') == std::string::npos;
    for (const auto& [name, value] : op_.attributes) {
      if (name == attr::subgraph || name == "captured") continue;
      if (is_body(name, value))
        EDGESCOPE_CHECK(graphs(name, value));
      else if (own)
        canonical(name, value);
      else
        put(name, value);
    }
    return {};
  }

 private:
  // The NodeProto's attributes as they are, but for bodies, which are subgraphs of the model.
  base::Status from_options() {
    Walk walk(op_.options);
    for (Field field; walk.next(field);) {
      if (field.is(fields::node::overload, Wire::Length)) node_.raw(field.whole);
      if (!field.is(fields::node::attribute, Wire::Length)) continue;
      std::string name;
      bool body = false;
      Walk inside(field.payload);
      for (Field part; inside.next(part);) {
        if (part.is(number::name, Wire::Length)) name = part.text();
        body = body || part.number == number::g || part.number == number::graphs;
      }
      const Attribute* value = graph::find(op_.attributes, name);
      if (body && value != nullptr)
        EDGESCOPE_CHECK(graphs(name, *value));
      else
        node_.raw(field.whole);
    }
    return {};
  }

  bool is_body(std::string_view name, const Attribute& value) const {
    if (graph::find(op_.attributes, attr::subgraph) == nullptr) return false;
    const bool index = std::holds_alternative<std::int64_t>(value) || std::holds_alternative<Ints>(value);
    return index && (name == "body" || name == "then_branch" || name == "else_branch");
  }

  base::Status graphs(std::string_view name, const Attribute& value) {
    const auto* one = std::get_if<std::int64_t>(&value);
    const Ints list = one != nullptr ? Ints{*one} : std::get<Ints>(value);
    Message message;
    message.text(number::name, name);
    for (std::int64_t each : list) {
      EDGESCOPE_TRY(graph, body_(each));
      message.message(one != nullptr ? number::g : number::graphs, std::move(graph));
    }
    message.number(number::type, one != nullptr ? kGraph : kGraphs);
    node_.message(fields::node::attribute, std::move(message));
    return {};
  }

  void canonical(const std::string& name, const Attribute& value) {
    if (op_.kind == Kind::Resize && (name == attr::align_corners || name == attr::half_pixel_centers)) return;
    if (name == attr::dilations && without_dilations(op_)) return;
    if (name == attr::pads_end) return;
    if (name == attr::pads_begin) {
      Ints pads = std::get<Ints>(value);
      const Ints end = graph::get<Ints>(op_.attributes, attr::pads_end);
      pads.insert(pads.end(), end.begin(), end.end());
      return put("pads", pads);
    }
    if (name == attr::padding && std::holds_alternative<std::string>(value))
      return put("auto_pad", auto_pad(std::get<std::string>(value)));
    if (name == attr::to && (op_.kind == Kind::Cast || op_.kind == Kind::Bitcast))
      if (const auto* type = std::get_if<std::string>(&value))
        return put(name, type_number(graph::element_type_from_name(*type)).value_or(0));
    put(source_name(name), value);
  }

  void put(std::string_view name, const Attribute& value) {
    node_.message(fields::node::attribute, attribute_message(name, value));
  }

  const graph::Operator& op_;
  const WriteBody& body_;
  Message& node_;
};

}  // namespace

base::Status write_attributes(const graph::Operator& op, const WriteBody& body, Message& node) {
  return Attributes(op, body, node).run();
}

Message attribute_message(std::string_view name, const Attribute& value) {
  Message message;
  message.text(number::name, name);
  std::visit(Visitor{message}, value);
  return message;
}

std::optional<std::int64_t> type_number(graph::ElementType type) {
  for (std::uint64_t i = 1; i < 64; ++i)
    if (element_type(i) == type && type != graph::ElementType::Unknown) return static_cast<std::int64_t>(i);
  return std::nullopt;
}

}  // namespace edgescope::format::onnx
