// The NCS2's cost model against published latencies: for every forest of reference/latency/ncs2_forest.csv that was
// measured on the stick, and every network of ncs2_nets.csv, the interval that `predict` states beside what was
// measured.
//
//     ncs2_residuals [--tables FOLDER] [--batch N] [--runtimes FOLDER]
//
// The programs are made again as their author's converter wrote them (tests/support/ncs2_forest.h), the vendor's
// compiler lists their stages on a simulated stick, for one stream. What the file counts beyond the floor gets the
// floor back, 1.57 ms. No microsecond is fitted here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/compiled_ncs2.h"
#include "base/temporary_folder.h"
#include "format/openvino/reader.h"
#include "support/csv.h"
#include "support/ncs2_forest.h"
#include "support/qutibench.h"

namespace {

using namespace edgescope;
namespace ts = testing_support;

using Row = std::map<std::string, std::string>;

constexpr double kFloorUs = 1570;  // of the series' host

// Inner nodes of the largest tree that the training found, by trees and depth: GEMM's shapes, from the public programs.
const std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> kNodes = {
    {{1, 8}, 120},   {{8, 8}, 129},   {{16, 8}, 145},   {{32, 8}, 141},   {{64, 8}, 151},
    {{128, 8}, 143}, {{256, 8}, 150}, {{512, 8}, 151},  {{1, 1}, 1},      {{8, 1}, 1},
    {{64, 1}, 1},    {{16, 4}, 15},   {{32, 4}, 15},    {{64, 4}, 15},    {{64, 16}, 364},
    {{64, 32}, 342}, {{64, 64}, 347}, {{64, 128}, 354}, {{256, 16}, 362}, {{512, 16}, 362}};

std::optional<ts::IrNetwork> program_of(const Row& row) {
  constexpr std::int64_t kMostLeaves = 1 << 22;  // of which constants take some hundred MB
  ts::ForestShape forest{.trees = std::stol(row.at("trees")),
                         .depth = std::stol(row.at("max_depth")),
                         .features = std::stol(row.at("features")),
                         .classes = std::stol(row.at("classes")),
                         .batch = std::stol(row.at("batch"))};
  const auto nodes = kNodes.find({forest.trees, forest.depth});
  if (nodes == kNodes.end() || forest.batch != 1) return std::nullopt;
  forest.nodes = nodes->second;
  const std::string& strategy = row.at("strategy");
  if (strategy == "gemm") return ts::gemm_forest(forest);
  if (strategy == "tt") return ts::traversal_forest(forest);
  const bool fits = forest.depth < 32 && forest.trees << forest.depth <= kMostLeaves;
  if (strategy == "ptt" && fits) return ts::perfect_forest(forest);
  return std::nullopt;
}

base::Result<analysis::Ncs2Compiled> compile(const ts::IrNetwork& network, measure::Oracle& oracle) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string path = folder.path() + "/program.xml";
  network.write(path);
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(model, format::openvino::read(file));
  return analysis::compile_ncs2(model, oracle, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}});
}

struct Sum {
  int rows = 0, inside = 0, energy = 0, energies = 0;
  double error = 0;       // of the interval's middle, relative to the measurement, summed
  double farthest = 1.0;  // how far a measurement lies outside, as a factor
};

class Residuals {
 public:
  explicit Residuals(runtime::Found found) : oracle_({.runtime = std::move(found)}) {}

  // False where the compiler did not take the program.
  bool add(const std::string& series, const std::string& size, const ts::IrNetwork& program, double measured,
           const std::string& energy) {
    const auto compiled = compile(program, oracle_);
    if (!compiled || !compiled->compiles()) {
      fmt::print("{} {}: {}\n", series, size, compiled ? compiled->refusal->message() : compiled.error().message());
      return false;
    }
    const target::Interval predicted = compiled->prediction->microseconds;
    const auto& joules = compiled->prediction->millijoules;
    const double millijoules = energy.empty() ? 0 : std::stod(energy);
    const auto number = [](bool known, double value) {
      return known ? fmt::format("{:.2f}", value) : std::string("-");
    };
    const bool inside = measured >= predicted.low && measured <= predicted.high;
    fmt::print("{:<6} {:>10} {:>7} {:>9.0f} {:>9.0f} {:>9.0f} {:>6} {:>7} {:>7}  {}\n", series, size,
               compiled->myriad["stages"].size(), measured, predicted.low, predicted.high,
               number(!energy.empty(), millijoules), number(joules.has_value(), joules ? joules->low : 0),
               number(joules.has_value(), joules ? joules->high : 0),
               inside                     ? ""
               : measured < predicted.low ? "below"
                                          : "above");
    Sum& sum = sums_[series];
    ++sum.rows;
    sum.inside += inside;
    sum.error += std::fabs((predicted.low + predicted.high) / 2 - measured) / measured;
    if (!inside)
      sum.farthest =
          std::max(sum.farthest, measured < predicted.low ? predicted.low / measured : measured / predicted.high);
    if (!energy.empty() && joules) {
      ++sum.energies;
      sum.energy += millijoules >= joules->low && millijoules <= joules->high;
    }
    return true;
  }

  void print() const {
    fmt::print("\n{:<8} {:>5} {:>7} {:>22} {:>17} {:>14}\n", "program", "rows", "inside", "mean error of middle",
               "farthest outside", "energy inside");
    for (const auto& [name, sum] : sums_)
      fmt::print("{:<8} {:>5} {:>7} {:>20.0f} % {:>16.2f}x {:>8} of {}\n", name, sum.rows, sum.inside,
                 100 * sum.error / sum.rows, sum.farthest, sum.energy, sum.energies);
  }

 private:
  measure::Oracle oracle_;
  std::map<std::string, Sum> sums_;
};

int add_forests(Residuals& residuals, const std::filesystem::path& table) {
  int left_out = 0;
  for (const Row& row : ts::read_csv(table)) {
    if (row.at("device") != "ncs2") continue;
    const auto program = program_of(row);
    const double floor = row.at("convention") == "minus floor" ? kFloorUs : 0;
    if (!program || !residuals.add(row.at("strategy"), row.at("trees") + " x " + row.at("max_depth"), *program,
                                   1000 * std::stod(row.at("latency_ms")) + floor, row.at("energy_mj")))
      ++left_out;
  }
  return left_out;
}

// "MLP prune12.5", "CNV prune100.0": the widths that are left. Their time is that of the device, not of the whole call.
int add_networks(Residuals& residuals, const std::filesystem::path& table, std::int64_t most_rows) {
  constexpr std::string_view kMlp = "MLP prune", kCnv = "CNV prune";
  int left_out = 0;
  for (const Row& row : ts::read_csv(table)) {
    const std::string& name = row.at("model");
    const std::int64_t batch = row.at("batch").empty() ? 0 : std::stol(row.at("batch"));
    if (row.at("device") != "ncs2" || batch < 1 || batch > most_rows ||
        (!name.starts_with(kMlp) && !name.starts_with(kCnv))) {
      ++left_out;
      continue;
    }
    const double share = std::stod(name.substr(kMlp.size())) / 100;
    const bool mlp = name.starts_with(kMlp);
    const auto width = static_cast<std::int64_t>(std::lround(share * (mlp ? 2048 : 128)));
    if (!residuals.add(mlp ? "mlp" : "cnv", fmt::format("{} x {}", batch, width),
                       mlp ? ts::perceptron(batch, width) : ts::cnv(batch, width),
                       1000 * std::stod(row.at("latency_ms")), ""))
      ++left_out;
  }
  return left_out;
}

}  // namespace

int main(int argc, char** argv) {
  const char* folder = std::getenv("EDGESCOPE_REFERENCE_DIR");
  std::string tables = folder == nullptr ? "" : std::string(folder) + "/latency";
  std::int64_t most_rows = 8;
  runtime::Places places;
  CLI::App app("The NCS2's cost model against published latencies");
  app.add_option("--tables", tables, "Folder that holds ncs2_forest.csv and ncs2_nets.csv");
  app.add_option("--batch", most_rows, "Batches of the networks up to this one (8)");
  app.add_option("--runtimes", places.folder, "Folder that holds the runtimes");
  CLI11_PARSE(app, argc, argv);
  if (tables.empty() || !std::filesystem::exists(tables + "/ncs2_forest.csv")) {
    fmt::print("skipped: set EDGESCOPE_REFERENCE_DIR to the folder that holds latency/ncs2_forest.csv\n");
    return 0;
  }
  auto found = runtime::find("ncs2:virtual", places);
  if (!found) {
    fmt::print("skipped: {}\n", found.error().message());
    return 0;
  }
  Residuals residuals(std::move(*found));
  fmt::print("{:<6} {:>10} {:>7} {:>9} {:>9} {:>9} {:>6} {:>7} {:>7}\n", "", "", "stages", "us", "low", "high", "mJ",
             "low", "high");
  int left_out = add_forests(residuals, tables + "/ncs2_forest.csv");
  left_out += add_networks(residuals, tables + "/ncs2_nets.csv", most_rows);
  residuals.print();
  if (left_out > 0) fmt::print("{} rows left out: sizes that are not known here, batches, too large ones\n", left_out);
  return 0;
}
