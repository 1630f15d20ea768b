// Opening and reading a generated model of 1 GiB with 10,000 operators, in both orders that writers use.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <map>
#include <string>

#include "format/tflite/reader.h"
#include "generate_tflite.h"

namespace edgescope::bench {
namespace {

// Generated once, kept in the system's folder for temporary files for the next run.
std::string model(Order order) {
  const std::string name =
      order == Order::Grouped ? "edgescope_bench_grouped.tflite" : "edgescope_bench_interleaved.tflite";
  const auto path = std::filesystem::temp_directory_path() / name;
  if (!std::filesystem::exists(path))
    if (const auto status = generate_tflite(path, {.order = order}); !status) return {};
  return path;
}

void read_1gib(benchmark::State& state, Order order) {
  const std::string path = model(order);
  if (path.empty()) return state.SkipWithError("the model cannot be generated");
  std::size_t operators = 0;
  for (auto _ : state) {
    const auto file = base::MappedFile::open(path);
    if (!file) return state.SkipWithError("the model cannot be opened");
    const auto read = format::tflite::read(*file);
    if (!read) return state.SkipWithError(read.error().message().c_str());
    operators = read->subgraphs[0].operators.size();
    benchmark::DoNotOptimize(read->extents.data());
  }
  state.counters["operators"] = static_cast<double>(operators);
}

BENCHMARK_CAPTURE(read_1gib, grouped, Order::Grouped)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_1gib, interleaved, Order::Interleaved)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace edgescope::bench
