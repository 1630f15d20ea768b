#include "base/json_writer.h"

namespace edgescope::base {

void JsonWriter::value(std::string_view string) {
  bool plain = true;  // no early exit, so that the loop works on many characters at a time
  for (char c : string) {
    const auto code = static_cast<unsigned char>(c);
    plain &= code >= 0x20 && code < 0x7F && c != '"' && c != '\\';
  }
  if (!plain) {
    raw(dump(Json(string)));
    return;
  }
  separate();
  put('"');
  put(string);
  put('"');
}

void JsonWriter::flush() {
  if (used_ > 0) deliver({buffer_.get(), used_});
  used_ = 0;
  if (!buffer_) buffer_ = std::make_unique_for_overwrite<char[]>(kBuffer);
}

void JsonWriter::deliver(std::string_view text) {
  if (sink_)
    sink_(text);
  else
    text_ += text;
}

}  // namespace edgescope::base
