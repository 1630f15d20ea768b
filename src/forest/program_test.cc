#include "forest/program.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>

#include "base/half.h"
#include "forest/evaluator.h"
#include "forest/rows.h"
#include "forest/test_forests.h"
#include "format/onnx/writer.h"
#include "format/openvino/reader.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"
#include "measure/oracle.h"
#include "support/scratch.h"
#include "target/ncs2/check.h"
#include "target/ncs2/stages.h"

namespace edgescope::forest {
namespace {

constexpr Strategy kAll[] = {Strategy::Gemm, Strategy::Tt, Strategy::Ptt};

// A file that holds the program, in one of the forms that runtimes read.
struct Form {
  std::string name;
  graph::Format format;
  int version = 0;  // of IR, or ONNX's operator set
};
const Form kTfLite{"TFLite", graph::Format::TfLite}, kOnnx{"ONNX", graph::Format::Onnx, format::onnx::kNewestOpset},
    kOldOnnx{"ONNX 11", graph::Format::Onnx, format::onnx::kOldOpset}, kIr{"IR 11", graph::Format::OpenVinoIr, 11},
    kOldIr{"IR 10", graph::Format::OpenVinoIr, 10};

ProgramPlan plan_of(const Form& form, Strategy strategy, int batch, Answer answer, bool ncs2 = false) {
  ProgramPlan plan{.strategy = strategy, .format = form.format, .ncs2 = ncs2, .batch = batch, .answer = answer};
  if (form.format == graph::Format::Onnx) plan.opset = form.version;
  return plan;
}

base::Result<std::string> written(const Program& program, const Form& form, const testing_support::Scratch& folder) {
  std::string path;
  base::Status status;
  switch (form.format) {
    case graph::Format::TfLite:
      status = format::tflite::write(program.model, path = folder / "forest.tflite");
      break;
    case graph::Format::Onnx:
      status = format::onnx::write(program.model, path = folder / "forest.onnx", form.version);
      break;
    case graph::Format::OpenVinoIr:
      status = format::openvino::write(program.model, path = folder / "forest.xml", form.version);
      break;
  }
  EDGESCOPE_CHECK(status);
  return path;
}

float held(double x, Number number) {
  const auto single = static_cast<float>(x);
  if (number == Number::Float32 && std::fpclassify(single) == FP_SUBNORMAL) return std::copysign(0.0F, single);
  return number == Number::Float16 ? base::from_half(base::to_half(single)) : single;
}

// Rows for the nodes of the ensemble, in numbers that the device holds.
Rows held_rows(const Ensemble& ensemble, Number number, std::size_t at_nodes) {
  Rows rows = test_rows(ensemble, {.at_nodes = at_nodes, .random = 30});
  for (double& each : rows.values) each = held(each, number);
  return rows;
}

std::vector<std::byte> input_of(const Rows& rows, const ProgramPlan& plan) {
  const std::size_t runs =
      (rows.size() + static_cast<std::size_t>(plan.batch) - 1) / static_cast<std::size_t>(plan.batch);
  std::vector<std::byte> bytes;
  const std::size_t width = plan.number() == Number::Float16 ? 2 : 4;
  bytes.resize(runs * static_cast<std::size_t>(plan.batch) * rows.columns * width);
  for (std::size_t i = 0; i < rows.values.size(); ++i) {
    const auto single = static_cast<float>(rows.values[i]);
    const std::uint16_t half = base::to_half(single);
    std::memcpy(bytes.data() + i * width, width == 2 ? static_cast<const void*>(&half) : &single, width);
  }
  return bytes;
}

std::vector<double> numbers(const std::vector<std::byte>& bytes, graph::ElementType type) {
  std::vector<double> values;
  const std::size_t width = static_cast<std::size_t>(graph::element_bits(type)) / 8;
  for (std::size_t at = 0; at + width <= bytes.size(); at += width) {
    std::int32_t integer = 0;
    float single = 0;
    std::uint16_t half = 0;
    switch (type) {
      case graph::ElementType::Int32:
        std::memcpy(&integer, bytes.data() + at, 4);
        values.push_back(integer);
        break;
      case graph::ElementType::Float32:
        std::memcpy(&single, bytes.data() + at, 4);
        values.push_back(single);
        break;
      case graph::ElementType::Float16:
        std::memcpy(&half, bytes.data() + at, 2);
        values.push_back(base::from_half(half));
        break;
      default:
        ADD_FAILURE() << "an output of " << element_type_name(type);
    }
  }
  return values;
}

class Runs {
 public:
  explicit Runs(measure::Worker worker) : worker_(std::move(worker)) {}

  // Leaves must be equal, scores as near as a sum of 32-bit floats is.
  void expect_right(const test::NamedForest& forest, const Form& form, ProgramPlan plan) {
    const Ensemble& ensemble = forest.ensemble;
    const std::string what = forest.name + ", " + std::string(strategy_name(plan.strategy)) + ", " + form.name +
                             ", batch " + std::to_string(plan.batch);
    const auto program = forest::program(ensemble, plan);
    ASSERT_TRUE(program) << what << ": " << program.error().message();
    const auto path = written(*program, form, scratch_);
    ASSERT_TRUE(path) << what << ": " << path.error().message();
    std::map<std::string, std::string> properties;
    // Where the processor has 16-bit floats, the plugins take them unless they are told.
    if (worker_.runtime().name == "openvino:CPU") properties["INFERENCE_PRECISION_HINT"] = "f32";
    if (worker_.runtime().name == "ie2021:CPU") properties["ENFORCE_BF16"] = "NO";
    const auto loaded = worker_.load({.model = *path, .properties = properties});
    ASSERT_TRUE(loaded) << what << ": " << loaded.error().message();
    const Rows rows = held_rows(ensemble, plan.number(), plan.batch == 1 ? 60 : 600);
    const auto batch = static_cast<std::size_t>(plan.batch);
    const std::size_t runs = (rows.size() + batch - 1) / batch;
    const auto answer = worker_.infer({.rows = runs, .inputs = {input_of(rows, plan)}});
    ASSERT_TRUE(answer) << what << ": " << answer.error().message();
    const std::vector<double> got = numbers(answer->outputs[0], loaded->loaded.outputs[0].type);
    const std::size_t trees = std::max<std::size_t>(1, ensemble.trees.size());
    const std::size_t width = plan.answer == Answer::Leaves ? trees : static_cast<std::size_t>(ensemble.outputs);
    ASSERT_EQ(got.size(), runs * batch * width) << what;
    std::size_t wrong = 0;
    double furthest = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const Evaluation expected = evaluate(ensemble, rows.row(i));
      for (std::size_t k = 0; k < width; ++k) {
        const double value = got[i * width + k];
        if (plan.answer == Answer::Leaves) {
          wrong += k < expected.leaves.size() && value != expected.leaves[k];
        } else {
          const double off = std::abs(value - expected.outputs[k]);
          furthest = std::isnan(off) ? 1e9 : std::max(furthest, off);
        }
      }
    }
    EXPECT_EQ(wrong, 0u) << what << ": leaves of " << rows.size() << " rows";
    EXPECT_LT(furthest, plan.ncs2 ? 0.05 : 2e-5) << what;
  }

  void expect_all_right(const std::vector<Form>& forms, std::uint64_t seed, bool ncs2 = false) {
    std::vector<test::NamedForest> all = test::forests_of_every_kind(seed);
    all.push_back({"NaN always true", test::random_forest({.seed = seed, .trees = 6})});
    for (Tree& tree : all.back().ensemble.trees)
      for (Node& node : tree.nodes) node.nan_true = !node.is_leaf();
    for (const auto& forest : all) {
      for (const Strategy strategy : kAll) {
        if (strategy == Strategy::Ptt && uniform(forest.ensemble, {}).depth > 16) continue;
        // Each in turn, as loading takes most of the time.
        const Form &one = forms[turn_ % forms.size()], &other = forms[(turn_ + 1) % forms.size()];
        const int batch = turn_++ % 3 == 1 ? 1 : 37;
        expect_right(forest, one, plan_of(one, strategy, batch, Answer::Leaves, ncs2));
        ProgramPlan plan = plan_of(other, strategy, 38 - batch, Answer::Scores, ncs2);
        if (strategy == Strategy::Tt) plan.ahead = true;
        expect_right(forest, other, plan);
      }
    }
  }

 private:
  measure::Worker worker_;
  testing_support::Scratch scratch_;
  std::size_t turn_ = 0;
};

void expect_all_right(const char* runtime, const std::vector<Form>& forms, std::uint64_t seed, bool ncs2 = false) {
  const auto found = runtime::find(runtime);
  if (!found) GTEST_SKIP() << found.error().message();
  auto worker = measure::Worker::start({.runtime = *found});
  ASSERT_TRUE(worker) << worker.error().message();
  Runs(std::move(*worker)).expect_all_right(forms, seed, ncs2);
}

TEST(Program, EveryForestOnTflite) { expect_all_right("tflite", {kTfLite}, 11); }
TEST(Program, EveryForestOnXnnpack) { expect_all_right("tflite+xnnpack", {kTfLite}, 12); }
TEST(Program, EveryForestOnLitert) { expect_all_right("litert", {kTfLite}, 13); }
TEST(Program, EveryForestOnOpenVino) { expect_all_right("openvino:CPU", {kIr, kOldIr, kOnnx, kOldOnnx}, 14); }
TEST(Program, EveryForestOnOldOpenVino) { expect_all_right("ie2021:CPU", {kOldIr, kOldOnnx}, 15); }
// The NCS2's program in its 16-bit floats, computed by a CPU.
TEST(Program, EveryForestOfTheNcs2OnOpenVino) { expect_all_right("openvino:CPU", {kIr}, 16, true); }

// The vendor's plugin takes every program.
TEST(ProgramOnTheNcs2, EveryForestCompiles) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found, .time_limit = std::chrono::seconds(60)});
  const testing_support::Scratch scratch;
  for (const auto& [name, ensemble] : test::forests_of_every_kind(17))
    for (const Strategy strategy : kAll) {
      if (strategy == Strategy::Ptt && uniform(ensemble, {}).depth > 12) continue;
      for (const Form& form : {kOldIr, kOldOnnx})
        for (const auto& [batch, answer] : {std::pair{1, Answer::Scores}, {10, Answer::Leaves}}) {
          const auto program = forest::program(ensemble, plan_of(form, strategy, batch, answer, true));
          ASSERT_TRUE(program) << name << ": " << program.error().message();
          const auto path = written(*program, form, scratch);
          ASSERT_TRUE(path) << path.error().message();
          const auto compiled = oracle.compile({.model = *path}, {});
          EXPECT_TRUE(compiled) << name << ", " << strategy_name(strategy) << ", " << form.name << ", batch " << batch
                                << ": " << compiled.error().message();
        }
    }
}

// The user's sizes (forest, batch 1), and how many stages the plugin makes of them: fewer is faster on this device.
TEST(ProgramOnTheNcs2, TheUsersSizesTakeFewStages) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found, .time_limit = std::chrono::seconds(100)});
  const testing_support::Scratch scratch;
  const auto stages = [&](int trees, int depth, Strategy strategy, bool ahead) -> std::size_t {
    Ensemble ensemble =
        test::random_forest({.trees = trees, .depth = depth, .features = 8, .outputs = 4, .vector_leaves = true});
    ensemble.aggregate = Aggregate::Average;
    ensemble.divisors.assign(4, trees);
    ProgramPlan plan = plan_of(kOldIr, strategy, 1, Answer::Scores, true);
    plan.ahead = ahead;
    const auto program = forest::program(ensemble, plan);
    EXPECT_TRUE(program) << program.error().message();
    EXPECT_TRUE(target::ncs2::check(program->model).compiles);
    const auto path = written(*program, kOldIr, scratch);
    EXPECT_TRUE(path);
    const std::string graph = scratch / "graph.xml";
    const auto compiled = oracle.compile({.model = *path, .properties = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}},
                                         {.blob = {}, .graph = graph});
    EXPECT_TRUE(compiled) << trees << "x" << depth << ": " << compiled.error().message();
    const auto file = base::MappedFile::open(graph);
    const auto network = file ? format::openvino::read(*file) : base::fail(file.error());
    const auto list = network ? target::ncs2::stages_of(*network) : base::fail(network.error());
    EXPECT_TRUE(list);
    return list ? list->size() : 0;
  };
  for (const auto& [trees, depth] : {std::pair{16, 4}, {32, 4}, {64, 8}, {128, 8}}) {
    EXPECT_EQ(stages(trees, depth, Strategy::Gemm, false), 9u) << trees << "x" << depth;
    EXPECT_EQ(stages(trees, depth, Strategy::Ptt, false), 6u * static_cast<unsigned>(depth) + 1)
        << trees << "x" << depth;
    EXPECT_EQ(stages(trees, depth, Strategy::Tt, false), 6u * static_cast<unsigned>(depth) + 1)
        << trees << "x" << depth;
    EXPECT_EQ(stages(trees, depth, Strategy::Tt, true), static_cast<unsigned>(depth) + 7) << trees << "x" << depth;
  }
  EXPECT_LE(stages(1, 1, Strategy::Ptt, false), 7u);
  EXPECT_EQ(stages(256, 16, Strategy::Tt, false), 97u);
}

}  // namespace
}  // namespace edgescope::forest
