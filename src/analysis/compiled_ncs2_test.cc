// Whole networks through the vendor's compiler, where set-up has brought it.
#include "analysis/compiled_ncs2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/format.h"
#include "support/mobilenet.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

// The published stage lists of MobileNetV1, by three settings.
TEST(CompiledNcs2, MobileNetV1ByThreeSettings) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const testing_support::Scratch scratch;
  testing_support::mobilenet_v1().write(scratch / "mobilenet.xml");
  const auto model = format::read_model(scratch / "mobilenet.xml");
  ASSERT_TRUE(model) << model.error().message();
  struct Published {
    std::map<std::string, std::string> settings;
    int stages, cmx_slices, shaves;
    std::uint64_t bss_bytes;
  };
  for (const Published& published : {Published{{}, 192, 9, 7, 3211264},
                                     {{{"MYRIAD_THROUGHPUT_STREAMS", "1"}}, 181, 19, 16, 1605632},
                                     {{{"MYRIAD_ENABLE_HW_ACCELERATION", "NO"}}, 89, 19, 16, 3813376}}) {
    const auto compiled = compile_ncs2(*model, oracle, {.settings = published.settings});
    ASSERT_TRUE(compiled) << compiled.error().message();
    ASSERT_TRUE(compiled->compiles()) << compiled->refusal->message();
    const base::Json& myriad = compiled->myriad;
    EXPECT_EQ(myriad["stages"].size(), published.stages) << myriad["kinds"].dump();
    EXPECT_EQ(myriad["bss_bytes"], published.bss_bytes);
    EXPECT_EQ(myriad["cmx_slices"], published.cmx_slices);
    EXPECT_EQ(myriad["shaves"], published.shaves);
  }
}

// As TensorFlow pads it the compiler adds stages.
TEST(CompiledNcs2, PaddingOfSomeSidesCostsStages) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const testing_support::Scratch scratch;
  testing_support::mobilenet_v1(false).write(scratch / "mobilenet.xml");
  const auto model = format::read_model(scratch / "mobilenet.xml");
  ASSERT_TRUE(model) << model.error().message();
  const auto compiled = compile_ncs2(*model, oracle, {});
  ASSERT_TRUE(compiled && compiled->compiles());
  EXPECT_EQ(compiled->myriad["stages"].size(), 208u);
  int told = 0;
  for (const Finding& finding : compiled->findings)
    if (finding.kind->id == "ncs2-pad") {
      ++told;
      EXPECT_EQ(finding.operators.size(), 17u);
    }
  EXPECT_EQ(told, 1);
}

// The remedy of `ncs2-stage-a-row`: the rows as an image's height.
TEST(CompiledNcs2, RowsAsAnImageAreOneStage) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const testing_support::Scratch scratch;
  const auto compile = [&](const testing_support::IrNetwork& net) {
    net.write(scratch / "net.xml");
    const auto model = format::read_model(scratch / "net.xml");
    EXPECT_TRUE(model) << model.error().message();
    auto compiled = compile_ncs2(*model, oracle, {.settings = {{"MYRIAD_THROUGHPUT_STREAMS", "1"}}});
    EXPECT_TRUE(compiled && compiled->compiles());
    return std::move(*compiled);
  };
  testing_support::IrNetwork product;
  product.result(product.op("MatMul", {product.input({1, 16, 64}), product.floats({64, 32})}, {1, 16, 32},
                            "transpose_a=\"false\" transpose_b=\"false\""));
  testing_support::IrNetwork image;
  const auto turned = image.op("Transpose", {image.input({1, 16, 64}), image.integers({3}, {0, 2, 1})}, {1, 64, 16});
  const auto rows =
      image.op("Reshape", {turned, image.integers({4}, {1, 64, 16, 1})}, {1, 64, 16, 1}, "special_zero=\"false\"");
  const auto made = image.op("Convolution", {rows, image.floats({32, 64, 1, 1})}, {1, 32, 16, 1},
                             "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\" dilations=\"1,1\"");
  const auto flat =
      image.op("Reshape", {made, image.integers({3}, {1, 32, 16})}, {1, 32, 16}, "special_zero=\"false\"");
  image.result(image.op("Transpose", {flat, image.integers({3}, {0, 2, 1})}, {1, 16, 32}));
  const Ncs2Compiled before = compile(product), after = compile(image);
  EXPECT_EQ(before.myriad["stages"].size(), 19u);
  EXPECT_EQ(after.myriad["stages"].size(), 7u);
  EXPECT_LT(after.prediction->microseconds.high, before.prediction->microseconds.high);
}

}  // namespace
}  // namespace edgescope::analysis
