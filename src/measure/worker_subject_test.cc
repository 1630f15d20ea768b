#include "measure/worker_subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/catalog.h"

namespace edgescope::measure {
namespace {

const std::string kDigits = EDGESCOPE_SOURCE_DIR "/examples/digits/digits.onnx";

TEST(WorkerSubject, SamplesAfterTheFirstInference) {
  const Contender nothing = worker_contender(*runtime::find("null"), {.model = "m"});
  auto subject = nothing.start();
  ASSERT_TRUE(subject) << subject.error().message();
  ASSERT_TRUE((*subject)->load());
  const auto batch = (*subject)->sample(7, 0, 1);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->us.size(), 7u);
  EXPECT_GT(batch->per_second, 0);
}

// With as many in flight as the runtime holds best for what was set.
class Streams : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Streams, GiveAShareOfTheTimeForEachGroup) {
  const auto [on, streams] = GetParam();
  const auto found = runtime::find(on);
  if (!found) GTEST_SKIP() << found.error().message();
  const Contender one = stream_contender(*found, {.model = kDigits, .threads = 0, .properties = {{streams, "2"}}});
  auto subject = one.start();
  ASSERT_TRUE(subject) << subject.error().message();
  const auto started = (*subject)->load();
  ASSERT_TRUE(started) << started.error().message();
  const auto first = (*subject)->sample(6, 0, 1);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->us.size(), 3u) << "two are in flight, which the first answer tells";
  const auto batch = (*subject)->sample(6, 0, 1);
  ASSERT_TRUE(batch) << batch.error().message();
  EXPECT_EQ(batch->us.size(), 6u);
  for (double us : batch->us) EXPECT_GT(us, 0);
}

INSTANTIATE_TEST_SUITE_P(All, Streams,
                         testing::Values(std::pair("openvino:CPU", "NUM_STREAMS"),
                                         std::pair("ie2021:CPU", "CPU_THROUGHPUT_STREAMS")),
                         [](const auto& given) { return given.param.first[0] == 'o' ? "openvino" : "ie2021"; });

TEST(WorkerSubject, ARuntimeWithoutStreamsSaysSo) {
  auto subject = stream_contender(*runtime::find("null"), {.model = "m"}).start();
  ASSERT_TRUE(subject);
  ASSERT_TRUE((*subject)->load());
  const auto refused = (*subject)->sample(1, 0, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, base::Fault::usage);
}

}  // namespace
}  // namespace edgescope::measure
