// What the schema says of each table: which fields, of which type, where, and what an absent one means.
//
// It comes from schemas/tflite.fbs itself, embedded in binary form, so that options of 150 kinds and the
// extents of any table are read by one walk each, and a new field needs a line in the schema only.
#pragma once

#include <flatbuffers/flatbuffers.h>
#include <flatbuffers/reflection_generated.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace edgescope::format::tflite {

struct Layout;

// An enumeration's names by value, or a union's tables by type code.
struct Enumeration {
  std::string_view name;
  std::vector<std::pair<std::int64_t, std::string_view>> names;
  std::vector<const Layout*> tables;  // unions only: by type code, null where there is none

  std::string_view text(std::int64_t value) const;  // empty for a value from a later format
};

struct Field {
  std::string_view name;
  reflection::BaseType type = reflection::None;
  reflection::BaseType element = reflection::None;  // of a vector
  flatbuffers::voffset_t offset = 0;                // into the vtable
  std::uint8_t size = 0;                            // bytes of a scalar, or of the offset that stands for the rest
  std::uint8_t element_size = 0;
  std::int64_t default_integer = 0;
  double default_real = 0;
  const Layout* table = nullptr;             // a table, or the elements of a vector of tables
  const Enumeration* enumeration = nullptr;  // an enumerator, a vector of them, or a union

  // True where the table holds an offset to the value.
  bool points() const { return type >= reflection::String; }
  // The union's table in `parent` and what it is; null where there is none or it is of a later format.
  std::pair<const flatbuffers::Table*, const Layout*> union_of(const flatbuffers::Table& parent) const;
};

struct Layout {
  std::string_view name;
  std::vector<Field> fields;  // in the order of their ids, deprecated ones left out

  const Field& field(std::string_view field_name) const;

  // The first of `fields`, as far as the table has room for: older and thriftier writers leave out the rest.
  std::span<const Field> fields_in(const flatbuffers::Table& table) const {
    const auto room = flatbuffers::ReadScalar<flatbuffers::voffset_t>(table.GetVTable());
    std::size_t count = fields.size();
    while (count > 0 && fields[count - 1].offset >= room) --count;
    return std::span(fields).first(count);
  }
};

// `table` is a name in the schema, such as "Tensor".
const Layout& layout(std::string_view table);

std::span<const Layout> layouts();

}  // namespace edgescope::format::tflite
