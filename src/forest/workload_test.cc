// The user's forests, from one tree of depth 1 to 512 of depth 16: exact on real TFLite kernels, every operator mapped
// by the Edge TPU's rules, and every program compiled by the NCS2's own plugin on a simulated stick.
#include <gtest/gtest.h>

#include <chrono>

#include "forest/program.h"
#include "forest/test_runs.h"
#include "forest/test_workload.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "measure/oracle.h"
#include "support/scratch.h"
#include "target/edgetpu/mapping.h"
#include "target/ncs2/check.h"

namespace edgescope::forest {
namespace {

using testing_support::Scratch;
using Size = std::pair<int, int>;

class Workload : public testing::TestWithParam<Size> {
 protected:
  Ensemble forest_ = test::workload_forest(GetParam().first, GetParam().second);
};

INSTANTIATE_TEST_SUITE_P(Size, Workload, testing::ValuesIn(test::kWorkload), [](const auto& parameter) {
  return std::to_string(parameter.param.first) + "x" + std::to_string(parameter.param.second);
});

TEST_P(Workload, IsAsLargeAsTheUsersForests) {
  const auto [trees, depth] = GetParam();
  int deepest = 0;
  std::size_t nodes = 0;
  for (const Tree& tree : forest_.trees) {
    deepest = std::max(deepest, forest::depth(tree));
    nodes += tree.nodes.size();
  }
  EXPECT_TRUE(validate(forest_));
  EXPECT_EQ(deepest, depth);
  // scikit-learn's: 29.6 nodes a tree of depth 4, 225 to 229 of depth 8, 620 of depth 16. Ours are no smaller.
  const double usual = depth == 1   ? 3
                       : depth == 4 ? 29.6
                       : depth == 8 ? 227
                                    : 620,
               each = static_cast<double>(nodes) / trees;
  EXPECT_GT(each, 0.9 * usual);
  EXPECT_LT(each, 1.6 * usual);
}

// Rows on thresholds and one unit in the last place beside them, NaN, infinities, denormals. For the larger forests
// there are fewer rows, as one takes milliseconds.
TEST_P(Workload, IsExactOnTflite) {
  const auto found = runtime::find("tflite");
  if (!found) GTEST_SKIP() << found.error().message();
  auto worker = measure::Worker::start({.runtime = *found});
  ASSERT_TRUE(worker) << worker.error().message();
  const bool large = GetParam().second > 8;
  const Rows rows = test_rows(forest_, {.at_nodes = large ? 60u : 400u, .random = 20});
  const Scratch scratch;
  for (const ExactForm form : {ExactForm::FullyConnected, ExactForm::Convolution}) {
    const auto program = exact_program(forest_, {.form = form, .batch = 32});
    ASSERT_TRUE(program) << program.error().message();
    const std::string path = scratch / "forest.tflite";
    ASSERT_TRUE(format::tflite::write(program->model, path));
    const auto loaded = worker->load({.model = path});
    ASSERT_TRUE(loaded) << loaded.error().message();
    const auto answer =
        worker->infer({.rows = (rows.size() + 31) / 32, .inputs = {test::encoded<std::int8_t>(*program, rows)}});
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(test::mismatches<std::int8_t>(forest_, *program, rows, answer->outputs[0]), test::Mismatches{})
        << rows.size() << " rows, form " << static_cast<int>(form);
  }
}

TEST_P(Workload, IsMappedByTheEdgeTpu) {
  const auto program = exact_program(forest_, {.form = ExactForm::Convolution, .batch = 1});
  ASSERT_TRUE(program) << program.error().message();
  const auto check = target::edgetpu::map_operators(program->model.subgraphs.front());
  EXPECT_TRUE(check.compiles);
  for (const auto& verdict : check.operators) EXPECT_EQ(verdict.mapping, target::Mapping::Mapped) << verdict.reason;
}

TEST_P(Workload, EveryProgramCompilesForTheNcs2) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle plugin({.runtime = *found, .time_limit = std::chrono::seconds(200)});
  const Scratch scratch;
  const auto expect_compiles = [&](const graph::Model& model, std::string_view strategy) {
    EXPECT_TRUE(target::ncs2::check(model).compiles) << strategy;
    const std::string path = scratch / "forest.xml";
    ASSERT_TRUE(format::openvino::write(model, path, 10)) << strategy;
    const auto compiled = plugin.compile({.model = path}, {});
    EXPECT_TRUE(compiled) << strategy << ": " << compiled.error().message();
  };
  for (const Strategy strategy : {Strategy::Gemm, Strategy::Tt, Strategy::Ptt}) {
    const auto program = forest::program(forest_, {.strategy = strategy, .ncs2 = true});
    ASSERT_TRUE(program) << program.error().message();
    expect_compiles(program->model, strategy_name(strategy));
  }
  const auto exact = exact_program(forest_, {.form = ExactForm::HalfConvolution, .format = graph::Format::OpenVinoIr});
  ASSERT_TRUE(exact) << exact.error().message();
  expect_compiles(exact->model, "exact");
}

}  // namespace
}  // namespace edgescope::forest
