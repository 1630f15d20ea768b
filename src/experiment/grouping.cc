#include "experiment/grouping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/units.h"

namespace edgescope::experiment {

using base::Json;

std::string us(double microseconds) {
  return (microseconds < 0 ? "-" : "") + base::microseconds_text(std::abs(microseconds));
}

std::string between(const measure::Interval& interval) {
  return fmt::format("{} to {}", us(interval.low), us(interval.high));
}

Json interval_json(const measure::Interval& interval) { return Json::array({interval.low, interval.high}); }

void put(Json& row, const std::string& name, const Figure& figure) {
  row[name + "_us"] = figure.value;
  row[name + "_interval_us"] = interval_json(figure.interval);
}

std::string label_of(const Json& spec, const std::vector<Series>& series, std::vector<std::string> leave_out) {
  std::vector<Json> specs;
  for (const Series& one : series) specs.push_back(one.spec);
  std::vector<std::string> shared = shared_members(specs);
  shared.insert(shared.end(), leave_out.begin(), leave_out.end());
  const std::string label = describe(spec, shared);
  return label.empty() ? describe(spec, leave_out) : label;
}

std::vector<Group> groups(const std::vector<Series>& series, const std::string& along) {
  std::vector<Group> result;
  for (const Series& one : series) {
    if ((one.empty() && !told(one)) || !one.spec.contains(along)) continue;
    const std::string label = label_of(one.spec, series, {along, "timings"});
    auto group = std::find_if(result.begin(), result.end(), [&](const Group& g) { return g.label == label; });
    if (group == result.end()) group = result.insert(result.end(), Group{.label = label, .series = {}});
    group->series.push_back(one);
  }
  for (Group& group : result)
    std::stable_sort(group.series.begin(), group.series.end(), [&along](const Series& a, const Series& b) {
      const Json &x = a.spec[along], &y = b.spec[along];
      return x.is_number() && y.is_number() && x.get<double>() < y.get<double>();
    });
  return result;
}

std::string listed(const std::vector<std::string>& words, std::size_t most) {
  const std::size_t named = std::min(words.size(), most), more = words.size() - named;
  std::string text;
  for (std::size_t i = 0; i < named; ++i) {
    const bool last = i + 1 == named && more == 0;
    text += (i == 0 ? "" : last ? " and " : ", ") + words[i];
  }
  return more == 0 ? text : fmt::format("{} and {} more", text, more);
}

}  // namespace edgescope::experiment
