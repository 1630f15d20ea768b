#include "target/edgetpu/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/mapped_file.h"
#include "format/edgetpu/package.h"
#include "format/tflite/reader.h"
#include "support/reference.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::target::edgetpu {
namespace {

using Mode = PlanUnit::Mode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// `layers` convolutions of `rows` full rows each.
PlanModel net(std::string file, int layers, int rows) {
  PlanModel model{.file = std::move(file), .cap = {.low = 1900, .central = 2000, .high = 2050}};
  for (int i = 0; i < layers; ++i) {
    model.layers.push_back({.op = i,
                            .stored_bytes = static_cast<std::uint64_t>(rows) * kBytesPerRow,
                            .blocks = 1,
                            .rows_per_block = rows});
    model.crossing.push_back(1000);
  }
  return model;
}

const PlanChoice& choice(const Plan& plan, Mode mode) {
  for (const PlanChoice& choice : plan.choices)
    if (choice.units.size() == 1 && choice.units[0].mode == mode) return choice;
  ADD_FAILURE() << "no choice that is " << mode_name(mode);
  return plan.choices.front();
}

// The pool has 16 x 2,000 = 32,000 rows.
TEST(Plan, OldCompilersServeTheFirstModelFirst) {
  const PlanModel a = net("a", 10, 2000), b = net("b", 20, 1000);
  for (Compiler compiler : {Compiler::V1_0, Compiler::V15}) {
    const auto first = share_pool(std::vector{&a, &b}, compiler, 2000);
    EXPECT_EQ(first[0].streamed_bytes, 0u);
    EXPECT_EQ(first[1].cached_bytes, 12000u * kBytesPerRow);
    const auto second = share_pool(std::vector{&b, &a}, compiler, 2000);
    EXPECT_EQ(second[0].streamed_bytes, 0u);
    EXPECT_EQ(second[1].cached_bytes, 12000u * kBytesPerRow);
  }
}

TEST(Plan, Compiler16ServesTheLargestLayersFirst) {
  const PlanModel a = net("a", 10, 2000), b = net("b", 20, 1000);
  EXPECT_EQ(share_pool(std::vector{&a, &b}, Compiler::V16, 2000)[0].streamed_bytes, 0u);
  const auto swapped = share_pool(std::vector{&b, &a}, Compiler::V16, 2000);
  EXPECT_EQ(swapped[1].streamed_bytes, 0u);
  EXPECT_EQ(swapped[0].cached_bytes, 12000u * kBytesPerRow);
}

TEST(Plan, ModelsInTurnsAreBetterCompiledTogether) {
  const std::vector models = {net("a", 10, 1000), net("b", 10, 1000)};
  const Plan plan = edgetpu::plan(models, {});
  EXPECT_TRUE(plan.exhaustive);
  const PlanChoice& best = plan.choices.front();
  ASSERT_EQ(best.units.size(), 1u);
  EXPECT_EQ(best.units[0].mode, Mode::CoCompiled);
  EXPECT_EQ(best.parameter_bytes, 0u);
  EXPECT_THAT(best.units[0].commands, ElementsAre("edgetpu_compiler -s a b"));
  // Every turn would have sent all of both.
  const PlanChoice& apart = choice(plan, Mode::Separate);
  EXPECT_EQ(apart.parameter_bytes, 20000u * kBytesPerRow);
  EXPECT_EQ(apart.saved.high, 0);
  EXPECT_THAT(apart.units[0].commands, ElementsAre("edgetpu_compiler -s a", "edgetpu_compiler -s b"));
  EXPECT_DOUBLE_EQ(best.saved.low, transfer_in(Link::Usb3, apart.parameter_bytes).low);
  EXPECT_EQ(best.parameter_low, 0u);
  EXPECT_EQ(best.parameter_high, 0u);
}

TEST(Plan, LongTurnsAreBetterApart) {
  // Together 8,000 of 40,000 rows stream at every inference; apart each fits, and a switch sends 20,000.
  const std::vector models = {net("a", 20, 1000), net("b", 20, 1000)};
  EXPECT_EQ(edgetpu::plan(models, {.turn = 1}).choices.front().units[0].mode, Mode::CoCompiled);
  EXPECT_EQ(edgetpu::plan(models, {.turn = 100}).choices.front().units[0].mode, Mode::Separate);
}

TEST(Plan, TheBetterOrderIsFound) {
  // Served first, b's one layer leaves 500 rows that nothing of a can use; served last it is left out.
  const std::vector models = {net("b", 1, 31500), net("a", 20, 1000)};
  for (const auto& given : {models, std::vector{models[1], models[0]}}) {
    const Plan plan = edgetpu::plan(given, {.compiler = Compiler::V15, .sticks = 1});
    const PlanUnit& unit = choice(plan, Mode::CoCompiled).units[0];
    EXPECT_EQ(given[unit.models[0]].file, "b");
    EXPECT_EQ(unit.shares[1].streamed_bytes, 20000u * kBytesPerRow);
  }
}

TEST(Plan, ASecondStickTakesWhatDoesNotFit) {
  const std::vector models = {net("a", 20, 1000), net("b", 20, 1000), net("c", 10, 1000)};
  const PlanChoice best = edgetpu::plan(models, {.sticks = 2}).choices.front();
  EXPECT_EQ(best.parameter_bytes, 0u);
  EXPECT_EQ(best.sticks(), 2);
  const PlanChoice one = edgetpu::plan(models, {.sticks = 1}).choices.front();
  EXPECT_GT(one.parameter_bytes, 0u);
  // 16 x 1,900 to 16 x 2,050 rows, of which layers of 1,000 take 30 to 32.
  EXPECT_EQ(one.parameter_low, 18000u * kBytesPerRow);
  EXPECT_EQ(one.parameter_high, 20000u * kBytesPerRow);
  EXPECT_LT(one.microseconds.low, transfer_in(Link::Usb3, 18000u * kBytesPerRow).low + 1);
  EXPECT_DOUBLE_EQ(one.microseconds.high, transfer_in(Link::Usb3, 20000u * kBytesPerRow).high);
}

TEST(Plan, SegmentsHoldAboutTheSame) {
  PlanModel model = net("a", 10, 1000);
  model.layers[0].stored_bytes *= 4;  // 13 parts
  const auto cut = segments(model, 3);
  ASSERT_EQ(cut.size(), 3u);
  EXPECT_EQ(cut[0].end, 1u);
  EXPECT_EQ(cut[1].end, cut[2].begin);
  EXPECT_EQ(cut[2].end, 10u);
  EXPECT_NEAR(static_cast<double>(cut[1].end - cut[1].begin), 4.5, 0.6);
  for (const Segment& segment : segments(model, 10)) EXPECT_EQ(segment.end, segment.begin + 1);
}

TEST(Plan, SegmentsPayWhereTheyEndStreaming) {
  const std::vector large = {net("my model.tflite", 50, 1000)};  // 18,000 rows too many
  const Plan plan = edgetpu::plan(large, {.sticks = 3});
  const PlanChoice& best = plan.choices.front();
  EXPECT_EQ(best.units[0].mode, Mode::Segmented);
  EXPECT_EQ(best.sticks(), 2) << "the third stick only adds a cut";
  EXPECT_THAT(best.units[0].commands, ElementsAre("edgetpu_compiler -s --num_segments=2 'my model.tflite'"));
  EXPECT_EQ(best.units[0].shares[0].boundary_bytes, 1000u);
  EXPECT_EQ(best.units[0].shares[1].boundary_bytes, 0u);
  // A small model has nothing to gain.
  const std::vector small = {net("b", 5, 1000)};
  const Plan none = edgetpu::plan(small, {.sticks = 2});
  EXPECT_EQ(none.choices.front().units[0].mode, Mode::Alone);
  EXPECT_LT(choice(none, Mode::Segmented).saved.high, 0);
}

TEST(Plan, ManyModelsByAHeuristicThatSaysSo) {
  std::vector<PlanModel> models;
  for (int i = 0; i < 9; ++i) models.push_back(net("m" + std::to_string(i), 3 + i, 1000));
  const Plan plan = edgetpu::plan(models, {.sticks = 2});
  EXPECT_FALSE(plan.exhaustive);
  for (const PlanChoice& choice : plan.choices) {
    std::vector<std::size_t> all;
    for (const PlanUnit& unit : choice.units) all.insert(all.end(), unit.models.begin(), unit.models.end());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  }
  EXPECT_EQ(plan.choices.front().sticks(), 2);
  EXPECT_TRUE(edgetpu::plan({}, {}).choices.empty());
}

// What MobileNet V1 1.0 at 224x224 stores: of the published architecture, quantised by tensor.
class MobileNet {
 public:
  MobileNet() {
    at_ = tensor({1, 224, 224, 3}, false);
    graph_.inputs = {at_};
    convolution(3, 3, 32, 112);
    const int channels[] = {32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024};
    const int sizes[] = {112, 56, 56, 28, 28, 14, 14, 14, 14, 14, 14, 7, 7};
    for (int i = 0; i < 13; ++i) {
      depthwise(channels[i], sizes[i]);
      convolution(1, channels[i], channels[i + 1], sizes[i]);
    }
    op(graph::Kind::AveragePool, {at_}, {1, 1, 1, 1024});
    convolution(1, 1024, 1001, 1);
    op(graph::Kind::Reshape, {at_}, {1, 1001});
    op(graph::Kind::Softmax, {at_}, {1, 1001});
  }
  const graph::Subgraph& graph() const { return graph_; }

 private:
  int tensor(std::vector<std::int64_t> dims, bool constant) {
    graph::Tensor tensor{.name = "t" + std::to_string(graph_.tensors.size()),
                         .type = graph::ElementType::UInt8,
                         .shape = {.dims = std::move(dims)}};
    tensor.quantization = std::make_shared<graph::Quantization>(graph::Quantization{.scales = {1}, .zero_points = {0}});
    tensor.constant = constant;
    graph_.tensors.push_back(tensor);
    return static_cast<int>(graph_.tensors.size()) - 1;
  }
  void op(graph::Kind kind, std::vector<int> inputs, std::vector<std::int64_t> out) {
    at_ = tensor(std::move(out), false);
    graph_.operators.push_back({.kind = kind, .inputs = std::move(inputs), .outputs = {at_}});
  }
  void convolution(int kernel, int in, int out, int size) {
    op(graph::Kind::Convolution, {at_, tensor({out, kernel, kernel, in}, true), tensor({out}, true)},
       {1, size, size, out});
  }
  void depthwise(int channels, int size) {
    op(graph::Kind::DepthwiseConvolution, {at_, tensor({1, 3, 3, channels}, true), tensor({channels}, true)},
       {1, size, size, channels});
  }
  graph::Subgraph graph_;
  int at_ = -1;
};

// A public detector in two segments, with MobileNet V1 as its backbone: the cut lies before the first layer
// behind it, of 1x1 and 1,024 to 256 channels, which would have been nearer to the middle.
TEST(Plan, TheReferenceSegmentsAreCutWhereTheyAre) {
  std::vector<std::uint64_t> truth;
  for (const char* part : {"0", "1"}) {
    EDGESCOPE_MODEL_OR_SKIP(
        path, std::string("edgetpu/ssd_mobilenet_v1_coco_quant_postprocess_segment_") + part + "_of_2_edgetpu.tflite");
    const auto file = format::tflite::read(*base::MappedFile::open(path));
    ASSERT_TRUE(file);
    for (const graph::Operator& op : file->subgraphs[0].operators)
      if (op.source_kind == format::edgetpu::kCustomCode)
        truth.push_back(ledger(*format::edgetpu::read_package(op.options, path)).cached_parameter_bytes);
  }
  ASSERT_EQ(truth.size(), 2u);
  PlanModel model = plan_model("ssd", MobileNet().graph(), {}, Compiler::V16);
  model.layers.resize(27);  // without the classifier
  EXPECT_EQ(model.stored_bytes(), truth[0]);
  std::uint64_t left = truth[1];
  for (std::uint64_t bytes : {std::uint64_t{4 * 257 * 256}, left - 4 * 257 * 256})
    model.layers.push_back({.stored_bytes = bytes});
  EXPECT_EQ(segments(model, 2)[0].end, 27u);
}

// Three of the four co-compiled reference files; what they cached and streamed follows from the law of
// compiler 16 for some order, and for no order from that of earlier ones.
TEST(Plan, TheReferenceCoCompilationFollowsFromTheLaw) {
  const char* names[] = {"mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant", "mobilenet_v1_0.75_192_quant"};
  const auto models_with = [&](Compiler compiler) -> std::vector<PlanModel> {
    std::vector<PlanModel> models;
    for (const char* name : names) {
      const auto path = testing_support::folder_from("EDGESCOPE_MODELS_DIR") / "cpu" / (std::string(name) + ".tflite");
      const auto model = format::tflite::read(*base::MappedFile::open(path));
      models.push_back(
          plan_model(name, model->subgraphs[0], map_operators(model->subgraphs[0], compiler).mapped(), compiler));
    }
    models.push_back(plan_model("mobilenet_v1_1.0_224_quant", MobileNet().graph(), {}, compiler));
    return models;
  };
  EDGESCOPE_MODEL_OR_SKIP(first, std::string("cpu/") + names[0] + ".tflite");
  std::vector<Ledger> truth;
  int cap = 0;  // the pool is full: its rows end where the tiles do
  for (const char* name : names) {
    EDGESCOPE_MODEL_OR_SKIP(path, std::string("edgetpu/") + name + "_cocompiled_with_3quant_edgetpu.tflite");
    const auto file = format::tflite::read(*base::MappedFile::open(path));
    ASSERT_TRUE(file);
    const auto package = format::edgetpu::read_package(file->subgraphs[0].operators[0].options, path);
    ASSERT_TRUE(package);
    truth.push_back(ledger(*package));
    for (const auto& executable : package->executables)
      for (const PlacedBlock& block : placement(executable)) cap = std::max(cap, block.row + block.rows);
  }
  EXPECT_EQ(cap, 1981);

  const auto orders_that_fit = [&](Compiler compiler) {
    const std::vector<PlanModel> models = models_with(compiler);
    std::vector<std::size_t> order(models.size());
    std::iota(order.begin(), order.end(), 0u);
    std::vector<std::string> fitting;
    do {
      std::vector<const PlanModel*> group;
      for (std::size_t i : order) group.push_back(&models[i]);
      const std::vector<Fill> fills = share_pool(group, compiler, cap);
      bool fits = true;
      for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] < truth.size())
          fits = fits && fills[i].cached_bytes == truth[order[i]].cached_parameter_bytes &&
                 fills[i].streamed_bytes == truth[order[i]].streamed_parameter_bytes;
      if (fits) fitting.push_back(models[order[0]].file);
    } while (std::next_permutation(order.begin(), order.end()));
    return fitting;
  };
  // Layers of equal size decide: the 0.5 model came first, the others in any order.
  EXPECT_THAT(orders_that_fit(Compiler::V16),
              ::testing::AllOf(::testing::SizeIs(6), ::testing::Each("mobilenet_v1_0.5_160_quant")));
  EXPECT_THAT(orders_that_fit(Compiler::V15), ::testing::IsEmpty());
}

}  // namespace
}  // namespace edgescope::target::edgetpu
