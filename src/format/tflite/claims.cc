#include "format/tflite/claims.h"

#include <algorithm>

namespace edgescope::format::tflite {
namespace {

using Bytes = flatbuffers::Vector<std::uint8_t>;
using Offsets = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::Table>>;

// Zeros between two parts of one owner, up to this many, only align the second.
constexpr std::ptrdiff_t kAlignment = 8;

// What a graph of 100,000 operators without any weights takes in memory.
constexpr std::uint64_t kAlwaysAllowed = 128 << 20;

bool aligns(const std::byte* end, const std::byte* next) {
  return next - end < kAlignment &&
         std::all_of(end, std::max(end, next), [](std::byte b) { return b == std::byte{0}; });
}

std::uint64_t own_size(const flatbuffers::Table& table) {
  // The vtable begins with its own size and the table's, if it is long enough to.
  const std::uint8_t* vtable = table.GetVTable();
  if (flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable) < 2 * sizeof(flatbuffers::voffset_t)) return 0;
  return flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + sizeof(flatbuffers::voffset_t));
}

}  // namespace

Claims::Claims(const base::MappedFile& file) : file_(file), limit_(kAlwaysAllowed + 2 * file.size()) {}

void Claims::piece(const void* start, std::uint64_t size) {
  pieces_.emplace_back(static_cast<const std::byte*>(start), size);
  charged_ += size;
}

void Claims::walk(const flatbuffers::Table& table, const Layout& layout) {
  piece(&table, own_size(table));
  if (exceeded()) return;
  for (const Field& field : layout.fields_in(table)) {
    if (!field.points()) continue;
    if (field.type == reflection::Union) {
      if (const auto [below, its_layout] = field.union_of(table); below) walk(*below, *its_layout);
      continue;
    }
    const auto* target = table.GetPointer<const Bytes*>(field.offset);
    if (!target) continue;
    if (field.type == reflection::Obj) {
      walk(*reinterpret_cast<const flatbuffers::Table*>(target), *field.table);
      continue;
    }
    const bool text = field.type == reflection::String;
    const std::uint64_t element = text ? 1 : field.element_size;
    piece(target, sizeof(flatbuffers::uoffset_t) + target->size() * element + (text ? 1 : 0));
    if (field.element == reflection::Obj)
      for (const flatbuffers::Table* below : *reinterpret_cast<const Offsets*>(target)) {
        if (exceeded()) return;
        walk(*below, *field.table);
      }
  }
}

void Claims::add(const flatbuffers::Table& table, const Layout& layout, const graph::Extent& owner) {
  pieces_.clear();
  walk(table, layout);
  std::sort(pieces_.begin(), pieces_.end());
  for (std::size_t i = 0; i < pieces_.size();) {
    const std::byte* start = pieces_[i].first;
    const std::byte* end = start + pieces_[i].second;
    for (++i; i < pieces_.size() && aligns(end, pieces_[i].first); ++i)
      end = std::max(end, pieces_[i].first + pieces_[i].second);
    add({start, end}, owner);
  }
}

void Claims::add(std::uint64_t offset, std::uint64_t size, graph::Extent owner) {
  owner.offset = offset;
  owner.size = size;
  builder_.add(owner);
}

}  // namespace edgescope::format::tflite
