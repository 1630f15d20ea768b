#include "runtime/messages.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace edgescope::runtime {
namespace {

// The words that stand before an operator's name where a runtime lacks it.
constexpr std::string_view kBeforeMissing[] = {
    "unresolved custom op: ",    // TFLite, LiteRT
    "No translator found for ",  // OpenVINO's TFLite frontend
    "Didn't find op for builtin opcode '",
    "OpConversionFailure: ",
};

// What follows `words`, as far as it can be an operator's name.
std::string name_after(std::string_view log, std::string_view words) {
  const auto at = log.find(words);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = log.substr(at + words.size());
  return std::string(
      rest.substr(0, rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:")));
}

std::string missing_operator(std::string_view log) {
  for (std::string_view words : kBeforeMissing)
    if (std::string name = name_after(log, words); !name.empty()) return name;
  return {};
}

// Only the errors of a log that marks them: "ERROR: [file.cc:12] text".
std::string errors_of(std::string_view log) {
  constexpr std::string_view kMark = "ERROR: ";
  std::string errors;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    std::string_view line = log.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(kMark)) continue;
    line.remove_prefix(kMark.size());
    if (const auto bracket = line.find("] "); line.starts_with('[') && bracket != std::string_view::npos)
      line.remove_prefix(bracket + 2);
    errors.append(line).append("; ");
  }
  if (!errors.empty()) errors.resize(errors.size() - 2);
  return errors.empty() ? std::string(log) : errors;
}

// In one line, its last 600 characters.
std::string one_line(std::string_view log) {
  std::string text;
  for (char c : log) {
    const bool space = std::isspace(static_cast<unsigned char>(c));
    if (!space)
      text += c;
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  // OpenVINO tells the places in its sources that an error came through.
  constexpr std::string_view kPlace = "Exception from ";
  for (auto at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at)) {
    const auto end = text.find(' ', at + kPlace.size());
    text.erase(at, end == std::string::npos ? end : end + 1 - at);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  return text.size() > 600 ? "..." + text.substr(text.size() - 600) : text;
}

}  // namespace

base::Error runtime_error(std::string_view runtime, const std::string& what, const std::string& model,
                          std::string_view log) {
  base::Error error{.fault = base::Fault::runtime, .what = fmt::format("{} {}", runtime, what), .file = model};
  if (std::string op = missing_operator(log); !op.empty()) {
    error.what = fmt::format("{} does not have the operator {}", runtime, op);
    error.node = op;
    error.remedy = "Run the model on a runtime that has it, or cut the model before this operator.";
  } else if (std::string said = one_line(errors_of(log)); !said.empty()) {
    error.what += fmt::format(": \"{}\"", said);
    error.node = name_after(log, "operation of type ");  // OpenVINO's frontends
  }
  return error;
}

StderrSince::StderrSince() : start_(lseek(STDERR_FILENO, 0, SEEK_END)) {}

std::string StderrSince::text() const {
  std::string text;
  if (start_ < 0) return text;
  char buffer[4096];
  for (long at = start_;;) {
    const ssize_t n = pread(STDERR_FILENO, buffer, sizeof buffer, at);
    if (n <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    at += n;
  }
}

}  // namespace edgescope::runtime
