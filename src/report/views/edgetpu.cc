#include "report/views/edgetpu.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/edgetpu_source.h"
#include "report/views/inspect.h"
#include "report/views/tiles.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

constexpr std::size_t kMostSteps = 40;  // rows of the table of transfers

std::string bytes(const Json& value) { return value == 0 ? "-" : base::bytes_text(value.get<std::uint64_t>()); }

std::uint64_t number(const Json& record, const char* key) { return record.value(key, std::uint64_t{0}); }

std::uint64_t total(const Json& traffic) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : traffic.items()) sum += value.get<std::uint64_t>();
  return sum;
}

// One row a kind of bytes: first inference against every later one.
Table traffic_table(const Json& edgetpu) {
  Table table{.title = "Bytes over the link",
              .columns = {{"what", "what"},
                          {"first inference", "first", Align::Right, bytes},
                          {"every later one", "later", Align::Right, bytes}}};
  const Json &first = edgetpu["first_inference"], &later = edgetpu["per_inference"];
  for (const auto& [name, value] : later.items())
    if (value != 0 || first[name] != 0)
      table.records.push_back({{"what", name}, {"first", first[name]}, {"later", value}});
  table.records.push_back({{"what", "total"}, {"first", total(first)}, {"later", total(later)}});
  return table;
}

Table executables_table(const Json& executables) {
  return {.title = "Executables",
          .records = executables,
          .columns = {{"operator", "operator", Align::Right},
                      {"type", "type"},
                      {"parameters", "parameter_bytes", Align::Right, bytes},
                      {"instructions", "instruction_bytes", Align::Right, bytes},
                      {"input", "traffic.input", Align::Right, bytes},
                      {"output", "traffic.output", Align::Right, bytes},
                      {"scratch in", "traffic.scratch_in", Align::Right, bytes},
                      {"scratch out", "traffic.scratch_out", Align::Right, bytes},
                      {"in file", "file_bytes", Align::Right, bytes},
                      {"rows", "rows_used", Align::Right},
                      {"chip", "chip"},
                      {"token", "caching_token"}},
          .main = true};
}

Table layers_table(const Json& executables) {
  Table table{.title = "What goes in and comes out",
              .columns = {{"", "side"},
                          {"name", "name"},
                          {"type", "type"},
                          {"shape", "shape", Align::Left, shape_text},
                          {"on the link", "bytes", Align::Right, bytes},
                          {"scale", "scale", Align::Right,
                           [](const Json& scale) { return fmt::format("{:.6g}", scale.get<double>()); }},
                          {"zero point", "zero_point", Align::Right}}};
  for (const Json& executable : executables)
    for (const char* side : {"inputs", "outputs"})
      for (Json layer : executable[side]) {
        layer["side"] = std::string_view(side) == "inputs" ? "in" : "out";
        table.records.push_back(std::move(layer));
      }
  return table;
}

// The Edge TPU operators one by one; a single one is what the totals say.
Table operators_table(const Json& operators) {
  return {.title = "Edge TPU operators, each a call of the device",
          .records = operators,
          .columns = {{"#", "index", Align::Right},
                      {"cached", "cached_parameter_bytes", Align::Right, bytes},
                      {"streamed", "streamed_parameter_bytes", Align::Right, bytes},
                      {"instructions", "instruction_bytes", Align::Right, bytes},
                      {"first inference", "first_inference", Align::Right,
                       [](const Json& traffic) { return base::bytes_text(total(traffic)); }},
                      {"every later one", "per_inference", Align::Right,
                       [](const Json& traffic) { return base::bytes_text(total(traffic)); }},
                      {"token", "caching_token"},
                      {"name", "name"}}};
}

// What crosses the link, transfer by transfer: the caching run first, which only the first inference makes.
Table steps_table(const Json& executables) {
  Table table{.title = "In order",
              .columns = {{"operator", "operator", Align::Right},
                          {"when", "when"},
                          {"what", "kind"},
                          {"bytes", "bytes", Align::Right, bytes},
                          {"transfers", "transfers", Align::Right},
                          {"layer", "layer"}}};
  std::size_t more = 0;
  for (const bool first : {true, false})
    for (const Json& executable : executables) {
      if ((executable["type"] == "PARAMETER_CACHING") != first) continue;
      for (Json step : executable.value("steps", Json::array())) {
        if (table.records.size() >= kMostSteps) {
          ++more;
          continue;
        }
        step["operator"] = executable["operator"];
        step["when"] = first ? "first inference" : "every inference";
        table.records.push_back(std::move(step));
      }
    }
  if (more > 0) table.title += fmt::format(": the first {} of {}; JSON holds all", kMostSteps, kMostSteps + more);
  return table;
}

// Whose the file's bytes are, the Edge TPU's parts by what they are.
Table owners_table(const Json& owners) {
  Table table{.title = "Bytes of the file",
              .columns = {{"owner", "owner"},
                          {"bytes", "bytes", Align::Right, bytes},
                          {"share", "share", Align::Right,
                           [](const Json& share) { return fmt::format("{:.1f} %", 100 * share.get<double>()); }}}};
  std::uint64_t sum = 0;
  for (const Json& owner : owners) {
    sum += number(owner, "bytes");
    if (number(owner, "bytes") > 0) table.records.push_back(owner);
  }
  table.records.push_back({{"owner", "file"}, {"bytes", sum}, {"share", 1.0}});
  return table;
}

}  // namespace

void add_edgetpu(Blocks& blocks, const Json& edgetpu) {
  blocks.push_back(Heading{"Edge TPU", 2});
  blocks.push_back(Facts{{{"subgraphs", fmt::format("{} on the device, {} operators on the CPU",
                                                    number(edgetpu, "subgraphs"), edgetpu["cpu_operators"].size())},
                          {"chip", fmt::format("{}, runtime {} or newer", edgetpu.value("chip", ""),
                                               number(edgetpu, "min_runtime_version"))},
                          {"cached", base::bytes_text(number(edgetpu, "cached_parameter_bytes")) +
                                         " of parameters, sent once and kept on the chip"},
                          {"streamed", base::bytes_text(number(edgetpu, "streamed_parameter_bytes")) +
                                           " of parameters, sent at every inference"},
                          {"instructions", base::bytes_text(number(edgetpu, "instruction_bytes")) + " in the file"},
                          {"basis", "exact: from the compiled file's DMA hints"}}});
  blocks.push_back(traffic_table(edgetpu));
  if (edgetpu["subgraphs"] > 1) blocks.push_back(operators_table(edgetpu["operators"]));
  blocks.push_back(executables_table(edgetpu["executables"]));
  blocks.push_back(layers_table(edgetpu["executables"]));
  blocks.push_back(steps_table(edgetpu["executables"]));
  if (edgetpu.contains("owners")) blocks.push_back(owners_table(edgetpu["owners"]));
  for (const Json& executable : edgetpu["executables"])
    if (executable.contains("placement") && !executable["placement"].empty())
      blocks.push_back(tile_map("Placement in the file", {{"", executable["placement"]}}));
  if (!edgetpu["cpu_operators"].empty())
    blocks.push_back(Table{.title = "Left on the CPU",
                           .records = edgetpu["cpu_operators"],
                           .columns = {{"#", "index", Align::Right}, {"source", "source_kind"}, {"name", "name"}}});
  if (edgetpu.contains("source")) add_edgetpu_source(blocks, edgetpu["source"]);
}

void add_compiler_log(Blocks& blocks, const Json& log) {
  for (const Json& model : log) {
    Facts facts;
    for (const auto& [label, key] : {std::pair("model", "input_model"), std::pair("compiler", "compiler")})
      if (const std::string word = model.value(key, ""); !word.empty()) facts.lines.emplace_back(label, word);
    const auto size = [&](const char* label, const char* key) {
      if (!model[key].is_null()) facts.lines.emplace_back(label, base::bytes_text(model[key].get<std::uint64_t>()));
    };
    size("on-chip used", "on_chip_used");
    size("on-chip available", "on_chip_available");
    size("on-chip remaining", "on_chip_remaining");
    size("streamed", "off_chip_used");
    if (!model["subgraphs"].is_null()) facts.lines.emplace_back("subgraphs", model["subgraphs"].dump());
    if (!model["failure"].get<std::string>().empty())
      facts.lines.emplace_back("failed", model["failure"].get<std::string>());
    blocks.push_back(std::move(facts));
    Table table{.columns = {{"operator", "operator"}, {"count", "count", Align::Right}, {"status", "status"}}};
    for (const Json& row : model["rows"])
      table.records.push_back({{"operator", row[0]}, {"count", row[1]}, {"status", row[2]}});
    if (!table.records.empty()) blocks.push_back(std::move(table));
  }
  blocks.push_back(Paragraph{"Basis: published by the compiler, rounded as it prints."});
}

Blocks compiler_log_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  add_compiler_log(blocks, document["compiler_log"]);
  return blocks;
}

}  // namespace edgescope::report
