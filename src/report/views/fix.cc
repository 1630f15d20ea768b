#include "report/views/fix.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : base::dump(value); }

// "3 operators fewer that the device refuses, 2 transitions fewer, 1.5 KiB fewer that cross".
std::string saved(const Json& step) {
  const Json &before = step["before"], &after = step["after"];
  std::vector<std::string> parts;
  const auto change = [&](const char* key, const char* fewer) {
    const auto a = before[key].is_null() ? 0 : before[key].get<std::int64_t>();
    const auto b = after[key].is_null() ? 0 : after[key].get<std::int64_t>();
    if (a > b) parts.push_back(fmt::format("{} {}", a - b, fewer));
  };
  if (before.contains("rejected") && before["rejected"] > 0 && after["rejected"] == 0 && after["verdict"] == "compiles")
    parts.push_back("it compiles");
  change("not_mapped", "operators fewer that the device refuses");
  change("misreported", "operators fewer that HETERO misplaces");
  change("transitions", "transitions fewer");
  const auto bytes = [&](const char* key, const char* what) {
    const auto a = before[key].is_null() ? 0 : before[key].get<std::uint64_t>();
    const auto b = after[key].is_null() ? 0 : after[key].get<std::uint64_t>();
    if (a > b)
      parts.push_back(fmt::format("{} fewer that {} ({} before)", base::bytes_text(a - b), what, base::bytes_text(a)));
  };
  bytes("boundary_bytes", "cross");
  bytes("streamed_bytes", "stream");
  const Json stages = step.value("stages", Json());
  if (stages.is_array())
    parts.push_back(fmt::format("{} stages in place of {} (exact)", stages[1].get<int>(), stages[0].get<int>()));
  else if (before.contains("added_stages"))
    change("added_stages", "stages fewer");
  if (parts.empty()) change("operators", "operators fewer");
  const Json took = before.value("predicted_us", Json()), takes = after.value("predicted_us", Json());
  if (took != takes && took.is_array() && takes.is_array())
    parts.push_back(fmt::format("{} to {} in place of {} to {}", base::microseconds_text(takes[0]),
                                base::microseconds_text(takes[1]), base::microseconds_text(took[0]),
                                base::microseconds_text(took[1])));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string proof(const Json& proof) {
  if (proof["different"] == 0)
    return fmt::format("all {} values the same on {}", proof["values"].get<std::uint64_t>(), text(proof["on"]));
  return fmt::format("{} of {} values differ, by at most {:.2g} of the largest, on {}",
                     proof["different"].get<std::uint64_t>(), proof["values"].get<std::uint64_t>(),
                     proof["max_relative"].get<double>(), text(proof["on"]));
}

std::string places(const Json& where) {
  constexpr std::size_t kMost = 3;
  std::string result;
  for (std::size_t i = 0; i < std::min(where.size(), kMost); ++i) result += (i ? ", " : "") + text(where[i]);
  return where.size() > kMost ? result + fmt::format(" and {} more", where.size() - kMost) : result;
}

void add_vendor(Facts& facts, const Json& vendor) {
  for (const char* when : {"before", "after"}) {
    const Json& said = vendor[when];
    if (!said.is_object()) continue;
    std::string line = said["verdict"] == "compiles" ? "compiles" : "fails";
    if (said.contains("stages"))
      line += fmt::format(" into {} stages (exact), {} to {} (predicted)", said["stages"].get<std::size_t>(),
                          base::microseconds_text(said["predicted_us"][0]),
                          base::microseconds_text(said["predicted_us"][1]));
    if (said["failure"].is_string()) line += ": " + text(said["failure"]);
    facts.lines.emplace_back(std::string("the vendor's compiler, ") + when, line);
  }
  if (!vendor["after"].is_object())
    facts.lines.emplace_back("the vendor's compiler", "not asked: `make oracle` brings it");
}

// "openvino-ir, version 10", "onnx, operator set 13".
std::string form(const Json& to) {
  std::string result = text(to["format"]);
  if (to.contains("ir_version")) result += fmt::format(", version {}", to["ir_version"].get<int>());
  if (to.contains("opset")) result += fmt::format(", operator set {}", to["opset"].get<int>());
  return result;
}

// What the change of format took, or why there is no result.
void add_conversion(Blocks& blocks, const Json& conversion) {
  if (conversion["failure"].is_string())
    blocks.emplace_back(Paragraph{"Nothing is written: " + text(conversion["failure"]) + "."});
  if (!conversion["refused"].empty())
    blocks.emplace_back(Table{.title = "Cannot be converted",
                              .records = conversion["refused"],
                              .columns = {{"operator", "name"}, {"kind", "source_kind"}, {"why", "reason"}},
                              .main = true});
  if (conversion["failure"].is_null())
    blocks.emplace_back(Paragraph{fmt::format("Converted first, from {} to {}: {}.", text(conversion["from"]["format"]),
                                              form(conversion["to"]), proof(conversion["proof"]))});
}

void add_quantization(Blocks& blocks, const Json& quantization) {
  blocks.emplace_back(Paragraph{fmt::format(
      "Quantised to int8 by {} (approximate); compared with the float model on {}, {} of the calibration rows.",
      text(quantization["by"]), text(quantization["on"]), quantization["rows"].get<std::uint64_t>())});
  if (quantization["failure"].is_string())
    blocks.emplace_back(Paragraph{"Nothing is written: " + text(quantization["failure"]) + "."});
  const auto decibel = [](const Json& value) { return fmt::format("{:.1f} dB", value.get<double>()); };
  const auto share = [](const Json& value) { return fmt::format("{:.1f} %", 100 * value.get<double>()); };
  const auto short_number = [](const Json& value) { return fmt::format("{:.3g}", value.get<double>()); };
  blocks.emplace_back(Table{.title = "int8 against float (measured)",
                            .records = quantization["outputs"],
                            .columns = {{"output", "name"},
                                        {"same first class", "top1", Column::Align::Right, share},
                                        {"signal to noise", "signal_to_noise_db", Column::Align::Right, decibel},
                                        {"mean difference", "mean_difference", Column::Align::Right, short_number},
                                        {"greatest", "max_difference", Column::Align::Right, short_number}}});
}

std::string measured(const Json& measured) {
  std::string line = fmt::format(
      "{} before, {} after on {} with one thread: {}", base::microseconds_text(measured["before"]["median_us"]),
      base::microseconds_text(measured["after"]["median_us"]), text(measured["on"]), text(measured["verdict"]));
  if (measured["ratio_interval"].is_array())
    line += fmt::format(", {:.3f} of the time [{:.3f}, {:.3f}]", measured["ratio"].get<double>(),
                        measured["ratio_interval"][0].get<double>(), measured["ratio_interval"][1].get<double>());
  return line;
}

}  // namespace

Blocks fix_view(const Json& document) {
  Blocks blocks;
  if (document.contains("catalogue")) {
    blocks.emplace_back(Table{.title = "Rewrites",
                              .records = document["catalogue"],
                              .columns = {{"id", "id"},
                                          {"target", "target"},
                                          {"equivalence", "equivalence"},
                                          {"what it does", "about"},
                                          {"because", "why"}},
                              .main = true});
    return blocks;
  }
  blocks.emplace_back(Heading{text(document["input"]) + " for " + text(document["target"])});
  const Json& conversion = document["conversion"];
  if (conversion.is_object()) add_conversion(blocks, conversion);
  if (document["quantization"].is_object()) add_quantization(blocks, document["quantization"]);
  if (document["output"].is_null()) return blocks;
  const Json& rewrites = document["rewrites"];
  if (rewrites.empty())
    blocks.emplace_back(Paragraph{document["verdict"] == "compiles"
                                      ? "No rewrite is needed, or none pays: the file is written as it was."
                                      : "No rewrite helps: the file is written as it was."});
  Json rows = Json::array();
  for (const Json& one : rewrites)
    rows.push_back({{"id", one["id"]},
                    {"where", places(one["where"])},
                    {"saved", saved(one)},
                    {"equivalence", one["equivalence"]},
                    {"proof", proof(one["proof"])}});
  if (!rows.empty())
    blocks.emplace_back(Table{.title = "Rewritten",
                              .records = std::move(rows),
                              .columns = {{"rewrite", "id"},
                                          {"where", "where"},
                                          {"saves (predicted)", "saved"},
                                          {"equivalence", "equivalence"},
                                          {"proof (measured)", "proof"}},
                              .main = true});
  for (const Json& one : rewrites)
    blocks.emplace_back(
        Paragraph{fmt::format("{}: {}, because {}.", text(one["id"]), text(one["about"]), text(one["why"]))});
  Facts facts;
  for (const Json& one : document["left_out"])
    facts.lines.emplace_back("left out: " + text(one["id"]), text(one["reason"]));
  facts.lines.emplace_back("verdict",
                           text(document["verdict"]) + fmt::format(", {} of {} operators not mapped (before: {} of {})",
                                                                   document["after"]["not_mapped"].get<int>(),
                                                                   document["after"]["operators"].get<int>(),
                                                                   document["before"]["not_mapped"].get<int>(),
                                                                   document["before"]["operators"].get<int>()));
  if (document["proof"].is_object()) facts.lines.emplace_back("all steps together", proof(document["proof"]));
  if (document["measured"].is_object()) facts.lines.emplace_back("measured", measured(document["measured"]));
  if (document.contains("vendor")) add_vendor(facts, document["vendor"]);
  facts.lines.emplace_back("written", text(document["output"]));
  blocks.emplace_back(std::move(facts));
  return blocks;
}

void add_fixes(Blocks& blocks, const Json& fixes) {
  if (fixes.empty()) return;
  blocks.emplace_back(Heading{"What to fix", 2});
  Table steps{.title = "Done and proven",
              .columns = {{"for", "target"},
                          {"step", "id"},
                          {"where", "where"},
                          {"saves (predicted)", "saved"},
                          {"equivalence", "equivalence"},
                          {"proof (measured)", "proof"}}};
  Facts facts;
  for (const Json& fix : fixes) {
    const std::string target = text(fix["target"]);
    const Json& conversion = fix["conversion"];
    if (conversion.is_object() && conversion["proof"].is_object())
      steps.records.push_back(
          {{"target", target},
           {"id", "conversion"},
           {"where", text(conversion["from"]["format"]) + " to " + text(conversion["to"]["format"])},
           {"saved", ""},
           {"equivalence", conversion["equivalence"]},
           {"proof", proof(conversion["proof"])}});
    for (const Json& one : fix["rewrites"])
      steps.records.push_back({{"target", target},
                               {"id", one["id"]},
                               {"where", places(one["where"])},
                               {"saved", saved(one)},
                               {"equivalence", one["equivalence"]},
                               {"proof", proof(one["proof"])}});
    if (target == "cpu") {
      std::string line = fix["measured"].is_object() ? measured(fix["measured"]) : "not measured";
      if (fix["file"].is_string()) line += ": " + text(fix["file"]);
      facts.lines.emplace_back("cpu, after these steps", line);
      continue;
    }
    std::string line = fix["whole"] == true ? "takes all of it" : "does not take all of it";
    if (fix["whole"] == true && fix["rewrites"].empty() && !conversion.is_object()) line += " as it is";
    if (fix["predicted_us"].is_array() && fix["whole"] == true)
      line += fmt::format(", {} to {} (predicted)", base::microseconds_text(fix["predicted_us"][0]),
                          base::microseconds_text(fix["predicted_us"][1]));
    if (fix["file"].is_string()) line += ": " + text(fix["file"]);
    if (fix["route"].is_string()) line += ". " + text(fix["route"]);
    facts.lines.emplace_back(target, line);
  }
  if (!steps.records.empty()) blocks.emplace_back(std::move(steps));
  blocks.emplace_back(std::move(facts));
}

}  // namespace edgescope::report
