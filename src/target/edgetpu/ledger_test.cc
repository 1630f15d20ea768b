#include "target/edgetpu/ledger.h"

#include <gtest/gtest.h>

#include "format/edgetpu/test_package.h"

namespace edgescope::target::edgetpu {
namespace {

using format::edgetpu::read_package;
namespace fake = format::edgetpu::testing;

TEST(Ledger, SteadyStateAndFirstInference) {
  const auto options = fake::options_of(fake::cached_pair());
  const auto package = read_package(options, "m");
  ASSERT_TRUE(package);
  const Ledger sum = ledger(*package);
  EXPECT_EQ(sum.cached_parameter_bytes, 128u);
  EXPECT_EQ(sum.streamed_parameter_bytes, 64u);
  EXPECT_EQ(sum.instruction_bytes, 88u);
  EXPECT_EQ(
      sum.per_inference,
      (Traffic{.instructions = 48, .input = 8, .parameters = 64, .output = 16, .scratch_in = 48, .scratch_out = 24}));
  EXPECT_EQ(sum.first_inference.parameters, 192u);
  EXPECT_EQ(sum.first_inference.instructions, 88u);
  EXPECT_EQ(sum.per_inference.total(), 208u);
}

TEST(Ledger, StandAloneSendsEverythingEveryTime) {
  auto pair = fake::cached_pair();
  pair.resize(1);
  pair[0].type = 0;
  const auto options = fake::options_of(pair);
  const Ledger sum = ledger(*read_package(options, "m"));
  EXPECT_EQ(sum.cached_parameter_bytes, 0u);
  EXPECT_EQ(sum.per_inference, sum.first_inference);
}

TEST(Ledger, SeveralOperatorsAddUp) {
  const auto options = fake::options_of(fake::cached_pair());
  const auto package = *read_package(options, "m");
  const std::vector<format::edgetpu::Package> two = {package, package};
  EXPECT_EQ(ledger(two).first_inference.total(), 2 * ledger(package).first_inference.total());
}

}  // namespace
}  // namespace edgescope::target::edgetpu
