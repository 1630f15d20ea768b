// A program's leaves as the reference interpreter (graph/evaluate.h) computes them: no runtime has to be there.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "forest/evaluator.h"
#include "forest/program.h"
#include "forest/rows.h"
#include "graph/evaluate.h"

namespace edgescope::forest::test {

// Rows in 32-bit floats, without denormals, on a program for a CPU; how many of them reach another leaf.
inline std::size_t wrong_leaves(const Ensemble& ensemble, ProgramPlan plan,
                                const RowPlan& rows_plan = {.at_nodes = 100, .random = 20}) {
  plan.answer = Answer::Leaves;
  const auto program = forest::program(ensemble, plan);
  if (!program) {
    ADD_FAILURE() << program.error().message();
    return 1;
  }
  Rows rows = test_rows(ensemble, rows_plan);
  for (double& x : rows.values) {
    x = static_cast<float>(x);
    if (std::abs(x) < static_cast<double>(std::numeric_limits<float>::min())) x = 0;
  }
  const auto layout = plan.format == graph::Format::TfLite ? graph::Layout::ChannelsLast : graph::Layout::ChannelsFirst;
  const auto batch = static_cast<std::size_t>(plan.batch), trees = ensemble.trees.size();
  std::size_t wrong = 0;
  for (std::size_t done = 0; done < rows.size(); done += batch) {
    std::vector<float> x(batch * rows.columns);
    for (std::size_t i = 0; i < x.size() && done * rows.columns + i < rows.values.size(); ++i)
      x[i] = static_cast<float>(rows.values[done * rows.columns + i]);
    const auto bytes = std::as_bytes(std::span(x));
    const std::vector<graph::Value> input = {{graph::ElementType::Float32,
                                              {plan.batch, static_cast<std::int64_t>(rows.columns)},
                                              {bytes.begin(), bytes.end()}}};
    const auto made = graph::evaluate(program->model.subgraphs.front(), layout, input);
    if (!made) {
      ADD_FAILURE() << made.error().message();
      return 1;
    }
    const graph::Value& leaves = made->front();
    for (std::size_t i = 0; i < std::min(batch, rows.size() - done); ++i) {
      const std::vector<int> expected = leaves_of(ensemble, rows.row(done + i));
      for (std::size_t t = 0; t < trees; ++t) {
        std::int32_t integer = 0;
        float real = 0;
        const std::byte* at = leaves.data.data() + 4 * (i * trees + t);
        std::memcpy(&integer, at, 4);
        std::memcpy(&real, at, 4);
        const bool whole = leaves.type == graph::ElementType::Int32;
        wrong += whole ? integer != expected[t] : real != static_cast<float>(expected[t]);
      }
    }
  }
  return wrong;
}

}  // namespace edgescope::forest::test
