#include "report/views/convert.h"

#include <fmt/format.h>

namespace edgescope::report {
namespace {

using base::Json;

std::string format_of(const Json& side) {
  std::string text = side["format"].get<std::string>();
  if (side.contains("ir_version")) text += fmt::format(" version {}", side["ir_version"].get<int>());
  if (side.contains("opset")) text += fmt::format(" of opset {}", side["opset"].get<int>());
  return text;
}

std::string count(const Json& value, std::string_view what) {
  const auto number = value.get<std::uint64_t>();
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

}  // namespace

Blocks convert_view(const Json& document) {
  Blocks blocks;
  const Json& refused = document["refused"];
  const std::string way = fmt::format("{} to {}", format_of(document["from"]), format_of(document["to"]));
  if (!refused.empty()) {
    blocks.push_back(Paragraph{fmt::format("Not converted from {}: {} of {} cannot be said there.", way, refused.size(),
                                           count(document["operators"], "operator"))});
  } else {
    blocks.push_back(
        Paragraph{fmt::format("Converted from {}: {} became {}.", way, count(document["operators"], "operator"),
                              document["written_operators"].get<std::uint64_t>())});
    if (document["transposes"] != 0)
      blocks.push_back(Paragraph{fmt::format("The formats lay out images differently: {} added.",
                                             count(document["transposes"], "transpose"))});
    for (const Json& each : document["outputs"]) blocks.push_back(Paragraph{"Written: " + each.get<std::string>()});
  }
  for (const Json& each : document["notes"]) blocks.push_back(Paragraph{each.get<std::string>()});
  Table table{.title = refused.empty() ? "" : "Operators that stay behind",
              .records = refused,
              .columns = {{"operator", "name"}, {"kind", "source_kind"}, {"why", "reason"}},
              .main = true};
  if (!refused.empty()) blocks.push_back(std::move(table));
  return blocks;
}

}  // namespace edgescope::report
