#include "analysis/forest_verdict.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <vector>

#include "base/units.h"
#include "forest/exact.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using base::microseconds_text;

// Microseconds a call at batch 1 and 1000, one thread, fresh rows, one machine with AVX-512, one run: docs/forest.md
// names versions.
struct Peer {
  const char* name;
  bool native;  // code that walks trees, not tensors
  int trees, depth;
  double one_us, thousand_us;
  bool lightgbm = false;  // reads nothing else
};
constexpr Peer kPeers[] = {
    {"ONNX Runtime 1.31 TreeEnsemble", true, 1, 4, 5, 58},
    {"tl2cgen 1.0, compiled C", true, 1, 4, 15, 84},
    {"Treelite 4.8 GTIL", true, 1, 4, 21, 108},
    {"scikit-learn 1.5", true, 1, 4, 108, 140},
    {"Hummingbird 0.4 PTT in PyTorch", false, 1, 4, 85, 131},
    {"Hummingbird 0.4 PTT in OpenVINO", false, 1, 4, 40, 87},
    {"ONNX Runtime 1.31 TreeEnsemble", true, 10, 6, 5, 458},
    {"tl2cgen 1.0, compiled C", true, 10, 6, 15, 246},
    {"Treelite 4.8 GTIL", true, 10, 6, 22, 748},
    {"scikit-learn 1.5", true, 10, 6, 242, 732},
    {"Hummingbird 0.4 PTT in PyTorch", false, 10, 6, 115, 397},
    {"Hummingbird 0.4 PTT in OpenVINO", false, 10, 6, 43, 227},
    {"ONNX Runtime 1.31 TreeEnsemble", true, 100, 8, 7, 6067},
    {"lleaves 1.3", true, 100, 8, 6, 2109, true},
    {"tl2cgen 1.0, compiled C", true, 100, 8, 17, 10226},
    {"Treelite 4.8 GTIL", true, 100, 8, 32, 14753},
    {"scikit-learn 1.5", true, 100, 8, 1543, 8153},
    {"Hummingbird 0.4 PTT in PyTorch", false, 100, 8, 147, 3532},
    {"Hummingbird 0.4 PTT in OpenVINO", false, 100, 8, 47, 2193},
    {"ONNX Runtime 1.31 TreeEnsemble", true, 500, 8, 27, 29216},
    {"tl2cgen 1.0, compiled C", true, 500, 8, 45, 144144},
    {"Treelite 4.8 GTIL", true, 500, 8, 284, 265803},
    {"scikit-learn 1.5", true, 500, 8, 7731, 42431},
    {"Hummingbird 0.4 PTT in PyTorch", false, 500, 8, 177, 17060},
    {"Hummingbird 0.4 PTT in OpenVINO", false, 500, 8, 62, 14340},
};

// 4 TOPS (published by Coral), of which a multiply-accumulate is two.
constexpr double kPeakMacsPerSecond = 2e12;
// Published and measured on two machines: less than this apart is no difference.
constexpr double kOtherMachine = 2;

double middle(const Json& interval) { return (interval[0].get<double>() + interval[1].get<double>()) / 2; }
// Of a program or choice: the median where it was measured.
double row_us(const Json& one) {
  const auto median = one.find("row_median_us");
  return median != one.end() && median->is_number() ? median->get<double>() : middle(one["row_us"]);
}

std::string text(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }
std::string code(const std::string& name) { return "`" + name + "`"; }

std::string device_name(const std::string& target) {
  return target == "cpu" ? "the CPU" : target == "edgetpu" ? "the Edge TPU" : "the NCS2";
}

std::string between(const Json& us) {
  const std::string low = microseconds_text(us[0].get<double>()), high = microseconds_text(us[1].get<double>());
  return low == high ? low : low + " to " + high;
}

// Those of a batch and target that have a time, the faster first; what was measured and is valid before what is not.
std::vector<const Json*> timed(const Json& programs, int batch, const std::string& target) {
  std::vector<const Json*> list;
  for (const Json& one : programs)
    if (one["batch"] == batch && one["target"] == target && one["row_us"].is_array() && one["runs"] == true &&
        (target != "cpu" || one["basis"] == "measured"))
      list.push_back(&one);
  std::stable_sort(list.begin(), list.end(), [](const Json* a, const Json* b) {
    const auto key = [](const Json& one) { return std::pair(!one.value("valid", true), row_us(one)); };
    return key(*a) < key(*b);
  });
  return list;
}

std::string file_name(const std::string& input, const Json& program) {
  return fmt::format("{}_{}_{}.{}", std::filesystem::path(input).stem().string(), text(program["target"]),
                     program["batch"].dump(), program["format"] == "tflite" ? "tflite" : "xml");
}

std::string command_for(const std::string& input, const Json& program) {
  return fmt::format("edgescope forest {} --target {} --strategy {} --batch {} -o {}", input, text(program["target"]),
                     text(program["strategy"]), program["batch"].dump(), file_name(input, program));
}

// A device's best beside the CPU's: faster, slower, or not to be told.
const char* against(const Json& device, const Json& cpu) {
  if (device["row_us"][1].get<double>() < cpu["row_us"][0].get<double>()) return "faster";
  if (device["row_us"][0].get<double>() > cpu["row_us"][1].get<double>()) return "slower";
  return "not decided";
}

Json choice_of(const std::string& input, const Json& best) {
  return {{"device", best["target"]},
          {"on", best["on"]},
          {"strategy", best["strategy"]},
          {"format", best["format"]},
          {"batch", best["batch"]},
          {"row_us", best["row_us"]},
          {"row_median_us", best.value("row_median_us", Json())},
          {"basis", best["basis"]},
          {"rests_on", best["rests_on"]},
          {"valid", best.value("valid", true)},
          {"file", nullptr},
          {"command", command_for(input, best)}};
}

Json verdict_of(const Json& programs, int batch, const std::string& input) {
  const auto cpu = timed(programs, batch, "cpu");
  const Json* best = cpu.empty() ? nullptr : cpu.front();
  Json rivals = Json::array();
  for (const char* target : {"edgetpu", "ncs2"}) {
    const auto list = timed(programs, batch, target);
    if (list.empty()) continue;
    const Json& device = *list.front();
    Json rival = choice_of(input, device);
    rival["verdict"] = nullptr;
    if (!cpu.empty()) rival["verdict"] = against(device, *cpu.front());
    const bool wins = best == nullptr ? true : device["row_us"][1] < (*best)["row_us"][0];
    if (wins) best = &device;
    rivals.push_back(std::move(rival));
  }
  if (best == nullptr) return nullptr;
  Json json = choice_of(input, *best);
  json["rivals"] = std::move(rivals);
  return json;
}

std::string rows_text(int batch) { return batch == 1 ? "One row at a time" : fmt::format("{} rows at a time", batch); }

std::string where(const Json& verdict) {
  return verdict["on"].is_string() ? code(text(verdict["on"])) : device_name(text(verdict["device"]));
}

std::string verdict_sentence(const Json& verdict) {
  const int batch = verdict["batch"].get<int>();
  std::string sentence = fmt::format(
      "{}: {} with the {} program in {}, {} a row ({}{}).", rows_text(batch), device_name(text(verdict["device"])),
      text(verdict["strategy"]), where(verdict), between(verdict["row_us"]), text(verdict["basis"]),
      verdict["basis"] == "measured" ? " with 95 % confidence, " + text(verdict["rests_on"])
                                     : ", " + text(verdict["rests_on"]));
  if (verdict["valid"] == false) sentence += " The figure is not settled: measure longer with `--time-limit`.";
  sentence += verdict["file"].is_string() ? fmt::format(" The file: {}.", code(text(verdict["file"])))
                                          : fmt::format(" {} writes it.", code(text(verdict["command"])));
  return sentence;
}

std::string rivals_sentence(const Json& verdict) {
  std::vector<std::string> parts;
  for (const Json& rival : verdict["rivals"]) {
    if (rival["device"] == verdict["device"]) continue;
    parts.push_back(fmt::format("{} {}{} a row ({}, {})", device_name(text(rival["device"])),
                                rival["verdict"] == "not decided" ? "perhaps faster, " : "", between(rival["row_us"]),
                                text(rival["basis"]), text(rival["rests_on"])));
  }
  if (parts.empty()) return "";
  return fmt::format("Beside it, {}: {}.",
                     verdict["batch"] == 1 ? "one row at a time" : verdict["batch"].dump() + " rows",
                     fmt::join(parts, "; "));
}

const Json* best_native(const Json& peers, const char* key) {
  const Json* best = nullptr;
  for (const Json& peer : peers)
    if (peer["native"] == true && peer[key].is_number() && (!best || peer[key] < (*best)[key])) best = &peer;
  return best;
}

// Where code that walks trees is faster than every tensor program that was measured here.
std::string native_sentence(const Json& document, const Json& verdict) {
  const int batch = verdict["batch"].get<int>();
  if (verdict["basis"] != "measured") return "";
  const bool one = batch < 32;
  const Json* peer = best_native(document["peers"], one ? "one_us" : "thousand_us");
  if (peer == nullptr) return "";
  const double native = one ? (*peer)["one_us"].get<double>() / 1 : (*peer)["thousand_us"].get<double>() / 1000;
  const double ours = row_us(verdict) * (one ? batch : 1);  // one row's call beside one call
  const double factor = ours / native;
  const std::string judged =
      factor > kOtherMachine ? fmt::format("beats every tensor program here, by a factor of about {:.1f}", factor)
      : factor < 1 / kOtherMachine
          ? fmt::format("is slower than the best tensor program here, by a factor of about {:.1f}", 1 / factor)
          : "is about as fast as the best tensor program here: which one wins, your own machine decides";
  return fmt::format(
      "{}: a native tree kernel ({}, {} a row on a forest of {} trees of depth {} on another machine, published) {}.",
      rows_text(batch), text((*peer)["name"]), microseconds_text(native), (*peer)["trees"].dump(),
      (*peer)["depth"].dump(), judged);
}

std::string bound_sentence(const Json& bound) {
  if (!bound.is_object() || !bound["cpu_rows_per_second"].is_number()) return "";
  const auto rate = [](const Json& value) {
    return base::count_text(static_cast<std::uint64_t>(std::max(value.get<double>(), 0.0)));
  };
  std::string sentence = fmt::format(
      "The Edge TPU cannot do more than {} rows a second with the exact program by its peak of 4 TOPS (published), nor "
      "more than {} over its link at batch {} (predicted); this CPU does {} (measured)",
      rate(bound["peak_rows_per_second"]), rate(bound["predicted_rows_per_second"][1]), bound["batch"].dump(),
      rate(bound["cpu_rows_per_second"]));
  return sentence + (bound["below_cpu"] == true ? ": it cannot pay for speed." : ".");
}

// The fastest exact program on the CPU where another one is to be taken: it is what nothing is lost with.
std::string exact_instead(const Json& document) {
  std::vector<std::string> parts;
  for (const Json& verdict : document["verdicts"]) {
    if (verdict["strategy"] == "exact") continue;
    for (const Json* one : timed(document["programs"], verdict["batch"].get<int>(), "cpu"))
      if ((*one)["strategy"] == "exact") {
        parts.push_back(
            fmt::format("{} a row {} in {}", between((*one)["row_us"]),
                        verdict["batch"] == 1 ? "alone" : fmt::format("in batches of {}", verdict["batch"].dump()),
                        code(text((*one)["on"]))));
        break;
      }
  }
  return parts.empty() ? ""
                       : fmt::format(" Where no leaf may differ, take the exact program: {}.", fmt::join(parts, ", "));
}

std::string exactness_sentence(const Json& document) {
  const Json& exactness = document["exactness"];
  if (!exactness.is_object()) return "";
  std::vector<std::string> right, wrong;
  for (const Json& run : exactness["runs"]) {
    if (run["valid"] == false) continue;
    const std::string name = text(run["strategy"]) + " in " + code(text(run["on"]));
    if (run["leaf_mismatches"] == 0)
      right.push_back(name);
    else
      wrong.push_back(fmt::format("{} {} of {}", name, run["leaf_mismatches"].dump(), run["leaves"].dump()));
  }
  if (right.empty() && wrong.empty()) return "";
  std::string sentence =
      fmt::format("On {} rows on thresholds and a unit in the last place beside them", exactness["rows"].dump());
  if (!right.empty()) sentence += fmt::format(", no leaf differs: {}", fmt::join(right, ", "));
  if (!wrong.empty())
    sentence += fmt::format("{} leaves differ: {}", right.empty() ? "," : ";", fmt::join(wrong, ", "));
  return sentence + " (measured)." + (wrong.empty() ? "" : exact_instead(document));
}

std::string cannot_sentence(const Json& programs) {
  std::vector<std::string> parts;
  for (const char* target : {"cpu", "edgetpu", "ncs2"}) {
    std::vector<std::string> refused;
    std::string reason;
    for (const Json& one : programs)
      if (one["target"] == target && one["runs"] == false) {
        if (std::find(refused.begin(), refused.end(), text(one["strategy"])) == refused.end())
          refused.push_back(text(one["strategy"]));
        reason = text(one["reason"]);
      }
    if (!refused.empty())
      parts.push_back(fmt::format("on {} {} ({})", device_name(target), fmt::join(refused, ", "), reason));
  }
  return parts.empty() ? "" : fmt::format("What does not run: {}.", fmt::join(parts, "; "));
}

}  // namespace

Json forest_peers(const Json& forest) {
  const Json& totals = forest["totals"];
  const double size =
      std::log(std::max(totals["trees"].get<double>(), 1.0) * std::max(totals["depth"].get<double>(), 1.0));
  const auto distance = [size](const Peer& peer) { return std::abs(std::log(peer.trees * peer.depth) - size); };
  const Peer& nearest = *std::min_element(std::begin(kPeers), std::end(kPeers),
                                          [&](const Peer& a, const Peer& b) { return distance(a) < distance(b); });
  Json list = Json::array();
  for (const Peer& peer : kPeers)
    if (peer.trees == nearest.trees && (!peer.lightgbm || forest["format"] == "lightgbm"))
      list.push_back({{"name", peer.name},
                      {"native", peer.native},
                      {"trees", peer.trees},
                      {"depth", peer.depth},
                      {"one_us", peer.one_us},
                      {"thousand_us", peer.thousand_us},
                      {"basis", "published"}});
  return list;
}

Json forest_bound(const forest::Ensemble& ensemble, const Json& programs) {
  const Json* exact = nullptr;
  for (const Json& one : programs)
    if (one["target"] == "edgetpu" && one["strategy"] == "exact" && one["row_us"].is_array()) exact = &one;
  if (exact == nullptr) return nullptr;
  const int batch = (*exact)["batch"].get<int>();
  const forest::ExactSize size = forest::exact_size(ensemble, {.form = forest::ExactForm::Convolution, .batch = batch});
  const auto cpu = timed(programs, batch, "cpu");
  const double peak = size.macs_per_row > 0 ? kPeakMacsPerSecond / size.macs_per_row : 0;
  const Json predicted =
      Json::array({1e6 / (*exact)["row_us"][1].get<double>(), 1e6 / (*exact)["row_us"][0].get<double>()});
  Json json = {{"device", "edgetpu"},
               {"batch", batch},
               {"macs_per_row", size.macs_per_row},
               {"peak_rows_per_second", peak},
               {"peak_basis", "published"},
               {"predicted_rows_per_second", predicted},
               {"predicted_basis", "predicted"},
               {"cpu_rows_per_second", nullptr},
               {"cpu_on", nullptr},
               {"cpu_basis", "measured"},
               {"below_cpu", nullptr}};
  if (!cpu.empty()) {
    const double rate = 1e6 / row_us(*cpu.front());
    json["cpu_rows_per_second"] = rate;
    json["cpu_on"] = (*cpu.front())["on"];
    json["below_cpu"] = std::min(peak, predicted[1].get<double>()) < rate;
  }
  return json;
}

Json forest_verdicts(const Json& programs, const std::string& input) {
  std::set<int> batches;
  for (const Json& one : programs) batches.insert(one["batch"].get<int>());
  Json list = Json::array();
  for (const int batch : batches)
    if (Json verdict = verdict_of(programs, batch, input); verdict.is_object()) list.push_back(std::move(verdict));
  return list;
}

Json summarise_forest(const Json& document) {
  const Json &verdicts = document["verdicts"], &totals = document["forest"]["totals"];
  Json summary = {{"headline", ""}, {"points", nullptr}, {"fastest", nullptr}};
  std::vector<std::string> points, parts;
  const auto add = [&points](std::string sentence) {
    if (!sentence.empty()) points.push_back(std::move(sentence));
  };
  for (const Json& verdict : verdicts) {
    const bool measured = verdict["basis"] == "measured";
    parts.push_back(fmt::format(
        "{} a row {} ({} in {}, {})", measured ? microseconds_text(row_us(verdict)) : between(verdict["row_us"]),
        verdict["batch"] == 1 ? "alone" : fmt::format("in batches of {}", verdict["batch"].dump()),
        text(verdict["strategy"]), where(verdict), text(verdict["basis"])));
    add(verdict_sentence(verdict));
    if (verdict["on"].is_string() && summary["fastest"].is_null()) summary["fastest"] = verdict["on"];
  }
  std::set<std::string> devices;
  for (const Json& verdict : verdicts) devices.insert(device_name(text(verdict["device"])));
  summary["headline"] = verdicts.empty()
                            ? "No program of this forest ran here, and no device takes one"
                            : fmt::format("Take {}: {}", fmt::join(devices, " and "), fmt::join(parts, "; "));
  const bool measured = std::any_of(document["programs"].begin(), document["programs"].end(),
                                    [](const Json& one) { return one["basis"] == "measured"; });
  if (!measured) {
    summary["remedy"] =
        "No CPU runtime ran it, so this rests on predictions alone: `make runtimes` brings LiteRT, "
        "TensorFlow Lite and OpenVINO; `edgescope doctor` says what is missing.";
    points.push_back(summary["remedy"]);
  }
  for (const Json& verdict : verdicts) add(rivals_sentence(verdict));
  for (const Json& verdict : verdicts) add(native_sentence(document, verdict));
  add(bound_sentence(document["bound"]));
  add(exactness_sentence(document));
  add(fmt::format("{} trees of depth {} at most, {} tests of {} of {} features, {} leaves (exact).",
                  totals["trees"].dump(), totals["depth"].dump(), totals["nodes"].dump(),
                  totals["used_features"].dump(), document["forest"]["features"].dump(), totals["leaves"].dump()));
  add(cannot_sentence(document["programs"]));
  summary["points"] = points;
  return summary;
}

}  // namespace edgescope::analysis
