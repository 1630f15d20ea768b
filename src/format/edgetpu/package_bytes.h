// Who owns the bytes of an `edgetpu-custom-op`'s options: the account that adds up to all of them.
//
// The package reader claims what it reads while it goes; shared FlatBuffer parts go to the first that
// names them, as in the account of the file around it (graph/extents.h), which this is built on.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "graph/extents.h"

namespace edgescope::format::edgetpu {

enum class ByteOwner : std::uint8_t {
  CachedParameters,    // of PARAMETER_CACHING executables
  StreamedParameters,  // of the others
  Instructions,
  AddressFields,  // which bits of the instructions the driver fills in
  Hints,          // the order of transfers
  Layers,         // names, shapes, numerics and tile layouts of inputs and outputs
  Signature,
  Descriptions,  // the rest: tables around these, names, the map that holds the package
  Padding,       // alignment, mostly of executables to 4 KiB
};
inline constexpr std::size_t kByteOwners = 9;
std::string_view byte_owner_name(ByteOwner owner);  // "cached_parameters", ...

using OwnedBytes = std::array<std::uint64_t, kByteOwners>;  // by ByteOwner

class PackageBytes {
 public:
  PackageBytes(std::span<const std::byte> options, const std::string& file);

  void claim(ByteOwner owner, std::span<const std::byte> bytes);

  // A FlatBuffer table with its vtable, a vector of scalars, structs or offsets, a string; null is nothing.
  // The length before a vector or string counts as description, so that data count what they weigh.
  void table(ByteOwner owner, const void* table);
  template <typename T>
  void vector(ByteOwner owner, const flatbuffers::Vector<T>* vector) {
    if (vector) counted(owner, vector, vector->size() * flatbuffers::IndirectHelper<T>::element_stride);
  }
  void string(ByteOwner owner, const flatbuffers::String* string) {
    if (string) counted(owner, string, string->size() + 1);
  }

  OwnedBytes finish() &&;  // adds up to the options

 private:
  void counted(ByteOwner owner, const void* start, std::size_t bytes) {
    const auto* length = static_cast<const std::byte*>(start);
    claim(ByteOwner::Descriptions, {length, sizeof(flatbuffers::uoffset_t)});
    claim(owner, {length + sizeof(flatbuffers::uoffset_t), bytes});
  }

  base::MappedFile options_;
  graph::ExtentBuilder builder_;
};

}  // namespace edgescope::format::edgetpu
