#include "format/tflite/attributes.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::Attribute;
using graph::ElementType;

// A field of the schema that has a canonical name. Fields with a place are gathered to a vector in the
// order of their places; `table` restricts the rule to one table.
struct Rule {
  std::string_view field, canonical;
  int place = -1;
  std::string_view table = {};
};

constexpr Rule kRules[] = {
    {"fused_activation_function", attr::activation},
    {"stride_d", attr::strides, 0},
    {"stride_h", attr::strides, 1},
    {"stride_w", attr::strides, 2},
    {"dilation_d_factor", attr::dilations, 0},
    {"dilation_h_factor", attr::dilations, 1},
    {"dilation_w_factor", attr::dilations, 2},
    {"filter_height", attr::kernel, 0},
    {"filter_width", attr::kernel, 1},
    {"squeeze_dims", attr::axes},
    {"adj_x", attr::transpose_a},
    {"adj_y", attr::transpose_b},
    {"window_strides", attr::strides},
    {"window_dilations", attr::dilations},
    {"rhs_dilation", attr::dilations},
    {"window_dimensions", attr::kernel},
    {"feature_group_count", attr::groups},
    {"dimension", attr::axis},
    {"iota_dimension", attr::axis},
    {"dimensions", attr::axes},
    {"subgraph", attr::subgraph, 0, "CallOptions"},
    {"init_subgraph_index", attr::subgraph, 0},
    {"then_subgraph_index", attr::subgraph, 0},
    {"else_subgraph_index", attr::subgraph, 1},
    {"cond_subgraph_index", attr::subgraph, 0},
    {"body_subgraph_index", attr::subgraph, 1},
    {"comparator_subgraph_index", attr::subgraph, 0},
    {"update_computation_subgraph_index", attr::subgraph, 0},
    {"decomposition_subgraph_index", attr::subgraph, 0},
    {"branch_subgraph_indices", attr::subgraph, 0},
    {"called_computations", attr::subgraph, 0},
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Enumerators whose names the graph has words for are put in these words.
Attribute enumerator(const Enumeration& enumeration, std::int64_t value) {
  if (enumeration.name == "TensorType") return std::string(element_type_name(element_type(value)));
  const std::string_view text = enumeration.text(value);
  if (text.empty()) return value;
  if (enumeration.name == "Padding" || enumeration.name == "ActivationFunctionType") return lower(text);
  return std::string(text);
}

std::int64_t integer(const std::uint8_t* at, reflection::BaseType type) {
  switch (type) {
    case reflection::Bool:
    case reflection::UType:
    case reflection::UByte:
      return flatbuffers::ReadScalar<std::uint8_t>(at);
    case reflection::Byte:
      return flatbuffers::ReadScalar<std::int8_t>(at);
    case reflection::Short:
      return flatbuffers::ReadScalar<std::int16_t>(at);
    case reflection::UShort:
      return flatbuffers::ReadScalar<std::uint16_t>(at);
    case reflection::Int:
      return flatbuffers::ReadScalar<std::int32_t>(at);
    case reflection::UInt:
      return flatbuffers::ReadScalar<std::uint32_t>(at);
    case reflection::Long:
      return flatbuffers::ReadScalar<std::int64_t>(at);
    case reflection::ULong:
      return static_cast<std::int64_t>(flatbuffers::ReadScalar<std::uint64_t>(at));
    default:
      return 0;
  }
}

Attribute scalar(const flatbuffers::Table& table, const Field& field) {
  if (field.type == reflection::Float)
    return static_cast<double>(table.GetField<float>(field.offset, static_cast<float>(field.default_real)));
  const std::uint8_t* at = table.GetAddressOf(field.offset);
  const std::int64_t value = at ? integer(at, field.type) : field.default_integer;
  if (field.enumeration) return enumerator(*field.enumeration, value);
  if (field.type == reflection::Bool) return value != 0;
  return value;
}

using Bytes = flatbuffers::Vector<std::uint8_t>;

template <typename T, typename Read>
std::vector<T> elements(const Bytes& vector, const Field& field, Read read) {
  std::vector<T> values;
  values.reserve(vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) values.push_back(read(vector.Data() + i * field.element_size));
  return values;
}

std::vector<std::int64_t> integers(const Bytes& vector, const Field& field) {
  return elements<std::int64_t>(vector, field, [&](const std::uint8_t* at) { return integer(at, field.element); });
}

Attribute list(const Bytes& vector, const Field& field) {
  if (field.element == reflection::Float)
    return elements<double>(vector, field,
                            [](const std::uint8_t* at) -> double { return flatbuffers::ReadScalar<float>(at); });
  if (field.enumeration)
    return elements<std::string>(vector, field, [&](const std::uint8_t* at) {
      const std::int64_t value = integer(at, field.element);
      const std::string_view text = field.enumeration->text(value);
      return text.empty() ? std::to_string(value) : std::string(text);
    });
  return integers(vector, field);
}

using Entry = OptionsEntry;

std::vector<Entry> plan(const Layout& layout) {
  std::vector<Entry> entries;
  std::map<std::string_view, std::map<int, const Field*>> places;
  for (const Field& field : layout.fields) {
    if (is_opaque(field)) continue;
    const auto rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) {
      return r.field == field.name && (r.table.empty() || r.table == layout.name);
    });
    if (rule == std::end(kRules)) {
      entries.push_back({std::string(field.name), {&field}});
    } else if (rule->place < 0) {
      entries.push_back({std::string(rule->canonical), {&field}});
    } else {
      auto& group = places[rule->canonical];
      if (group.empty()) entries.push_back({.name = std::string(rule->canonical), .gathered = true});
      group.emplace(rule->place, &field);
    }
  }
  for (Entry& entry : entries)
    if (entry.gathered)
      for (const auto& [place, field] : places[entry.name]) entry.fields.push_back(field);
  return entries;
}

// StableHLO keeps begin and end of each dimension side by side.
void add_pads(const std::vector<std::int64_t>& pairs, graph::Attributes& result) {
  std::vector<std::int64_t> begin, end;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    begin.push_back(pairs[i]);
    end.push_back(pairs[i + 1]);
  }
  result.emplace_back(attr::padding, std::string("explicit"));
  result.emplace_back(attr::pads_begin, std::move(begin));
  result.emplace_back(attr::pads_end, std::move(end));
}

}  // namespace

const std::vector<Entry>& options_plan(const Layout& layout) {
  static const std::vector<std::vector<Entry>> plans = [] {
    std::vector<std::vector<Entry>> all;
    for (const Layout& each : layouts()) all.push_back(plan(each));
    return all;
  }();
  return plans[static_cast<std::size_t>(&layout - layouts().data())];
}

bool is_opaque(const Field& field) {
  return field.type == reflection::Vector && field.element == reflection::UByte && field.enumeration == nullptr;
}

graph::Attributes attributes(const flatbuffers::Table& options, const Layout& layout) {
  const std::vector<Entry>& entries = options_plan(layout);
  graph::Attributes result;
  result.reserve(entries.size() + 2);
  for (const Entry& entry : entries) {
    std::vector<std::int64_t> gathered;
    for (const Field* field : entry.fields) {
      if (field->points() && !options.GetAddressOf(field->offset)) continue;
      if (field->type == reflection::String) {
        result.emplace_back(entry.name, options.GetPointer<const flatbuffers::String*>(field->offset)->str());
      } else if (field->type == reflection::Vector) {
        const Bytes& vector = *options.GetPointer<const Bytes*>(field->offset);
        if (entry.name == attr::padding)
          add_pads(integers(vector, *field), result);
        else if (entry.gathered)
          gathered = integers(vector, *field);
        else
          result.emplace_back(entry.name, list(vector, *field));
      } else if (entry.gathered) {
        gathered.push_back(std::get<std::int64_t>(scalar(options, *field)));
      } else {
        result.emplace_back(entry.name, scalar(options, *field));
      }
    }
    if (!gathered.empty()) result.emplace_back(entry.name, std::move(gathered));
  }
  return result;
}

namespace {

// In the order of the schema's TensorType.
constexpr ElementType kTypes[] = {
    ElementType::Float32, ElementType::Float16,    ElementType::Int32,     ElementType::UInt8,     ElementType::Int64,
    ElementType::String,  ElementType::Bool,       ElementType::Int16,     ElementType::Complex64, ElementType::Int8,
    ElementType::Float64, ElementType::Complex128, ElementType::UInt64,    ElementType::Resource,  ElementType::Variant,
    ElementType::UInt32,  ElementType::UInt16,     ElementType::Int4,      ElementType::BFloat16,  ElementType::Int2,
    ElementType::UInt4,   ElementType::Float8E4M3, ElementType::Float8E5M2};

}  // namespace

ElementType element_type(std::int64_t tensor_type) {
  if (tensor_type < 0 || tensor_type >= static_cast<std::int64_t>(std::size(kTypes))) return ElementType::Unknown;
  return kTypes[tensor_type];
}

std::optional<std::int64_t> tensor_type(ElementType type) {
  const auto* it = std::find(std::begin(kTypes), std::end(kTypes), type);
  if (it == std::end(kTypes)) return std::nullopt;
  return it - std::begin(kTypes);
}

}  // namespace edgescope::format::tflite
