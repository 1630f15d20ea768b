// What the built program says of the NCS2: blobs, and the simulated stick among the runtimes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "support/run.h"

namespace edgescope::testing_support {
namespace {

using testing::HasSubstr;

const std::string kBlob = EDGESCOPE_SOURCE_DIR "/tests/fuzz/corpus/myriad/three_stages.blob";
const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

TEST(Ncs2, InspectReadsABlob) {
  const Finished text = run(edgescope_program(), {"inspect", kBlob});
  ASSERT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, HasSubstr("3: 1 on the hardware accelerator, 1 on the SHAVE processors, 1 by DMA"));
  const Finished json = run(edgescope_program(), {"inspect", kBlob, "--format", "json"});
  const auto document = base::parse_json(json.out, "stdout");
  ASSERT_TRUE(document);
  EXPECT_EQ((*document)["myriad"]["stages"].size(), 3u);
  EXPECT_EQ((*document)["myriad"]["basis"], "exact");
}

TEST(Ncs2, ASimulatedStickHasNoLatency) {
  const Finished done = run(edgescope_program(), {"bench", kDigits, "--on", "ncs2:virtual", "--format", "json"});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, testing::AnyOf(HasSubstr("a simulated stick and has no latency"), HasSubstr("make oracle")));
}

}  // namespace
}  // namespace edgescope::testing_support
