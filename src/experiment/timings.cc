#include "experiment/timings.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/mapped_file.h"

namespace edgescope::experiment {
namespace {

std::vector<std::string_view> cells(std::string_view line) {
  std::vector<std::string_view> result;
  while (true) {
    const std::size_t comma = line.find(',');
    result.push_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return result;
    line.remove_prefix(comma + 1);
  }
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

base::Result<std::map<std::string, std::vector<double>>> read_timings(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  std::map<std::string, std::vector<double>> result;
  std::size_t name = 0, call = 0, us = 0, line_number = 0, columns = 0;
  std::uint64_t offset = 0;
  const auto bad = [&](std::string what) {
    return base::fail({.what = std::move(what),
                       .file = path,
                       .offset = offset,
                       .remedy = "Expected is CSV whose first line names the columns file, call and us."});
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const auto row = cells(line);
    if (line_number == 0) {
      const auto find = [&row](std::string_view wanted) {
        std::size_t i = 0;
        while (i < row.size() && row[i] != wanted) ++i;
        return i;
      };
      columns = row.size();
      name = find("file");
      call = find("call");
      us = find("us");
      if (std::max({name, call, us}) >= columns) return bad("the columns file, call and us are not all there");
    } else if (!line.empty()) {
      if (row.size() != columns)
        return bad(fmt::format("line {} has {} cells, not {}", line_number + 1, row.size(), columns));
      const auto index = number(row[call]), time = number(row[us]);
      if (!index || !time || *time <= 0)
        return bad(fmt::format("line {} holds no call with its time", line_number + 1));
      std::vector<double>& series = result[std::string(row[name])];
      if (*index > 0) series.push_back(*time);
    }
    ++line_number;
    offset += std::min(end + 1, text.size());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (result.empty()) return bad("there are no timings in it");
  return result;
}

}  // namespace edgescope::experiment
