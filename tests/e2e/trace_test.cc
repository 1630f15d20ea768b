// `edgescope trace`: a client of our own speaks the stick's protocol through libusb; behind it is the simulated bus, in
// the place of the system's libusb.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "base/json.h"
#include "support/compiled_model.h"
#include "support/run.h"
#include "support/scratch.h"

namespace edgescope::testing_support {
namespace {

using base::Json;
using ::testing::HasSubstr;

const std::string kClient = EDGESCOPE_BINARY_DIR "/tests/coral_client";

class Trace : public ::testing::Test {
 protected:
  Trace() { write_compiled_model(model_); }

  Finished trace(std::vector<std::string> flags, const std::vector<std::string>& command,
                 const RunOptions& options = {}) {
    flags.insert(flags.begin(), "trace");
    flags.emplace_back("--");
    flags.insert(flags.end(), command.begin(), command.end());
    return run(edgescope_program(), flags, options);
  }
  Json read(const std::string& path) {
    std::ifstream file(path);
    return Json::parse(file, nullptr, false);
  }
  // What the hints of the model say; of the chip's spills the link shows only the direction.
  static void expect_the_models_bytes(const Json& inferences) {
    EXPECT_EQ(inferences["first"]["instructions"], 40 + 48);
    EXPECT_EQ(inferences["first"]["parameters"], 128 + 64);
    EXPECT_EQ(inferences["first"]["input"], 8 + 48);
    EXPECT_EQ(inferences["first"]["output"], 16 + 24);
    EXPECT_EQ(inferences["first"]["parameter_uploads"], 1);
    EXPECT_EQ(inferences["later"]["instructions"], 48);
    EXPECT_EQ(inferences["later"]["parameters"], 64);
    EXPECT_EQ(inferences["later"]["parameter_uploads"], 0);
    EXPECT_EQ(inferences["later"]["alike"], true);
  }

  const Scratch scratch_;
  const std::string model_ = scratch_ / "small_edgetpu.tflite";
};

TEST_F(Trace, PassesThroughToTheLibraryBehindAndCountsWhatGoes) {
  const std::string session = scratch_ / "session.json";
  std::ofstream(session) << Json{{"devices", {{{"kind", "coral"}, {"firmware", true}}}},
                                 {"models", {{{"file", model_}}}}};
  const Finished done =
      trace({"--format", "json"}, {kClient, model_, "5"}, {.environment = {{"EDGESCOPE_VIRTUAL_USB", session}}});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_EQ(done.err, "inferred\n") << "the command's output must not stand in the document";
  const Json document = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(document.is_object()) << done.out;
  EXPECT_EQ(document["command"], "trace");
  EXPECT_EQ(document["input"][1], model_);
  EXPECT_EQ(document["simulated"], false);
  EXPECT_EQ(document["times_basis"], "measured");
  ASSERT_EQ(document["devices"].size(), 1u);
  const Json& device = document["devices"][0];
  EXPECT_EQ(device["id"], "18d1:9302");
  EXPECT_EQ(device["speed"], "usb3");
  EXPECT_EQ(device["inferences"]["count"], 5);
  EXPECT_EQ(device["inferences"]["each"].size(), 5u);
  expect_the_models_bytes(device["inferences"]);
  EXPECT_GT(device["inferences"]["later"]["us"], 0);
  std::map<std::string, std::uint64_t> bytes;
  for (const Json& endpoint : device["endpoints"])
    bytes[endpoint["endpoint"]] += endpoint["bytes"].get<std::uint64_t>();
  // Headers of 8 B: 2 for the upload, 5 an inference.
  EXPECT_EQ(bytes["0x01"], (40 + 128 + 2 * 8) + 5 * (48u + 8 + 48 + 64 + 5 * 8));
  EXPECT_EQ(bytes["0x81"], 5u * (16 + 24));
  EXPECT_EQ(bytes["0x82"], 6u * 16);
}

TEST_F(Trace, ASimulatedStickInThePlaceOfARealOne) {
  const Finished done =
      trace({"--virtual", model_, "--dfu", "--link", "usb2", "--format", "json"}, {kClient, model_, "3"});
  ASSERT_EQ(done.exit, 0) << done.err;
  const Json document = Json::parse(done.out, nullptr, false);
  ASSERT_TRUE(document.is_object()) << done.out;
  EXPECT_EQ(document["simulated"], true);
  EXPECT_TRUE(document["times_basis"].is_null());
  EXPECT_EQ(document["devices"][0]["id"], "18d1:9302") << "after the firmware";
  EXPECT_EQ(document["devices"][0]["speed"], "usb2");
  expect_the_models_bytes(document["devices"][0]["inferences"]);
  EXPECT_EQ(document["errors"].size(), 0u);
}

TEST_F(Trace, ATransferAgainstTheHintsIsNamedWithBothFigures) {
  const Finished done = trace({"--virtual", model_, "--format", "json"}, {kClient, model_, "3", "wrong-input"});
  EXPECT_EQ(done.exit, 1) << "the client's own";
  EXPECT_THAT(done.err, HasSubstr("the stick stalls"));
  const Json document = Json::parse(done.out, nullptr, false);
  ASSERT_EQ(document["errors"].size(), 1u) << done.out;
  EXPECT_THAT(document["errors"][0].get<std::string>(), HasSubstr("9 B of input came, the hints say 8 B"));
}

TEST_F(Trace, EveryTransferForPerfetto) {
  const std::string file = scratch_ / "trace.json";
  const Finished done = trace({"--virtual", model_, "--trace", file}, {kClient, model_, "2"});
  ASSERT_EQ(done.exit, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("Coral USB Accelerator"));
  const Json events = read(file)["traceEvents"];
  std::map<std::string, std::uint64_t> bytes;
  std::map<int, double> ends;
  for (const Json& event : events) {
    if (event["ph"] != "X") continue;
    bytes[event["name"]] += event["args"]["bytes"].get<std::uint64_t>();
    const int thread = event["tid"];
    EXPECT_GE(event["ts"].get<double>() + 1e-3, ends[thread]) << "slices of an endpoint follow each other";
    ends[thread] = event["ts"].get<double>() + event["dur"].get<double>();
  }
  EXPECT_EQ(bytes["parameters"], 128u + 2 * 64);
  EXPECT_EQ(bytes["instructions"], 40u + 2 * 48);
  EXPECT_EQ(bytes["output"], 2u * (16 + 24));
  EXPECT_EQ(bytes["header"], 8u * (2 + 2 * 5));
}

TEST_F(Trace, TheCommandKeepsItsOutputAndItsExitCode) {
  const std::string file = scratch_ / "document.json";
  const Finished done = trace({"--json", file}, {"sh", "-c", "echo word; exit 7"});
  EXPECT_EQ(done.exit, 7);
  EXPECT_EQ(done.out, "word\n");
  EXPECT_EQ(done.err, "");
  const Json document = read(file);
  EXPECT_EQ(document["exit_code"], 7);
  EXPECT_EQ(document["devices"].size(), 0u);
}

TEST_F(Trace, ExitCodes) {
  EXPECT_EQ(run(edgescope_program(), {"trace"}).exit, 2);
  EXPECT_EQ(trace({"--dfu"}, {"true"}).exit, 2);
  EXPECT_EQ(trace({}, {"/nonexistent/program"}).exit, 4);
  EXPECT_EQ(trace({"--virtual", "/nonexistent.tflite"}, {"true"}).exit, 3);
}

}  // namespace
}  // namespace edgescope::testing_support
