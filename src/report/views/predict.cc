#include "report/views/predict.h"

#include <fmt/format.h>

#include "base/units.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

std::string times(const Json& us) {
  return fmt::format("{} to {}", base::microseconds_text(us[0].get<double>()),
                     base::microseconds_text(us[1].get<double>()));
}

std::string amount(const Json& term) {
  const auto text = [&](const char* key) {
    const auto value = term[key].get<std::uint64_t>();
    const std::string unit = term["unit"].get<std::string>();
    return unit == "bytes"                 ? base::bytes_text(value)
           : unit == "macs"                ? base::count_text(value) + " MACs"
           : unit == "calls" && value == 1 ? std::string("1 call")
                                           : fmt::format("{} {}", value, unit);
  };
  return term.contains("amount_high") ? text("amount") + " to " + text("amount_high") : text("amount");
}

}  // namespace

void add_prediction(Blocks& blocks, const Json& prediction) {
  std::string time = times(prediction["interval_us"]) + " an inference", basis = prediction["basis"].get<std::string>();
  if (prediction.contains("link")) {
    time += fmt::format(", over {} at {} MHz", prediction["link"].get<std::string>(), prediction["megahertz"].dump());
    basis += ": transfer and compute overlap by an unknown part, so the ends are the larger of the two and their sum";
  }
  Facts facts{{{"time", std::move(time)}, {"basis", std::move(basis)}}};
  if (prediction.contains("millijoules")) {
    const Json& energy = prediction["millijoules"];
    facts.lines.emplace_back("energy", energy.is_null()
                                           ? "unknown"
                                           : fmt::format("{:.1f} to {:.1f} mJ an inference", energy[0].get<double>(),
                                                         energy[1].get<double>()));
  }
  blocks.push_back(std::move(facts));
  Table table{.title = "Terms",
              .columns = {{"what", "name"},
                          {"amount", "shown", Align::Right},
                          {"time", "us", Align::Right, times},
                          {"constant", "source"}},
              .main = true};
  for (Json term : prediction["terms"]) {
    term["shown"] = amount(term);
    table.records.push_back(std::move(term));
  }
  blocks.push_back(std::move(table));
  for (const Json& assumption : prediction["assumptions"])
    blocks.push_back(Paragraph{"Assumed: " + assumption.get<std::string>()});
}

Blocks predict_view(const Json& document) {
  Blocks blocks = {Heading{document["input"].get<std::string>()}};
  add_prediction(blocks, document);
  return blocks;
}

}  // namespace edgescope::report
