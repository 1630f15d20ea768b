#include "report/views/myriad.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "report/views/inspect.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::uint64_t number(const Json& record, const char* key) { return record[key].get<std::uint64_t>(); }
std::string bytes(const Json& value) { return base::bytes_text(value.get<std::uint64_t>()); }

Facts myriad_facts(const Json& myriad) {
  const Json& engines = myriad["engines"];
  return {
      {{"blob", fmt::format("for the NCS2 (Myriad X), version {}, batch {}", myriad["version"].get<std::string>(),
                            number(myriad, "batch"))},
       {"stages", fmt::format("{}: {} on the hardware accelerator, {} on the SHAVE processors, {} by DMA",
                              myriad["stages"].size(), number(engines, "hardware"), number(engines, "shave"),
                              number(engines, "dma"))},
       {"size", fmt::format("{}, of which {} are constants", bytes(myriad["bytes"]), bytes(myriad["constant_bytes"]))},
       {"memory", bytes(myriad["bss_bytes"]) + " of DDR for tensors between stages"},
       {"resources", fmt::format("{} CMX slices, {} SHAVEs for each executor", number(myriad, "cmx_slices"),
                                 number(myriad, "shaves"))},
       {"input", fmt::format("{} in {}", bytes(myriad["input_bytes"]), number(myriad, "inputs"))},
       {"output", fmt::format("{} in {}", bytes(myriad["output_bytes"]), number(myriad, "outputs"))},
       {"basis", "exact: read from the blob"}}};
}

Table kinds_table(const Json& myriad) {
  return {.title = "Kinds of stages",
          .records = myriad["kinds"],
          .columns = {{"kind", "kind"},
                      {"engine", "engine"},
                      {"stages", "stages", Align::Right},
                      {"description", "bytes", Align::Right, bytes}}};
}

Table stages_table(const Json& myriad) {
  Table table{
      .title = "Stages",
      .records = myriad["stages"],
      .columns = {
          {"#", "index", Align::Right}, {"kind", "kind"}, {"engine", "engine"}, {"SHAVEs", "shaves", Align::Right}}};
  // The blob does not name its stages, the compiler does.
  if (!table.records.empty() && table.records[0].contains("name")) table.columns.push_back({"name", "name"});
  return table;
}

void add_prediction_line(Facts& facts, const Json& document) {
  if (!document.contains("prediction")) return;
  const Json& interval = document["prediction"]["interval_us"];
  facts.lines.emplace_back("one inference",
                           fmt::format("{} to {} ({})", base::microseconds_text(interval[0].get<double>()),
                                       base::microseconds_text(interval[1].get<double>()),
                                       document["prediction"]["basis"].get<std::string>()));
  for (const Json& assumption : document["prediction"]["assumptions"])
    facts.lines.emplace_back("assumed", assumption.get<std::string>());
}

std::string verdict_of(const Json& check) {
  const std::string does = check["verdict"] == "compiles"
                               ? "Compiles for the NCS2"
                               : "Does not compile for the NCS2: " + check["failure"]["reason"].get<std::string>();
  if (!check.contains("oracle")) return does;
  return check["oracle"]["agrees"] == true ? does : does + " (the rules say otherwise)";
}

Facts check_facts(const Json& check) {
  const bool asked = check.contains("oracle");
  Facts facts{{{asked ? "asked" : "predicted for", check["software"].get<std::string>()}}};
  if (check["verdict"] == "fails" && !check["failure"]["remedy"].get<std::string>().empty())
    facts.lines.emplace_back("to do", check["failure"]["remedy"].get<std::string>());
  add_prediction_line(facts, check);
  if (check.contains("calibration")) {
    const Json& seen = check["calibration"];
    const auto lost = std::count_if(check["findings"].begin(), check["findings"].end(), [](const Json& finding) {
      return finding["cost"]["basis"] == "measured" && finding["id"].get<std::string>().starts_with("ncs2-half-");
    });
    facts.lines.emplace_back(
        "real inputs", fmt::format("{} rows on {} (measured), {} places looked at: {}", number(seen, "rows"),
                                   seen["on"].get<std::string>(), seen["tensors"].size(),
                                   lost == 0 ? "16-bit floats hold them" : fmt::format("{} findings, below", lost)));
  }
  facts.lines.emplace_back("basis", asked ? "exact: the vendor's compiler, on a simulated stick or a real one"
                                          : "predicted, by the rules of the compiler's own stages");
  return facts;
}

// Which compiler ran, and how.
Facts compiler_facts(const Json& document) {
  const Json& compiler = document["compiler"];
  std::string settings;
  for (const auto& [name, value] : compiler["settings"].items())
    settings += fmt::format("{}{}={}", settings.empty() ? "" : ", ", name, value.get<std::string>());
  Facts facts{
      {{"compiler", fmt::format("{} {}{}", compiler["name"].get<std::string>(), compiler["version"].get<std::string>(),
                                compiler.contains("on") ? " on " + compiler["on"].get<std::string>() : "")},
       {"settings", settings.empty() ? "its own" : settings}}};
  if (!compiler["us"].is_null())
    facts.lines.emplace_back("took", base::microseconds_text(compiler["us"].get<double>()) + " (measured, here)");
  if (!document["remedy"].get<std::string>().empty())
    facts.lines.emplace_back("to do", document["remedy"].get<std::string>());
  if (document["verdict"] != document["predicted"]["verdict"])
    facts.lines.emplace_back("different", fmt::format("the rules predicted that it {}",
                                                      document["predicted"]["verdict"].get<std::string>()));
  add_prediction_line(facts, document);
  return facts;
}

}  // namespace

void add_myriad(Blocks& blocks, const Json& myriad) {
  blocks.push_back(myriad_facts(myriad));
  blocks.push_back(kinds_table(myriad));
}

void add_check_ncs2(Blocks& blocks, const Json& check) {
  blocks.push_back(Heading{verdict_of(check), 2});
  blocks.push_back(check_facts(check));
  Table rejected{.title = "Rejected",
                 .columns = {{"#", "index", Align::Right},
                             {"operator", "source_kind"},
                             {"name", "name"},
                             {"why", "reason"},
                             {"remedy", "remedy"}}};
  for (const Json& op : check["operators"])
    if (op["verdict"] != "mapped") rejected.records.push_back(op);
  if (!rejected.records.empty()) blocks.push_back(std::move(rejected));
  add_findings(blocks, check["findings"]);
  if (check.contains("myriad")) add_myriad(blocks, check["myriad"]);
}

Blocks check_ncs2_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  add_check_ncs2(blocks, document);
  blocks.push_back(Table{.title = "Operators",
                         .records = document["operators"],
                         .columns = {{"#", "index", Align::Right},
                                     {"operator", "source_kind"},
                                     {"verdict", "verdict"},
                                     {"query says", "query_claims", Align::Left,
                                      [](const Json& claims) { return claims == true ? "yes" : "no"; }},
                                     {"name", "name"}},
                         .main = true});
  return blocks;
}

Blocks compile_ncs2_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  const std::string failure = document["failure"].get<std::string>();
  if (document["compiler"].is_null()) {
    blocks.push_back(Paragraph{fmt::format("Not compiled: {}. {}", failure, document["remedy"].get<std::string>())});
    const Json& predicted = document["predicted"];
    blocks.push_back(
        Paragraph{predicted["verdict"] == "compiles"
                      ? std::string("By the rules it compiles (predicted).")
                      : fmt::format("By the rules it fails (predicted): {}. {}",
                                    predicted["failure"].get<std::string>(), predicted["remedy"].get<std::string>())});
    add_findings(blocks, document["findings"]);
    return blocks;
  }
  blocks.push_back(Paragraph{document["verdict"] == "compiles"
                                 ? "Compiled for the NCS2: " + document["output"].get<std::string>()
                                 : "Does not compile for the NCS2: " + failure});
  blocks.push_back(compiler_facts(document));
  if (!document["myriad"].is_null()) blocks.push_back(myriad_facts(document["myriad"]));
  add_findings(blocks, document["findings"]);
  if (document["myriad"].is_null()) return blocks;
  blocks.push_back(kinds_table(document["myriad"]));
  Table stages = stages_table(document["myriad"]);
  stages.main = true;
  blocks.push_back(std::move(stages));
  return blocks;
}

Blocks myriad_view(const Json& document) {
  const Json& myriad = document["myriad"];
  Blocks blocks = {Heading{document["input"].get<std::string>()}, myriad_facts(myriad)};
  add_findings(blocks, document["findings"]);
  blocks.push_back(kinds_table(myriad));
  Table stages = stages_table(myriad);
  stages.main = true;
  blocks.push_back(std::move(stages));
  return blocks;
}

Blocks myriad_memory_view(const Json& document) {
  const Json& memory = document["myriad_memory"];
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  blocks.push_back(Facts{{{"CMX", bytes(memory["cmx_bytes"]) + " of the fast memory on the chip"},
                          {"DDR", bytes(memory["bss_bytes"]) + " for tensors between stages (BSS)"},
                          {"constants", bytes(memory["blob_bytes"]) + " in the blob"},
                          {"basis", "exact: as the compiler placed them"}}});
  blocks.push_back(Table{.title = "Tensors",
                         .records = memory["tensors"],
                         .columns = {{"name", "name"},
                                     {"usage", "usage"},
                                     {"type", "type"},
                                     {"in", "location"},
                                     {"offset", "offset", Align::Right},
                                     {"size", "bytes", Align::Right, bytes}},
                         .main = true});
  return blocks;
}

}  // namespace edgescope::report
