#include "report/views/compile.h"

#include <fmt/format.h>

#include "base/units.h"
#include "report/views/edgetpu.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }

std::string with_range(const Json& central, const Json& range) {
  if (range[0] == range[1]) return bytes(central);
  return fmt::format("{} ({} to {})", bytes(central), bytes(range[0]), bytes(range[1]));
}

std::string verdict(const Json& document) {
  if (document["compiler"].is_null())
    return fmt::format("Not compiled: {}. {}", document["failure"].get<std::string>(),
                       document["remedy"].get<std::string>());
  const Json& attempts = document["compiler"]["attempts"];
  const std::string with = fmt::format("edgetpu_compiler {}", document["compiler"]["version"].get<std::string>());
  std::string text = document["verdict"] == "compiles"
                         ? fmt::format("Compiled with {}", with)
                         : fmt::format("{} fails: {}", with, document["failure"].get<std::string>());
  if (!text.ends_with('.')) text += '.';
  if (attempts.size() > 1)
    text += fmt::format(" It took {} runs: before the last it stopped with an internal error that comes and goes.",
                        attempts.size());
  return text;
}

void add_model(Blocks& blocks, const Json& model) {
  const Json &predicted = model["predicted"], &actual = model["actual"];
  blocks.push_back(Heading{model["input"].get<std::string>(), 2});
  for (const Json& output : model["outputs"]) blocks.push_back(Paragraph{"Written: " + output.get<std::string>()});
  Json rows = Json::array();
  const auto row = [&](const char* what, std::string before, const char* key, bool size) {
    rows.push_back(
        {{"what", what},
         {"predicted", std::move(before)},
         {"compiled", actual.is_null() ? Json() : Json(size ? bytes(actual[key]) : base::dump(actual[key]))}});
  };
  row("operators on the device", base::dump(predicted["mapped_operators"]), "mapped_operators", false);
  row("operators on the CPU", base::dump(predicted["cpu_operators"]), "cpu_operators", false);
  row("parameters cached", with_range(predicted["cached_bytes"], predicted["cached_bytes_range"]), "cached_bytes",
      true);
  row("parameters streamed", with_range(predicted["streamed_bytes"], predicted["streamed_bytes_range"]),
      "streamed_bytes", true);
  Table table{
      .records = std::move(rows),
      .columns = {{"", "what"},
                  {fmt::format("predicted (caching law, compiler {})", predicted["compiler"].get<std::string>()),
                   "predicted", Align::Right}}};
  if (!actual.is_null()) table.columns.push_back({"in the compiled file (exact)", "compiled", Align::Right});
  blocks.push_back(std::move(table));
  if (predicted["verdict"] == "fails")
    blocks.push_back(Paragraph{fmt::format("Predicted to fail: {}.", predicted["failure"].get<std::string>())});
  for (const Json& sentence : predicted["not_predicted"])
    blocks.push_back(Paragraph{"Not predicted: " + sentence.get<std::string>() + "."});
  if (!actual.is_null() && model["differences"].empty()) blocks.push_back(Paragraph{"As predicted."});
  for (const Json& sentence : model["differences"])
    blocks.push_back(Paragraph{"Different: " + sentence.get<std::string>()});
}

// The main table: every model's operators.
Table operators(const Json& document) {
  const bool compiled = document["verdict"] == "compiles";
  Table table{.title = "Operators",
              .columns = {{"operator", "operator"},
                          {"predicted on device", "predicted_mapped", Align::Right},
                          {"on CPU", "predicted_cpu", Align::Right}},
              .main = true};
  if (compiled) {
    table.columns.push_back({"compiled on device", "mapped", Align::Right});
    table.columns.push_back({"on CPU", "cpu", Align::Right});
  }
  if (document["models"].size() > 1) table.columns.insert(table.columns.begin(), Column{"model", "input"});
  for (const Json& model : document["models"])
    for (Json row : model["operators"]) {
      row["input"] = model["input"];
      table.records.push_back(std::move(row));
    }
  return table;
}

}  // namespace

Blocks compile_view(const Json& document) {
  Blocks blocks = {Paragraph{verdict(document)}};
  for (const Json& model : document["models"]) add_model(blocks, model);
  blocks.push_back(operators(document));
  if (document["compiler"].is_null())
    blocks.push_back(
        Paragraph{"Without the compiler edgescope still predicts, as above, plans (`edgescope compile --plan`), and "
                  "reads compiled models and logs that were "
                  "made elsewhere (`edgescope inspect`)."});
  if (document["verdict"] == "fails") add_compiler_log(blocks, document["compiler_log"]);
  return blocks;
}

}  // namespace edgescope::report
