#include "format/forest/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace edgescope::forest {
namespace {

constexpr std::size_t kDeepest = 32;  // a model has eight levels

// Memory that a document may take: 16 times its size (a digit and a comma become eight bytes), and enough that
// small ones need not be counted.
constexpr std::size_t kFreeMemory = 16 << 20;

// nlohmann's parser calls these; false ends it.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  explicit Builder(std::size_t file_size) : left_(kFreeMemory + 16 * file_size) {}

  // NOLINTBEGIN(readability-identifier-naming): the parser's names
  bool null() { return put({}); }
  bool boolean(bool value) { return put({.kind = Value::Kind::Boolean, .number = value ? 1.0 : 0.0}); }
  bool number_integer(number_integer_t value) { return put_number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) { return put_number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t& digits) {
    float exact = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), exact);
    if (error == std::errc() && !digits.empty()) value = exact;
    // What JSON has no word for is rewritten to a number beyond float32 (below).
    if (error == std::errc::result_out_of_range && std::abs(value) > 1)
      value = std::copysign(std::numeric_limits<double>::infinity(), value);
    return put_number(value);
  }
  bool string(string_t& text) {
    if (text == kNan) return put_number(std::numeric_limits<double>::quiet_NaN());
    return charge(text.size()) && put({.kind = Value::Kind::Text, .text = std::move(text)});
  }
  bool binary(binary_t&) { return problem("it holds binary data"); }
  bool start_object(std::size_t) { return open({.kind = Value::Kind::Object}); }
  bool key(string_t& name) {
    if (!charge(name.size() + sizeof(Value))) return false;
    open_.back()->names.push_back(std::move(name));
    open_.back()->items.emplace_back();
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open({.kind = Value::Kind::Numbers}); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) {
    offset = position;
    return problem(e.what());
  }
  // NOLINTEND(readability-identifier-naming)

  static constexpr std::string_view kNan = "\x01";  // no model holds such a text

  Value root;
  std::string what;
  std::size_t offset = 0;

 private:
  bool problem(std::string text) {
    what = std::move(text);
    return false;
  }

  bool charge(std::size_t bytes) {
    if (bytes > left_) return problem("it takes more than 16 times the memory of its size");
    left_ -= bytes;
    return true;
  }

  // Where the next value goes.
  Value* place() {
    if (open_.empty()) return &root;
    Value& top = *open_.back();
    if (top.kind == Value::Kind::Object) return &top.items.back();
    // Values lie in a vector that moves when it grows, but only the innermost open one does.
    if (top.kind == Value::Kind::Numbers && top.numbers.empty()) top.kind = Value::Kind::Array;
    if (top.kind != Value::Kind::Array) return nullptr;
    return &top.items.emplace_back();
  }

  bool put(Value value) {
    if (!charge(sizeof(Value))) return false;
    Value* into = place();
    if (into == nullptr) return problem("a list has numbers and other things");
    *into = std::move(value);
    return true;
  }

  bool put_number(double number) {
    if (!open_.empty() && open_.back()->kind == Value::Kind::Numbers) {
      open_.back()->numbers.push_back(number);
      return charge(sizeof number);
    }
    return put({.kind = Value::Kind::Number, .number = number});
  }

  bool open(Value value) {
    if (open_.size() >= kDeepest) return problem(fmt::format("values lie deeper than {} levels", kDeepest));
    if (!charge(sizeof(Value))) return false;
    Value* into = place();
    if (into == nullptr) return problem("a list has numbers and other things");
    *into = std::move(value);
    open_.push_back(into);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::vector<Value*> open_;
  std::size_t left_;
};

// JSON has no NaN and no infinity, XGBoost's has; they become what the builder knows again.
std::string without_names_of_numbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      out += c;
      out += text[++i];
      continue;
    }
    if (c == '"') quoted = !quoted;
    if (!quoted && text.substr(i, 3) == "NaN") {
      out += "\"\\u0001\"";
      i += 2;
    } else if (!quoted && text.substr(i, 8) == "Infinity") {
      out += "1E99";
      i += 7;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

const Value* Value::find(std::string_view name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : &items[static_cast<std::size_t>(found - names.begin())];
}

base::Result<Value> read_document(const base::MappedFile& file) {
  using Format = nlohmann::json::input_format_t;
  const std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.size());
  // What stands behind the first brace: a key of UBJSON begins with the type of its length.
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  const std::size_t second = first == text.npos ? first : text.find_first_not_of(kSpace, first + 1);
  const bool is_json = second == text.npos || text[second] == '"' || text[second] == '}';
  Builder builder(file.size());
  bool complete = false;
  if (!is_json) {
    complete = nlohmann::json::sax_parse(text.begin(), text.end(), &builder, Format::ubjson);
  } else if (text.find("NaN") == text.npos && text.find("Infinity") == text.npos) {
    complete = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
  } else {
    complete = nlohmann::json::sax_parse(without_names_of_numbers(text), &builder);
  }
  if (complete) return std::move(builder.root);
  base::Error error{.what = fmt::format("is not {}: {}", is_json ? "JSON" : "UBJSON", builder.what),
                    .file = file.path()};
  if (builder.offset > 0) error.offset = builder.offset;
  return base::fail(std::move(error));
}

}  // namespace edgescope::forest
