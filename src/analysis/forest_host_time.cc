#include "analysis/forest_host_time.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

#include "base/half.h"
#include "forest/rows.h"
#include "measure/statistics.h"

namespace edgescope::analysis {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSeconds = 0.02;
constexpr std::size_t kFresh = 16;  // sets of rows: repeated ones flatter branches

// An exit as the device answers it.
template <typename Cell>
Cell cell_of(std::uint64_t exit, int height) {
  if constexpr (sizeof(Cell) == 1)
    return static_cast<Cell>(static_cast<int>(exit << (8 - height)) - 128);
  else if constexpr (sizeof(Cell) == 2)
    return base::to_half(static_cast<float>(exit));
  else
    return static_cast<Cell>(exit);
}

template <typename Cell>
double host_us(const forest::Ensemble& ensemble, const forest::ExactProgram& program) {
  const auto batch = static_cast<std::size_t>(program.plan.batch),
             features = static_cast<std::size_t>(ensemble.features);
  const forest::Rows rows = forest::test_rows(ensemble, {.at_nodes = 0, .random = kFresh * batch});
  const std::size_t sets = std::max<std::size_t>(rows.size() / batch, 1);
  std::mt19937_64 random(1);
  std::vector<Cell> cells(program.input_cells), answers(sets * program.output_cells);
  for (Cell& cell : answers) cell = cell_of<Cell>(random() >> (64 - program.plan.height), program.plan.height);
  std::vector<double> results(batch * static_cast<std::size_t>(ensemble.columns()));
  const forest::Encoder encoder(program.encoder);
  const forest::Decoder decoder(program.decoder);
  std::vector<double> times;
  const auto start = Clock::now();
  for (std::size_t call = 0; call < sets || std::chrono::duration<double>(Clock::now() - start).count() < kSeconds;
       ++call) {
    const auto begin = Clock::now();
    if (rows.size() >= batch)
      encoder.encode(rows.values.data() + call % sets * batch * features, batch, cells.data(), program.strides.row,
                     program.strides.column);
    decoder.decode(answers.data() + call % sets * program.output_cells, batch, program.strides.answer_row,
                   program.strides.answer_piece, results.data());
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return measure::quantile(times, 0.5);
}

}  // namespace

double exact_host_us(const forest::Ensemble& ensemble, const forest::ExactProgram& program) {
  if (program.plan.quantised()) return host_us<std::int8_t>(ensemble, program);
  if (program.plan.form == forest::ExactForm::HalfConvolution) return host_us<std::uint16_t>(ensemble, program);
  if (program.plan.integers()) return host_us<std::int32_t>(ensemble, program);
  return host_us<float>(ensemble, program);
}

}  // namespace edgescope::analysis
