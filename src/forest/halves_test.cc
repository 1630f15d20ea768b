// The NCS2's programs, computed in 16-bit floats throughout by the reference interpreter. No stick is at hand, and
// nobody says in which order one adds; here each product and each partial sum is rounded, in the order of the elements,
// with the positive terms first and with the negative ones first. Partial sums are the largest in these two, so terms
// that none of them rounds are rounded in no order.
#include <gtest/gtest.h>

#include <algorithm>

#include "forest/program.h"
#include "forest/test_forests.h"
#include "forest/test_halves.h"
#include "forest/test_runs.h"
#include "forest/test_workload.h"

namespace edgescope::forest {
namespace {

using graph::HalfSums;

constexpr HalfSums kEveryOrder[] = {HalfSums::InOrder, HalfSums::PositiveFirst, HalfSums::NegativeFirst};

// An even choice: one row takes up to a second here.
Rows some(const Rows& all, std::size_t wanted) {
  if (wanted >= all.size()) return all;
  Rows rows{.columns = all.columns, .values = {}};
  for (std::size_t i = 0; i < wanted; ++i) {
    const auto row = all.row(i * all.size() / wanted);
    rows.values.insert(rows.values.end(), row.begin(), row.end());
  }
  return rows;
}

// Leaves and results.
void expect_exact(const test::NamedForest& forest, int batch, const Rows& rows) {
  const auto program = exact_program(
      forest.ensemble, {.form = ExactForm::HalfConvolution, .format = graph::Format::OpenVinoIr, .batch = batch});
  ASSERT_TRUE(program) << forest.name << ": " << program.error().message();
  const std::vector<std::byte> bytes = test::encoded<float>(*program, rows);
  std::vector<float> cells(bytes.size() / sizeof(float));
  std::memcpy(cells.data(), bytes.data(), bytes.size());
  const test::InHalves device(program->model);
  for (const HalfSums sums : kEveryOrder) {
    std::vector<float> answers;
    for (std::size_t at = 0; at < cells.size(); at += program->input_cells) {
      const auto answer = device.run(std::span(cells).subspan(at, program->input_cells), sums);
      ASSERT_TRUE(answer) << forest.name << ": " << answer.error().message();
      answers.insert(answers.end(), answer->begin(), answer->end());
    }
    const auto output = std::as_bytes(std::span(answers));
    EXPECT_EQ(test::mismatches<float>(forest.ensemble, *program, rows, {output.begin(), output.end()}),
              test::Mismatches{})
        << forest.name << ", batch " << batch << ", sums " << static_cast<int>(sums);
  }
}

// Rows on thresholds, one unit in the last place beside them, NaN, infinities, denormals.
TEST(Halves, TheExactProgramReachesEveryLeafOfEveryForest) {
  for (const auto& forest : test::forests_of_every_kind(21))
    for (const auto& [batch, at_nodes] : {std::pair{1, 30u}, {16, 180u}})
      expect_exact(forest, batch, test_rows(forest.ensemble, {.at_nodes = at_nodes, .random = 20}));
}

// The largest ranks that halves hold, and those that go on in the next cell: 3,780 thresholds of one feature.
TEST(Halves, TheExactProgramCountsMoreThresholdsThanAHalfDoes) {
  const Ensemble forest = test::random_forest({.seed = 3, .trees = 60, .depth = 6, .features = 1, .perfect = true});
  expect_exact({"one feature", forest}, 16, some(test_rows(forest, {.at_nodes = 6000, .random = 200}), 480));
}

TEST(Halves, TheExactProgramReachesEveryLeafOfTheUsersForests) {
  for (const auto& [trees, depth] : test::kWorkload) {
    const Ensemble forest = test::workload_forest(trees, depth);
    const Rows all = test_rows(forest, {.at_nodes = 300, .random = 20});
    expect_exact({std::to_string(trees) + "x" + std::to_string(depth), forest}, 2,
                 some(all, trees > 128  ? 4
                           : trees > 32 ? 16
                                        : 100));
  }
}

// Rows whose numbers halves hold: what the programs promise.
Rows held(Rows rows) {
  for (double& x : rows.values) x = base::from_half(base::to_half(static_cast<float>(x)));
  return rows;
}

void expect_leaves(const test::NamedForest& forest, Strategy strategy) {
  const std::string what = forest.name + ", " + std::string(strategy_name(strategy));
  const ProgramPlan plan{.strategy = strategy, .ncs2 = true, .batch = 16, .answer = Answer::Leaves};
  const auto program = forest::program(forest.ensemble, plan);
  ASSERT_TRUE(program) << what << ": " << program.error().message();
  const Rows rows = held(some(test_rows(forest.ensemble, {.at_nodes = 100, .random = 20}), 64));
  const test::InHalves device(program->model);
  const std::size_t trees = forest.ensemble.trees.size(), batch = 16;
  for (const HalfSums sums : kEveryOrder) {
    std::size_t wrong = 0;
    for (std::size_t done = 0; done < rows.size(); done += batch) {
      std::vector<float> x(batch * rows.columns);
      for (std::size_t i = 0; i < x.size() && done * rows.columns + i < rows.values.size(); ++i)
        x[i] = static_cast<float>(rows.values[done * rows.columns + i]);
      const auto answer = device.run(x, sums);
      ASSERT_TRUE(answer) << what << ": " << answer.error().message();
      for (std::size_t i = 0; i < std::min(batch, rows.size() - done); ++i) {
        const std::vector<int> leaves = leaves_of(forest.ensemble, rows.row(done + i));
        for (std::size_t t = 0; t < trees; ++t) wrong += (*answer)[i * trees + t] != static_cast<float>(leaves[t]);
      }
    }
    EXPECT_EQ(wrong, 0u) << what << ", sums " << static_cast<int>(sums) << ", of " << rows.size() << " rows";
    if (strategy != Strategy::Gemm) break;  // the others add nothing
  }
}

TEST(Halves, ClassicalProgramsReachTheLeavesOfRowsThatHalvesHold) {
  for (const auto& forest : test::forests_of_every_kind(22)) {
    if (forest.ensemble.trees.empty()) continue;
    for (const Strategy strategy : {Strategy::Gemm, Strategy::Tt, Strategy::Ptt})
      if (strategy != Strategy::Ptt || uniform(forest.ensemble, {}).depth <= 12) expect_leaves(forest, strategy);
  }
}

}  // namespace
}  // namespace edgescope::forest
