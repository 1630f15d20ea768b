// `edgescope analyze` as its users run it: one document, one page, and what happens where runtimes are
// missing or refuse the model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/json.h"
#include "support/reference.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kNetwork = EDGESCOPE_SOURCE_DIR "/examples/digits/digits_int8.tflite";
const std::string kOnnx = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

Finished analyze(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "analyze");
  return run(edgescope_program(), arguments, {.limit_seconds = 100});
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Analyze, OneDocumentAndOnePage) {
  const Scratch folder;
  const std::string page = folder / "report.html";
  const Finished done = analyze({kNetwork, "--quick", "--time-limit", "1", "--format", "json", "--html", page});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["command"], "analyze");
  EXPECT_EQ(json["input"], kNetwork);
  EXPECT_GT(json["model"]["totals"]["macs"], 0);
  EXPECT_FALSE(json["summary"]["headline"].get<std::string>().empty());
  EXPECT_TRUE(json["environment"].contains("cpu"));
  if (json["runs"].empty()) GTEST_SKIP() << "no runtime is installed: run `make setup`";

  EXPECT_EQ(json["summary"]["fastest"], json["comparison"]["fastest"]);
  for (const Json& run : json["runs"]) {
    ASSERT_TRUE(run.contains("median_us")) << run.dump();
    EXPECT_GT(run["median_us"], 0);
    EXPECT_LE(run["min_us"], run["median_us"]);
    double kinds = 0, operators = 0;
    for (const Json& kind : run.value("operator_kinds", Json::array())) kinds += kind["us"].get<double>();
    for (const Json& op : run.value("operators", Json::array())) operators += op["us"].get<double>();
    EXPECT_NEAR(kinds, operators, 1e-6 * operators);
  }
  EXPECT_EQ(json["parity"]["pairs"].size(), json["runs"].size() - 1);

  // The page holds the same document; `<` is escaped.
  std::string text = read(page);
  const std::string open = R"(id="edgescope-document">)";
  const std::size_t start = text.find(open) + open.size();
  EXPECT_EQ(Json::parse(text.substr(start, text.find("</script>", start) - start), nullptr, false), json);
}

TEST(Analyze, WithoutRuntimesTheModelIsShownWithTheRemedy) {
  const Scratch folder;
  const Finished done = analyze({kOnnx, "--runtimes", folder.path()});
  EXPECT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("Nothing was measured"));
  EXPECT_THAT(done.out, HasSubstr("make setup"));
  EXPECT_THAT(done.out, HasSubstr("The model"));
}

TEST(Analyze, RuntimesThatWereAskedForAndAreMissingAreExitCode4) {
  const Scratch folder;
  const Finished done = analyze({kNetwork, "--on", "litert,openvino:CPU", "--runtimes", folder.path()});
  EXPECT_EQ(done.exit, 4) << done.out;
  EXPECT_THAT(done.err, HasSubstr("litert"));
}

TEST(Analyze, ARuntimeThatRefusesTheModelIsListedAndTheOthersGoOn) {
  const Finished done =
      analyze({kOnnx, "--on", "litert,openvino:CPU", "--quick", "--time-limit", "1", "--format", "json"});
  if (done.exit == 4) GTEST_SKIP() << "OpenVINO is not installed: run `make setup`";
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  ASSERT_EQ(json["runs"].size(), 2u);
  EXPECT_FALSE(json["runs"][0]["valid"].get<bool>());
  EXPECT_THAT(json["runs"][0]["reason"].get<std::string>(), HasSubstr("litert"));
  EXPECT_EQ(json["summary"]["fastest"], "openvino:CPU");
}

// CPU runtimes have no Edge TPU operator: the report says what the file says, and is no failure.
TEST(Analyze, ACompiledEdgeTpuModelIsWhatItsFileSays) {
  EDGESCOPE_MODEL_OR_SKIP(model, "edgetpu/ggcnn_model_edgetpu.tflite");
  const Finished done = analyze({model.string(), "--format", "json"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json json = Json::parse(done.out, nullptr, false);
  EXPECT_THAT(json["summary"]["headline"].get<std::string>(), HasSubstr("Compiled for the Edge TPU"));
  EXPECT_TRUE(json["runs"].empty());
  EXPECT_EQ(json["edgetpu"]["per_inference"]["output"], 1440000);
  EXPECT_EQ(json["findings"][0]["id"], "edgetpu-output-dominates");
  const std::string text = analyze({model.string()}).out;
  EXPECT_THAT(text, HasSubstr("Bytes over the link"));
  EXPECT_THAT(text, HasSubstr("edgetpu-output-padding"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("make setup")));
}

TEST(Analyze, ExitCodes) {
  EXPECT_EQ(analyze({"/nonexistent/model.tflite"}).exit, 3);
  EXPECT_EQ(analyze({kNetwork, "--on", "no-such-runtime"}).exit, 2);
  EXPECT_EQ(analyze({}).exit, 2);
  const Finished unwritable = analyze({kOnnx, "--runtimes", "/nonexistent", "--html", "/nonexistent/report.html"});
  EXPECT_EQ(unwritable.exit, 70);
  EXPECT_THAT(unwritable.err, HasSubstr("/nonexistent/report.html"));
  EXPECT_EQ(unwritable.out, "") << "the page is written first, so that nobody takes a failed run for a whole one";
}

}  // namespace
}  // namespace edgescope::testing_support
