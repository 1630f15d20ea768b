#include "report/views/edgetpu_source.h"

#include <fmt/format.h>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return value == 0 ? "-" : base::bytes_text(value.get<std::uint64_t>()); }
std::string times(const Json& factor) { return fmt::format("{:.2f}", factor.get<double>()); }

// "553.6 KiB, as predicted" or "308.4 KiB, predicted 553.6 KiB".
std::string against(const Json& figure) {
  const std::string decoded = base::bytes_text(figure["decoded"].get<std::uint64_t>());
  if (figure["difference"] == 0) return decoded + ", as predicted";
  return fmt::format("{}; predicted {}", decoded, base::bytes_text(figure["predicted"].get<std::uint64_t>()));
}

// Converters join the names of all that they fused; the first one says enough here.
std::string first_name(const Json& name) {
  const std::string all = name.get<std::string>();
  return all.substr(0, all.find(';'));
}

std::string fate(const Json& layer) {
  const auto cached = layer["cached_bytes"].get<std::uint64_t>(), stored = layer["stored_bytes"].get<std::uint64_t>();
  return cached == stored ? "cached" : cached == 0 ? "streamed" : fmt::format("{} cached", base::bytes_text(cached));
}

}  // namespace

void add_edgetpu_source(Blocks& blocks, const Json& source) {
  const std::size_t layers = source["layers"].size();
  blocks.emplace_back(Heading{"What became of " + source["file"].get<std::string>(), 2});
  Facts facts;
  facts.lines = {
      {"operators",
       fmt::format("{} of {} on the Edge TPU", source["mapped_operators"].dump(), source["operators"].dump())},
      {"parameters",
       fmt::format("{} became {}{}", base::bytes_text(source["source_bytes"].get<std::uint64_t>()),
                   against(source["stored_bytes"]),
                   source["inflation"].is_null() ? "" : fmt::format(" ({} times)", times(source["inflation"])))},
      {"cached", against(source["cached_bytes"])},
      {"streamed", against(source["streamed_bytes"])},
      {"predicted for", fmt::format("compiler {}, alone on the chip", source["compiler"].get<std::string>())},
      {"basis", source["complete"] == true
                    ? "exact: each layer's weights were found in the compiled file"
                    : fmt::format("exact for {} of {} layers, found in the compiled file; predicted for the others",
                                  source["found_layers"].dump(), layers)}};
  blocks.emplace_back(std::move(facts));
  for (const Json& note : source["notes"]) blocks.emplace_back(Paragraph{note.get<std::string>()});
  for (const Json& sentence : source["not_predicted"])
    blocks.emplace_back(Paragraph{"Not predicted: " + sentence.get<std::string>() + "."});
  Table table{.title = "Layers with parameters",
              .columns = {{"#", "operator", Align::Right},
                          {"kind", "kind"},
                          {"source", "source_bytes", Align::Right, bytes},
                          {"stored", "stored_bytes", Align::Right, bytes},
                          {"times", "inflation", Align::Right, times},
                          {"where", "fate"},
                          {"predicted", "predicted"},
                          {"basis", "basis"},
                          {"name", "name", Align::Left, first_name},
                          {"why", "why"}}};
  for (Json layer : source["layers"]) {
    layer["fate"] = fate(layer);
    layer["predicted"] = layer["predicted_cached"] == true ? "cached" : "streamed";
    table.records.push_back(std::move(layer));
  }
  blocks.emplace_back(std::move(table));
  if (!source["cpu_operators"].empty())
    blocks.emplace_back(Table{.title = "Source operators that stayed on the CPU",
                              .records = source["cpu_operators"],
                              .columns = {{"#", "index", Align::Right},
                                          {"source", "source_kind"},
                                          {"predicted", "predicted"},
                                          {"status that the rules foresee", "status"},
                                          {"name", "name", Align::Left, first_name}}});
}

}  // namespace edgescope::report
