// What the harness adds to every sample: the session that does nothing, sampled by a real worker. Time per
// iteration is a request of a thousand inferences; the counters are per sample.
#include <benchmark/benchmark.h>

#include "measure/statistics.h"
#include "measure/worker.h"

namespace {

using namespace edgescope;

constexpr std::uint64_t kSamples = 1000;

// The argument is the input's size: filling it is outside the timing, and must not show.
void harness_overhead(benchmark::State& state) {
  auto found = runtime::find("null");
  auto worker = found ? measure::Worker::start({.runtime = *found}) : base::fail(found.error());
  if (!worker) return state.SkipWithError(worker.error().message().c_str());
  const auto loaded = worker->load({.properties = {{"inputs", std::to_string(state.range(0))}}});
  if (!loaded) return state.SkipWithError(loaded.error().message().c_str());
  std::vector<double> us;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    const auto answer = worker->sample({.count = kSamples, .seed = ++seed});
    if (!answer) return state.SkipWithError(answer.error().message().c_str());
    for (std::uint64_t ns : answer->durations_ns) us.push_back(static_cast<double>(ns) * 1e-3);
  }
  const measure::Statistics s = measure::describe(std::span<const double>(us));
  state.counters["median_us"] = s.median;
  state.counters["p99_us"] = s.p99;
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kSamples));
}
BENCHMARK(harness_overhead)->Arg(4)->Arg(150528)->Unit(benchmark::kMillisecond);

void describe_ten_thousand(benchmark::State& state) {
  std::vector<double> series(10000);
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = 1000 + static_cast<double>((i * 7919) % 613) * 0.1;
  for (auto _ : state) benchmark::DoNotOptimize(measure::describe(std::span<const double>(series)));
}
BENCHMARK(describe_ten_thousand)->Unit(benchmark::kMillisecond);

}  // namespace
