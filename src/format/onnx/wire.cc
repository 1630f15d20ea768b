#include "format/onnx/wire.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace edgescope::format::onnx {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr std::size_t kLongestVarint = 10;

template <typename T>
std::uint64_t fixed(Bytes bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

std::optional<std::uint64_t> take_varint(Bytes& bytes) {
  if (bytes.empty()) return std::nullopt;
  if (const auto first = std::to_integer<std::uint64_t>(bytes.front()); first < 0x80) {  // nearly all of them
    bytes = bytes.subspan(1);
    return first;
  }
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(std::min(bytes.size(), kLongestVarint)));
  std::uint64_t value = 0;
  if (!stream.ReadVarint64(&value)) return std::nullopt;
  bytes = bytes.subspan(static_cast<std::size_t>(stream.CurrentPosition()));
  return value;
}

bool Walk::next(Field& field) {
  if (rest_.empty() || !problem_.empty()) return false;
  Bytes rest = rest_;
  const auto tag = take_varint(rest);
  if (!tag || *tag > UINT32_MAX) return broken("a field's tag is not a protobuf tag");
  field.number = static_cast<std::uint32_t>(WireFormatLite::GetTagFieldNumber(static_cast<std::uint32_t>(*tag)));
  if (field.number == 0) return broken("a field has the number 0");
  std::size_t size = 0;
  switch (WireFormatLite::GetTagWireType(static_cast<std::uint32_t>(*tag))) {
    case WireFormatLite::WIRETYPE_VARINT: {
      field.wire = Wire::Varint;
      Bytes after = rest;
      const auto value = take_varint(after);
      if (!value) return broken("a number breaks off");
      field.value = *value;
      size = rest.size() - after.size();
      break;
    }
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED: {
      field.wire = Wire::Length;
      field.value = 0;
      const auto length = take_varint(rest);
      if (!length) return broken("a field's length breaks off");
      if (*length > rest.size())
        return broken("a field is longer than what surrounds it: the file is cut off or damaged");
      size = *length;
      break;
    }
    case WireFormatLite::WIRETYPE_FIXED32:
    case WireFormatLite::WIRETYPE_FIXED64: {
      const bool wide =
          WireFormatLite::GetTagWireType(static_cast<std::uint32_t>(*tag)) == WireFormatLite::WIRETYPE_FIXED64;
      field.wire = wide ? Wire::Fixed64 : Wire::Fixed32;
      size = wide ? 8 : 4;
      if (rest.size() < size) return broken("a number breaks off");
      field.value = wide ? fixed<std::uint64_t>(rest) : fixed<std::uint32_t>(rest);
      break;
    }
    default:
      return broken("a field has a wire type that ONNX does not use");
  }
  field.payload = rest.first(size);
  field.whole = rest_.first(rest_.size() - rest.size() + size);
  rest_ = rest.subspan(size);
  return true;
}

}  // namespace edgescope::format::onnx
