#include "format/openvino/write_attributes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "format/openvino/attributes.h"
#include "format/openvino/values.h"
#include "graph/canonical.h"

namespace edgescope::format::openvino {
namespace {

using graph::Attribute;
using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

// A number that reads as one of the same type.
std::string real(double value) {
  std::string text = fmt::format("{}", value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string text_of(const Attribute& attribute) {
  struct Visitor {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
    std::string operator()(double value) const { return real(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const Ints& list) const { return fmt::format("{}", fmt::join(list, ",")); }
    std::string operator()(const std::vector<double>& list) const {
      std::string text;
      for (double each : list) text += (text.empty() ? "" : ",") + real(each);
      return text;
    }
    std::string operator()(const std::vector<std::string>&) const { return {}; }  // ports of bodies, written elsewhere
  };
  return std::visit(Visitor(), attribute);
}

std::string padding(const std::string& name) { return name == "same" ? "same_upper" : name; }

// Attributes that reading fills in and that no file has.
bool derived(const graph::Operator& op, const std::string& name, const Attribute& value) {
  const bool pool = op.kind == Kind::AveragePool || op.kind == Kind::MaxPool;
  if (name == attr::subgraph || std::holds_alternative<std::vector<std::string>>(value)) return true;
  if (name == attr::groups) return op.kind != Kind::DeformableConvolution;
  if (name == attr::dilations && pool) {
    const auto* list = std::get_if<Ints>(&value);
    return list != nullptr && std::all_of(list->begin(), list->end(), [](std::int64_t d) { return d == 1; });
  }
  if (op.kind == Kind::Resize)
    return name == attr::half_pixel_centers || (name == attr::align_corners && op.version >= 4);
  return false;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> write_attributes(const graph::Operator& op) {
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& [name, value] : op.attributes) {
    if (derived(op, name, value)) continue;
    std::string text = text_of(value);
    if (name == attr::padding) text = padding(text);
    if (name == attr::to)
      if (const auto type = data_type(graph::element_type_from_name(text)); !type.empty()) text = type;
    texts.emplace_back(source_name(op.kind, name), std::move(text));
  }
  // Pads stand beside every padding, zeros where it is not their business.
  if (const auto padded = graph::get<std::string>(op.attributes, attr::padding);
      !padded.empty() && padded != "explicit" && op.kind != Kind::BinaryConvolution) {
    const std::size_t rank = std::max(graph::get<Ints>(op.attributes, attr::strides).size(),
                                      graph::get<Ints>(op.attributes, attr::kernel).size());
    for (const auto name : {attr::pads_begin, attr::pads_end})
      if (graph::find(op.attributes, name) == nullptr)
        texts.emplace_back(name, fmt::format("{}", fmt::join(Ints(rank, 0), ",")));
  }
  return texts;
}

std::string_view data_type(graph::ElementType type) {
  using enum graph::ElementType;
  switch (type) {
    case Bool:
      return "boolean";
    case Unknown:
      return "dynamic";
    case Resource:
    case Variant:
    case Complex64:
    case Complex128:
    case Float6E2M3:
    case Float6E3M2:
    case Float8E4M3Uz:
    case Float8E5M2Uz:
      return {};
    default:
      return element_type_name(type);
  }
}

std::string_view port_precision(graph::ElementType type) {
  using enum graph::ElementType;
  switch (type) {
    case Float32:
      return "FP32";
    case Float16:
      return "FP16";
    case Float64:
      return "FP64";
    case BFloat16:
      return "BF16";
    case Int64:
      return "I64";
    case Int32:
      return "I32";
    case Int16:
      return "I16";
    case Int8:
      return "I8";
    case Int4:
      return "I4";
    case UInt64:
      return "U64";
    case UInt32:
      return "U32";
    case UInt16:
      return "U16";
    case UInt8:
      return "U8";
    case UInt6:
      return "U6";
    case UInt4:
      return "U4";
    case UInt3:
      return "U3";
    case UInt2:
      return "U2";
    case UInt1:
      return "BIN";
    case Bool:
      return "BOOL";
    case NF4:
      return "NF4";
    case Float4E2M1:
      return "F4E2M1";
    case Float8E4M3:
      return "F8E4M3";
    case Float8E5M2:
      return "F8E5M2";
    case Float8E8M0:
      return "F8E8M0";
    case String:
      return "STRING";
    case Unknown:
      return "dynamic";
    default:
      return {};
  }
}

}  // namespace edgescope::format::openvino
