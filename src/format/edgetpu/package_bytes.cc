#include "format/edgetpu/package_bytes.h"

#include <algorithm>

namespace edgescope::format::edgetpu {

std::string_view byte_owner_name(ByteOwner owner) {
  constexpr std::string_view names[kByteOwners] = {
      "cached_parameters", "streamed_parameters", "instructions", "address_fields", "hints", "layers",
      "signature",         "descriptions",        "padding"};
  return names[static_cast<std::size_t>(owner)];
}

PackageBytes::PackageBytes(std::span<const std::byte> options, const std::string& file)
    : options_(base::MappedFile::borrow(options, file)) {}

// The account's extents know the owners of a model's file; which of ours has a claim stands in `op`.
void PackageBytes::claim(ByteOwner owner, std::span<const std::byte> bytes) {
  builder_.add(0, options_, bytes, {.owner = graph::Extent::Owner::Operators, .op = static_cast<int>(owner)});
}

void PackageBytes::table(ByteOwner owner, const void* table) {
  if (!table) return;
  const auto* fields = static_cast<const flatbuffers::Table*>(table);
  const auto* vtable = reinterpret_cast<const std::byte*>(fields->GetVTable());
  // The vtable begins with its own size and the table's.
  claim(owner, {static_cast<const std::byte*>(table),
                flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable + sizeof(flatbuffers::voffset_t))});
  claim(owner, {vtable, flatbuffers::ReadScalar<flatbuffers::voffset_t>(vtable)});
}

OwnedBytes PackageBytes::finish() && {
  OwnedBytes sums = {};
  const auto add = [&](ByteOwner owner, std::uint64_t bytes) { sums[static_cast<std::size_t>(owner)] += bytes; };
  for (const graph::Extent& extent : std::move(builder_).finish(std::span(&options_, 1))) {
    if (extent.op >= 0) {
      add(static_cast<ByteOwner>(extent.op), extent.size);
      continue;
    }
    // What nobody named: alignment is zeros, anything else describes something that this reader does not know.
    const auto bytes = options_.bytes().subspan(extent.offset, extent.size);
    const auto zeros = static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), std::byte{0}));
    add(ByteOwner::Padding, zeros);
    add(ByteOwner::Descriptions, extent.size - zeros);
  }
  return sums;
}

}  // namespace edgescope::format::edgetpu
