// `edgescope inspect` on compiled Edge TPU models as their users run it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kNetwork = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";

Finished inspect(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "inspect");
  return run(edgescope_program(), arguments);
}

Json json_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--format", "json"});
  const Finished done = inspect(arguments);
  EXPECT_EQ(done.exit, 0) << done.err;
  return Json::parse(done.out, nullptr, false);
}

std::vector<std::string> ids(const Json& json) {
  std::vector<std::string> result;
  for (const Json& finding : json["findings"]) result.push_back(finding["id"]);
  return result;
}

TEST(InspectEdgeTpu, EveryReferenceModelInEveryFormat) {
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".tflite") continue;
    const std::string path = entry.path();
    SCOPED_TRACE(path);
    const Json json = json_of({path});
    const Json& edgetpu = json["edgetpu"];
    std::uint64_t owned = 0, inside = 0, operators = 0;
    for (const Json& owner : edgetpu["owners"])
      (owner["owner"] == "tflite" ? owned : inside) += owner["bytes"].get<std::uint64_t>();
    EXPECT_EQ(owned + inside, entry.file_size());
    // What the file's own account gives to operators holds what the options are.
    for (const Json& owner : json["model"]["files"][0]["owners"])
      if (owner["owner"] == "operators") operators = owner["bytes"].get<std::uint64_t>();
    EXPECT_LE(inside, operators);
    const Finished text = inspect({path}), markdown = inspect({path, "--format", "md"}),
                   csv = inspect({path, "--format", "csv"});
    EXPECT_THAT(text.out, HasSubstr("Bytes over the link"));
    EXPECT_THAT(text.out, HasSubstr("every later one"));
    EXPECT_THAT(markdown.out, HasSubstr("| what | first inference | every later one |"));
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv.out.begin(), csv.out.end(), '\n')),
              edgetpu["executables"].size() + 1);
    EXPECT_THAT(csv.out, HasSubstr("caching_token"));
  }
}

TEST(InspectEdgeTpu, FindingsOfReferenceModels) {
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  const auto of = [&](const std::string& name) {
    return ids(json_of({(folder / (name + "_edgetpu.tflite")).string()}));
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(of("bright_128x128"), Ids{"edgetpu-streamed-with-room"});
  EXPECT_EQ(of("ASR_Model5"), Ids{"edgetpu-lost-share"});
  EXPECT_EQ(of("ggcnn_model"), (Ids{"edgetpu-output-dominates", "edgetpu-output-padding", "edgetpu-narrow-layers"}));
  const Ids lstm = of("keras_lstm_mnist_ptq");
  EXPECT_EQ(lstm.front(), "edgetpu-refused");
  const Ids deeplab = of("deeplabv3_mnv2_dm05_pascal_quant");
  EXPECT_NE(std::find(deeplab.begin(), deeplab.end(), "cpu-tail"), deeplab.end());
}

TEST(InspectEdgeTpu, TheSourceLayerByLayer) {
  EDGESCOPE_MODEL_OR_SKIP(source, "cpu/movenet_single_pose_lightning_ptq.tflite");
  EDGESCOPE_MODEL_OR_SKIP(compiled, "edgetpu/movenet_single_pose_lightning_ptq_edgetpu.tflite");
  const Json json = json_of({compiled.string(), "--source", source.string()})["edgetpu"]["source"];
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["cpu_operators"].size(), 59u);
  EXPECT_EQ(json["streamed_bytes"], Json({{"predicted", 2368}, {"decoded", 2368}, {"difference", 0}}));
  std::uint64_t streamed = 0;
  for (const Json& layer : json["layers"]) {
    EXPECT_EQ(layer["basis"], "exact");
    streamed += layer["stored_bytes"].get<std::uint64_t>() - layer["cached_bytes"].get<std::uint64_t>();
  }
  EXPECT_EQ(streamed, 2368u);
}

TEST(InspectEdgeTpu, ModelsThatTakeTurns) {
  EDGESCOPE_MODEL_OR_SKIP(folder, "edgetpu");
  const auto file = [&](const char* name) { return (folder / name).string(); };
  const Json apart = json_of(
      {file("dense_256_edgetpu.tflite"), file("mobilenet_v1_0.25_128_quant_edgetpu.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(ids(apart), std::vector<std::string>{"edgetpu-tokens-alternate"});
  // The caching runs of both: parameters and the program that places them.
  EXPECT_EQ(apart["edgetpu_cache"]["round"]["resent_bytes"], 67584 + 1072 + 566912 + 12624);
  const Json together =
      json_of({file("mobilenet_v1_0.25_128_quant_cocompiled_with_3quant_edgetpu.tflite"),
               file("mobilenet_v1_0.5_160_quant_cocompiled_with_3quant_edgetpu.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(together["edgetpu_cache"]["round"]["resent_bytes"], 0);
  EXPECT_EQ(together["edgetpu_cache"]["tokens"][0]["overlapping_rows"], 0);
  const Json segments =
      json_of({file("ssd_mobilenet_v1_coco_quant_postprocess_segment_0_of_2_edgetpu.tflite"),
               file("ssd_mobilenet_v1_coco_quant_postprocess_segment_1_of_2_edgetpu.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(ids(segments), std::vector<std::string>{"edgetpu-rows-overlap"});
}

TEST(InspectEdgeTpu, ANameProvesNothing) {
  const Scratch folder;
  const std::string named = folder / "digits_edgetpu.tflite";
  std::filesystem::copy_file(kNetwork, named);
  EXPECT_EQ(ids(json_of({named})).front(), "edgetpu-not-compiled");
  EXPECT_EQ(ids(json_of({kNetwork, "--target", "edgetpu"})).front(), "edgetpu-not-compiled");
  EXPECT_THAT(inspect({kNetwork}).out, Not(HasSubstr("edgetpu")));
  EXPECT_EQ(ids(json_of({named, kNetwork, "--target", "edgetpu"})),
            (std::vector<std::string>{"edgetpu-not-compiled", "edgetpu-not-compiled"}));
}

TEST(InspectEdgeTpu, UsageErrors) {
  EXPECT_EQ(inspect({kNetwork, "--source", kNetwork}).exit, 2);
  EXPECT_EQ(inspect({kNetwork, "--target", "toaster"}).exit, 2);
  EXPECT_EQ(inspect({kNetwork, kNetwork, "--target", "edgetpu", "--source", kNetwork}).exit, 2);
  EXPECT_EQ(inspect({kNetwork, "/nonexistent.tflite", "--target", "edgetpu"}).exit, 3);
}

}  // namespace
}  // namespace edgescope::testing_support
