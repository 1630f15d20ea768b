// Trees filled up, computed by the reference interpreter, and when they are refused. On runtimes: program_test.cc.
#include <gmock/gmock.h>

#include "forest/test_forests.h"
#include "forest/test_interpreted.h"

namespace edgescope::forest {
namespace {

TEST(Ptt, LeavesThatAreReachedEarlyWaitOnTheLastLevel) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(33)) {
    if (ensemble.trees.empty() || uniform(ensemble, {}).depth > 14) continue;
    for (const int batch : {1, 16})
      EXPECT_EQ(
          test::wrong_leaves(ensemble, {.strategy = Strategy::Ptt, .batch = batch}, {.at_nodes = 40, .random = 10}), 0u)
          << name << ", batch " << batch;
  }
}

TEST(Ptt, IsRefusedWithItsNumbersWhereItIsTooLarge) {
  const auto refusal = [](int trees, int depth) {
    const auto made =
        program(test::random_forest({.trees = trees, .depth = depth, .skewed = true}), {.strategy = Strategy::Ptt});
    return made ? "" : made.error().message();
  };
  EXPECT_EQ(refusal(3, 10), "");
  EXPECT_THAT(refusal(3, 26), testing::HasSubstr("as ptt 3 trees are filled up to 26 levels, 2^26 leaves each"));
  EXPECT_THAT(refusal(1, 60), testing::HasSubstr("--strategy tt"));
}

}  // namespace
}  // namespace edgescope::forest
