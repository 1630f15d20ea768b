// Element types of tensors, over all formats read. Sizes are in bits because of 4-bit and smaller ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/checked.h"

namespace edgescope::graph {

enum class ElementType : std::uint8_t {
  Unknown,
  Bool,
  Int2,
  Int4,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt1,
  UInt2,
  UInt3,
  UInt4,
  UInt6,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Float4E2M1,
  Float6E2M3,
  Float6E3M2,
  Float8E4M3,
  Float8E4M3Uz,
  Float8E5M2,
  Float8E5M2Uz,
  Float8E8M0,
  Float16,
  BFloat16,
  Float32,
  Float64,
  Complex64,
  Complex128,
  NF4,
  String,
  Resource,
  Variant
};

// "f32", "i8", "u8", "bf16", ...: the short names that OpenVINO uses, extended.
std::string_view element_type_name(ElementType type);

// Bits an element takes when packed; 0 where it has no fixed size (String, Resource, Variant, Unknown).
int element_bits(ElementType type);

bool is_float(ElementType type);

// Bytes of `count` packed elements, rounded up to whole bytes; nothing on overflow or without a fixed size.
std::optional<std::uint64_t> packed_bytes(ElementType type, std::uint64_t count);

}  // namespace edgescope::graph
