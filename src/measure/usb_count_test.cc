// The vendor's runtime, unmodified, on simulated sticks. Where there is none these tests skip; what the sticks do is
// tested in every run by a client of our own (virtual/coral/stick_test.cc, tests/e2e/trace_test.cc).
#include "measure/usb_count.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/worker.h"
#include "support/edgetpu.h"
#include "support/reference.h"
#include "support/scratch.h"

namespace edgescope::measure {
namespace {

namespace fs = std::filesystem;
using target::edgetpu::Traffic;
using ::testing::HasSubstr;

constexpr const char* kQuarter = "edgetpu/mobilenet_v1_0.25_128_quant_edgetpu.tflite";
constexpr const char* kHalf = "edgetpu/mobilenet_v1_0.5_160_quant_edgetpu.tflite";
constexpr const char* kTogether = "edgetpu/mobilenet_v1_0.25_128_quant_cocompiled_with_3quant_edgetpu.tflite";
constexpr const char* kTogetherToo = "edgetpu/mobilenet_v1_0.5_160_quant_cocompiled_with_3quant_edgetpu.tflite";

// All compiled reference models in four parts, so that none takes long.
class EveryModel : public ::testing::TestWithParam<int> {};

TEST_P(EveryModel, MovesWhatItsHintsSay) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".tflite") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  ASSERT_FALSE(files.empty());
  for (std::size_t i = static_cast<std::size_t>(GetParam()); i < files.size(); i += 4) {
    const auto count = count_usb({.runtime = *found, .load = {.model = files[i]}, .inferences = 3});
    if (files[i].filename().string().starts_with("keras_lstm")) {
      ASSERT_FALSE(count);
      EXPECT_THAT(count.error().message(), HasSubstr("deterministic")) << "the runtime refuses it itself";
      continue;
    }
    ASSERT_TRUE(count) << files[i] << ": " << count.error().message();
    const UsbTraffic& model = count->models.at(0);
    EXPECT_EQ(model.inferences, 3u);
    EXPECT_EQ(model.first, model.ledger.first_inference) << files[i];
    EXPECT_EQ(model.later, model.ledger.per_inference) << files[i];
    EXPECT_TRUE(model.equals_ledger()) << files[i];
    EXPECT_GT(model.later.total(), 0u);
    EXPECT_THAT(count->loaded.meaningless, HasSubstr("zeros"));
  }
}
INSTANTIATE_TEST_SUITE_P(Reference, EveryModel, ::testing::Range(0, 4));

TEST(UsbCount, FiguresSeenOnTheVendorsRuntimeBefore) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const auto count = count_usb({.runtime = *found, .load = {.model = model}, .inferences = 2});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->models[0].first,
            (Traffic{.instructions = 182656, .input = 49152, .parameters = 566912, .output = 1008}));
  EXPECT_EQ(count->models[0].later, (Traffic{.instructions = 170032, .input = 49152, .parameters = 0, .output = 1008}));
}

TEST(UsbCount, AThousandInferencesInARow) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const auto count = count_usb({.runtime = *found, .load = {.model = model}, .inferences = 1000});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->models[0].inferences, 1000u);
  EXPECT_EQ(count->models[0].uploads, 1u);
  EXPECT_TRUE(count->models[0].equals_ledger());
}

TEST(UsbCount, TwoModelsOfDifferentTokensResendTheirParametersAtEverySwitch) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(one, kQuarter);
  EDGESCOPE_MODEL_OR_SKIP(other, kHalf);
  const auto count = count_usb({.runtime = *found, .load = {.model = one, .alternate = {other}}, .inferences = 4});
  ASSERT_TRUE(count) << count.error().message();
  ASSERT_EQ(count->models.size(), 2u);
  for (const UsbTraffic& model : count->models) {
    EXPECT_EQ(model.uploads, 4u);
    EXPECT_EQ(model.later, model.ledger.first_inference) << "each is like the first";
    EXPECT_TRUE(model.alike);
    EXPECT_FALSE(model.equals_ledger());
  }
}

TEST(UsbCount, CoCompiledModelsKeepTheirParameters) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(one, kTogether);
  EDGESCOPE_MODEL_OR_SKIP(other, kTogetherToo);
  const auto count = count_usb({.runtime = *found, .load = {.model = one, .alternate = {other}}, .inferences = 4});
  ASSERT_TRUE(count) << count.error().message();
  for (const UsbTraffic& model : count->models) {
    EXPECT_EQ(model.uploads, 1u);
    EXPECT_TRUE(model.equals_ledger());
  }
}

TEST(UsbCount, TwoSticksKeepACacheEach) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(one, kQuarter);
  EDGESCOPE_MODEL_OR_SKIP(other, kHalf);
  const auto count = count_usb(
      {.runtime = *found, .load = {.model = one, .alternate = {other}}, .sticks = {.count = 2}, .inferences = 4});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->models[0].stick, "1-1");
  EXPECT_EQ(count->models[1].stick, "1-2");
  for (const UsbTraffic& model : count->models) EXPECT_TRUE(model.equals_ledger());
}

TEST(UsbCount, FirmwareIsDownloadedAndUsb2CountsTheSame) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const auto count = count_usb(
      {.runtime = *found, .load = {.model = model}, .sticks = {.usb3 = false, .firmware = false}, .inferences = 3});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_GT(count->firmware_bytes.value_or(0), 8000u);
  EXPECT_TRUE(count->models[0].equals_ledger());
}

TEST(UsbCount, APropertyThatTheDelegateDoesNotHaveIsAUsageError) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, kQuarter);
  const auto wrong = count_usb({.runtime = *found, .load = {.model = model, .properties = {{"Speed", "Max"}}}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().fault, base::Fault::usage);
  EXPECT_THAT(wrong.error().message(), HasSubstr("Usb.MaxBulkInQueueLength"));
  EXPECT_TRUE(count_usb(
      {.runtime = *found, .load = {.model = model, .properties = {{"Performance", "Low"}}}, .inferences = 2}));
}

// Fully mapped models, and one whose rest runs on the CPU before and behind the stick: movenet.
class Computed : public ::testing::TestWithParam<const char*> {};

TEST_P(Computed, TheStickAnswersAsTheCpuDoes) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(compiled, std::string("edgetpu/") + GetParam() + "_edgetpu.tflite");
  EDGESCOPE_MODEL_OR_SKIP(source, std::string("cpu/") + GetParam() + ".tflite");
  const auto tflite = runtime::find("tflite");
  ASSERT_TRUE(tflite);
  auto worker = Worker::start({.runtime = *tflite});
  ASSERT_TRUE(worker);
  const auto loaded = worker->load({.model = source});
  ASSERT_TRUE(loaded) << loaded.error().message();
  std::vector<std::vector<std::byte>> inputs;
  for (const runtime::Port& port : loaded->loaded.inputs) {
    std::vector<std::byte> values(port.bytes);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::byte>(i * 131 + i / 7);
    inputs.push_back(std::move(values));
  }
  const auto expected = worker->infer({.rows = 1, .inputs = inputs});
  ASSERT_TRUE(expected) << expected.error().message();

  const auto count = count_usb({.runtime = *found,
                                .load = {.model = compiled},
                                .sticks = {.source = source},
                                .inferences = 2,
                                .inputs = inputs});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->loaded.meaningless, "");
  ASSERT_EQ(count->outputs.size(), expected->outputs.size());
  // Outputs of the compiled file can stand in another order than the source's: they are matched by name.
  for (std::size_t i = 0; i < count->outputs.size(); ++i) {
    const std::string& name = count->loaded.outputs[i].name;
    std::size_t j = 0;
    while (j < loaded->loaded.outputs.size() && loaded->loaded.outputs[j].name != name) ++j;
    ASSERT_LT(j, loaded->loaded.outputs.size()) << name;
    EXPECT_TRUE(count->outputs[i] == expected->outputs[j]) << name;
    EXPECT_NE(count->outputs[i], std::vector<std::byte>(count->outputs[i].size()))
        << "zeros would be equal for another reason";
  }
}
INSTANTIATE_TEST_SUITE_P(Pairs, Computed,
                         ::testing::Values("mobilenet_v1_0.25_128_quant", "mobilenet_v1_0.5_160_quant",
                                           "mobilenet_v1_0.75_192_quant", "bright_64x64", "bright_128x128", "dense_256",
                                           "split_concat", "movenet_single_pose_lightning_ptq"));

TEST(UsbCount, AnOperatorThatTfliteLacksGetsAStandInAndTheOutputsMeanNothing) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(compiled, "edgetpu/posenet_mobilenet_v1_075_353_481_16_quant_decoder_edgetpu.tflite");
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/posenet_mobilenet_v1_075_353_481_16_quant_decoder.tflite");
  const auto count =
      count_usb({.runtime = *found, .load = {.model = compiled}, .sticks = {.source = source}, .inferences = 2});
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_THAT(count->loaded.meaningless, HasSubstr("PosenetDecoderOp"));
  EXPECT_TRUE(count->models[0].equals_ledger());
}

TEST(UsbCount, AModelThatWasNotCompiledIsRefused) {
  EDGESCOPE_EDGETPU_OR_SKIP(found);
  EDGESCOPE_MODEL_OR_SKIP(model, "cpu/mobilenet_v1_0.25_128_quant.tflite");
  const auto count = count_usb({.runtime = *found, .load = {.model = model}});
  ASSERT_FALSE(count);
  EXPECT_THAT(count.error().message(), HasSubstr("not a compiled model"));
}

}  // namespace
}  // namespace edgescope::measure
