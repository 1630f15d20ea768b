#include "forest/fit.h"

#include <gtest/gtest.h>

#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

target::edgetpu::MemoryPrediction memory_of(const ExactProgram& program) {
  return target::edgetpu::predict_memory(program.model.subgraphs.front(), {}, target::edgetpu::Compiler::V16);
}

ExactProgram program_of(const Ensemble& ensemble) {
  auto program = exact_program(ensemble, {.form = ExactForm::Convolution});
  EXPECT_TRUE(program) << program.error().message();
  return std::move(*program);
}

TEST(Fit, TheUsersForestStays) {
  const ExactProgram program = program_of(test::random_forest(
      {.trees = 100, .depth = 8, .features = 8, .outputs = 4, .perfect = true, .vector_leaves = true}));
  const auto memory = memory_of(program);
  const Fit fit = fit_on_chip(program, memory);
  EXPECT_TRUE(fit.fits);
  EXPECT_EQ(fit.trees, 100);
  EXPECT_EQ(fit.sticks, 1);
  EXPECT_EQ(memory.streamed_bytes, 0u);
}

TEST(Fit, AsManyTreesAsItSaysStayAndTheRestStreams) {
  Ensemble ensemble = test::random_forest({.trees = 600, .depth = 8, .features = 20, .perfect = true});
  const ExactProgram all = program_of(ensemble);
  const auto memory = memory_of(all);
  const Fit fit = fit_on_chip(all, memory);
  EXPECT_FALSE(fit.fits);
  EXPECT_GT(memory.streamed_bytes, 0u);
  ASSERT_GT(fit.trees, 0);
  ASSERT_LT(fit.trees, 600);
  EXPECT_EQ(fit.sticks, (600 + fit.trees - 1) / fit.trees) << "perfect trees are all alike";
  ensemble.trees.resize(static_cast<std::size_t>(fit.trees));
  const auto some_of_them = exact_program(ensemble, {.form = ExactForm::Convolution, .height = all.plan.height});
  ASSERT_TRUE(some_of_them);
  const ExactProgram& some = *some_of_them;
  EXPECT_EQ(memory_of(some).streamed_bytes, 0u);
  EXPECT_TRUE(fit_on_chip(some, memory_of(some)).fits);
}

TEST(Fit, ATreeThatIsTooLargeAlone) {
  const ExactProgram program =
      program_of(test::random_forest({.trees = 2, .depth = 16, .features = 300, .perfect = true}));
  const Fit fit = fit_on_chip(program, memory_of(program));
  EXPECT_FALSE(fit.fits);
  EXPECT_EQ(fit.trees, 0);
  EXPECT_EQ(fit.sticks, 0);
}

}  // namespace
}  // namespace edgescope::forest
