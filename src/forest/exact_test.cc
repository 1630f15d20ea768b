#include "forest/exact.h"

#include <gtest/gtest.h>

#include <chrono>

#include "forest/test_forests.h"
#include "forest/test_runs.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "measure/oracle.h"
#include "support/scratch.h"
#include "target/edgetpu/mapping.h"
#include "target/ncs2/check.h"
#include "target/ncs2/half.h"

namespace edgescope::forest {
namespace {

TEST(Exact, EveryFormIsAModel) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind())
    for (const ExactForm form : {ExactForm::FullyConnected, ExactForm::Convolution, ExactForm::Matmul,
                                 ExactForm::HalfConvolution, ExactForm::Traversal}) {
      const bool int8 = ExactPlan{.form = form}.quantised();
      const auto program = exact_program(
          ensemble, {.form = form, .format = int8 ? graph::Format::TfLite : graph::Format::OpenVinoIr, .batch = 3});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
    }
}

// A program written, loaded, run on rows, and decoded.
class Runs {
 public:
  explicit Runs(measure::Worker worker) : worker_(std::move(worker)) {}

  void expect_exact(const test::NamedForest& forest, const ExactPlan& plan) {
    const Ensemble& ensemble = forest.ensemble;
    const Rows rows = test_rows(ensemble, {.at_nodes = plan.batch == 1 ? 50u : 600u, .random = 20});
    const auto program = exact_program(ensemble, plan);
    ASSERT_TRUE(program) << forest.name << ": " << program.error().message();
    const std::string path = scratch_ / (plan.quantised() ? "forest.tflite" : "forest.xml");
    const auto written = plan.quantised() ? format::tflite::write(program->model, path)
                                          : format::openvino::write(program->model, path, 10);
    ASSERT_TRUE(written) << forest.name << ": " << written.error().message();
    // Floats of 32 bits where ranks are larger than bfloat16 holds; it is what OpenVINO chooses where it is fast.
    std::map<std::string, std::string> properties;
    if (plan.form == ExactForm::HalfConvolution) properties["INFERENCE_PRECISION_HINT"] = "f32";
    const auto loaded = worker_.load({.model = path, .properties = properties});
    ASSERT_TRUE(loaded) << forest.name << ": " << loaded.error().message();
    const auto batch = static_cast<std::uint64_t>(plan.batch), runs = (rows.size() + batch - 1) / batch;
    auto cells = plan.quantised()  ? test::encoded<std::int8_t>(*program, rows)
                 : plan.integers() ? test::encoded<std::int32_t>(*program, rows)
                                   : test::encoded<float>(*program, rows);
    const auto answer = worker_.infer({.rows = runs, .inputs = {std::move(cells)}});
    ASSERT_TRUE(answer) << forest.name << ": " << answer.error().message();
    const auto& output = answer->outputs[0];
    const auto wrong = plan.quantised()  ? test::mismatches<std::int8_t>(ensemble, *program, rows, output)
                       : plan.integers() ? test::mismatches<std::int32_t>(ensemble, *program, rows, output)
                                         : test::mismatches<float>(ensemble, *program, rows, output);
    EXPECT_EQ(wrong, test::Mismatches{}) << forest.name << ", form " << static_cast<int>(plan.form) << ", batch "
                                         << plan.batch << ", height " << plan.height;
  }

 private:
  measure::Worker worker_;
  testing_support::Scratch scratch_;
};

void expect_all_exact(const char* runtime, const std::vector<ExactForm>& forms, graph::Format format) {
  const auto found = runtime::find(runtime);
  if (!found) GTEST_SKIP() << found.error().message();
  auto worker = measure::Worker::start({.runtime = *found});
  ASSERT_TRUE(worker) << worker.error().message();
  Runs runs(std::move(*worker));
  for (const auto& forest : test::forests_of_every_kind(4))
    for (const ExactForm form : forms)
      for (const auto& [batch, height] : {std::pair{1, 0}, {7, 2}, {64, 6}})
        runs.expect_exact(forest, {.form = form, .format = format, .batch = batch, .height = height});
}

class OnTflite : public testing::TestWithParam<const char*> {};

TEST_P(OnTflite, EveryRowOfEveryForestReachesItsLeaf) {
  expect_all_exact(GetParam(), {ExactForm::FullyConnected, ExactForm::Convolution}, graph::Format::TfLite);
}

INSTANTIATE_TEST_SUITE_P(Exact, OnTflite, testing::Values("litert", "tflite", "tflite+xnnpack"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '+', '_');
                           return name;
                         });

TEST(ExactOnOpenVino, EveryRowOfEveryForestReachesItsLeaf) {
  expect_all_exact("openvino:CPU", {ExactForm::Matmul, ExactForm::HalfConvolution, ExactForm::Traversal},
                   graph::Format::OpenVinoIr);
}

// The vendor's plugin takes every program; that half precision loses nothing follows from its constants, which are
// whole numbers that it holds, and from ranks that are no larger (kHalfCells).
TEST(ExactOnTheNcs2, EveryForestCompiles) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found, .time_limit = std::chrono::seconds(60)});
  const testing_support::Scratch scratch;
  for (const auto& [name, ensemble] : test::forests_of_every_kind(5))
    for (const int batch : {1, 10}) {
      const auto program = exact_program(
          ensemble, {.form = ExactForm::HalfConvolution, .format = graph::Format::OpenVinoIr, .batch = batch});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
      EXPECT_TRUE(target::ncs2::half_losses(program->model).empty()) << name;
      EXPECT_TRUE(target::ncs2::check(program->model).compiles) << name;
      const std::string path = scratch / "forest.xml";
      ASSERT_TRUE(format::openvino::write(program->model, path, 10)) << name;
      const auto compiled = oracle.compile({.model = path}, {});
      EXPECT_TRUE(compiled) << name << ", batch " << batch << ": " << compiled.error().message();
    }
}

// What the Edge TPU would compile, by its published rules.
TEST(ExactOnTheEdgeTpu, EveryOperatorIsMapped) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(6))
    for (const int batch : {1, 50}) {
      const auto program = exact_program(ensemble, {.form = ExactForm::Convolution, .batch = batch});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
      const auto check = target::edgetpu::map_operators(program->model.subgraphs.front());
      EXPECT_TRUE(check.compiles) << name;
      for (const auto& verdict : check.operators)
        EXPECT_EQ(verdict.mapping, target::Mapping::Mapped) << name << ": " << verdict.reason;
    }
}

}  // namespace
}  // namespace edgescope::forest
