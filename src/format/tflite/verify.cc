#include "format/tflite/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/tflite/layout.h"

namespace edgescope::format::tflite {
namespace {

using Bytes = flatbuffers::Vector<std::uint8_t>;

// Deeper than any table of the schema nests.
constexpr flatbuffers::uoffset_t kDepth = 64;
// A table takes at least 4 bytes, the offset that names it 4 more.
constexpr std::uint64_t kBytesPerTable = 8;

class Walk {
 public:
  Walk(const base::MappedFile& file, std::uint64_t size)
      : start_(reinterpret_cast<const std::uint8_t*>(file.bytes().data())),
        most_tables_(size / kBytesPerTable),
        verifier_(start_, size, {.max_depth = kDepth, .max_tables = ~flatbuffers::uoffset_t{0}}),
        footprint_(file) {}

  bool run(const Layout& root) {
    const flatbuffers::uoffset_t offset = verifier_.VerifyOffset(0);
    return (offset != 0 || fail(start_, root, nullptr)) && table(start_ + offset, root);
  }

  std::uint64_t where() const { return static_cast<std::uint64_t>(where_ - start_); }
  std::string what() const {
    if (tables_ > most_tables_) return "names more tables than it has room for";
    return fmt::format("is damaged or cut off: {} reaches outside the file or is out of place", what_);
  }

 private:
  bool fail(const std::uint8_t* at, const Layout& layout, const Field* field) {
    if (!where_) {
      where_ = at;
      what_ = field ? fmt::format("{}.{}", layout.name, field->name) : std::string(layout.name);
    }
    return false;
  }

  bool table(const std::uint8_t* at, const Layout& layout) {
    footprint_.visit(at);
    if (++tables_ > most_tables_ || !verifier_.VerifyTableStart(at)) return fail(at, layout, nullptr);
    const auto& fields = *reinterpret_cast<const flatbuffers::Table*>(at);
    for (const Field& each : layout.fields_in(fields)) {
      const flatbuffers::voffset_t place = fields.GetOptionalFieldOffset(each.offset);
      if (place == 0) continue;
      if (!verifier_.VerifyFieldStruct(at, place, each.size, each.size) ||
          (each.points() && !below(at, place, each, fields)))
        return fail(at, layout, &each);
    }
    return verifier_.EndTable();
  }

  bool below(const std::uint8_t* at, flatbuffers::voffset_t place, const Field& field,
             const flatbuffers::Table& parent) {
    const flatbuffers::uoffset_t offset = verifier_.VerifyOffset(at, place);
    if (offset == 0) return false;
    const std::uint8_t* target = at + place + offset;
    if (field.type == reflection::Obj) return table(target, *field.table);
    if (field.type == reflection::String)
      return verifier_.VerifyString(reinterpret_cast<const flatbuffers::String*>(target));
    if (field.type == reflection::Vector) return vector(target, field);
    const auto [value, its_layout] = field.union_of(parent);
    return !value || table(target, *its_layout);
  }

  bool vector(const std::uint8_t* at, const Field& field) {
    footprint_.visit(at);
    const std::size_t size = field.element_size;
    const auto elements = static_cast<std::size_t>(at - start_) + sizeof(flatbuffers::uoffset_t);
    if (!verifier_.VerifyVectorOrString(at, size)) return false;
    const auto count = reinterpret_cast<const Bytes*>(at)->size();
    if (count > 0 && !verifier_.VerifyAlignment(elements, size)) return false;
    if (field.element != reflection::Obj) return true;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t element = elements + i * size;
      const flatbuffers::uoffset_t offset = verifier_.VerifyOffset(element);
      if (offset == 0 || !table(start_ + element + offset, *field.table)) return false;
    }
    return true;
  }

  const std::uint8_t* start_;
  std::uint64_t most_tables_;
  std::uint64_t tables_ = 0;
  flatbuffers::Verifier verifier_;
  Footprint footprint_;
  const std::uint8_t* where_ = nullptr;
  std::string what_;
};

}  // namespace

base::Status verify(const base::MappedFile& file) {
  // All offsets of a FlatBuffer are below 2 GiB; what a larger file holds behind them is data.
  const std::uint64_t size = std::min<std::uint64_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  Walk walk(file, size);
  if (walk.run(layout("Model"))) return {};
  return base::fail(
      {.what = walk.what(), .file = file.path(), .offset = walk.where(), .remedy = "Fetch or export the model again."});
}

}  // namespace edgescope::format::tflite
