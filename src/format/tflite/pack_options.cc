// The way back from attributes to an options table.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "format/tflite/attributes.h"
#include "graph/canonical.h"

namespace edgescope::format::tflite {
namespace {

namespace attr = graph::attr;
using graph::Attribute;
using Ints = std::vector<std::int64_t>;

// A field's value, to be put into the table once all that it points to is there.
struct Value {
  const Field* field;
  std::int64_t integer = 0;
  double real = 0;
  flatbuffers::uoffset_t target = 0;
};

class Packer {
 public:
  Packer(flatbuffers::FlatBufferBuilder& builder, const graph::Attributes& attributes, const Layout& layout)
      : builder_(builder), attributes_(attributes), layout_(layout) {}

  void opaque(std::span<const std::byte> bytes) {
    const auto field = std::find_if(layout_.fields.begin(), layout_.fields.end(), is_opaque);
    if (bytes.empty() || field == layout_.fields.end()) return;
    const auto vector = builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    values_.push_back({.field = &*field, .target = vector.o});
  }

  base::Result<flatbuffers::Offset<flatbuffers::Table>> run() {
    for (const OptionsEntry& entry : options_plan(layout_)) EDGESCOPE_CHECK(take(entry));
    const auto start = builder_.StartTable();
    for (const Value& value : values_) put(value);
    return flatbuffers::Offset<flatbuffers::Table>(builder_.EndTable(start));
  }

 private:
  base::Status take(const OptionsEntry& entry) {
    if (entry.name == attr::padding && entry.fields.front()->type == reflection::Vector)
      return list(*entry.fields.front(), interleaved_pads());
    const Attribute* attribute = graph::find(attributes_, entry.name);
    if (attribute == nullptr) return {};
    if (!entry.gathered) return one(*entry.fields.front(), *attribute);
    const auto* ints = std::get_if<Ints>(attribute);
    if (ints == nullptr) return misfit(entry.name);
    if (entry.fields.front()->type == reflection::Vector) return one(*entry.fields.front(), *attribute);
    if (ints->size() != entry.fields.size()) return misfit(entry.name);
    for (std::size_t i = 0; i < ints->size(); ++i) EDGESCOPE_CHECK(one(*entry.fields[i], (*ints)[i]));
    return {};
  }

  Attribute interleaved_pads() const {
    const auto begin = graph::get<Ints>(attributes_, attr::pads_begin),
               end = graph::get<Ints>(attributes_, attr::pads_end);
    Ints pairs;
    for (std::size_t i = 0; i < std::min(begin.size(), end.size()); ++i) pairs.insert(pairs.end(), {begin[i], end[i]});
    return pairs;
  }

  base::Status one(const Field& field, const Attribute& attribute) {
    if (field.type == reflection::Vector) return list(field, attribute);
    Value value{.field = &field};
    if (const auto* text = std::get_if<std::string>(&attribute)) {
      if (field.type == reflection::String) {
        value.target = builder_.CreateString(*text).o;
      } else {
        const auto number = enumerator(field, *text);
        if (!number) return misfit(field.name);
        value.integer = *number;
      }
    } else if (const auto* flag = std::get_if<bool>(&attribute)) {
      value.integer = *flag ? 1 : 0;
    } else if (const auto* integer = std::get_if<std::int64_t>(&attribute)) {
      value.integer = *integer;
      value.real = static_cast<double>(*integer);
      if (!fits(*integer, field.type)) return misfit(field.name);
    } else if (const auto* real = std::get_if<double>(&attribute); real != nullptr && field.type == reflection::Float) {
      value.real = *real;
    } else {
      return misfit(field.name);
    }
    if (field.points() && value.target == 0) return misfit(field.name);
    values_.push_back(value);
    return {};
  }

  base::Status list(const Field& field, const Attribute& attribute) {
    std::vector<std::uint8_t> bytes;
    const auto append = [&](const auto& value, std::size_t size) {
      const auto* from = reinterpret_cast<const std::uint8_t*>(&value);
      bytes.insert(bytes.end(), from, from + size);
    };
    std::size_t count = 0;
    if (const auto* ints = std::get_if<Ints>(&attribute)) {
      count = ints->size();
      for (std::int64_t each : *ints) {
        if (!fits(each, field.element)) return misfit(field.name);
        if (field.element == reflection::Float)
          append(static_cast<float>(each), sizeof(float));
        else
          append(each, field.element_size);
      }
    } else if (const auto* reals = std::get_if<std::vector<double>>(&attribute);
               reals && field.element == reflection::Float) {
      count = reals->size();
      for (double each : *reals) append(static_cast<float>(each), sizeof(float));
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute); texts && field.enumeration) {
      count = texts->size();
      for (const std::string& each : *texts) {
        const auto number = enumerator(field, each);
        if (!number) return misfit(field.name);
        append(*number, field.element_size);
      }
    } else {
      return misfit(field.name);
    }
    builder_.StartVector(count, field.element_size);
    builder_.PushBytes(bytes.data(), bytes.size());
    values_.push_back({.field = &field, .target = builder_.EndVector(count)});
    return {};
  }

  static bool fits(std::int64_t value, reflection::BaseType type) {
    const auto within = [&](std::int64_t low, std::int64_t high) { return value >= low && value <= high; };
    switch (type) {
      case reflection::Bool:
        return within(0, 1);
      case reflection::Byte:
        return within(-128, 127);
      case reflection::UByte:
        return within(0, 255);
      case reflection::Int:
        return within(std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
      case reflection::UInt:
        return within(0, std::numeric_limits<std::uint32_t>::max());
      default:
        return true;
    }
  }

  // The number of an enumerator by the name that reading gives it; a later format's is its number.
  static std::optional<std::int64_t> enumerator(const Field& field, const std::string& text) {
    if (field.enumeration == nullptr) return std::nullopt;
    if (field.enumeration->name == "TensorType") return tensor_type(graph::element_type_from_name(text));
    const auto same = [](char a, char b) {
      return std::toupper(static_cast<unsigned char>(a)) == std::toupper(static_cast<unsigned char>(b));
    };
    for (const auto& [number, name] : field.enumeration->names)
      if (std::equal(name.begin(), name.end(), text.begin(), text.end(), same)) return number;
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
  }

  base::Status misfit(std::string_view name) const {
    return base::fail({.what = fmt::format("its attribute `{}` has a value that {} cannot hold", name, layout_.name)});
  }

  void put(const Value& value) {
    const Field& field = *value.field;
    if (field.points()) {
      builder_.AddOffset(field.offset, flatbuffers::Offset<void>(value.target));
      return;
    }
    switch (field.type) {
      case reflection::Float:
        return builder_.AddElement(field.offset, static_cast<float>(value.real),
                                   static_cast<float>(field.default_real));
      case reflection::Byte:
      case reflection::Bool:
      case reflection::UByte:
        return add<std::uint8_t>(value);
      case reflection::Short:
      case reflection::UShort:
        return add<std::uint16_t>(value);
      case reflection::Long:
      case reflection::ULong:
        return add<std::uint64_t>(value);
      default:
        return add<std::uint32_t>(value);
    }
  }

  template <typename T>
  void add(const Value& value) {
    builder_.AddElement(value.field->offset, static_cast<T>(value.integer),
                        static_cast<T>(value.field->default_integer));
  }

  flatbuffers::FlatBufferBuilder& builder_;
  const graph::Attributes& attributes_;
  const Layout& layout_;
  std::vector<Value> values_;
};

}  // namespace

base::Result<flatbuffers::Offset<flatbuffers::Table>> pack_options(flatbuffers::FlatBufferBuilder& builder,
                                                                   const graph::Attributes& attributes,
                                                                   std::span<const std::byte> opaque,
                                                                   const Layout& layout) {
  Packer packer(builder, attributes, layout);
  packer.opaque(opaque);
  return packer.run();
}

}  // namespace edgescope::format::tflite
