// Both forms of the traversal, computed by the reference interpreter. On runtimes: program_test.cc.
#include "forest/test_forests.h"
#include "forest/test_interpreted.h"

namespace edgescope::forest {
namespace {

TEST(Tt, StepByStepAndAheadReachTheSameLeaves) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(32)) {
    if (ensemble.trees.empty()) continue;
    for (const bool ahead : {false, true})
      for (const int batch : {1, 16})
        EXPECT_EQ(test::wrong_leaves(ensemble, {.strategy = Strategy::Tt, .batch = batch, .ahead = ahead},
                                     {.at_nodes = 40, .random = 10}),
                  0u)
            << name << ", ahead " << ahead << ", batch " << batch;
  }
}

// The tables hold the nodes that are there: a forest that grows by one tree grows by its nodes.
TEST(Tt, GrowsWithTheNodes) {
  const auto bytes = [](int trees, int depth) {
    const auto made = program(test::random_forest({.trees = trees, .depth = depth, .skewed = true}),
                              {.strategy = Strategy::Tt, .ahead = false});
    EXPECT_TRUE(made);
    return made ? made->constants : 0;
  };
  EXPECT_LT(bytes(4, 40), 4 * 81 * 24u);  // 2^40 places of a perfect tree
  EXPECT_NEAR(static_cast<double>(bytes(8, 20)), 2 * static_cast<double>(bytes(4, 20)),
              0.1 * static_cast<double>(bytes(8, 20)));
}

}  // namespace
}  // namespace edgescope::forest
