#include "report/views/edgetpu.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/tiles.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

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
              .columns = {{"what", "what"}, {"first inference", "first", Align::Right, bytes}, {"every later one", "later", Align::Right, bytes}}};
  const Json &first = edgetpu["first_inference"], &later = edgetpu["per_inference"];
  for (const auto& [name, value] : later.items())
    if (value != 0 || first[name] != 0) table.records.push_back({{"what", name}, {"first", first[name]}, {"later", value}});
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
                      {"rows", "rows_used", Align::Right},
                      {"token", "caching_token"}}};
}

Table layers_table(const Json& executables) {
  Table table{.title = "What goes in and comes out",
              .columns = {{"", "side"},
                          {"name", "name"},
                          {"type", "type"},
                          {"shape", "shape", Align::Left,
                           [](const Json& shape) {
                             std::string text;
                             for (const Json& dim : shape) text += (text.empty() ? "" : "x") + dim.dump();
                             return text;
                           }},
                          {"on the link", "bytes", Align::Right, bytes},
                          {"scale", "scale", Align::Right, [](const Json& scale) { return fmt::format("{:.6g}", scale.get<double>()); }},
                          {"zero point", "zero_point", Align::Right}}};
  for (const Json& executable : executables)
    for (const char* side : {"inputs", "outputs"})
      for (Json layer : executable[side]) {
        layer["side"] = std::string_view(side) == "inputs" ? "in" : "out";
        table.records.push_back(std::move(layer));
      }
  return table;
}

}  // namespace

void add_edgetpu(Blocks& blocks, const Json& edgetpu) {
  blocks.push_back(Heading{"Edge TPU", 2});
  blocks.push_back(Facts{{{"subgraphs", fmt::format("{} on the device, {} operators on the CPU", number(edgetpu, "subgraphs"), edgetpu["cpu_operators"].size())},
                          {"chip", fmt::format("{}, runtime {} or newer", edgetpu.value("chip", ""), number(edgetpu, "min_runtime_version"))},
                          {"cached", base::bytes_text(number(edgetpu, "cached_parameter_bytes")) + " of parameters, sent once and kept on the chip"},
                          {"streamed", base::bytes_text(number(edgetpu, "streamed_parameter_bytes")) + " of parameters, sent at every inference"},
                          {"instructions", base::bytes_text(number(edgetpu, "instruction_bytes")) + " in the file"},
                          {"basis", "exact: from the compiled file's DMA hints"}}});
  blocks.push_back(traffic_table(edgetpu));
  blocks.push_back(executables_table(edgetpu["executables"]));
  blocks.push_back(layers_table(edgetpu["executables"]));
  for (const Json& executable : edgetpu["executables"])
    if (executable.contains("placement") && !executable["placement"].empty()) blocks.push_back(tile_map("Placement in the file", {{"", executable["placement"]}}));
  if (!edgetpu["cpu_operators"].empty())
    blocks.push_back(Table{.title = "Left on the CPU",
                           .records = edgetpu["cpu_operators"],
                           .columns = {{"#", "index", Align::Right}, {"source", "source_kind"}, {"name", "name"}}});
}

Blocks compiler_log_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  for (const Json& model : document["compiler_log"]) {
    Facts facts{{{"model", model.value("input_model", "")}, {"compiler", model.value("compiler", "")}}};
    const auto size = [&](const char* label, const char* key) {
      if (!model[key].is_null()) facts.lines.emplace_back(label, base::bytes_text(model[key].get<std::uint64_t>()));
    };
    size("on-chip used", "on_chip_used");
    size("on-chip available", "on_chip_available");
    size("on-chip remaining", "on_chip_remaining");
    size("streamed", "off_chip_used");
    if (!model["subgraphs"].is_null()) facts.lines.emplace_back("subgraphs", model["subgraphs"].dump());
    if (!model["failure"].get<std::string>().empty()) facts.lines.emplace_back("failed", model["failure"].get<std::string>());
    blocks.push_back(std::move(facts));
    Table table{.columns = {{"operator", "operator"}, {"count", "count", Align::Right}, {"status", "status"}}};
    for (const Json& row : model["rows"]) table.records.push_back({{"operator", row[0]}, {"count", row[1]}, {"status", row[2]}});
    blocks.push_back(std::move(table));
  }
  blocks.push_back(Paragraph{"Basis: published by the compiler, rounded as it prints."});
  return blocks;
}

}  // namespace edgescope::report
