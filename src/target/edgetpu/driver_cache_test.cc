#include "target/edgetpu/driver_cache.h"

#include <gtest/gtest.h>

#include <list>

#include "format/edgetpu/test_package.h"

namespace edgescope::target::edgetpu {
namespace {

using format::edgetpu::Package;

class DriverCacheTest : public ::testing::Test {
 protected:
  // A cached model under this token: 128 B of parameters and 40 B of instructions more at the first inference.
  const Package& model(std::uint64_t token) {
    auto executables = format::edgetpu::testing::cached_pair();
    for (auto& executable : executables) executable.token = token;
    return package(executables);
  }
  const Package& package(const std::vector<format::edgetpu::testing::TestExecutable>& executables) {
    options_.push_back(format::edgetpu::testing::options_of(executables));
    packages_.push_back(*format::edgetpu::read_package(options_.back(), "m"));
    return packages_.back();
  }
  std::uint64_t resent(const Package& package) {
    return cache_.run(package).total() - ledger(package).per_inference.total();
  }

  DriverCache cache_;

 private:
  std::list<std::vector<std::byte>> options_;
  std::list<Package> packages_;
};

TEST_F(DriverCacheTest, ParametersAreSentOnce) {
  const Package& a = model(7);
  EXPECT_EQ(resent(a), 168u);
  EXPECT_EQ(resent(a), 0u);
}

TEST_F(DriverCacheTest, AnotherTokenDropsAll) {
  const Package &a = model(7), &b = model(8);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(resent(a), 168u);
    EXPECT_EQ(resent(b), 168u);
  }
}

TEST_F(DriverCacheTest, OneTokenIsOneMemory) {
  const Package &a = model(7), &b = model(7);
  EXPECT_EQ(resent(a), 168u);
  EXPECT_EQ(resent(b), 168u);
  EXPECT_EQ(resent(a), 0u);
  EXPECT_EQ(resent(b), 0u);
}

TEST_F(DriverCacheTest, AModelWithoutCacheDropsThatOfTheOthers) {
  const Package& a = model(7);
  auto alone = format::edgetpu::testing::cached_pair();
  alone.resize(1);
  alone[0].type = 0;
  alone[0].token = 0;
  const Package& b = package(alone);
  EXPECT_EQ(resent(a), 168u);
  EXPECT_EQ(resent(b), 0u);
  EXPECT_EQ(resent(a), 168u);
}

}  // namespace
}  // namespace edgescope::target::edgetpu
