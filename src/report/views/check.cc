#include "report/views/check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "report/views/inspect.h"
#include "report/views/predict.h"
#include "report/views/tiles.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::uint64_t number(const Json& record, const char* key) { return record.value(key, std::uint64_t{0}); }
std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }
std::string some_bytes(const Json& value) { return value == 0 ? "-" : bytes(value); }
// Fused operators list the names of all their parts: the first tells which one it is.
std::string short_name(const Json& name) {
  const auto text = name.get<std::string>();
  return text.substr(0, text.find(';'));
}
std::string some(const Json& value) { return value == 0 ? "-" : value.dump(); }

std::string range(const Json& memory, const char* key) {
  const Json& ends = memory[std::string(key) + "_range"];
  std::string text = bytes(memory[key]);
  if (ends[0] != ends[1]) text += fmt::format("  ({} to {})", bytes(ends[0]), bytes(ends[1]));
  return text;
}

std::string verdict(const Json& check) {
  const Json& placement = check["placement"];
  const std::uint64_t mapped = number(placement, "mapped"), cpu = number(placement, "cpu");
  if (check["verdict"] != "compiles")
    return fmt::format("Does not compile for {}: {}", check["target"].get<std::string>(),
                       check["failure"]["reason"].get<std::string>());
  if (mapped == 0)
    return fmt::format("Compiles for {}, but nothing of it would run there: all {} operators stay on the CPU",
                       check["target"].get<std::string>(), cpu);
  if (cpu == 0)
    return fmt::format("Compiles for {}: all {} operators are mapped", check["target"].get<std::string>(), mapped);
  return fmt::format("Compiles for {}: {} of {} operators are mapped, {} {} on the CPU",
                     check["target"].get<std::string>(), mapped, mapped + cpu, cpu, cpu == 1 ? "stays" : "stay");
}

Facts overview(const Json& check) {
  const Json& placement = check["placement"];
  Facts facts{{{"predicted for", check["software"].get<std::string>()}}};
  const auto line = [&](const char* key, std::string text) { facts.lines.emplace_back(key, std::move(text)); };
  if (check["verdict"] != "compiles") line("to do", check["failure"]["remedy"].get<std::string>());
  if (number(placement, "mapped") > 0)
    line("transitions",
         fmt::format("{}, {} cross between device and CPU at every inference, inputs and outputs included",
                     number(placement, "transitions"), bytes(placement["boundary_bytes"])));
  if (const Json& stop = placement["stops_at"]; !stop.is_null())
    line("mapping stops at", fmt::format("operator {} {} {}", stop["index"].dump(),
                                         stop["source_kind"].get<std::string>(), short_name(stop["name"])));
  if (check.contains("memory") && !check["memory"]["layers"].empty()) {
    const Json& memory = check["memory"];
    line("parameters", fmt::format("{} stored", bytes(memory["stored_bytes"])));
    line("cached", range(memory, "cached_bytes") + ", sent once and kept on the chip");
    line("streamed", range(memory, "streamed_bytes") + ", sent at every inference");
  }
  line("basis",
       "predicted, by published constraints and the caching law; intervals over the rows that are known to be left for "
       "parameters");
  return facts;
}

// What stays on the CPU, in the file's order; with very many the view shows the first.
Table cpu_table(const Json& operators) {
  Table table{.title = "On the CPU",
              .columns = {{"#", "index", Align::Right},
                          {"operator", "source_kind"},
                          {"verdict", "verdict"},
                          {"the compiler says", "status"},
                          {"from device", "bytes_in", Align::Right, some_bytes},
                          {"to device", "bytes_out", Align::Right, some_bytes},
                          {"changes", "transitions", Align::Right, some},
                          {"why", "reason"},
                          {"remedy", "remedy"},
                          {"", "verified", Align::Left,
                           [](const Json& value) { return value == false ? "unverified rule" : ""; }},
                          {"name", "name", Align::Left, short_name}}};
  for (const Json& op : operators)
    if (op["verdict"] != "mapped") table.records.push_back(op);
  return table;
}

// All of them: what csv and jsonl write.
Table operators_table(const Json& operators) {
  return {.title = "Operators",
          .records = operators,
          .columns = {{"#", "index", Align::Right},
                      {"operator", "source_kind"},
                      {"verdict", "verdict"},
                      {"the compiler says", "status"},
                      {"name", "name", Align::Left, short_name}},
          .main = true};
}

Table layers_table(const Json& layers) {
  return {
      .title = "Layers with parameters (predicted)",
      .records = layers,
      .columns = {{"#", "operator", Align::Right},
                  {"kind", "kind"},
                  {"laid out as", "form"},
                  {"in the model", "source_bytes", Align::Right, some_bytes},
                  {"stored", "stored_bytes", Align::Right, bytes},
                  {"blocks", "blocks", Align::Right},
                  {"rows each", "rows_per_block", Align::Right},
                  {"", "cached", Align::Left, [](const Json& cached) { return cached == true ? "cached" : "streams"; }},
                  {"name", "name", Align::Left, short_name},
                  {"why it streams", "why"}}};
}

void add_memory(Blocks& blocks, const Json& memory) {
  if (memory["layers"].empty()) return;
  blocks.push_back(Heading{"Memory of the chip", 2});
  blocks.push_back(layers_table(memory["layers"]));
  blocks.push_back(
      tile_map("Predicted placement", layer_groups(memory["layers"]), memory["rows_for_parameters"].get<int>()));
  if (!memory["advice"].empty())
    blocks.push_back(Table{.title = "What would stream less (each tried by filling the tiles again)",
                           .records = memory["advice"],
                           .columns = {{"fewer bytes", "saved_bytes", Align::Right, bytes},
                                       {"sooner", "saved_us", Align::Right,
                                        [](const Json& us) {
                                          return fmt::format("{} to {}", base::microseconds_text(us[0].get<double>()),
                                                             base::microseconds_text(us[1].get<double>()));
                                        }},
                                       {"change", "change"}}});
  for (const Json& open : memory["not_predicted"])
    blocks.push_back(Paragraph{"Not predicted: " + open.get<std::string>()});
}

std::string against(const Json& pair) {
  return fmt::format("{} predicted, {} in the file{}", bytes(pair["predicted"]), bytes(pair["compiled"]),
                     pair["predicted"] == pair["compiled"] ? "" : "  <- differs");
}

void add_compiled(Blocks& blocks, const Json& compiled) {
  blocks.push_back(Heading{"Against the compiled file", 2});
  Facts facts{{{"cached", against(compiled["cached_bytes"])}, {"streamed", against(compiled["streamed_bytes"])}}};
  const Json& rows = compiled["rows"];
  facts.lines.emplace_back(
      "rows", fmt::format("{} predicted, {} in the file", rows["predicted"].dump(), rows["compiled"].dump()));
  facts.lines.emplace_back("CPU operators", compiled["cpu_operators"].empty() ? "as predicted" : "differ, see below");
  blocks.push_back(std::move(facts));
  if (!compiled["cpu_operators"].empty())
    blocks.push_back(Table{.title = "Operators on the CPU",
                           .records = compiled["cpu_operators"],
                           .columns = {{"operator", "source_kind"},
                                       {"predicted", "predicted", Align::Right},
                                       {"in the file", "compiled", Align::Right}}});
  Table tiles{.title = "Rows by tile",
              .columns = {{"tile", "tile", Align::Right},
                          {"predicted", "predicted", Align::Right},
                          {"in the file", "compiled", Align::Right}}};
  const Json& used = compiled["rows_used"];
  for (std::size_t tile = 0; tile < used["predicted"].size(); ++tile)
    tiles.records.push_back(
        {{"tile", tile}, {"predicted", used["predicted"][tile]}, {"compiled", used["compiled"][tile]}});
  blocks.push_back(std::move(tiles));
  blocks.push_back(tile_map("Placement in the file", {{"", compiled["placement"]}}));
}

void add_verdict(Blocks& blocks, const Json& check) {
  blocks.push_back(Heading{verdict(check), 2});
  blocks.push_back(overview(check));
  if (Table table = cpu_table(check["operators"]); !table.records.empty()) blocks.push_back(std::move(table));
}

}  // namespace

void add_check_summary(Blocks& blocks, const Json& check) {
  add_verdict(blocks, check);
  add_findings(blocks, check["findings"]);
}

Blocks check_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  add_verdict(blocks, document);
  add_findings(blocks, document["findings"]);
  if (document.contains("memory")) add_memory(blocks, document["memory"]);
  if (document.contains("compiled")) add_compiled(blocks, document["compiled"]);
  if (document.contains("prediction") && !document["prediction"].is_null()) {
    blocks.push_back(Heading{"One inference", 2});
    add_prediction(blocks, document["prediction"]);
  }
  blocks.push_back(operators_table(document["operators"]));
  return blocks;
}

}  // namespace edgescope::report
