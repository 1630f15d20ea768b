#include "report/views/forest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::uint64_t number(const Json& record, const char* key) { return record[key].get<std::uint64_t>(); }
std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }

std::string plural(std::uint64_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string result_of(const Json& forest) {
  std::string text = forest["classifier"] == true ? "classes" : "values";
  const std::uint64_t columns = number(forest, "columns");
  if (forest["classifier"] == true && forest.contains("labels") && columns <= 8) {
    text += ":";
    for (const Json& label : forest["labels"]) text += " " + label.get<std::string>();
  } else {
    text = fmt::format("{} {}", columns, columns == 1 ? "value" : text);
  }
  const std::string times =
      forest.contains("factor") ? fmt::format(", times {:g}", forest["factor"].get<double>()) : "";
  return fmt::format("{}; leaves by {}, then {}{}", text, forest["aggregate"].get<std::string>(),
                     forest["post_transform"] == "none" ? "nothing" : forest["post_transform"].get<std::string>(),
                     times);
}

std::string tests_of(const Json& totals) {
  std::string text;
  for (const auto& [comparison, count] : totals["comparisons"].items())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.get<std::uint64_t>(), comparison);
  if (const auto n = number(totals, "nan_true"); n > 0) text += fmt::format("; of {} NaN takes the true side", n);
  if (const auto n = number(totals, "zero_missing"); n > 0) text += fmt::format("; to {} zero is missing", n);
  return text.empty() ? "none" : text;
}

Facts overview(const Json& forest) {
  const Json& totals = forest["totals"];
  const Json& precision = forest["precision"];
  return {
      {{"format", fmt::format("{}{}", forest["format"].get<std::string>(),
                              forest["producer"] == "" ? "" : ", made by " + forest["producer"].get<std::string>())},
       {"trees", fmt::format("{}, at most {} deep: {} and {}", number(totals, "trees"), number(totals, "depth"),
                             plural(number(totals, "nodes"), "test"),
                             fmt::format("{} lea{}", number(totals, "leaves"), totals["leaves"] == 1 ? "f" : "ves"))},
       {"tests", tests_of(totals)},
       {"features", fmt::format("{} of {} are tested, against {}", number(totals, "used_features"),
                                number(forest, "features"), plural(number(totals, "thresholds"), "threshold"))},
       {"result", result_of(forest)},
       {"precision", fmt::format("rows {}, sum {}, result {}", precision["input"].get<std::string>(),
                                 precision["sum"].get<std::string>(), precision["result"].get<std::string>())},
       {"basis", "exact: read from the file, or derived by the formulas of docs/forest.md"}}};
}

std::string fits(const Json& strategy, std::string_view name) {
  for (const Json& device : strategy["devices"])
    if (device["device"] == name) {
      if (device["fits"] == true) return "fits, " + bytes(device["bytes"]);
      if (device.contains("streamed_bytes"))
        return fmt::format("streams {} of {}", bytes(device["streamed_bytes"]), bytes(device["bytes"]));
      return device.contains("bytes") ? "too large, " + bytes(device["bytes"]) : "cannot run";
    }
  return "-";
}

Table strategies(const Json& forest) {
  Table table{.title = "As a tensor program",
              .columns = {{"strategy", "strategy"},
                          {"constants", "bytes", Align::Right, bytes},
                          {"Hummingbird's", "hummingbird_bytes", Align::Right, bytes},
                          {"Edge TPU", "edgetpu"},
                          {"NCS2", "ncs2"}}};
  for (Json strategy : forest["strategies"]) {
    strategy["edgetpu"] = fits(strategy, "edgetpu");
    strategy["ncs2"] = fits(strategy, "ncs2");
    table.records.push_back(std::move(strategy));
  }
  return table;
}

}  // namespace

void add_forest(Blocks& blocks, const Json& forest, bool main) {
  blocks.push_back(overview(forest));
  blocks.push_back(strategies(forest));
  blocks.push_back(Table{.title = "Depths",
                         .records = forest["depths"],
                         .columns = {{"depth", "depth", Align::Right},
                                     {"trees so deep", "trees", Align::Right},
                                     {"leaves there", "leaves", Align::Right}}});
  Table features{.title = "Features that are tested",
                 .records = forest["features_used"],
                 .columns = {{"#", "index", Align::Right}}};
  if (!features.records.empty() && features.records[0].contains("name")) features.columns.push_back({"name", "name"});
  for (Column column : {Column{"tests", "nodes", Align::Right}, Column{"thresholds", "thresholds", Align::Right},
                        Column{"not in float32", "not_float32", Align::Right}, Column{"sets", "sets", Align::Right}})
    features.columns.push_back(std::move(column));
  blocks.push_back(std::move(features));
  blocks.push_back(Table{.title = "Trees",
                         .records = forest["trees"],
                         .columns = {{"#", "index", Align::Right},
                                     {"depth", "depth", Align::Right},
                                     {"tests", "nodes", Align::Right},
                                     {"leaves", "leaves", Align::Right}},
                         .main = main});
}

Blocks forest_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  add_forest(blocks, document["forest"], true);
  return blocks;
}

}  // namespace edgescope::report
