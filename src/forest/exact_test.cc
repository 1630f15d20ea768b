#include "forest/exact.h"

#include <gtest/gtest.h>

#include <optional>

#include "forest/test_forests.h"
#include "forest/test_runs.h"

namespace edgescope::forest {
namespace {

TEST(Exact, EveryFormIsAModel) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind())
    for (const ExactForm form :
         {ExactForm::FullyConnected, ExactForm::Convolution, ExactForm::Matmul, ExactForm::HalfConvolution}) {
      const bool int8 = ExactPlan{.form = form}.quantised();
      const auto program = exact_program(
          ensemble, {.form = form, .format = int8 ? graph::Format::TfLite : graph::Format::OpenVinoIr, .batch = 3});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
    }
}

class OnRuntime : public testing::TestWithParam<const char*> {};

TEST_P(OnRuntime, EveryRowOfEveryForestReachesItsLeaf) {
  const auto found = runtime::find(GetParam());
  if (!found) GTEST_SKIP() << found.error().message();
  auto worker = measure::Worker::start({.runtime = *found});
  ASSERT_TRUE(worker) << worker.error().message();
  const testing_support::Scratch scratch;
  for (const auto& [name, ensemble] : test::forests_of_every_kind(4))
    for (const ExactForm form : {ExactForm::FullyConnected, ExactForm::Convolution})
      for (const auto& [batch, height] : {std::pair{1, 0}, {7, 2}, {64, 6}}) {
        const Rows rows = test_rows(ensemble, {.at_nodes = batch == 1 ? 50u : 600u, .random = 20});
        const auto program = exact_program(ensemble, {.form = form, .batch = batch, .height = height});
        ASSERT_TRUE(program) << name << ": " << program.error().message();
        const std::string path = scratch / "forest.tflite";
        ASSERT_TRUE(format::tflite::write(program->model, path)) << name;
        const auto loaded = worker->load({.model = path});
        ASSERT_TRUE(loaded) << name << ": " << loaded.error().message();
        const std::uint64_t runs =
            (rows.size() + static_cast<std::size_t>(batch) - 1) / static_cast<std::size_t>(batch);
        const auto answer = worker->infer({.rows = runs, .inputs = {test::encoded<std::int8_t>(*program, rows)}});
        ASSERT_TRUE(answer) << name << ": " << answer.error().message();
        EXPECT_EQ(test::mismatches<std::int8_t>(ensemble, *program, rows, answer->outputs[0]), test::Mismatches{})
            << name << ", form " << static_cast<int>(form) << ", batch " << batch << ", height " << height;
      }
}

INSTANTIATE_TEST_SUITE_P(Exact, OnRuntime, testing::Values("litert", "tflite", "tflite+xnnpack"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '+', '_');
                           return name;
                         });

}  // namespace
}  // namespace edgescope::forest
