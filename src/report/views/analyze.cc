#include "report/views/analyze.h"

#include <fmt/format.h>

#include "report/views/bench.h"
#include "report/views/check.h"
#include "report/views/edgetpu.h"
#include "report/views/fix.h"
#include "report/views/inspect.h"
#include "report/views/myriad.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

constexpr std::size_t kOperators = 10;

std::string short_number(const Json& value) { return fmt::format("{:.4g}", value.get<double>()); }
std::string percent(const Json& share) { return fmt::format("{:.0f} %", 100 * share.get<double>()); }

}  // namespace

void add_parity(Blocks& blocks, const Json& parity) {
  if (!parity["reference"].is_string()) return;
  Table table;
  table.title = fmt::format("Predictions against {} on {} seeded inputs (measured)",
                            parity["reference"].get<std::string>(), parity["rows"].dump());
  table.columns = {{"runtime", "on"},
                   {"output", "name"},
                   {"largest difference", "max_abs", Align::Right, short_number},
                   {"mean", "mean_abs", Align::Right, short_number},
                   {"largest in steps", "max_steps", Align::Right, short_number},
                   {"mean", "mean_steps", Align::Right, short_number},
                   {"top-1 agrees", "top1_agreement", Align::Right, percent},
                   {"together", "agreement"}};
  std::vector<std::string> failed;
  for (const Json& pair : parity["pairs"]) {
    if (!pair["valid"].get<bool>())
      failed.push_back(fmt::format("{}: {}", pair["on"].get<std::string>(), pair["reason"].get<std::string>()));
    for (const Json& output : pair["outputs"]) {
      Json row = output;
      row["on"] = pair["on"];
      table.records.push_back(std::move(row));
    }
  }
  if (!table.records.empty()) blocks.emplace_back(std::move(table));
  for (std::string& line : failed) blocks.emplace_back(Paragraph{"No predictions of " + std::move(line)});
}

View analyze_view() {
  return [](const Json& document) {
    Blocks blocks = {Heading{document["input"].get<std::string>()},
                     Heading{document["summary"]["headline"].get<std::string>(), 2}};
    for (const Json& point : document["summary"]["points"]) blocks.emplace_back(Paragraph{point.get<std::string>()});
    if (!document["runs"].empty()) add_measurements(blocks, document);
    if (document["parity"].is_object()) add_parity(blocks, document["parity"]);
    blocks.emplace_back(Heading{"The model", 2});
    add_model(blocks, document["model"], {.operators = kOperators, .order = OperatorOrder::Macs});
    if (document.contains("edgetpu")) add_edgetpu(blocks, document["edgetpu"]);
    add_findings(blocks, document["findings"]);
    add_fixes(blocks, document.value("fixes", Json::array()));
    for (const Json& check : document.value("check", Json::array())) {
      if (check["target"] == "ncs2")
        add_check_ncs2(blocks, check);
      else
        add_check_summary(blocks, check);
    }
    return blocks;
  };
}

}  // namespace edgescope::report
