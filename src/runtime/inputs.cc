#include "runtime/inputs.h"

#include <bit>
#include <cstring>

namespace edgescope::runtime {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): one multiply-xor chain a word, good enough for test data.
class Random {
 public:
  explicit Random(std::uint64_t state) : state_(state) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_;
};

// Fills with words made of random words; `make` maps 64 random bits to 8 bytes of elements.
template <typename Make>
void fill(Random& random, std::span<std::byte> buffer, Make make) {
  std::size_t at = 0;
  for (; at + 8 <= buffer.size(); at += 8) {
    const std::uint64_t word = make(random.next());
    std::memcpy(buffer.data() + at, &word, 8);
  }
  if (at < buffer.size()) {
    const std::uint64_t word = make(random.next());
    std::memcpy(buffer.data() + at, &word, buffer.size() - at);
  }
}

std::uint32_t float32(std::uint32_t bits) {
  return std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(bits) >> 8) * 0x1p-23f);
}

// A half in [-1, 1): ten random bits of fraction k/1024, normalised by hand.
std::uint16_t float16(std::uint16_t bits) {
  const std::uint32_t k = bits & 0x3ff;
  if (k == 0) return 0;
  const int top = std::bit_width(k) - 1;  // k/1024 = 1.f * 2^(top - 10)
  return static_cast<std::uint16_t>((bits & 0x8000) | ((top + 5) << 10) | ((k << (10 - top)) & 0x3ff));
}

template <typename Element, typename Make>
std::uint64_t each(std::uint64_t bits, Make make) {
  std::uint64_t word = 0;
  for (unsigned shift = 0; shift < 64; shift += 8 * sizeof(Element))
    word |= static_cast<std::uint64_t>(make(static_cast<Element>(bits >> shift))) << shift;
  return word;
}

}  // namespace

void fill_input(graph::ElementType type, std::uint64_t seed, std::uint64_t row, std::uint64_t port,
                std::span<std::byte> buffer) {
  using graph::ElementType;
  Random mix(seed);
  Random random(mix.next() ^ Random(row * 0x100 + port).next());
  switch (type) {
    case ElementType::Float32:
    case ElementType::Complex64:
      return fill(random, buffer, [](std::uint64_t bits) { return each<std::uint32_t>(bits, float32); });
    case ElementType::Float64:
    case ElementType::Complex128:
      return fill(random, buffer, [](std::uint64_t bits) {
        return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(bits) >> 11) * 0x1p-52);
      });
    case ElementType::BFloat16:  // the upper half of a float
      return fill(random, buffer, [](std::uint64_t bits) {
        return each<std::uint16_t>(bits,
                                   [](std::uint16_t b) { return float32(static_cast<std::uint32_t>(b) << 16) >> 16; });
      });
    case ElementType::Float16:
      return fill(random, buffer, [](std::uint64_t bits) { return each<std::uint16_t>(bits, float16); });
    case ElementType::Int32:
    case ElementType::UInt32:
      return fill(random, buffer, [](std::uint64_t bits) { return bits & 0x0000000100000001u; });
    case ElementType::Int64:
    case ElementType::UInt64:
      return fill(random, buffer, [](std::uint64_t bits) { return bits & 1u; });
    case ElementType::Bool:
      return fill(random, buffer, [](std::uint64_t bits) { return bits & 0x0101010101010101u; });
    default:
      return fill(random, buffer, [](std::uint64_t bits) { return bits; });
  }
}

}  // namespace edgescope::runtime
