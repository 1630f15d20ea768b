// What the matrices hold, computed by the reference interpreter, and when they are refused. On runtimes:
// program_test.cc.
#include <gmock/gmock.h>

#include "forest/test_forests.h"
#include "forest/test_interpreted.h"

namespace edgescope::forest {
namespace {

std::string refusal(const Ensemble& ensemble) {
  const auto made = program(ensemble, {.strategy = Strategy::Gemm});
  return made ? "" : made.error().message();
}

TEST(Gemm, TheWayWhoseEveryNodeSaysSoIsTheLeaf) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(31)) {
    if (ensemble.trees.empty() || ensemble.trees.size() > 9) continue;
    for (const graph::Format format : {graph::Format::OpenVinoIr, graph::Format::TfLite})
      EXPECT_EQ(test::wrong_leaves(ensemble, {.strategy = Strategy::Gemm, .format = format, .batch = 16},
                                   {.at_nodes = 30, .random = 10}),
                0u)
          << name;
  }
}

TEST(Gemm, IsRefusedWithItsNumbersWhereItIsTooLarge) {
  EXPECT_EQ(refusal(test::random_forest({.trees = 1, .depth = 8, .perfect = true})), "");
  EXPECT_THAT(
      refusal(test::random_forest({.trees = 3, .depth = 14, .perfect = true})),
      testing::AllOf(testing::HasSubstr("as gemm 3 trees of up to 16383 nodes and 16384 leaves take a matrix of "
                                        "805257216 elements"),
                     testing::HasSubstr("--strategy tt")));
  EXPECT_THAT(refusal(test::random_forest({.trees = 1, .depth = 18, .perfect = true})),
              testing::HasSubstr("tree 0 has more than 131072 ways to its leaves"));
}

}  // namespace
}  // namespace edgescope::forest
