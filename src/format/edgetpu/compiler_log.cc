#include "format/edgetpu/compiler_log.h"

#include <cctype>
#include <charconv>
#include <cmath>

namespace edgescope::format::edgetpu {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view around = " \t\r\f\v`";
  const std::size_t begin = text.find_first_not_of(around);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(around) - begin + 1);
}

// A line without what surrounds it where logs are quoted: marks of quotations and lists, and in notebooks,
// which are JSON, quotes, a comma and an escaped line end.
std::string_view bare(std::string_view line) {
  line = trim(line);
  if (line.starts_with('"')) {
    line.remove_prefix(1);
    if (line.ends_with(',')) line.remove_suffix(1);
    if (line.ends_with('"')) line.remove_suffix(1);
    if (line.ends_with("\\n")) line.remove_suffix(2);
    if (line.ends_with("\\r")) line.remove_suffix(2);
  }
  while (!line.empty() && std::string_view(">#*| ").find(line.front()) != std::string_view::npos) line.remove_prefix(1);
  return trim(line);
}

// The text behind `words`, where the line begins with them.
std::optional<std::string_view> after(std::string_view line, std::string_view words) {
  if (!line.starts_with(words)) return std::nullopt;
  return trim(line.substr(words.size()));
}

// The value of "name: value", or of a Markdown table's "name | value", into which people copy logs.
std::optional<std::string_view> field(std::string_view line, std::string_view name) {
  auto value = after(line, name);
  if (!value || value->empty() || (value->front() != ':' && value->front() != '|')) return std::nullopt;
  value->remove_prefix(1);
  if (value->ends_with('|')) value->remove_suffix(1);
  return trim(*value);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

// "106.50KiB", "7.96 MiB", "0.00B".
std::optional<std::uint64_t> size(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !(value >= 0) || value > 1e12) return std::nullopt;
  const std::string_view unit = trim(text.substr(static_cast<std::size_t>(end - text.data())));
  double factor = 0;
  if (unit.starts_with("KiB"))
    factor = 1024;
  else if (unit.starts_with("MiB"))
    factor = 1024.0 * 1024;
  else if (unit.starts_with("GiB"))
    factor = 1024.0 * 1024 * 1024;
  else if (unit.starts_with("B"))
    factor = 1;
  if (factor == 0) return std::nullopt;
  return static_cast<std::uint64_t>(std::llround(value * factor));
}

// "CONV_2D   12   Mapped to Edge TPU": a name, a count and a status, separated by blanks.
std::optional<OperatorRow> row(std::string_view line) {
  const std::size_t name_end = line.find_first_of(" \t");
  if (name_end == std::string_view::npos || name_end == 0) return std::nullopt;
  const std::string_view name = line.substr(0, name_end);
  for (char c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && std::string_view("_-:./").find(c) == std::string_view::npos)
      return std::nullopt;
  const std::string_view rest = trim(line.substr(name_end));
  const std::size_t count_end = rest.find_first_of(" \t");
  if (count_end == std::string_view::npos) return std::nullopt;
  for (char c : rest.substr(0, count_end))
    if (!std::isdigit(static_cast<unsigned char>(c))) return std::nullopt;
  const auto count = number(rest.substr(0, count_end));
  const std::string_view status = trim(rest.substr(count_end));
  if (!count || status.empty() || !std::isupper(static_cast<unsigned char>(status.front()))) return std::nullopt;
  return OperatorRow{std::string(name), *count, std::string(status)};
}

constexpr std::string_view kOnChipUsed = "On-chip memory used for caching model parameters";
constexpr std::string_view kOnChipAvailable = "On-chip memory available for caching model parameters";
constexpr std::string_view kOnChipRemaining = "On-chip memory remaining for caching model parameters";
constexpr std::string_view kOffChipUsed = "Off-chip memory used for streaming uncached model parameters";
constexpr std::string_view kStarted = "Started a compilation timeout timer";  // once a model or segment
constexpr std::string_view kSearching = "Try to compile segment with";        // option -d
constexpr std::string_view kVersion = "Edge TPU Compiler version";

constexpr std::string_view kFailures[] = {"Internal compiler error",
                                          "Compilation failed",
                                          "Model failed in Tflite interpreter",
                                          "Invalid model",
                                          "Model could not be parsed",
                                          "Model not quantized",
                                          "Compilation child process died",
                                          "Compilation timed out",
                                          "ERROR:"};

class Parser {
 public:
  std::vector<CompiledModelLog> parse(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find_first_of("\n\r");
      line(bare(text.substr(0, end)));
      text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    finish();
    return std::move(models_);
  }

 private:
  CompiledModelLog& current() {
    if (!open_) {
      model_ = {};
      model_.compiler = compiler_;
      open_ = true;
    }
    return model_;
  }
  void finish() {
    if (open_) models_.push_back(std::move(model_));
    open_ = table_ = false;
  }
  // A line that comes once a model: seen again, another model has begun.
  void start_model(std::string_view name) {
    finish();
    current().input_model = name;
  }

  void line(std::string_view text) {
    if (text.empty()) return;
    if (auto version = after(text, kVersion)) {
      finish();
      const std::size_t end = version->find_first_not_of("0123456789.");
      compiler_ = version->substr(0, end);
    } else if (after(text, kStarted)) {
      finish();
    } else if (after(text, kSearching)) {
      // What failed before was a step of the compiler's own search, not the model.
      if (open_ && model_.input_model.empty()) open_ = table_ = false;
    } else if (auto value = field(text, "Input model")) {
      start_model(*value);
    } else if (auto short_form = field(text, "Input")) {
      start_model(*short_form);
    } else if (auto input = field(text, "Input size")) {
      current().input_bytes = size(*input);
    } else if (auto output = field(text, "Output model")) {
      current().output_model = *output;
    } else if (auto short_output = field(text, "Output")) {
      current().output_model = *short_output;
    } else if (auto output_size = field(text, "Output size")) {
      current().output_bytes = size(*output_size);
    } else if (auto used = field(text, kOnChipUsed)) {
      if (open_ && model_.on_chip_used) finish();  // several without their names
      current().on_chip_used = size(*used);
    } else if (auto available = field(text, kOnChipAvailable)) {
      current().on_chip_available = size(*available);
    } else if (auto remaining = field(text, kOnChipRemaining)) {
      current().on_chip_remaining = size(*remaining);
    } else if (auto streamed = field(text, kOffChipUsed)) {
      current().off_chip_used = size(*streamed);
    } else if (auto subgraphs = field(text, "Number of Edge TPU subgraphs")) {
      current().subgraphs = number(*subgraphs);
    } else if (auto operations = field(text, "Total number of operations")) {
      current().operations = number(*operations);
    } else if (auto tpu = field(text, "Number of operations that will run on Edge TPU")) {
      current().on_edgetpu = number(*tpu);
    } else if (auto cpu = field(text, "Number of operations that will run on CPU")) {
      current().on_cpu = number(*cpu);
    } else if (is_table_head(text)) {
      if (open_ && !model_.rows.empty()) finish();
      current();
      table_ = true;
    } else if (failure(text)) {
      CompiledModelLog& model = current();
      if (!model.failure.empty()) model.failure += " ";
      model.failure += text;
    } else if (table_) {
      if (auto parsed = row(text)) current().rows.push_back(std::move(*parsed));
    }
  }

  static bool is_table_head(std::string_view text) {
    return text.starts_with("Operator") && text.find("Count") != std::string_view::npos &&
           text.find("Status") != std::string_view::npos;
  }
  static bool failure(std::string_view text) {
    for (std::string_view words : kFailures)
      if (after(text, words)) return true;
    return false;
  }

  std::vector<CompiledModelLog> models_;
  CompiledModelLog model_;
  std::string compiler_;
  bool open_ = false, table_ = false;
};

}  // namespace

bool is_compiler_log(std::string_view text) {
  if (text.find(kVersion) != std::string_view::npos) return true;
  for (std::string_view name : {kOnChipUsed, kOffChipUsed})
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string_view::npos; at += name.size())
      if (field(text.substr(at, name.size() + 4), name)) return true;
  return false;
}

std::vector<CompiledModelLog> parse_compiler_log(std::string_view text) { return Parser().parse(text); }

}  // namespace edgescope::format::edgetpu
