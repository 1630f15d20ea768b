#include "graph/element_type.h"

namespace edgescope::graph {
namespace {

struct Row {
  std::string_view name;
  int bits;
};

// In the order of the enumeration.
constexpr Row kRows[] = {
    {"unknown", 0},  {"bool", 8},   {"i2", 2},       {"i4", 4},     {"i8", 8},     {"i16", 16},     {"i32", 32},
    {"i64", 64},     {"u1", 1},     {"u2", 2},       {"u3", 3},     {"u4", 4},     {"u6", 6},       {"u8", 8},
    {"u16", 16},     {"u32", 32},   {"u64", 64},     {"f4e2m1", 4}, {"f6e2m3", 6}, {"f6e3m2", 6},   {"f8e4m3", 8},
    {"f8e4m3uz", 8}, {"f8e5m2", 8}, {"f8e5m2uz", 8}, {"f8e8m0", 8}, {"f16", 16},   {"bf16", 16},    {"f32", 32},
    {"f64", 64},     {"c64", 64},   {"c128", 128},   {"nf4", 4},    {"string", 0}, {"resource", 0}, {"variant", 0},
};
static_assert(std::size(kRows) == static_cast<std::size_t>(ElementType::Variant) + 1);

}  // namespace

std::string_view element_type_name(ElementType type) { return kRows[static_cast<std::size_t>(type)].name; }

int element_bits(ElementType type) { return kRows[static_cast<std::size_t>(type)].bits; }

bool is_float(ElementType type) {
  return (type >= ElementType::Float4E2M1 && type <= ElementType::Float64) || type == ElementType::NF4;
}

std::optional<std::uint64_t> packed_bytes(ElementType type, std::uint64_t count) {
  const int bits = element_bits(type);
  if (bits == 0) return std::nullopt;
  const auto total = base::checked_mul(count, static_cast<std::uint64_t>(bits));
  if (!total) return std::nullopt;
  return *total / 8 + (*total % 8 != 0 ? 1 : 0);
}

}  // namespace edgescope::graph
