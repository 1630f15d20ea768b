#include "format/openvino/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "format/openvino/values.h"

namespace edgescope::format::openvino {
namespace {

using graph::Attribute;
using graph::Attributes;
using graph::Kind;
namespace attr = graph::attr;

enum class Form { Int, Ints, Float, Bool, Text, Type, Padding };

struct Rule {
  std::string_view source;
  std::string_view canonical;
  Form form;
  Kind only = Kind::Unknown;  // Unknown: of every kind
};

constexpr Rule kRules[] = {
    {"kernel", attr::kernel, Form::Ints},
    {"strides", attr::strides, Form::Ints},
    {"dilations", attr::dilations, Form::Ints},
    {"pads_begin", attr::pads_begin, Form::Ints},
    {"pads_end", attr::pads_end, Form::Ints},
    {"auto_pad", attr::padding, Form::Padding},
    {"group", attr::groups, Form::Int, Kind::DeformableConvolution},
    {"axis", attr::axis, Form::Int},
    {"axes", attr::axes, Form::Ints},
    {"keep_dims", attr::keep_dims, Form::Bool},
    {"transpose_a", attr::transpose_a, Form::Bool},
    {"transpose_b", attr::transpose_b, Form::Bool},
    {"destination_type", attr::to, Form::Type},
    {"alpha", attr::alpha, Form::Float},
    {"beta", attr::beta, Form::Float},
    {"eps", attr::epsilon, Form::Float},
    {"epsilon", attr::epsilon, Form::Float},
    {"min", attr::min, Form::Float, Kind::Clamp},
    {"max", attr::max, Form::Float, Kind::Clamp},
    {"block_size", attr::block_size, Form::Int},
    {"align_corners", attr::align_corners, Form::Bool, Kind::Resize},
    // Names that may consist of digits.
    {"variable_id", "variable_id", Form::Text},
    {"equation", "equation", Form::Text},
};

const Rule* rule_for(Kind kind, std::string_view source) {
  for (const Rule& rule : kRules)
    if (rule.source == source && (rule.only == Kind::Unknown || rule.only == kind)) return &rule;
  return nullptr;
}

template <typename T>
std::optional<Attribute> wrap(std::optional<T> value) {
  if (!value) return std::nullopt;
  return Attribute(std::move(*value));
}

std::optional<Attribute> padding(std::string_view text) {
  if (text == "explicit" || text == "notset" || text.empty()) return "explicit";
  if (text == "same_upper") return "same";
  if (text == "same_lower" || text == "valid") return std::string(text);
  return std::nullopt;
}

std::optional<Attribute> parse(Form form, std::string_view text) {
  switch (form) {
    case Form::Int:
      return wrap(parse_int(text));
    case Form::Ints:
      return wrap(parse_ints(text));
    case Form::Float:
      return wrap(parse_float(text));
    case Form::Bool:
      return wrap(parse_bool(text));
    case Form::Text:
      return std::string(text);
    case Form::Type: {
      const graph::ElementType type = parse_type(text);
      return std::string(type == graph::ElementType::Unknown ? text : graph::element_type_name(type));
    }
    case Form::Padding:
      return padding(text);
  }
  return std::nullopt;
}

void fill(Attributes& attributes, std::string_view name, Attribute value) {
  if (!graph::find(attributes, name)) attributes.emplace_back(name, std::move(value));
}

void fill_window(Attributes& attributes) {
  fill(attributes, attr::padding, std::string("explicit"));
  if (graph::get<std::string>(attributes, attr::padding) != "explicit")  // IR writes zeros beside same_upper
    std::erase_if(attributes, [](const auto& a) { return a.first == attr::pads_begin || a.first == attr::pads_end; });
  const auto strides = graph::get<std::vector<std::int64_t>>(attributes, attr::strides);
  fill(attributes, attr::dilations, std::vector<std::int64_t>(strides.size(), 1));
}

void fill_resize(Attributes& attributes, std::int64_t opset) {
  if (opset < 4) return fill(attributes, attr::align_corners, true);
  const auto mode = graph::get<std::string>(attributes, "coordinate_transformation_mode", "half_pixel");
  fill(attributes, attr::align_corners, mode == "align_corners");
  fill(attributes, attr::half_pixel_centers, mode == "half_pixel");
}

void fill_defaults(Attributes& attributes, Kind kind, std::int64_t opset) {
  switch (kind) {
    case Kind::Convolution:
    case Kind::DeformableConvolution:
      fill(attributes, attr::groups, std::int64_t{1});
      [[fallthrough]];
    case Kind::GroupConvolution:
    case Kind::TransposedConvolution:
    case Kind::BinaryConvolution:
    case Kind::AveragePool:
    case Kind::MaxPool:
      return fill_window(attributes);
    case Kind::Matmul:
      fill(attributes, attr::transpose_a, false);
      return fill(attributes, attr::transpose_b, false);
    case Kind::Softmax:
    case Kind::LogSoftmax:
    case Kind::ShuffleChannels:
      return fill(attributes, attr::axis, std::int64_t{1});
    case Kind::OneHot:
      return fill(attributes, attr::axis, std::int64_t{-1});
    case Kind::DepthToSpace:
    case Kind::SpaceToDepth:
      return fill(attributes, attr::block_size, std::int64_t{1});
    case Kind::Resize:
      return fill_resize(attributes, opset);
    case Kind::ReduceMean:
    case Kind::ReduceSum:
    case Kind::ReduceMax:
    case Kind::ReduceMin:
    case Kind::ReduceProd:
    case Kind::ReduceAny:
    case Kind::ReduceAll:
    case Kind::ReduceL1:
    case Kind::ReduceL2:
      return fill(attributes, attr::keep_dims, false);
    default:
      return;
  }
}

}  // namespace

base::Result<Attributes> read_attributes(Kind kind, std::int64_t opset, pugi::xml_node data) {
  Attributes attributes;
  for (const pugi::xml_attribute& attribute : data.attributes()) {
    const std::string_view name = attribute.name(), text = attribute.value();
    const Rule* rule = rule_for(kind, name);
    if (!rule) {
      attributes.emplace_back(name, guess(text));
      continue;
    }
    auto value = parse(rule->form, text);
    if (!value) return base::fail({.what = fmt::format("attribute {} has the value `{}`", name, text.substr(0, 80))});
    attributes.emplace_back(rule->canonical, std::move(*value));
  }
  fill_defaults(attributes, kind, opset);
  return attributes;
}

std::string_view source_name(Kind kind, std::string_view canonical) {
  const bool spelt_out = kind == Kind::BatchNormalization || kind == Kind::GroupNormalization;
  if (canonical == attr::epsilon && spelt_out) return "epsilon";
  for (const Rule& rule : kRules)
    if (rule.canonical == canonical && (rule.only == Kind::Unknown || rule.only == kind)) return rule.source;
  return canonical;
}

}  // namespace edgescope::format::openvino
