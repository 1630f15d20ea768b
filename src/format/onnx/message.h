// Protobuf messages as they are built: small fields gather in text, weights are referred to where they are, and a
// message within another is put there without being copied.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/pieces.h"
#include "format/onnx/wire.h"

namespace edgescope::format::onnx {

class Message {
 public:
  void number(std::uint32_t field, std::int64_t value) {
    tag(field, Wire::Varint);
    varint(static_cast<std::uint64_t>(value));
  }
  void real(std::uint32_t field, float value) {
    tag(field, Wire::Fixed32);
    text_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void text(std::uint32_t field, std::string_view value) {
    tag(field, Wire::Length);
    varint(value.size());
    text_ += value;
  }
  // Bytes that stay where they are, for as long as the message is used.
  void bytes(std::uint32_t field, Bytes value) {
    if (value.size() < kCopied) return text(field, {reinterpret_cast<const char*>(value.data()), value.size()});
    tag(field, Wire::Length);
    varint(value.size());
    flush();
    pieces_.refer(value);
  }
  void message(std::uint32_t field, Message&& value) {
    tag(field, Wire::Length);
    varint(value.size());
    if (value.pieces_.size() == 0) {
      text_ += value.text_;
      return;
    }
    flush();
    pieces_.append(std::move(value).take());
  }
  // Whole fields of another message, tags included.
  void raw(Bytes fields) { text_.append(reinterpret_cast<const char*>(fields.data()), fields.size()); }

  std::uint64_t size() const { return pieces_.size() + text_.size(); }
  base::Pieces take() && {
    flush();
    return std::move(pieces_);
  }

 private:
  static constexpr std::size_t kCopied = 4096;

  void tag(std::uint32_t field, Wire wire) { varint(std::uint64_t{field} << 3 | static_cast<std::uint64_t>(wire)); }
  void varint(std::uint64_t value) {
    for (; value > 0x7f; value >>= 7) text_ += static_cast<char>(value | 0x80);
    text_ += static_cast<char>(value);
  }
  void flush() {
    if (!text_.empty()) pieces_.own(std::exchange(text_, {}));
  }

  base::Pieces pieces_;
  std::string text_;  // behind the pieces
};

}  // namespace edgescope::format::onnx
