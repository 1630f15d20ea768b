// Writes JSON text member by member, for documents whose arrays are too long to be built in memory first:
// a model of ten thousand operators is some hundred thousand values. base::Json reads it back.
//
// What is long is laid out for people and line tools: a container opened with Layout::Lines puts every
// element on a line of its own, one opened with Layout::Inline stays on its line.
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace edgescope::base {

class JsonWriter {
 public:
  enum class Layout : std::uint8_t { Inline, Lines };
  using Sink = std::function<void(std::string_view)>;

  // Keeps the text for take().
  JsonWriter() = default;
  // Hands the text on piece by piece; finish() gives the last one.
  explicit JsonWriter(Sink sink) : sink_(std::move(sink)) {}

  void begin_object(Layout layout = Layout::Inline) { begin('{', layout); }
  void end_object() { end('}'); }
  void begin_array(Layout layout = Layout::Inline) { begin('[', layout); }
  void end_array() { end(']'); }

  // Of the container that is open.
  Layout layout() const { return levels_.empty() ? Layout::Lines : levels_.back().layout; }

  // `name` is the program's own and needs no escapes.
  void key(std::string_view name) {
    separate();
    put('"');
    put(name);
    put('"');
    colon();
  }
  // A name that comes from a file and may hold anything.
  void source_key(std::string_view name) {
    value(name);
    colon();
  }

  void value(std::string_view string);
  void value(const char* string) { value(std::string_view(string)); }
  void value(const std::string& string) { value(std::string_view(string)); }
  void value(bool boolean) { raw(boolean ? "true" : "false"); }
  void value(std::nullptr_t) { raw("null"); }
  void value(const Json& json) { raw(dump(json)); }
  // Shortest digits that read back as the same number of the same width; null where it is not finite.
  template <std::floating_point T>
  void value(T number) {
    if (std::isfinite(number))
      digits(number);
    else
      raw("null");
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) void value(T number) { digits(number); }
  template <typename T>
  void value(const std::optional<T>& optional) {
    if (optional)
      value(*optional);
    else
      raw("null");
  }

  template <typename T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

  void finish() { flush(); }
  std::string take() && {
    flush();
    return std::move(text_);
  }

 private:
  static constexpr std::size_t kBuffer = 65536;

  struct Level {
    Layout layout;
    bool empty = true;
  };

  void begin(char bracket, Layout layout) {
    separate();
    put(bracket);
    levels_.push_back({layout});
  }
  void end(char bracket) {
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.layout == Layout::Lines && !level.empty) line();
    put(bracket);
  }
  void colon() {
    put(':');
    if (levels_.back().layout == Layout::Lines) put(' ');
    after_key_ = true;
  }
  void raw(std::string_view text) {
    separate();
    put(text);
  }
  template <typename T>
  void digits(T number) {
    separate();
    make_room(32);
    used_ = static_cast<std::size_t>(std::to_chars(buffer_.get() + used_, buffer_.get() + kBuffer, number).ptr -
                                     buffer_.get());
  }
  void line() {
    put('\n');
    for (std::size_t i = 0; i < levels_.size(); ++i) put(' ');
  }
  // What stands before a key or value: nothing after a key, else a comma and perhaps a new line.
  void separate() {
    if (after_key_) {
      after_key_ = false;
      return;
    }
    if (levels_.empty()) return;
    Level& level = levels_.back();
    if (!level.empty) put(',');
    level.empty = false;
    if (level.layout == Layout::Lines) line();
  }

  void make_room(std::size_t size) {
    if (!buffer_ || kBuffer - used_ < size) flush();
  }
  void put(char c) {
    make_room(1);
    buffer_[used_++] = c;
  }
  void put(std::string_view text) {
    make_room(text.size());
    if (text.size() > kBuffer) {
      deliver(text);
      return;
    }
    std::memcpy(buffer_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void flush();
  void deliver(std::string_view text);

  Sink sink_;
  std::string text_;  // without a sink
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace edgescope::base
