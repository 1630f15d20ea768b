#include "experiment/answer_growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiment/grouping.h"

namespace edgescope::experiment {
namespace {

using base::Json;

constexpr double kCrooked = 0.15;  // a line that misses a floor by more is none
constexpr const char* kMacs = "million_macs";

// Widths say little: what a model of twice the width computes is four times as much. The files' own count, in
// millions, becomes the axis where all of them tell it.
std::string abscissa(const Question& question, std::vector<Series>& series) {
  if (question.kind != "size") return question.along;
  std::vector<Series*> counted;
  for (Series& one : series) {
    if ((one.empty() && !told(one)) || !one.spec.contains(question.along)) continue;
    if (!one.facts.contains("model") || !one.facts["model"].contains("macs")) return question.along;
    counted.push_back(&one);
  }
  for (Series* one : counted) one->facts[kMacs] = one->facts["model"]["macs"].get<double>() / 1e6;
  return counted.empty() ? question.along : kMacs;
}

double at(const Series& series, const std::string& x) {
  return (x == kMacs ? series.facts[x] : series.spec[x]).get<double>();
}

std::string unit(const std::string& x, const Question& question) {
  return x == kMacs ? "each further million multiply-accumulates" : "each further unit of " + question.along;
}

// A prediction's two ends grow along a line each.
std::optional<Json> predicted_row(const Group& group, const std::string& x) {
  std::vector<double> n, low, high;
  for (const Series& one : group.series) {
    const Told known = *told(one);
    n.push_back(at(one, x));
    low.push_back(known.us.low);
    high.push_back(known.us.high);
  }
  Json row = {{"label", group.label}, {"from", n.front()}, {"to", n.back()}, {"basis", told(group.series[0])->basis}};
  if (n.front() == n.back()) return std::nullopt;
  const Line least = fit_line(n, low), most = fit_line(n, high);
  const auto pair = [](double a, double b) { return Json::array({std::min(a, b), std::max(a, b)}); };
  row["fixed_interval_us"] = pair(least.fixed, most.fixed);
  row["each_interval_us"] = pair(least.each, most.each);
  Json& points = row["points"] = Json::array();
  for (const Series& one : group.series)
    points.push_back(
        {{x, at(one, x)}, {"interval_us", interval_json(told(one)->us)}, {"rests_on", told(one)->rests_on}});
  return row;
}

std::optional<Json> measured_row(const Group& group, const std::string& x) {
  std::vector<Series> placed = group.series;
  for (Series& one : placed) one.spec[x] = at(one, x);
  const auto fitted = fit(placed, x);
  if (!fitted) return std::nullopt;
  Json row = {{"label", group.label}, {"from", fitted->n.front()}, {"to", fitted->n.back()}};
  put(row, "fixed", fitted->fixed_us);
  put(row, "each", fitted->each_us);
  row["minimum_fixed_us"] = fitted->minimum_fixed_us;
  row["minimum_each_us"] = fitted->minimum_each_us;
  row["factor"] = fitted->factor;
  row["worst_residual"] = fitted->worst_residual;
  row["basis"] = "measured";
  Json& points = row["points"] = Json::array();
  for (const AffineFit::Place& place : fitted->places)
    points.push_back({{x, place.n},
                      {"p5_us", place.floor_us.value},
                      {"p5_interval_us", interval_json(place.floor_us.interval)},
                      {"median_us", place.median_us},
                      {"mean_us", place.mean_us}});
  return row;
}

bool straight(const Json& row) { return row["basis"] == "measured" && row["worst_residual"].get<double>() <= kCrooked; }

// The part of a time that does not grow; a line may well begin below zero.
std::string fixed_text(const Json& row) {
  return row["fixed_interval_us"][0].get<double>() <= 0 ? "nothing that is shown" : us(row["fixed_us"]);
}

std::string factor_text(const Json& a, const Json& b, const std::string& each) {
  return fmt::format(
      "{} grows by a factor of {:.2f} and {} by {:.2f} over the same range, which says nothing about which scales "
      "better: fixed in each call is {} on the first and {} on the second, and {} costs {} there and {} here, {:.1f} "
      "times as much.",
      a["label"].get<std::string>(), a["factor"].get<double>(), b["label"].get<std::string>(),
      b["factor"].get<double>(), fixed_text(a), fixed_text(b), each, us(a["each_us"]), us(b["each_us"]),
      a["each_us"].get<double>() / b["each_us"].get<double>());
}

std::string crooked_text(const std::vector<const Json*>& rows) {
  std::vector<std::string> names;
  double worst = 0;
  for (const Json* row : rows) {
    names.push_back((*row)["label"].get<std::string>());
    worst = std::max(worst, (*row)["worst_residual"].get<double>());
  }
  return fmt::format(
      "{} {} not grow along a line: the times lie up to {:.0f} % beside one, whose terms then mean "
      "little.",
      listed(names), names.size() == 1 ? "does" : "do", worst * 100);
}

std::string predicted_text(const Json& row, const std::string& each) {
  const auto interval = [&row](const char* key) {
    return between({row[key][0].get<double>(), row[key][1].get<double>()});
  };
  return fmt::format("{}: {} fixed, and {} for {}.", row["label"].get<std::string>(), interval("fixed_interval_us"),
                     interval("each_interval_us"), each);
}

// By the cost of a further unit, the dearest last.
std::vector<const Json*> by_each(const Json& rows) {
  std::vector<const Json*> result;
  for (const Json& row : rows)
    if (straight(row) && row["each_us"].get<double>() > 0) result.push_back(&row);
  std::sort(result.begin(), result.end(),
            [](const Json* a, const Json* b) { return (*a)["each_us"] < (*b)["each_us"]; });
  return result;
}

}  // namespace

Json growth_answer(const Question& question, const std::vector<Series>& given) {
  std::vector<Series> series = given;
  const std::string x = abscissa(question, series), each = unit(x, question);
  Json rows = Json::array();
  for (const Group& group : groups(series, question.along)) {
    if (!group.series.front().spec[question.along].is_number()) continue;
    if (auto row = group.timed() ? measured_row(group, x) : predicted_row(group, x)) rows.push_back(std::move(*row));
  }
  std::vector<std::string> said;
  std::vector<const Json*> crooked;
  for (const Json& row : rows)
    if (row["basis"] == "measured" && !straight(row)) crooked.push_back(&row);
  const std::vector<const Json*> lines = by_each(rows);
  std::string headline = fmt::format("No line can be drawn through the times by {}", question.along);
  if (rows.empty()) {
    headline = fmt::format("Nothing was measured at two different values of {}", question.along);
  } else if (lines.size() == 1) {
    const Json& only = *lines.front();
    headline = fmt::format("{}: {} fixed and {} for {}", only["label"].get<std::string>(), fixed_text(only),
                           us(only["each_us"]), each);
  } else if (lines.size() > 1) {
    const Json &cheap = *lines.front(), &dear = *lines.back();
    const double more = dear["each_us"].get<double>() / cheap["each_us"].get<double>();
    headline = more < 1.05 ? fmt::format("All pay alike for {}: {}", each, us(cheap["each_us"]))
                           : fmt::format("{} costs {} on {} and {:.1f} times as much on {}", each, us(cheap["each_us"]),
                                         cheap["label"].get<std::string>(), more, dear["label"].get<std::string>());
    headline.front() = static_cast<char>(std::toupper(headline.front()));
    said.push_back(factor_text(dear, cheap, each));
  }
  if (!crooked.empty()) said.push_back(crooked_text(crooked));
  for (const Json& row : rows)
    if (row["basis"] != "measured") said.push_back(predicted_text(row, each));
  if (said.empty()) said.push_back(headline + ".");
  return {{"question",
           fmt::format("How does the time grow with {}?", x == kMacs ? "what the models compute" : question.along)},
          {"headline", headline},
          {"conclusion", fmt::format("{}", fmt::join(said, " "))},
          {"x", x},
          {"rows", std::move(rows)}};
}

}  // namespace edgescope::experiment
