#include "format/tflite/layout.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_map>

#include "tflite_bfbs_generated.h"

namespace edgescope::format::tflite {
namespace {

std::string_view last_part(const flatbuffers::String* qualified) {
  const std::string_view name = qualified->string_view();
  return name.substr(name.rfind('.') + 1);
}

std::uint8_t inline_size(reflection::BaseType type) {
  switch (type) {
    case reflection::UType:
    case reflection::Bool:
    case reflection::Byte:
    case reflection::UByte:
      return 1;
    case reflection::Short:
    case reflection::UShort:
      return 2;
    case reflection::Long:
    case reflection::ULong:
    case reflection::Double:
      return 8;
    default:
      return 4;
  }
}

class Schema {
 public:
  Schema() {
    const reflection::Schema& schema = *reflection::GetSchema(fb::ModelBinarySchema::data());
    layouts_.resize(schema.objects()->size());
    enumerations_.resize(schema.enums()->size());
    for (std::size_t i = 0; i < enumerations_.size(); ++i) read(*schema.enums()->Get(i), enumerations_[i]);
    for (std::size_t i = 0; i < layouts_.size(); ++i) {
      read(*schema.objects()->Get(i), layouts_[i]);
      by_name_.emplace(layouts_[i].name, &layouts_[i]);
    }
  }

  const Layout& find(std::string_view name) const {
    const auto it = by_name_.find(name);
    if (it == by_name_.end()) std::abort();  // a name that the schema does not have is a mistake in this program
    return *it->second;
  }

  std::span<const Layout> all() const { return layouts_; }

 private:
  void read(const reflection::Enum& source, Enumeration& target) {
    target.name = last_part(source.name());
    for (const reflection::EnumVal* value : *source.values()) {
      target.names.emplace_back(value->value(), value->name()->string_view());
      if (!source.is_union()) continue;
      const reflection::Type* type = value->union_type();
      target.tables.resize(value->value() + 1);
      if (type && type->base_type() == reflection::Obj) target.tables.back() = &layouts_[type->index()];
    }
  }

  void read(const reflection::Object& source, Layout& target) {
    target.name = last_part(source.name());
    std::vector<const reflection::Field*> ordered;
    for (const reflection::Field* field : *source.fields())
      if (!field->deprecated()) ordered.push_back(field);
    std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
    for (const reflection::Field* field : ordered) {
      const reflection::Type& type = *field->type();
      Field& entry = target.fields.emplace_back(Field{.name = field->name()->string_view(),
                                                      .type = type.base_type(),
                                                      .element = type.element(),
                                                      .offset = field->offset(),
                                                      .size = inline_size(type.base_type()),
                                                      .element_size = inline_size(type.element()),
                                                      .default_integer = field->default_integer(),
                                                      .default_real = field->default_real()});
      if (type.index() < 0) continue;
      if (type.base_type() == reflection::Obj || type.element() == reflection::Obj)
        entry.table = &layouts_[type.index()];
      else
        entry.enumeration = &enumerations_[type.index()];
    }
  }

  std::vector<Layout> layouts_;
  std::vector<Enumeration> enumerations_;
  std::unordered_map<std::string_view, const Layout*> by_name_;
};

const Schema& schema() {
  static const Schema instance;
  return instance;
}

}  // namespace

std::string_view Enumeration::text(std::int64_t value) const {
  // Values are nearly always numbered from 0 without gaps.
  if (value >= 0 && static_cast<std::size_t>(value) < names.size() && names[value].first == value)
    return names[value].second;
  for (const auto& [number, name_of] : names)
    if (number == value) return name_of;
  return {};
}

std::pair<const flatbuffers::Table*, const Layout*> Field::union_of(const flatbuffers::Table& parent) const {
  // A union's type code is the field before it.
  const auto type_offset = static_cast<flatbuffers::voffset_t>(offset - sizeof(flatbuffers::voffset_t));
  const auto code = parent.GetField<std::uint8_t>(type_offset, 0);
  const auto* value = parent.GetPointer<const flatbuffers::Table*>(offset);
  if (!value || code >= enumeration->tables.size() || !enumeration->tables[code]) return {};
  return {value, enumeration->tables[code]};
}

const Field& Layout::field(std::string_view field_name) const {
  const auto it = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == field_name; });
  if (it == fields.end()) std::abort();
  return *it;
}

const Layout& layout(std::string_view table) { return schema().find(table); }

std::span<const Layout> layouts() { return schema().all(); }

}  // namespace edgescope::format::tflite
