// Rows into a program's input, its output against the evaluator: for tests of programs on real runtimes.
#pragma once

#include <cmath>
#include <cstring>
#include <ostream>

#include "forest/evaluator.h"
#include "forest/exact.h"
#include "forest/rows.h"

namespace edgescope::forest::test {

// The program's input of the rows: as many runs as batches.
template <typename Cell>
std::vector<std::byte> encoded(const ExactProgram& program, const Rows& rows) {
  const Encoder encoder(program.encoder);
  const auto batch = static_cast<std::size_t>(program.plan.batch);
  const std::size_t runs = (rows.size() + batch - 1) / batch;
  std::vector<Cell> cells(runs * program.input_cells);
  for (std::size_t run = 0; run < runs; ++run)
    encoder.encode(rows.values.data() + run * batch * rows.columns, std::min(batch, rows.size() - run * batch),
                   cells.data() + run * program.input_cells, program.strides.row, program.strides.column);
  const auto bytes = std::as_bytes(std::span(cells));
  return {bytes.begin(), bytes.end()};
}

struct Mismatches {
  std::size_t leaves = 0, results = 0;
  bool operator==(const Mismatches&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Mismatches& wrong) {
    return out << wrong.leaves << " leaves, " << wrong.results << " results";
  }
};

template <typename Cell>
Mismatches mismatches(const Ensemble& ensemble, const ExactProgram& program, const Rows& rows,
                      const std::vector<std::byte>& output) {
  const Decoder decoder(program.decoder);
  std::vector<Cell> cells(output.size() / sizeof(Cell));
  std::memcpy(cells.data(), output.data(), output.size());
  const auto batch = static_cast<std::size_t>(program.plan.batch);
  const auto columns = static_cast<std::size_t>(ensemble.columns());
  Mismatches wrong;
  for (std::size_t done = 0, run = 0; done < rows.size(); done += batch, ++run) {
    const std::size_t count = std::min(batch, rows.size() - done);
    std::vector<int> leaves(count * ensemble.trees.size());
    std::vector<double> results(count * columns);
    const Cell* answers = cells.data() + run * program.output_cells;
    decoder.leaves(answers, count, program.strides.answer_row, program.strides.answer_piece, leaves.data());
    decoder.decode(answers, count, program.strides.answer_row, program.strides.answer_piece, results.data());
    for (std::size_t i = 0; i < count; ++i) {
      const Evaluation expected = evaluate(ensemble, rows.row(done + i));
      for (std::size_t t = 0; t < ensemble.trees.size(); ++t)
        wrong.leaves += leaves[i * ensemble.trees.size() + t] != expected.leaves[t];
      for (std::size_t k = 0; k < columns; ++k) {
        const double result = results[i * columns + k];
        wrong.results += result != expected.result[k] && !(std::isnan(result) && std::isnan(expected.result[k]));
      }
    }
  }
  return wrong;
}

}  // namespace edgescope::forest::test
