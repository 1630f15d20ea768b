// The cost model against published latencies of the Edge TPU: for every row of reference/latency/edgetpu.csv
// whose network can be made or found, the predicted interval beside what was measured.
//
//     edgetpu_residuals [--csv FILE] [--models FOLDER] [--rows]
//
// Networks of the published series are made again from their names (tests/support/edgetpu_sweeps.h), their
// bytes by the caching law; others are looked for as compiled files. No microsecond is fitted here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compiled_edgetpu.h"
#include "analysis/macs.h"
#include "format/tflite/reader.h"
#include "support/edgetpu_sweeps.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/mapping.h"
#include "target/edgetpu/source_traffic.h"

namespace {

using namespace edgescope;
using namespace edgescope::target::edgetpu;

using Row = std::map<std::string, std::string>;

std::vector<Row> read_csv(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> header;
  std::vector<Row> rows;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (char c : line) {
      if (c == '"')
        quoted = !quoted;
      else if (c == ',' && !quoted)
        fields.emplace_back();
      else if (c != '\r')
        fields.back() += c;
    }
    if (header.empty()) {
      header = fields;
      continue;
    }
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = i < fields.size() ? fields[i] : "";
    rows.push_back(std::move(row));
  }
  return rows;
}

std::uint64_t macs_of(const graph::Subgraph& graph, const std::vector<bool>& mapped) {
  graph::Model model;
  model.subgraphs.push_back(graph);
  std::uint64_t sum = 0;
  for (std::size_t op = 0; op < graph.operators.size(); ++op)
    if (mapped.empty() || mapped[op])
      sum += analysis::macs(model, model.subgraphs[0], model.subgraphs[0].operators[op]).value_or(0);
  return sum;
}

// Published names of zoo models that the reference folder may hold.
std::string file_of(const std::string& name, const std::string& input) {
  static const std::map<std::pair<std::string, std::string>, std::string> names = {
      {{"MobileNet V1 0.25", "128x128"}, "mobilenet_v1_0.25_128_quant"},
      {{"MoveNet.SinglePose.Lightning", "192x192"}, "movenet_single_pose_lightning_ptq"},
      {{"MobileNet v2 DeepLab v3 dm0.5", "513x513"}, "deeplabv3_mnv2_dm05_pascal_quant"},
      {{"PoseNet MobileNet V1", "353x481"}, "posenet_mobilenet_v1_075_353_481_16_quant_decoder"},
      {{"Dense 256x256", "256"}, "dense_256"},
      {{"mobilenet_v2_1.0_224_quant", "224x224"}, "mobilenet_v2_1.0_224_quant"},
      {{"MobileNet v2", "224x224"}, "mobilenet_v2_1.0_224_quant"},
  };
  const auto found = names.find({name, input});
  return found == names.end() ? "" : found->second;
}

struct Estimate {
  target::Prediction prediction;
  const char* from;  // "compiled", "source", "series"
};

Estimate of_source(const graph::Subgraph& source, Compiler compiler, Link link, const char* from) {
  const graph::Subgraph graph = with_batch_of_one(source);
  const std::vector<bool> mapped = map_operators(graph, compiler).mapped();
  const SourceTraffic traffic =
      source_traffic(graph, mapped, target::place(graph, mapped), predict_memory(graph, mapped, compiler));
  return {predict_range(traffic.per_inference, macs_of(graph, mapped), link, 500, std::max(traffic.calls, 1)), from};
}

std::optional<Estimate> estimate(const Row& row, Link link, const std::filesystem::path& models) {
  const std::string& name = row.at("model");
  if (const auto model = testing_support::sweep_model(name))
    return of_source(model->graph, model->compiler, link, "series");
  const std::string stem = file_of(name, row.at("input"));
  if (stem.empty() || models.empty()) return std::nullopt;
  const auto read = [](const std::filesystem::path& path) -> std::optional<graph::Model> {
    const auto file = base::MappedFile::open(path);
    if (!file) return std::nullopt;
    auto model = format::tflite::read(*file);
    if (!model) return std::nullopt;
    return std::move(*model);
  };
  const auto source = read(models / "cpu" / (stem + ".tflite"));
  if (!source) return std::nullopt;
  if (const auto compiled = read(models / "edgetpu" / (stem + "_edgetpu.tflite"))) {
    const auto operators = analysis::edgetpu_operators(*compiled);
    if (operators && !operators->empty()) {
      Ledger sum;
      for (const auto& op : *operators) sum += ledger(op.package);
      const graph::Subgraph graph = with_batch_of_one(source->subgraphs[0]);
      return Estimate{predict(sum.per_inference, macs_of(graph, map_operators(graph).mapped()), link, 500,
                              static_cast<int>(operators->size())),
                      "compiled"};
    }
  }
  return of_source(source->subgraphs[0], Compiler::V16, link, "source");
}

struct Sum {
  int rows = 0, inside = 0;
  std::vector<double> error;   // of the interval's middle, relative to the measurement
  std::vector<double> beyond;  // how far the measurement lies outside, as a factor; 1 inside
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

std::string series_of(const std::string& name, const char* from) {
  if (std::string_view(from) != "series") return std::string("zoo models, ") + from;
  for (const char* series : {"io_in2x2x3", "io_internal", "io_in"})
    if (name.starts_with(series))
      return std::string_view(series) == "io_in2x2x3" ? "io, large outputs"
             : std::string_view(series) == "io_in"    ? "io, large inputs"
                                                      : "io, inside";
  return name.substr(0, name.find_first_of("LU", name.find('_')) - 1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto folder = [](const char* variable) {
    return std::string(std::getenv(variable) ? std::getenv(variable) : "");
  };
  std::string csv = folder("EDGESCOPE_REFERENCE_DIR"), models = folder("EDGESCOPE_MODELS_DIR");
  if (!csv.empty()) csv += "/latency/edgetpu.csv";
  bool all = false;
  CLI::App app("The Edge TPU's cost model against published latencies");
  app.add_option("--csv", csv, "reference/latency/edgetpu.csv");
  app.add_option("--models", models, "Folder with cpu/ and edgetpu/");
  app.add_flag("--rows", all, "Print every row, not only the sums");
  CLI11_PARSE(app, argc, argv);
  if (csv.empty() || !std::filesystem::exists(csv)) {
    fmt::print("skipped: set EDGESCOPE_REFERENCE_DIR to the folder that holds latency/edgetpu.csv\n");
    return 0;
  }
  std::map<std::string, Sum> sums;
  int left_out = 0;
  if (all) fmt::print("{:<44} {:<5} {:>10} {:>10} {:>10}  {}\n", "model", "link", "measured", "low", "high", "us");
  for (const Row& row : read_csv(csv)) {
    const auto link = link_from_name(row.at("device"));
    const std::string& text = row.at("latency_ms");
    const auto estimated = link && !text.empty() ? estimate(row, *link, models) : std::nullopt;
    if (!estimated) {
      ++left_out;
      continue;
    }
    const double measured = 1000 * std::stod(text), low = estimated->prediction.microseconds.low,
                 high = estimated->prediction.microseconds.high;
    const bool inside = measured >= low && measured <= high;
    for (const std::string& key :
         {series_of(row.at("model"), estimated->from) + ", " + row.at("device"), std::string("all")}) {
      Sum& sum = sums[key];
      ++sum.rows;
      sum.inside += inside;
      sum.error.push_back(std::fabs((low + high) / 2 - measured) / measured);
      sum.beyond.push_back(inside ? 1 : measured < low ? low / measured : measured / high);
    }
    if (all)
      fmt::print("{:<44} {:<5} {:>10.0f} {:>10.0f} {:>10.0f}  {}{}\n", row.at("model"), row.at("device"), measured, low,
                 high, estimated->from,
                 inside           ? ""
                 : measured < low ? "  below"
                                  : "  above");
  }
  fmt::print("{:<34} {:>5} {:>7} {:>24} {:>18}\n", "series", "rows", "inside", "median error of middle",
             "farthest outside");
  for (const auto& [name, sum] : sums)
    fmt::print("{:<34} {:>5} {:>7} {:>22.0f} % {:>17.1f}x\n", name, sum.rows, sum.inside, 100 * median(sum.error),
               *std::max_element(sum.beyond.begin(), sum.beyond.end()));
  fmt::print(
      "{} rows left out: their network is neither in a series that can be made again nor among the models, or is not "
      "one Edge TPU's\n",
      left_out);
  return 0;
}
