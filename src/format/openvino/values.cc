#include "format/openvino/values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

namespace edgescope::format::openvino {
namespace {

// No attribute of the specification has lists near this length; as numbers a list takes several times its text.
constexpr std::size_t kLongestList = 65536;

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  text = trim(text);
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

template <typename T, typename Parse>
std::optional<std::vector<T>> parse_list(std::string_view text, Parse parse) {
  std::vector<T> values;
  text = trim(text);
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto value = parse(text.substr(0, comma));
    if (!value || values.size() == kLongestList) return std::nullopt;
    values.push_back(*value);
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return values;
}

std::optional<std::int64_t> parse_dim(std::string_view text) {
  text = trim(text);
  if (text == "?" || text == "-1") return graph::kDynamic;
  if (const std::size_t dots = text.find(".."); dots != text.npos) {
    const std::string_view low = text.substr(0, dots), high = text.substr(dots + 2);
    const auto bound = [](std::string_view part) { return trim(part).empty() || parse_unsigned(part); };
    if (!bound(low) || !bound(high)) return std::nullopt;
    return graph::kDynamic;
  }
  const auto value = parse_int(text);
  return value && *value >= 0 ? value : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_int(std::string_view text) { return parse_number<std::int64_t>(text); }
std::optional<std::uint64_t> parse_unsigned(std::string_view text) { return parse_number<std::uint64_t>(text); }

std::optional<double> parse_float(std::string_view text) { return parse_number<double>(text); }

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(trim(text));
  if (word == "true" || word == "1") return true;
  if (word == "false" || word == "0") return false;
  return std::nullopt;
}

std::optional<std::vector<std::int64_t>> parse_ints(std::string_view text) {
  return parse_list<std::int64_t>(text, parse_int);
}

std::optional<graph::Shape> parse_shape(std::string_view text) {
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = trim(text.substr(1, text.size() - 2));
  if (text == "...") return graph::Shape{.known = false, .dims = {}, .symbols = {}};
  auto dims = parse_list<std::int64_t>(text, parse_dim);
  if (!dims) return std::nullopt;
  return graph::Shape{.known = true, .dims = std::move(*dims), .symbols = {}};
}

graph::ElementType parse_type(std::string_view text) {
  using enum graph::ElementType;
  static constexpr std::pair<std::string_view, graph::ElementType> kNames[] = {
      {"f32", Float32},       {"fp32", Float32},      {"f16", Float16},       {"fp16", Float16},
      {"bf16", BFloat16},     {"f64", Float64},       {"fp64", Float64},      {"i64", Int64},
      {"i32", Int32},         {"i16", Int16},         {"i8", Int8},           {"i4", Int4},
      {"i2", Int2},           {"u64", UInt64},        {"u32", UInt32},        {"u16", UInt16},
      {"u8", UInt8},          {"u6", UInt6},          {"u4", UInt4},          {"u3", UInt3},
      {"u2", UInt2},          {"u1", UInt1},          {"bin", UInt1},         {"bool", Bool},
      {"boolean", Bool},      {"nf4", NF4},           {"f4e2m1", Float4E2M1}, {"f8e4m3", Float8E4M3},
      {"f8e5m2", Float8E5M2}, {"f8e8m0", Float8E8M0}, {"string", String},
  };
  const std::string word = lower(trim(text));
  for (const auto& [name, type] : kNames)
    if (name == word) return type;
  return Unknown;
}

graph::Attribute guess(std::string_view text) {
  const std::string_view value = trim(text);
  if (value == "true" || value == "false") return value == "true";
  if (value.find_first_of("0123456789") == value.npos) return std::string(text);
  if (const auto number = parse_int(value)) return *number;
  if (const auto number = parse_float(value)) return *number;
  if (const auto numbers = parse_ints(value)) return *numbers;
  if (auto numbers = parse_list<double>(value, parse_float)) return std::move(*numbers);
  return std::string(text);
}

}  // namespace edgescope::format::openvino
