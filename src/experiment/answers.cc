#include "experiment/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiment/answer_growth.h"
#include "experiment/answer_steps.h"
#include "experiment/answer_strategies.h"
#include "experiment/grouping.h"
#include "experiment/spread.h"

namespace edgescope::experiment {
namespace {

using base::Json;

std::string cause_text(Spread::Cause cause) {
  switch (cause) {
    case Spread::Cause::Interruptions:
      return "rare calls, under one in a hundred, are interrupted (another program had the core); the others hardly "
             "vary";
    case Spread::Cause::Waiting:
      return "calls wait on top of a stable floor (host, bus, scheduler), they do not compute longer";
    case Spread::Cause::Processes:
      return "processes differ from each other (memory layout, cores, clock), each by itself is steadier";
    case Spread::Cause::Noise:
      return "the times alone do not tell";
    case Spread::Cause::Little:
      break;
  }
  return "little spread";
}

Json variance(const std::vector<Series>& series) {
  Json rows = Json::array();
  std::map<Spread::Cause, std::vector<std::string>> by_cause;
  double least = 0, most = 0;
  for (const Series& one : series) {
    if (one.empty()) continue;
    const Spread found = spread(one);
    const std::string label = label_of(one.spec, series, {"timings"});
    least = rows.empty() ? found.cv99 : std::min(least, found.cv99);
    most = std::max(most, found.cv99);
    rows.push_back({{"label", label},
                    {"cv", found.cv},
                    {"cv99", found.cv99},
                    {"lag1", found.lag1},
                    {"floor_us", found.floor_us},
                    {"median_us", value(one, quantile_of(0.5))},
                    {"p95_us", value(one, quantile_of(0.95))},
                    {"p99_us", value(one, quantile_of(0.99))},
                    {"floor_spread", found.floor_spread},
                    {"tail", found.tail},
                    {"between_processes", found.between},
                    {"cause", text(found.cause)},
                    {"why", cause_text(found.cause)},
                    {"basis", "measured"}});
    by_cause[found.cause].push_back(label);
  }
  std::string headline = "Nothing was measured", said = "Nothing was measured.";
  if (!rows.empty()) {
    const auto common = std::max_element(by_cause.begin(), by_cause.end(), [](const auto& a, const auto& b) {
      return a.second.size() < b.second.size();
    });
    headline = fmt::format("{} of {} series: {}", common->second.size(), rows.size(), cause_text(common->first));
    said = fmt::format("Without the slowest hundredth of the calls the times vary by {:.1f} to {:.1f} %.", least * 100,
                       most * 100);
    for (const auto& [cause, labels] : by_cause)
      said += fmt::format(" {} of {}: {} ({}).", labels.size(), rows.size(), cause_text(cause), listed(labels));
  }
  return {{"question", "How much do the times vary, and why?"},
          {"headline", headline},
          {"conclusion", said},
          {"rows", std::move(rows)}};
}

// Of all outputs the figures that are worst.
Json worst_of(const Json& outputs) {
  Json worst = Json::object();
  for (const Json& output : outputs)
    for (const char* key : {"max_abs", "p999_abs", "max_steps", "max_ulps", "decision_flips", "different", "values"})
      if (output.contains(key) && output[key].is_number() && (!worst.contains(key) || output[key] > worst[key]))
        worst[key] = output[key];
  return worst;
}

// What analysis/parity.h found at each point that compares runtimes.
Json parity(const std::vector<Series>& series) {
  Json rows = Json::array();
  std::size_t differ = 0, equal = 0, compared = 0;
  for (const Series& one : series) {
    if (!one.facts.contains("parity")) continue;
    const Json& found = one.facts["parity"];
    for (const Json& pair : found["pairs"]) {
      Json row = {
          {"label", label_of(one.spec, series, {"compare"})}, {"reference", found["reference"]}, {"on", pair["on"]}};
      if (pair["valid"].get<bool>()) {
        row["agreement"] = pair["agreement"];
        ++compared;
        differ += pair["agreement"] == "differs";
        equal += pair["agreement"] == "equal";
        row.update(worst_of(pair["outputs"]));
      } else {
        row["agreement"] = pair["reason"];
      }
      row["basis"] = "measured";
      rows.push_back(std::move(row));
    }
  }
  const std::string headline =
      compared == 0 ? std::string("No two runtimes were compared")
      : differ > 0  ? fmt::format("{} of {} comparisons differ by more than rounding", differ, compared)
      : equal == compared
          ? fmt::format("All {} comparisons give the same bits", compared)
          : fmt::format("No comparison differs by more than rounding: {} of {} give the same bits", equal, compared);
  return {{"question", "Do the runtimes give the same results?"},
          {"headline", headline},
          {"conclusion", fmt::format("Of {} comparisons {} are equal, {} close, {} differ.", compared, equal,
                                     compared - equal - differ, differ)},
          {"rows", std::move(rows)}};
}

}  // namespace

Json answer(const Question& question, const std::vector<Series>& series) {
  Json result = {{"kind", question.kind}, {"along", question.along.empty() ? Json(nullptr) : Json(question.along)}};
  Json found;
  if (question.kind == "scaling" || question.kind == "size")
    found = growth_answer(question, series);
  else if (question.kind == "variance")
    found = variance(series);
  else if (question.kind == "ladder")
    found = steps_answer(question, series);
  else if (question.kind == "parity")
    found = parity(series);
  else
    found = strategies_answer(question, series);
  for (auto& [key, value] : found.items()) result[key] = std::move(value);
  return result;
}

}  // namespace edgescope::experiment
