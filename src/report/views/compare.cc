#include "report/views/compare.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string verdict(const Json& runs) {
  std::size_t valid = 0, equal = 0;
  for (const Json& run : runs)
    if (run["valid"] == true) {
      ++valid;
      equal += run["equal"] == true ? 1 : 0;
    }
  if (valid == 0) return "Nothing could be compared.";
  if (equal == valid) return valid == 1 ? "The predictions are equal." : "All predictions are equal.";
  return fmt::format("{} of {} runs predict something else.", valid - equal, valid);
}

}  // namespace

Blocks compare_view(const Json& document) {
  const Json& runs = document["runs"];
  Blocks blocks = {
      Heading{document["input"].get<std::string>()}, Paragraph{verdict(runs)},
      Facts{{{"rows",
              fmt::format("{}: {}", document["rows"].get<std::uint64_t>(), document["rows_from"].get<std::string>())},
             {"leaves", "against the forest itself, evaluated in float64"},
             {"results", document["reference"] == "expected" ? "against the predictions that were given"
                                                             : "against the forest itself, in its own precisions"},
             {"basis", "measured: the programs ran"}}}};
  Table table{.title = "Runs",
              .records = Json::array(),
              .columns = {{"on", "on"},
                          {"strategy", "strategy"},
                          {"leaves", "leaves", Align::Right},
                          {"wrong leaves", "leaf_mismatches", Align::Right},
                          {"wrong labels", "label_flips", Align::Right},
                          {"largest difference", "max_difference", Align::Right,
                           [](const Json& value) { return fmt::format("{:.3g}", value.get<double>()); }}},
              .main = true};
  for (const Json& run : runs) table.records.push_back(run);
  blocks.push_back(std::move(table));
  // What is said of several runs is said once.
  std::vector<std::pair<std::string, std::string>> said;
  for (const Json& run : runs) {
    const bool valid = run["valid"] == true;
    const std::string text = (valid ? run["explanation"] : run["reason"]).get<std::string>();
    if (text.empty()) continue;
    const std::string name = run["strategy"].get<std::string>() + " on " + run["on"].get<std::string>();
    const auto before = std::find_if(said.begin(), said.end(), [&](const auto& each) { return each.second == text; });
    if (before != said.end())
      before->first += ", " + name;
    else
      said.emplace_back(name + (valid ? "" : " (did not run)"), text);
  }
  for (const auto& [names, text] : said) blocks.push_back(Paragraph{names + ": " + text});
  return blocks;
}

}  // namespace edgescope::report
