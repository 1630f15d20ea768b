#include "report/views/bench.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "report/views/usb.h"

namespace edgescope::report {
namespace {

using base::Json;
using Align = Column::Align;

constexpr std::size_t kOperators = 15;  // rows of a profile; JSON has all

std::string microseconds(const Json& value) { return base::microseconds_text(value.get<double>()); }

std::string string(const Json& record, const char* key) {
  const auto it = record.find(key);
  return it != record.end() && it->is_string() ? it->get<std::string>() : "";
}

bool has(const Json& record, const char* key) { return record.contains(key) && !record[key].is_null(); }

// "-1.2 % +0.9 %": how far the ends of the interval lie from the median.
std::string around(const Json& run) {
  if (!has(run, "interval_us") || run["median_us"].get<double>() <= 0) return "";
  const double middle = run["median_us"];
  return fmt::format("{:+.1f} % {:+.1f} %", (run["interval_us"][0].get<double>() / middle - 1) * 100,
                     (run["interval_us"][1].get<double>() / middle - 1) * 100);
}

// "1.35 times [1.30, 1.41]", "no difference shown [0.98, 1.03]", "not decided [0.80, 0.90]".
std::string against(const Json& rival) {
  const double ratio = rival["ratio"];
  if (!has(rival, "ratio_interval")) return "too few processes to say";
  const std::string verdict = string(rival, "verdict");
  const std::string text = verdict == "slower" ? fmt::format("{:.2f} times", ratio) : verdict;
  return text + fmt::format(" [{:.2f}, {:.2f}]", rival["ratio_interval"][0].get<double>(),
                            rival["ratio_interval"][1].get<double>());
}

// The runs, the fastest first, each with the columns' own texts; those without a figure last.
Json ranked(const Json& document) {
  std::vector<Json> rows;
  for (const Json& run : document["runs"])
    if (!run.contains("usb")) rows.push_back(run);
  const auto key = [](const Json& run) {
    return std::pair(!run.value("valid", false), has(run, "median_us") ? run["median_us"].get<double>() : 1e300);
  };
  std::stable_sort(rows.begin(), rows.end(), [&key](const Json& a, const Json& b) { return key(a) < key(b); });
  const Json comparison = document.value("comparison", Json(nullptr));
  for (Json& row : rows) {
    row["around_median"] = around(row);
    row["against_fastest"] = nullptr;
    if (!comparison.is_object()) continue;
    if (row["on"] == comparison["fastest"] && !comparison["against_fastest"].empty())
      row["against_fastest"] = "fastest";
    for (const Json& rival : comparison["against_fastest"])
      if (rival["on"] == row["on"]) row["against_fastest"] = against(rival);
  }
  return rows;
}

bool throughput(const Json& document) {
  return std::any_of(document["runs"].begin(), document["runs"].end(),
                     [](const Json& run) { return run.value("workers", 1) > 1; });
}

Table ranking_table(const Json& document) {
  Table table{.title = "Latency of an inference (measured)", .records = ranked(document), .main = true};
  table.columns = {
      {"runtime", "on"},
      {"median", "median_us", Align::Right, microseconds},
      {"interval", "around_median", Align::Right},
      {"min", "min_us", Align::Right, microseconds},
      {"p5", "p5_us", Align::Right, microseconds},
      {"p99", "p99_us", Align::Right, microseconds},
      {"first", "first_us", Align::Right, microseconds},
      {"load", "load_us", Align::Right, microseconds},
      {"against the fastest", "against_fastest"},
      {"kernels", "runtime.kernels"},
      {"precision", "runtime.precision"},
      {"threads", "runtime.threads", Align::Right},
      {"valid", "valid", Align::Left, [](const Json& valid) { return std::string(valid.get<bool>() ? "yes" : "NO"); }}};
  if (throughput(document)) {
    const auto rate = [](const Json& value) { return fmt::format("{:.1f}/s", value.get<double>()); };
    table.title = "Throughput and latency under load (measured)";
    table.columns.insert(table.columns.begin() + 1,
                         {{"workers", "workers", Align::Right},
                          {"inferences", "per_second", Align::Right, rate},
                          {"interval", "per_second_interval", Align::Right,
                           [rate](const Json& interval) { return rate(interval[0]) + " to " + rate(interval[1]); }}});
  }
  return table;
}

// What a reader must know before relying on a figure: who, what.
void add_doubts(Blocks& blocks, const Json& document) {
  Facts doubts;
  for (const Json& run : document["runs"]) {
    const std::string on = string(run, "on");
    if (!run.value("valid", false)) doubts.lines.emplace_back(on, "not valid: " + string(run, "reason"));
    for (const Json& warning : run.value("warnings", Json::array()))
      doubts.lines.emplace_back(on, warning.get<std::string>());
    if (has(run, "runtime"))
      for (const Json& note : run["runtime"].value("notes", Json::array()))
        doubts.lines.emplace_back(on, note.get<std::string>());
  }
  for (const Json& warning : document.value("warnings", Json::array()))
    doubts.lines.emplace_back("machine", warning.get<std::string>());
  if (doubts.lines.empty()) return;
  blocks.emplace_back(Heading{"To know before relying on this", 2});
  blocks.emplace_back(std::move(doubts));
}

std::string cpu_text(const Json& e) {
  std::string text = fmt::format("{}, {} cores", string(e, "cpu"), e.value("logical_cores", 0));
  if (has(e, "machine")) text = string(e, "machine") + ", " + text;
  text += ", governor " + (has(e, "governor") ? string(e, "governor") : std::string("unknown"));
  text += std::string(", turbo ") + (!has(e, "turbo") ? "unknown" : e["turbo"].get<bool>() ? "on" : "off");
  if (has(e, "load_before")) text += fmt::format(", load {:.2f}", e["load_before"].get<double>());
  if (string(e, "virtualisation") != "none") text += ", virtual machine: " + string(e, "virtualisation");
  if (string(e, "container") != "none") text += ", container: " + string(e, "container");
  return text + ", kernel " + string(e, "kernel") + ", " + base::bytes_text(e.value("memory_bytes", std::uint64_t{0})) +
         " of memory";
}

Facts facts(const Json& document) {
  Facts result;
  std::string versions;
  for (const Json& run : document["runs"])
    if (has(run, "runtime"))
      versions +=
          fmt::format("{}{} {}", versions.empty() ? "" : ", ", string(run, "on"), string(run["runtime"], "version"));
  if (!versions.empty()) result.lines.emplace_back("versions", versions);
  std::string counts;
  for (const Json& run : document["runs"])
    if (has(run, "processes"))
      counts += fmt::format("{}{} {} in {} process{}", counts.empty() ? "" : ", ", string(run, "on"),
                            run["samples"].get<std::size_t>(), run["processes"].get<std::size_t>(),
                            run["processes"] == 1 ? "" : "es");
  if (!counts.empty()) result.lines.emplace_back("samples", counts);
  if (has(document, "environment")) result.lines.emplace_back("machine", cpu_text(document["environment"]));
  if (has(document, "harness"))
    result.lines.emplace_back("harness", fmt::format("{} a sample (measured with a session that does nothing)",
                                                     microseconds(document["harness"]["overhead_us"])));
  return result;
}

void add_profiles(Blocks& blocks, const Json& document) {
  for (const Json& run : document["runs"]) {
    if (!has(run, "operators") || run["operators"].empty()) continue;
    std::vector<Json> operators(run["operators"].begin(), run["operators"].end());
    std::stable_sort(operators.begin(), operators.end(),
                     [](const Json& a, const Json& b) { return a["us"].get<double>() > b["us"].get<double>(); });
    double total = 0;
    for (const Json& one : operators) total += one["us"].get<double>();
    const std::size_t all = operators.size();
    operators.resize(std::min(all, kOperators));
    Table table{
        .title = fmt::format("Operators of {}, the slowest {} of {}, {} together (measured)", string(run, "on"),
                             operators.size(), all, base::microseconds_text(total)),
        .records = operators,
        .columns = {{"time", "us", Align::Right, microseconds},
                    {"share", "us", Align::Right,
                     [total](const Json& us) { return fmt::format("{:.1f} %", 100 * us.get<double>() / total); }},
                    {"kind", "kind"},
                    {"kernel", "kernel"},
                    {"name", "name"}}};
    blocks.emplace_back(std::move(table));
  }
}

}  // namespace

void add_measurements(Blocks& blocks, const Json& document) {
  if (Table ranking = ranking_table(document); !ranking.records.empty() || document["runs"].empty())
    blocks.emplace_back(std::move(ranking));
  add_usb(blocks, document);
  add_doubts(blocks, document);
  blocks.emplace_back(facts(document));
  add_profiles(blocks, document);
}

View bench_view() {
  return [](const Json& document) {
    Blocks blocks = {Heading{document["input"].get<std::string>()}};
    add_measurements(blocks, document);
    return blocks;
  };
}

}  // namespace edgescope::report
