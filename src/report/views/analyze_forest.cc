#include "report/views/analyze_forest.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/forest.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }
std::string us(const Json& value) { return base::microseconds_text(value.get<double>()); }

std::string between(const Json& interval) {
  const std::string low = us(interval[0]), high = us(interval[1]);
  return low == high ? low : low + " to " + high;
}

std::string device(const Json& target) { return target == "edgetpu" ? "Edge TPU" : target == "ncs2" ? "NCS2" : "CPU"; }

Table programs(const Json& list) {
  Table table{.title = "Every program on every target; a run's time without the host's part, a row's with it",
              .columns = {{"rows", "batch", Align::Right},
                          {"target", "place"},
                          {"program", "strategy"},
                          {"a run", "run"},
                          {"host", "host"},
                          {"a row", "row"},
                          {"basis", "basis"},
                          {"constants", "parameter_bytes", Align::Right, bytes},
                          {"fits", "fit"},
                          {"", "note"}},
              .main = true};
  for (Json one : list) {
    one["place"] = one["on"].is_string() ? one["on"] : Json(device(one["target"]));
    one["run"] = one["interval_us"].is_array() ? between(one["interval_us"]) : "-";
    one["row"] = one["row_us"].is_array() ? between(one["row_us"]) : "-";
    one["host"] = one["host_us"].is_number() && one["host_us"] > 0 ? us(one["host_us"]) : "";
    one["fit"] = !one["fits"].is_boolean() ? "" : one["fits"] == true ? "yes" : "no";
    one["note"] = one["reason"].is_string()
                      ? one["runs"] == true ? one["reason"] : Json("does not run: " + one["reason"].get<std::string>())
                      : one["rests_on"];
    table.records.push_back(std::move(one));
  }
  return table;
}

Table exactness(const Json& exactness) {
  Table table{
      .title = fmt::format("Predictions against the forest itself on {} rows (measured)", exactness["rows"].dump()),
      .columns = {{"program", "strategy"},
                  {"on", "on"},
                  {"leaves that differ", "leaf_mismatches", Align::Right},
                  {"of", "leaves", Align::Right},
                  {"labels that flip", "label_flips", Align::Right},
                  {"largest difference", "max_difference", Align::Right},
                  {"", "note"}}};
  for (Json run : exactness["runs"]) {
    run["note"] = run["valid"] == true ? run["explanation"] : run["reason"];
    table.records.push_back(std::move(run));
  }
  return table;
}

Table peers(const Json& list) {
  Table table{
      .title = fmt::format("Others on a forest of {} trees of depth {}, one thread of another machine (published)",
                           list[0]["trees"].dump(), list[0]["depth"].dump()),
      .columns = {{"code", "name"},
                  {"what", "native", Align::Left,
                   [](const Json& native) { return std::string(native == true ? "walks trees" : "tensors"); }},
                  {"1 row", "one_us", Align::Right, us},
                  {"1000 rows", "thousand_us", Align::Right, us}}};
  table.records = list;
  return table;
}

}  // namespace

Blocks analyze_forest_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()},
                   Heading{document["summary"]["headline"].get<std::string>(), 2}};
  for (const Json& point : document["summary"]["points"]) blocks.emplace_back(Paragraph{point.get<std::string>()});
  blocks.emplace_back(programs(document["programs"]));
  if (document["exactness"].is_object()) blocks.emplace_back(exactness(document["exactness"]));
  if (!document["peers"].empty()) blocks.emplace_back(peers(document["peers"]));
  for (const Json& warning : document["warnings"])
    blocks.emplace_back(Paragraph{"Mind: " + warning.get<std::string>()});
  blocks.emplace_back(Heading{"The forest", 2});
  add_forest(blocks, document["forest"], false);
  return blocks;
}

}  // namespace edgescope::report
