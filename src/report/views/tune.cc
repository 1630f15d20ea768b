#include "report/views/tune.h"

#include <fmt/format.h>

namespace edgescope::report {
namespace {

using base::Json;

std::string text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : base::dump(value);
}

std::string listed(const Json& array) {
  std::string all;
  for (const Json& word : array) all += (all.empty() ? "" : ", ") + text(word);
  return all;
}

std::string number(const Json& value) { return fmt::format("{:.4g}", value.get<double>()); }

std::string interval(const Json& value) {
  return fmt::format("{:.4g} to {:.4g}", value[0].get<double>(), value[1].get<double>());
}

// A ratio of times below 1, said as what it saves.
std::string percent_less(double ratio) { return fmt::format("{:.1f} % less time", (1 - ratio) * 100); }

const Json* named(const Json& list, const Json& name) {
  for (const Json& one : list)
    if (one["name"] == name) return &one;
  return nullptr;
}

std::string headline_of_speed(const Json& objective) {
  const std::string what = text(objective["objective"]);
  if (!objective["gain_shown"].get<bool>())
    return fmt::format("{}: no settings are shown to be better than the default.", what);
  const Json& winner = *named(objective["finalists"], objective["winner"]);
  const Json& ratio = winner["ratio_interval"];
  std::string line = fmt::format("{}: {} takes {} than the default", what, text(objective["winner"]),
                                 percent_less(winner["ratio"].get<double>()));
  if (!ratio.is_null())
    line += fmt::format(" ({} to {})", percent_less(ratio[1].get<double>()), percent_less(ratio[0].get<double>()));
  return line + ".";
}

std::string headline_of_compile(const Json& objective) {
  const Json& normal = objective["trials"][0];
  const Json& winner = *named(objective["trials"], objective["winner"]);
  const std::string key = objective["objective"] == "ddr" ? "ddr_bytes" : text(objective["objective"]);
  if (!objective["gain_shown"].get<bool>())
    return fmt::format("{}: nothing is better than the default ({}).", text(objective["objective"]), text(normal[key]));
  return fmt::format("{}: {} with {}, {} by default.", text(objective["objective"]), text(winner[key]),
                     text(objective["winner"]), text(normal[key]));
}

Table finalists_table(const Json& objective) {
  std::vector<Column> columns = {{"settings", "name"}};
  if (objective["objective"] == "throughput") {
    columns.push_back({"inferences/s", "per_second", Column::Align::Right, number});
    columns.push_back({"interval", "per_second_interval", Column::Align::Left, interval});
  } else {
    columns.push_back({"median us", "median_us", Column::Align::Right, number});
    columns.push_back({"interval", "interval_us", Column::Align::Left, interval});
  }
  columns.push_back({"time / default", "ratio", Column::Align::Right, number});
  columns.push_back({"interval", "ratio_interval", Column::Align::Left, interval});
  columns.push_back({"", "verdict"});
  return {.title = fmt::format("The final for {}, measured anew side by side", text(objective["objective"])),
          .records = objective["finalists"],
          .columns = std::move(columns)};
}

void add_speed(Blocks& blocks, const Json& objective) {
  blocks.push_back(finalists_table(objective));
  for (const Json& hint : objective["against_hints"]) {
    if (hint["verdict"] == "is the winner") continue;
    std::string line =
        fmt::format("{} against {}: {}", text(objective["winner"]), text(hint["name"]), text(hint["verdict"]));
    if (!hint["ratio_interval"].is_null())
      line += fmt::format(" (time {} of it, {})", number(hint["ratio"]), interval(hint["ratio_interval"]));
    blocks.push_back(Paragraph{line + "."});
  }
  std::size_t refused = 0;
  for (const Json& trial : objective["trials"]) refused += !trial["refused"].is_null();
  std::string tried = fmt::format("{} settings were tried", objective["trials"].size());
  if (refused > 0) tried += fmt::format(", {} of them refused", refused);
  if (!objective["untried"].empty())
    tried +=
        fmt::format("; the time was too short for {} ({})", objective["untried"].size(), listed(objective["untried"]));
  blocks.push_back(Paragraph{tried + "."});
}

}  // namespace

Blocks tune_view(const Json& document) {
  Blocks blocks;
  for (const Json& objective : document["objectives"])
    blocks.push_back(
        Paragraph{objective["basis"] == "exact" ? headline_of_compile(objective) : headline_of_speed(objective)});
  for (const Json& note : document["notes"]) blocks.push_back(Paragraph{text(note)});
  for (const Json& objective : document["objectives"]) {
    if (objective["basis"] == "exact")
      blocks.push_back(Table{.title = "What the compiler made",
                             .records = objective["trials"],
                             .columns = {{"settings", "name"},
                                         {"stages", "stages", Column::Align::Right},
                                         {"hardware", "hardware", Column::Align::Right},
                                         {"SHAVE", "shave", Column::Align::Right},
                                         {"copies", "copies", Column::Align::Right},
                                         {"DDR bytes", "ddr_bytes", Column::Align::Right},
                                         {"CMX slices", "cmx_slices", Column::Align::Right},
                                         {"SHAVEs", "shaves", Column::Align::Right},
                                         {"refused", "refused"}}});
    else
      add_speed(blocks, objective);
  }
  const Json& properties = document["properties"];
  std::string counts = fmt::format("{} lists {} settings that can be set and {} properties that can only be read",
                                   text(document["on"]), text(properties["writable"]), text(properties["read_only"]));
  if (properties["unlisted"].get<int>() > 0)
    counts += fmt::format("; {} more are known to be taken", text(properties["unlisted"]));
  blocks.push_back(Paragraph{counts + "."});
  blocks.push_back(Table{.title = "Settings",
                         .records = properties["settings"],
                         .columns = {{"setting", "name"},
                                     {"by default", "value"},
                                     {"takes", "options", Column::Align::Left, listed},
                                     {"range", "range"},
                                     {"tried", "tried", Column::Align::Left, listed},
                                     {"not tried, as", "why_not"}},
                         .main = true});
  for (const Json& warning : document["warnings"]) blocks.push_back(Paragraph{text(warning)});
  return blocks;
}

}  // namespace edgescope::report
