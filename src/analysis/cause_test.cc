#include "analysis/cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/builder.h"

namespace edgescope::analysis {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Format;
using graph::Kind;
using ::testing::HasSubstr;

// x -> the operator, whose result is the last tensor.
graph::Model one(Kind kind, std::vector<std::vector<std::int64_t>> inputs,
                 std::initializer_list<graph::Named> attributes, bool quantised = false) {
  Builder b(Format::TfLite);
  std::vector<int> given;
  for (auto& dims : inputs) given.push_back(b.input("x" + std::to_string(given.size()), ElementType::Float32, dims));
  const int made = b.add(kind, given, attributes, "made");
  if (quantised) b.quantize(made, 0.5f, 0);
  b.output(made);
  auto model = std::move(b).finish();
  EXPECT_TRUE(model) << (model ? "" : model.error().message());
  return *std::move(model);
}

// Both sides are one model unless `other` is given.
struct Case {
  const graph::Model& model;
  std::string on = "litert", other_on = "openvino:CPU";
  runtime::Loaded loaded = {.precision = "as in the model"}, other_loaded = {.precision = "f32"};
  Difference difference = {.name = "made", .values = 4, .different = 1};
  bool inputs_differ = false;
  const graph::Model* other = nullptr;

  Cause told(bool looked = true) const {
    Divergence divergence{.runs = 1};
    const int tensor = model.subgraphs[0].operators[0].outputs[0];
    divergence.found = {.op = 0,
                        .tensor = tensor,
                        .other_op = 0,
                        .other_tensor = tensor,
                        .difference = difference,
                        .inputs_differ = inputs_differ};
    return cause({model, on, loaded}, {other != nullptr ? *other : model, other_on, other_loaded}, difference,
                 looked ? &divergence : nullptr);
  }
};

TEST(Cause, PrecisionIsWhatTheRuntimeSays) {
  const graph::Model model = one(Kind::Relu, {{1, 4}}, {});
  Case c{.model = model};
  c.other_loaded.precision = "bf16 (chosen by the plugin)";
  EXPECT_EQ(c.told(false).id, "lower-precision");
  EXPECT_THAT(c.told(false).text, HasSubstr("openvino:CPU says that it computes in bf16"));
  c.loaded.precision = "bf16";
  EXPECT_EQ(c.told().id, "not-known") << "both compute in it";
}

TEST(Cause, OverflowOfHalfPrecision) {
  const graph::Model model = one(Kind::Exp, {{1, 4}}, {});
  Case c{.model = model, .other_on = "ncs2"};
  c.difference.not_finite = 1;
  EXPECT_EQ(c.told().id, "not-known") << "no side computes in half precision";
  c.other_loaded.precision = "f16 (the device computes in no other)";
  EXPECT_EQ(c.told().id, "fp16-overflow");
  EXPECT_EQ(c.told(false).id, "fp16-overflow");
}

TEST(Cause, OneStepOfAQuantisedOperator) {
  const graph::Model model = one(Kind::Relu, {{1, 4}}, {}, true);
  Case c{.model = model, .other_on = "tflite"};
  c.difference.steps = Spread{.max = 1};
  EXPECT_EQ(c.told().id, "requantisation");
  c.difference.steps->max = 7;
  EXPECT_EQ(c.told().id, "not-known") << "no rounding of one result is seven steps";
}

TEST(Cause, AComparisonAtItsThreshold) {
  const graph::Model model = one(Kind::Less, {{1, 4}, {1, 4}}, {});
  Case c{.model = model};
  EXPECT_EQ(c.told().id, "not-known") << "its operands are the same";
  c.inputs_differ = true;
  EXPECT_EQ(c.told().id, "threshold-rounding");
}

TEST(Cause, AResizeSaysItsCoordinates) {
  const graph::Model model =
      one(Kind::ResizeBilinear, {{1, 4, 4, 1}}, {{"sizes", {8, 8}}, {"half_pixel_centers", true}});
  const Cause why = Case{.model = model}.told();
  EXPECT_EQ(why.id, "resize-coordinates");
  EXPECT_THAT(why.text, HasSubstr("half_pixel_centers = true"));
}

TEST(Cause, TwoModelsThatSayDifferentThings) {
  const graph::Model relu = one(Kind::Relu, {{1, 4}}, {}), exp = one(Kind::Exp, {{1, 4}}, {}),
                     quantised = one(Kind::Relu, {{1, 4}}, {}, true);
  EXPECT_EQ((Case{.model = relu, .other = &exp}.told().id), "other-operator");
  EXPECT_EQ((Case{.model = relu, .other = &quantised}.told().id), "quantisation");
  EXPECT_THAT(Case{.model = relu}.told(false).text, HasSubstr("--layers"));
}

}  // namespace
}  // namespace edgescope::analysis
