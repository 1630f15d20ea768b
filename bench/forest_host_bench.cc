// What the host does around a forest's exact program: goal under 1.5 us a row for 100 trees x depth 8 at batch 1000 on
// one core, under 5 us at batch 1. bench/forest.py has the numpy way beside it.
#include <benchmark/benchmark.h>

#include <random>

#include "forest/exact.h"
#include "forest/test_answers.h"
#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

// Trees of a random forest with 4 classes; fresh rows for every call, since repeated ones flatter branches.
struct Host {
  static constexpr std::size_t kCalls = 16;

  Encoder encoder;
  Decoder decoder;
  Strides strides;
  std::size_t batch, features;
  std::vector<float> rows;
  std::vector<std::int8_t> cells, answers;
  std::vector<double> results;
  std::size_t call = 0;

  static Host make(int trees, int depth, int features, int batch) {
    const Ensemble ensemble = test::random_forest({.trees = trees,
                                                   .depth = depth,
                                                   .features = features,
                                                   .outputs = 4,
                                                   .perfect = true,
                                                   .vector_leaves = true,
                                                   .precision = Precision::Float32});
    const auto program = exact_program(ensemble, {.batch = batch});
    return Host(ensemble, *program);
  }

  void before() {
    encoder.encode(rows.data() + call * batch * features, batch, cells.data(), strides.row, strides.column);
    call = (call + 1) % kCalls;
  }
  void after() {
    decoder.decode(answers.data() + call * answers.size() / kCalls, batch, strides.answer_row, strides.answer_piece,
                   results.data());
  }

 private:
  Host(const Ensemble& ensemble, const ExactProgram& program)
      : encoder(program.encoder),
        decoder(program.decoder),
        strides(program.strides),
        batch(static_cast<std::size_t>(program.plan.batch)),
        features(static_cast<std::size_t>(ensemble.features)),
        rows(kCalls * batch * features),
        cells(program.input_cells),
        results(batch * 4) {
    std::mt19937_64 random(1);
    for (float& x : rows) x = static_cast<float>(random() % 20000) / 1000 - 10;
    const Pieces pieces = cut(ensemble, encode(ensemble, kByteCells), program.plan.height);
    const std::size_t width = strides.answer_row;
    answers.assign(kCalls * batch * width, 0);
    for (std::size_t c = 0; c < kCalls; ++c) {
      before();
      const auto exits = test::answers(pieces, cells, encoder.columns());
      const auto count = static_cast<std::size_t>(pieces.count());
      for (std::size_t i = 0; i < exits.size(); ++i) answers[(c * batch + i / count) * width + i % count] = exits[i];
    }
  }
};

void before_and_after(benchmark::State& state) {
  Host host = Host::make(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                         static_cast<int>(state.range(2)), static_cast<int>(state.range(3)));
  for (auto _ : state) {
    host.before();
    host.after();
    benchmark::DoNotOptimize(host.results.data());
    benchmark::DoNotOptimize(host.cells.data());
  }
  state.counters["us_a_row"] = benchmark::Counter(static_cast<double>(state.iterations() * state.range(3)) / 1e6,
                                                  benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(before_and_after)
    ->ArgNames({"trees", "depth", "features", "batch"})
    ->ArgsProduct({{100}, {8}, {8, 54}, {1, 10, 100, 1000}})
    ->Args({1, 4, 8, 1000})
    ->Args({10, 6, 8, 1000})
    ->Args({500, 8, 8, 1000})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace edgescope::forest
