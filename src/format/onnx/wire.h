// Protobuf's wire format, read in place: fields are handed out as spans of the mapped file.
//
// Generated classes would copy every weight, and protobuf's own streams count in 32-bit integers; this
// walk counts in 64 bits and skips what is not asked for by its length. Varints and tags are decoded
// by protobuf.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace edgescope::format::onnx {

using Bytes = std::span<const std::byte>;

enum class Wire : std::uint8_t { Varint = 0, Fixed64 = 1, Length = 2, Fixed32 = 5 };

struct Field {
  std::uint32_t number = 0;
  Wire wire = Wire::Varint;
  std::uint64_t value = 0;  // Varint, Fixed64, Fixed32: the bits
  Bytes payload;            // Length: the content; else the bytes that encode the value
  Bytes whole;              // the tag, too

  bool is(std::uint32_t wanted, Wire type) const { return number == wanted && wire == type; }
  std::string_view text() const { return {reinterpret_cast<const char*>(payload.data()), payload.size()}; }
};

// Hands out the fields of a message one after the other.
class Walk {
 public:
  explicit Walk(Bytes message) : rest_(message) {}

  // False at the end of the message, and where it breaks off: then problem() says why.
  bool next(Field& field);
  std::string_view problem() const { return problem_; }
  const std::byte* position() const { return rest_.data(); }

 private:
  bool broken(std::string_view why) {
    problem_ = why;
    return false;
  }

  Bytes rest_;
  std::string_view problem_;
};

// Takes a varint from the front of `bytes`; nothing where it is cut off or longer than 10 bytes.
std::optional<std::uint64_t> take_varint(Bytes& bytes);

// Calls `each` with the bits of every element of a repeated number, be it packed or one a field.
// False where the packed bytes break off.
template <typename Each>
bool each_number(const Field& field, Wire element, Each each) {
  if (field.wire == element) {
    each(field.value);
    return true;
  }
  if (field.wire != Wire::Length) return true;  // a type that the schema does not have: protobuf skips it, too
  Bytes rest = field.payload;
  if (element == Wire::Varint) {
    while (!rest.empty()) {
      const auto value = take_varint(rest);
      if (!value) return false;
      each(*value);
    }
    return true;
  }
  const std::size_t width = element == Wire::Fixed32 ? 4 : 8;
  for (; rest.size() >= width; rest = rest.subspan(width)) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(rest[i]);
    each(value);
  }
  return rest.empty();
}

}  // namespace edgescope::format::onnx
