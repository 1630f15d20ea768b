#include "report/views/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string us(const Json& value) {
  const double number = value.get<double>();
  return (number < 0 ? "-" : "") + base::microseconds_text(std::abs(number));
}

std::string range(const Json& interval) { return us(interval[0]) + " to " + us(interval[1]); }
std::string percent(const Json& share) { return fmt::format("{:.1f} %", share.get<double>() * 100); }
std::string two(const Json& value) { return fmt::format("{:.2f}", value.get<double>()); }

// A figure and its interval, each in a column.
void figure(std::vector<Column>& columns, const std::string& title, const std::string& key) {
  columns.push_back({title, key + "_us", Align::Right, us});
  columns.push_back({"interval", key + "_interval_us", Align::Right, range});
}

Table answer_table(const Json& answer) {
  Table table{.title = "Figures", .records = answer["rows"], .columns = {{"what", "label"}}};
  const std::string kind = answer["kind"];
  auto& columns = table.columns;
  if (kind == "scaling" || kind == "size") {
    figure(columns, "fixed", "fixed");
    figure(columns, "each", "each");
    columns.push_back({"factor", "factor", Align::Right, two});
    columns.push_back({"beside the line", "worst_residual", Align::Right, percent});
  } else if (kind == "variance") {
    columns.push_back({"spread (cv)", "cv", Align::Right, percent});
    columns.push_back({"between processes", "between_processes", Align::Right, percent});
    columns.push_back({"neighbours", "lag1", Align::Right, two});
    columns.push_back({"floor", "floor_us", Align::Right, us});
    columns.push_back({"of the fastest 99 %", "cv99", Align::Right, percent});
    columns.push_back({"what it is", "why"});
  } else if (kind == "ladder") {
    columns.push_back({"from", "from", Align::Right});
    columns.push_back({"to", "to", Align::Right});
    figure(columns, "mean", "mean");
    figure(columns, "fastest calls", "floor");
    columns.push_back({"so it is", "verdict"});
  } else if (kind == "parity") {
    columns.push_back({"runtime", "on"});
    columns.push_back({"against", "reference"});
    columns.push_back({"results", "agreement"});
    columns.push_back({"largest difference", "max_abs", Align::Right});
    columns.push_back({"in steps", "max_steps", Align::Right});
    columns.push_back({"decisions flipped", "decision_flips", Align::Right});
  } else if (answer.contains("along") && answer["along"].is_string()) {
    columns.push_back({answer["along"], answer["along"]});
    columns.push_back({"median", "median_us", Align::Right, us});
    figure(columns, "slower by", "slower_by");
    columns.push_back({"predicted or published", "interval_us", Align::Right, range});
    columns.push_back({"", "verdict"});
  }
  columns.push_back({"basis", "basis"});
  return table;
}

void add_plans(Blocks& blocks, const Json& plans) {
  blocks.emplace_back(Table{.title = "Built-in plans",
                            .records = plans,
                            .columns = {{"plan", "name"}, {"what it asks", "about"}},
                            .main = true});
}

}  // namespace

View sweep_view() {
  return [](const Json& document) {
    Blocks blocks;
    if (document.contains("plans")) {
      add_plans(blocks, document["plans"]);
      return blocks;
    }
    const Json& run = document["run"];
    blocks.emplace_back(Heading{run["name"].get<std::string>()});
    if (const std::string about = document["plan"].value("about", ""); !about.empty())
      blocks.emplace_back(Paragraph{about});
    for (const Json& answer : document["answers"]) {
      blocks.emplace_back(Heading{answer["question"].get<std::string>(), 2});
      if (answer.contains("headline")) blocks.emplace_back(Paragraph{answer["headline"].get<std::string>() + "."});
      if (answer["conclusion"] != answer.value("headline", "") + ".")
        blocks.emplace_back(Paragraph{answer["conclusion"].get<std::string>()});
      if (!answer["rows"].empty()) blocks.emplace_back(answer_table(answer));
    }
    Json points = Json::array();
    Facts failures;
    bool told = false;
    for (const Json& point : document["points"]) {
      if (point.contains("basis")) points.push_back(point);
      told = told || point.contains("rests_on");
      if (!point["failure"].is_null())
        failures.lines.emplace_back(point["label"].get<std::string>(), point["failure"].get<std::string>());
    }
    if (!points.empty()) {
      Table table{.title = "Points",
                  .records = std::move(points),
                  .columns = {{"point", "label"},
                              {"median", "median_us", Align::Right, us},
                              {"interval", "interval_us", Align::Right, range},
                              {"min", "min_us", Align::Right, us},
                              {"p5", "p5_us", Align::Right, us},
                              {"mean", "mean_us", Align::Right, us},
                              {"processes", "processes", Align::Right},
                              {"samples", "samples", Align::Right},
                              {"basis", "basis"}},
                  .main = true};
      if (told) table.columns.push_back({"rests on", "rests_on"});
      blocks.emplace_back(std::move(table));
    }
    if (!failures.lines.empty()) {
      blocks.emplace_back(Heading{"Without a time", 2});
      blocks.emplace_back(std::move(failures));
    }
    Facts facts;
    std::string same;
    for (const auto& [key, value] : document["same_for_all"].items())
      same += fmt::format("{}{} {}", same.empty() ? "" : ", ", key,
                          value.is_string() ? value.get<std::string>() : base::dump(value));
    if (!same.empty()) facts.lines.emplace_back("all points", same);
    facts.lines.emplace_back(
        "run", fmt::format("{}, started {}", run["id"].get<std::int64_t>(), run["started"].get<std::string>()));
    if (run.contains("resumed"))
      facts.lines.emplace_back("measured now", fmt::format("{} visits{}", run["visited_now"].get<std::size_t>(),
                                                           run["resumed"].get<bool>() ? ", the others before" : ""));
    if (run.contains("store")) facts.lines.emplace_back("store", run["store"].get<std::string>());
    if (run["cpu"].is_string()) facts.lines.emplace_back("machine", run["cpu"].get<std::string>());
    blocks.emplace_back(std::move(facts));
    return blocks;
  };
}

View history_view() {
  return [](const Json& document) {
    Blocks blocks;
    blocks.emplace_back(Table{.title = "Runs",
                              .records = document["runs"],
                              .columns = {{"run", "id", Align::Right},
                                          {"plan", "name"},
                                          {"started", "started"},
                                          {"finished", "finished"},
                                          {"points", "points", Align::Right},
                                          {"visits", "visits", Align::Right},
                                          {"machine", "cpu"}},
                              .main = true});
    if (document["runs"].empty())
      blocks.emplace_back(Paragraph{"Nothing was swept yet: `edgescope sweep --list` shows the built-in plans."});
    return blocks;
  };
}

View diff_view() {
  return [](const Json& document) {
    Blocks blocks;
    const auto name = [](const Json& run) {
      return fmt::format("run {} ({}, {})", run["id"].get<std::int64_t>(), run["name"].get<std::string>(),
                         run["started"].get<std::string>());
    };
    blocks.emplace_back(Heading{name(document["after"]) + " against " + name(document["before"])});
    const auto count = [&document](const char* verdict) {
      return std::count_if(document["points"].begin(), document["points"].end(),
                           [verdict](const Json& point) { return point["verdict"] == verdict; });
    };
    blocks.emplace_back(Paragraph{fmt::format(
        "Of {} points {} are shown to be slower, {} to be faster. All intervals together hold at {:g} %.{}",
        document["points"].size(), count("slower"), count("faster"), document["confidence"].get<double>() * 100,
        document["only_before"].get<std::size_t>() + document["only_after"].get<std::size_t>() == 0
            ? std::string()
            : fmt::format(" {} points are in the first only, {} in the second only.",
                          document["only_before"].get<std::size_t>(), document["only_after"].get<std::size_t>()))});
    blocks.emplace_back(Table{.title = "Points (measured)",
                              .records = document["points"],
                              .columns = {{"point", "label"},
                                          {"before", "before_us", Align::Right, us},
                                          {"after", "after_us", Align::Right, us},
                                          {"ratio", "ratio", Align::Right, two},
                                          {"interval", "ratio_interval", Align::Right,
                                           [](const Json& i) { return two(i[0]) + " to " + two(i[1]); }},
                                          {"", "verdict"}},
                              .main = true});
    return blocks;
  };
}

}  // namespace edgescope::report
