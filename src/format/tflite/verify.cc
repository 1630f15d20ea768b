#include "format/tflite/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "format/tflite/layout.h"

namespace edgescope::format::tflite {
namespace {

using Bytes = flatbuffers::Vector<std::uint8_t>;

// Deeper than any table of the schema nests.
constexpr flatbuffers::uoffset_t kDepth = 64;
// A table takes at least 4 bytes, the offset that names it 4 more.
constexpr std::uint64_t kBytesPerTable = 8;

// More zeros than these align nothing: the schema asks for 16 bytes.
constexpr std::uint8_t kMostZeros = 15;

// Single values of the file with what stands around them, without the mapping. Builders write from the end of
// the file to its start, so that the neighbour of a small buffer is found before it.
class Surroundings {
 public:
  explicit Surroundings(const base::MappedFile& file) : file_(file) {}

  // 0 where the file has ended.
  template <typename T>
  T read(std::uint64_t offset) {
    if (!holds(offset, sizeof(T))) {
      start_ = offset - std::min(offset, kBefore);
      held_ = file_.peek(start_, bytes_);
    }
    T value{};
    if (holds(offset, sizeof(T))) std::memcpy(&value, bytes_.data() + (offset - start_), sizeof(T));
    return flatbuffers::EndianScalar(value);
  }

 private:
  static constexpr std::uint64_t kBefore = 768;

  bool holds(std::uint64_t offset, std::size_t size) const {
    return offset >= start_ && offset + size <= start_ + held_;
  }

  base::MappedFile file_;
  std::array<std::byte, 1024> bytes_;
  std::uint64_t start_ = 0;
  std::size_t held_ = 0;
};

class Walk {
 public:
  Walk(const base::MappedFile& file, std::uint64_t size)
      : start_(reinterpret_cast<const std::uint8_t*>(file.bytes().data())),
        most_tables_(size / kBytesPerTable),
        verifier_(start_, size, {.max_depth = kDepth, .max_tables = ~flatbuffers::uoffset_t{0}}),
        footprint_(file),
        surroundings_(file) {}

  bool run(const Layout& root) {
    const flatbuffers::uoffset_t offset = verifier_.VerifyOffset(0);
    return (offset != 0 || fail(start_, root, nullptr)) && table(start_ + offset, root);
  }

  std::vector<BufferTable> buffers() && { return std::move(buffers_); }

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
      if (offset == 0) return false;
      const std::uint8_t* below = start_ + element + offset;
      if (!(field.table == &buffer_ ? buffer(below) : table(below, *field.table))) return false;
    }
    return true;
  }

  // What table() does, from a copy of the bytes; only the vtable, which buffers share, is looked at in the mapping.
  bool buffer(const std::uint8_t* at) {
    const auto start = static_cast<std::size_t>(at - start_);
    if (++tables_ > most_tables_ || !verifier_.Verify<flatbuffers::soffset_t>(start)) return fail(at, buffer_, nullptr);
    const std::size_t vtable = start - static_cast<std::size_t>(surroundings_.read<flatbuffers::soffset_t>(start));
    if (!verifier_.Verify<flatbuffers::voffset_t>(vtable)) return fail(at, buffer_, nullptr);
    footprint_.visit(start_ + vtable);
    const auto entry = [&](std::size_t offset) {
      return flatbuffers::ReadScalar<flatbuffers::voffset_t>(start_ + vtable + offset);
    };
    const flatbuffers::voffset_t room = entry(0);
    if (room % sizeof(room) != 0 || !verifier_.Verify(vtable, room)) return fail(at, buffer_, nullptr);

    BufferTable& table = buffers_.emplace_back(BufferTable{.start = static_cast<std::uint32_t>(start)});
    if (room > sizeof(room)) table.size = entry(sizeof(room));
    const std::size_t before = vtable < start ? vtable + room : 0;  // a vtable may end in zeros, too
    while (table.zeros < kMostZeros && start - table.zeros > before &&
           surroundings_.read<std::uint8_t>(start - table.zeros - 1) == 0)
      ++table.zeros;
    for (const Field& field : buffer_.fields) {
      const flatbuffers::voffset_t place = field.offset < room ? entry(field.offset) : 0;
      if (place == 0) continue;
      if (!verifier_.VerifyFieldStruct(at, place, field.size, field.size) ||
          (field.points() && !data(start + place, table)))
        return fail(at, buffer_, &field);
      table.outside |= !field.points();
    }
    return true;
  }

  bool data(std::size_t field, BufferTable& table) {
    const auto offset = surroundings_.read<flatbuffers::uoffset_t>(field);
    const std::size_t vector = field + offset;
    if (offset == 0 || offset >= FLATBUFFERS_MAX_BUFFER_SIZE || !verifier_.Verify<flatbuffers::uoffset_t>(vector))
      return false;
    table.vector = static_cast<std::uint32_t>(vector);
    table.length = surroundings_.read<flatbuffers::uoffset_t>(vector);
    return verifier_.Verify(vector, sizeof(table.length) + std::size_t{table.length});
  }

  const std::uint8_t* start_;
  std::uint64_t most_tables_;
  std::uint64_t tables_ = 0;
  flatbuffers::Verifier verifier_;
  Footprint footprint_;
  Surroundings surroundings_;
  const Layout& buffer_ = layout("Buffer");
  std::vector<BufferTable> buffers_;
  const std::uint8_t* where_ = nullptr;
  std::string what_;
};

}  // namespace

base::Result<std::vector<BufferTable>> verify(const base::MappedFile& file) {
  // All offsets of a FlatBuffer are below 2 GiB; what a larger file holds behind them is data.
  const std::uint64_t size = std::min<std::uint64_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  Walk walk(file, size);
  if (walk.run(layout("Model"))) return std::move(walk).buffers();
  return base::fail(
      {.what = walk.what(), .file = file.path(), .offset = walk.where(), .remedy = "Fetch or export the model again."});
}

}  // namespace edgescope::format::tflite
