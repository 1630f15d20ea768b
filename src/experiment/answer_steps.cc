#include "experiment/answer_steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "experiment/gap.h"
#include "experiment/grouping.h"

namespace edgescope::experiment {
namespace {

using base::Json;

// What the model's file holds, where it is known and short enough to be said.
Json kinds(const Series& series) {
  if (!series.facts.contains("model") || !series.facts["model"].is_object()) return nullptr;
  return series.facts["model"].value("kinds", Json());
}

std::string words(const Json& kinds) {
  std::vector<std::string> names;
  for (const Json& kind : kinds) names.push_back(kind.get<std::string>());
  return listed(names, 3);
}

// Both ends of the same law are off in the same direction, so that a step is between the differences of the ends.
Json told_row(const Told& more, const Told& less) {
  const double low = more.us.low - less.us.low, high = more.us.high - less.us.high;
  return {{"floor_interval_us", {std::min(low, high), std::max(low, high)}},
          {"verdict", low > 0 && high > 0   ? "cost"
                      : low < 0 && high < 0 ? "gain"
                                            : "no difference predicted"},
          {"basis", more.basis}};
}

Json timed_row(const Gap& step) {
  Json row = Json::object();
  put(row, "mean", step.mean);
  put(row, "median", step.median);
  put(row, "floor", step.floor);
  row["verdict"] = text(step.verdict());
  row["basis"] = "measured";
  return row;
}

struct Count {
  std::size_t steps = 0, slower = 0, faster = 0, waiting = 0;
  std::vector<std::string> misleading, other_graph;
};

std::string name(const Json& row, const std::string& along) {
  return fmt::format("{} {} to {} on {}", along, base::dump(row["from"]), base::dump(row["to"]),
                     row["label"].get<std::string>());
}

bool excludes_zero(const Json& interval, int sign) {
  return sign > 0 ? interval[0].get<double>() > 0 : interval[1].get<double>() < 0;
}

// Where means and fastest calls say opposite things, or the means alone say something.
void count(Count& counted, const Json& row, const std::string& along) {
  ++counted.steps;
  const Json &mean = row["mean_interval_us"], &floor = row["floor_interval_us"];
  counted.slower += excludes_zero(floor, +1);
  counted.faster += excludes_zero(floor, -1);
  counted.waiting += row["verdict"] == "waiting";
  const bool opposite = (excludes_zero(mean, -1) && !excludes_zero(floor, -1)) ||
                        (row["verdict"] == "waiting" && excludes_zero(mean, +1));
  if (opposite)
    counted.misleading.push_back(fmt::format("{} (the mean changes by {}, {}; the fastest calls by {}, {})",
                                             name(row, along), us(row["mean_us"]), between({mean[0], mean[1]}),
                                             us(row["floor_us"]), between({floor[0], floor[1]})));
}

// A converter may make something else of the graph than one operator more.
void look_at_graph(Count& counted, const Json& row, const std::string& along) {
  const Json &before = row["made_from"], &after = row["made_to"];
  if (!before.is_array() || !after.is_array() || !row["from"].is_number_integer() || !row["to"].is_number_integer())
    return;
  const auto more = static_cast<std::int64_t>(after.size()) - static_cast<std::int64_t>(before.size());
  if (more != row["to"].get<std::int64_t>() - row["from"].get<std::int64_t>())
    counted.other_graph.push_back(
        fmt::format("{}: the files hold {}, and {}", name(row, along), words(before), words(after)));
}

std::string headline(const Count& counted, const std::string& along) {
  if (counted.steps == 0) return fmt::format("No two neighbours along {} were measured", along);
  if (counted.faster > 0)
    return fmt::format("{} of {} steps along {} lower the time of the fastest calls, too", counted.faster,
                       counted.steps, along);
  if (counted.slower == counted.steps) return fmt::format("No step along {} lowers the time: every one costs", along);
  return fmt::format(
      "No step along {} is shown to lower the time: {} of {} cost, the rest change nothing that the "
      "fastest calls pay",
      along, counted.slower, counted.steps);
}

std::string conclusion(const Count& counted, const std::string& along) {
  if (counted.steps == 0) return headline(counted, along) + ".";
  const std::size_t nothing = counted.steps - counted.slower - counted.faster - counted.waiting;
  std::string said = fmt::format(
      "Of {} steps {} raise what the fastest calls take, {} lower it, {} change only how long calls wait, {} change "
      "nothing that is shown.",
      counted.steps, counted.slower, counted.faster, counted.waiting, nothing);
  if (!counted.misleading.empty())
    said += fmt::format(" A comparison of means misleads at {}.", listed(counted.misleading, 2));
  if (!counted.other_graph.empty())
    said += fmt::format(" Not the operator alone changes at {}.", listed(counted.other_graph, 2));
  if (counted.steps > 5)
    said += " Each interval holds at 95 % by itself, so that of 20 steps without a change one would seem to have one.";
  return said;
}

}  // namespace

Json steps_answer(const Question& question, const std::vector<Series>& series) {
  Json rows = Json::array();
  Count counted;
  for (const Group& group : groups(series, question.along)) {
    std::vector<Drawn> drawn;
    for (std::size_t i = 0; group.timed() && i < group.series.size(); ++i) drawn.emplace_back(group.series[i], i + 1);
    for (std::size_t i = 1; i < group.series.size(); ++i) {
      const Series &less = group.series[i - 1], &more = group.series[i];
      Json row = {{"label", group.label},
                  {"from", less.spec[question.along]},
                  {"to", more.spec[question.along]},
                  {"made_from", kinds(less)},
                  {"made_to", kinds(more)}};
      row.update(group.timed() ? timed_row(gap(drawn[i], drawn[i - 1])) : told_row(*told(more), *told(less)));
      if (group.timed()) {
        count(counted, row, question.along);
        look_at_graph(counted, row, question.along);
      }
      rows.push_back(std::move(row));
    }
  }
  return {{"question", fmt::format("What does each step of {} cost?", question.along)},
          {"headline", headline(counted, question.along)},
          {"conclusion", conclusion(counted, question.along)},
          {"rows", std::move(rows)}};
}

}  // namespace edgescope::experiment
