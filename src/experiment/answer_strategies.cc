#include "experiment/answer_strategies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "experiment/gap.h"
#include "experiment/grouping.h"

namespace edgescope::experiment {
namespace {

using base::Json;

const std::vector<std::string> kDevice = {"on", "predict", "published"};

std::string word(const Json& value) { return value.is_string() ? value.get<std::string>() : base::dump(value); }

// Where a group was timed, or of what it is told.
std::string device_of(const Json& spec) {
  Json only = Json::object();
  for (const std::string& key : kDevice)
    if (spec.contains(key)) only[key] = spec[key];
  return describe(only);
}

// Everything but the device and the way.
Json place_of(Json spec, const std::string& along) {
  for (const std::string& key : kDevice) spec.erase(key);
  spec.erase(along);
  spec.erase("timings");
  return spec;
}

struct Winner {
  std::string way;  // empty where intervals overlap so that no order follows
  Json place;
  measure::Interval us;  // of the fastest
};

// A device's groups, one a place, and who won in each.
struct Device {
  std::string name;
  Json published;  // by whom, or null
  bool timed = true;
  std::vector<Group> groups;
  std::vector<Winner> winners;
};

Json timed_row(const Series& one, const Drawn& drawn, const Drawn& best) {
  Json row = {{"median_us", value(one, quantile_of(0.5))}, {"basis", "measured"}};
  if (&drawn == &best) {
    row["verdict"] = "fastest";
    return row;
  }
  const Gap slower = gap(drawn, best);
  put(row, "slower_by", slower.median);
  row["verdict"] = slower.median.interval.low > 0 ? "slower" : "no difference shown";
  return row;
}

// Both ends of one law are off in the same direction, so that what is lower at both is faster.
bool faster(const Told& a, const Told& b) { return a.us.low < b.us.low && a.us.high < b.us.high; }

Json told_row(const Told& one, const Told& best, bool is_best, bool decided) {
  return {{"interval_us", interval_json(one.us)},
          {"basis", one.basis},
          {"rests_on", one.rests_on},
          {"verdict", is_best && decided              ? "fastest"
                      : !is_best && faster(best, one) ? "slower"
                                                      : "not decided"}};
}

double middle(const Series& series) {
  const auto known = told(series);
  return known ? known->middle() : value(series, quantile_of(0.5));
}

// The fastest of a group, other than `without`, and whether it is shown to be.
std::pair<std::size_t, bool> fastest(const std::vector<Series>& series, const std::string& along,
                                     const std::string& without = {}) {
  std::size_t best = series.size();
  for (std::size_t i = 0; i < series.size(); ++i)
    if (word(series[i].spec[along]) != without && (best == series.size() || middle(series[i]) < middle(series[best])))
      best = i;
  bool decided = true;
  for (std::size_t i = 0; i < series.size(); ++i)
    if (i != best && word(series[i].spec[along]) != without && told(series[i]))
      decided = decided && faster(*told(series[best]), *told(series[i]));
  return {best, decided};
}

Winner winner(const std::vector<Series>& series, const std::string& along, const std::string& without = {}) {
  const auto [best, decided] = fastest(series, along, without);
  const Series& one = series[best];
  const auto known = told(one);
  return {.way = decided ? word(one.spec[along]) : "",
          .place = place_of(one.spec, along),
          .us = known ? known->us : measure::Interval{middle(one), middle(one)}};
}

void add_rows(Json& rows, const Group& group, const std::string& along, const std::string& place) {
  const auto [best, decided] = fastest(group.series, along);
  std::vector<Drawn> drawn;
  for (std::size_t i = 0; group.timed() && i < group.series.size(); ++i) drawn.emplace_back(group.series[i], i + 1);
  for (std::size_t i = 0; i < group.series.size(); ++i) {
    const Series& one = group.series[i];
    Json row = {{"label", group.label}, {"device", device_of(one.spec)}, {"place", place}, {along, one.spec[along]}};
    row.update(group.timed() ? timed_row(one, drawn[i], drawn[best])
                             : told_row(*told(one), *told(group.series[best]), i == best, decided));
    rows.push_back(std::move(row));
  }
}

// "trees: gemm at 1, ptt at 16 and 64" where an axis decides alone who wins.
std::string deciding_axis(const std::vector<Winner>& list) {
  if (list.empty()) return "";
  for (const auto& [axis, first] : list.front().place.items()) {
    if (!first.is_number()) continue;
    std::map<double, std::set<std::string>> winners;
    for (const Winner& winner : list)
      if (winner.place.contains(axis) && winner.place[axis].is_number())
        winners[winner.place[axis].get<double>()].insert(winner.way);
    std::map<std::string, std::vector<std::string>> at;
    bool alone = true;
    for (const auto& [value, ways] : winners) {
      alone = alone && ways.size() == 1;
      at[*ways.begin()].push_back(fmt::format("{:g}", value));
    }
    if (!alone || at.size() < 2) continue;
    std::vector<std::string> parts;
    for (const auto& [way, values] : at)
      parts.push_back(fmt::format("{} at {}", way.empty() ? "not decided" : way, listed(values, 8)));
    return fmt::format(" (by {}: {})", axis, fmt::join(parts, ", "));
  }
  return "";
}

std::vector<std::pair<std::string, std::size_t>> wins(const std::vector<Winner>& list) {
  std::map<std::string, std::size_t> counts;
  for (const Winner& one : list) ++counts[one.way];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

std::string wins_text(const std::vector<Winner>& list) {
  std::vector<std::string> parts;
  for (const auto& [way, count] : wins(list))
    parts.push_back(way.empty() ? fmt::format("{} not decided", count) : fmt::format("{} in {}", way, count));
  return fmt::format("{} of {} places{}", listed(parts), list.size(), deciding_axis(list));
}

// Where one way takes most places of a device that is not here, who would win without it is worth knowing too.
std::string device_text(const Device& device, const std::string& along) {
  std::string said = fmt::format("{}: {}", device.name, wins_text(device.winners));
  const auto [way, count] = wins(device.winners).front();
  std::vector<Winner> others;
  if (!device.timed && !way.empty() && device.winners.size() > 1 && 3 * count >= 2 * device.winners.size())
    for (const Group& group : device.groups)
      if (group.series.size() > 2) others.push_back(winner(group.series, along, way));
  if (others.size() == device.winners.size()) said += fmt::format("; without {}: {}", way, wins_text(others));
  return said + ".";
}

// The best of a device that is told against the best of its peers, at the places that both have: of a prediction what
// was timed here, of a published figure what its author published of other devices.
struct Against {
  std::string peer;
  std::size_t places = 0, slower = 0, faster = 0;
  double least = std::numeric_limits<double>::infinity(), most = 0;  // times as long, by the lower end
};

Against against_peers(const Device& device, const std::vector<Device>& devices) {
  Against result;
  for (const Winner& winner : device.winners) {
    double best = std::numeric_limits<double>::infinity();
    for (const Device& other : devices) {
      const bool peer =
          device.published.is_null() ? other.timed : other.published == device.published && other.name != device.name;
      for (const Winner& one : other.winners)
        if (peer && one.place == winner.place && one.us.low < best) {
          best = one.us.low;
          result.peer = other.timed ? "measured here" : "on " + other.name;
        }
    }
    if (!std::isfinite(best)) continue;
    ++result.places;
    result.slower += winner.us.low > best;
    result.faster += winner.us.high < best;
    result.least = std::min(result.least, winner.us.low / best);
    result.most = std::max(result.most, winner.us.low / best);
  }
  return result;
}

std::string times(double ratio) { return ratio < 10 ? fmt::format("{:.1f}", ratio) : fmt::format("{:.0f}", ratio); }

std::string against_text(const Device& device, const Against& against) {
  if (against.slower < against.places)
    return fmt::format("{}: its best program is faster than the fastest one {} at {} of {} places, and slower at {}.",
                       device.name, against.peer, against.faster, against.places, against.slower);
  const std::string range = times(against.least) == times(against.most)
                                ? times(against.least)
                                : fmt::format("{} to {}", times(against.least), times(against.most));
  return fmt::format(
      "{}: whatever the program, a call takes {}{} times as long as the fastest one {}, at {} of {} "
      "places.",
      device.name, device.published.is_null() ? "at least " : "", range, against.peer, against.places,
      device.winners.size());
}

}  // namespace

Json strategies_answer(const Question& question, const std::vector<Series>& series) {
  const std::string along = question.along.empty() ? "strategy" : question.along;
  std::vector<Json> places;
  for (const Series& one : series) places.push_back(place_of(one.spec, along));
  const std::vector<std::string> shared = shared_members(places);
  Json rows = Json::array();
  std::vector<Device> devices;
  for (const Group& group : groups(series, along)) {
    if (group.series.size() < 2) continue;
    const Json& spec = group.series.front().spec;
    const std::string name = device_of(spec);
    auto device = std::find_if(devices.begin(), devices.end(), [&](const Device& d) { return d.name == name; });
    if (device == devices.end())
      device = devices.insert(devices.end(), {.name = name,
                                              .published = spec.value("published", Json()),
                                              .timed = group.timed(),
                                              .groups = {},
                                              .winners = {}});
    add_rows(rows, group, along, describe(place_of(spec, along), shared));
    device->winners.push_back(winner(group.series, along));
    device->groups.push_back(group);
  }
  std::vector<std::string> said, slow;
  std::vector<Winner> timed;
  for (const Device& device : devices) {
    said.push_back(device_text(device, along));
    if (device.timed) timed.insert(timed.end(), device.winners.begin(), device.winners.end());
  }
  for (const Device& device : devices) {
    if (device.timed) continue;
    const Against against = against_peers(device, devices);
    if (against.slower == 0) continue;
    said.push_back(against_text(device, against));
    if (device.published.is_null() && against.slower == against.places) slow.push_back(device.name);
  }
  std::string headline = fmt::format("No place has two values of {}", along);
  if (!timed.empty()) {
    const auto [way, count] = wins(timed).front();
    headline = fmt::format("{} is the fastest in {} of {} measured places", way, count, timed.size());
    if (!slow.empty()) headline += fmt::format("; no program makes {} faster than this machine", listed(slow));
  } else if (!devices.empty()) {
    headline = fmt::format("{}: {}", devices.front().name, wins_text(devices.front().winners));
  }
  return {{"question", fmt::format("Which {} is the fastest?", along)},
          {"headline", headline},
          {"conclusion", said.empty() ? headline + "." : fmt::format("{}", fmt::join(said, " "))},
          {"rows", std::move(rows)}};
}

}  // namespace edgescope::experiment
