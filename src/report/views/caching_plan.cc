#include "report/views/caching_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return value == 0 ? "-" : base::bytes_text(value.get<std::uint64_t>()); }

std::string microseconds(const Json& interval) {
  const double low = interval[0], high = interval[1];
  if (low == 0 && high == 0) return "-";
  return fmt::format("{} to {}", base::microseconds_text(low), base::microseconds_text(high));
}

// Short enough for a table: the file's name without what all of them end with.
std::string short_name(const Json& path) {
  std::string name = path.get<std::string>();
  name.erase(0, name.find_last_of('/') + 1);
  if (name.ends_with(".tflite")) name.erase(name.size() - std::string_view(".tflite").size());
  return name;
}

// "a and b together", "a in 2 segments".
std::string words(const Json& unit) {
  std::string names;
  const Json& shares = unit["shares"];
  const std::string mode = unit["mode"];
  if (mode == "segmented") return fmt::format("{} in {} segments", short_name(shares[0]["input"]), shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i)
    names += (i == 0 ? "" : i + 1 == shares.size() ? " and " : ", ") + short_name(shares[i]["input"]);
  return mode == "co-compiled" ? names + " together" : mode == "separate" ? names + " one by one" : names + " alone";
}

std::string words(const Json& choice, std::string_view between) {
  std::string text;
  for (const Json& unit : choice["units"]) text += (text.empty() ? "" : std::string(between)) + words(unit);
  return text;
}

Table choices(const Json& plan) {
  Table table{.title = "Ways to compile, best first",
              .columns = {{"way", "way"},
                          {"sticks", "sticks", Align::Right},
                          {"parameters sent a round", "parameter_bytes", Align::Right, bytes},
                          {"time", "us", Align::Right, microseconds},
                          {"saved", "saved_us", Align::Right, microseconds}},
              .main = true};
  for (Json choice : plan["choices"]) {
    choice["way"] = words(choice, "; ");
    choice.erase("units");
    table.records.push_back(std::move(choice));
  }
  return table;
}

Table shares(const Json& choice) {
  Table table{.title = "What the best way keeps and sends",
              .columns = {{"model", "input", Align::Left, short_name},
                          {"segment", "segment", Align::Right},
                          {"cached", "cached_bytes", Align::Right, bytes},
                          {"streamed at every inference", "streamed_bytes", Align::Right, bytes},
                          {"sent again at every turn", "resent_bytes", Align::Right, bytes},
                          {"to the next segment", "boundary_bytes", Align::Right, bytes}}};
  for (const Json& unit : choice["units"])
    for (const Json& share : unit["shares"]) table.records.push_back(share);
  const auto absent = [&](const Column& column) {
    return std::none_of(table.records.begin(), table.records.end(),
                        [&](const Json& record) { return record.contains(column.key); });
  };
  std::erase_if(table.columns, absent);
  return table;
}

}  // namespace

Blocks caching_plan_view(const Json& document) {
  const Json& plan = document["plan"];
  Blocks blocks = {Heading{"Caching plan"}};
  if (plan["choices"].empty()) return blocks;
  const Json& best = plan["choices"][0];
  const bool gain = best["saved_us"][1] > 0;
  blocks.push_back(
      Paragraph{gain ? fmt::format("Best: {}. It saves {} a round.", words(best, "; "), microseconds(best["saved_us"]))
                     : fmt::format("Best: {}. Nothing else saves anything.", words(best, "; "))});
  Preformatted commands;
  for (const Json& unit : best["units"])
    for (const Json& command : unit["commands"]) commands.lines.push_back("  " + command.get<std::string>());
  blocks.emplace_back(std::move(commands));
  blocks.push_back(shares(best));
  blocks.push_back(choices(plan));
  blocks.push_back(Facts{{{"basis", fmt::format("predicted: {}; compiler {}, {}", plan["law"].get<std::string>(),
                                                plan["compiler"].get<std::string>(), plan["link"].get<std::string>())},
                          {"considered", fmt::format("{} ways{}", plan["considered"].dump(),
                                                     plan["exhaustive"].get<bool>() ? ", all there are" : "")}}});
  for (const Json& model : plan["models"])
    for (const Json& sentence : model["not_predicted"])
      blocks.push_back(
          Paragraph{fmt::format("Not predicted: {}, {}.", short_name(model["input"]), sentence.get<std::string>())});
  for (const Json& sentence : plan["assumptions"]) blocks.push_back(Paragraph{sentence.get<std::string>()});
  return blocks;
}

}  // namespace edgescope::report
