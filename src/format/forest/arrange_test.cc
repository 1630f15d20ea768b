#include "format/forest/arrange.h"

#include <gtest/gtest.h>

namespace edgescope::forest {
namespace {

const AddValues kPlace = [](int place, std::vector<double>& values) { values.push_back(place); };

Node inner(int on_true, int on_false) { return {.feature = 0, .on_true = on_true, .on_false = on_false}; }

TEST(Arrange, PutsNodesInOrderAndLeavesOutWhatIsNotReached) {
  // 3 is the root; 4 belongs to no tree.
  const auto tree = arrange({Node{}, inner(2, 0), Node{}, inner(5, 1), Node{}, Node{}}, 3, {0}, kPlace);
  ASSERT_TRUE(tree) << tree.error().what;
  ASSERT_EQ(tree->nodes.size(), 5u);
  EXPECT_EQ(tree->nodes[0].on_true, 1);
  EXPECT_EQ(tree->nodes[0].on_false, 2);
  EXPECT_EQ(tree->values, (std::vector<double>{5, 2, 0}));
  Ensemble ensemble;
  ensemble.features = 1;
  ensemble.trees = {*tree};
  EXPECT_TRUE(validate(ensemble).has_value());
}

TEST(Arrange, NamesWhatIsNoTree) {
  const auto problem = [](const std::vector<Node>& nodes, int root = 0) {
    const auto tree = arrange(nodes, root, {0}, kPlace);
    return tree ? std::string() : tree.error().what;
  };
  EXPECT_EQ(problem({inner(0, 1), Node{}}), "node 0 is reached in two ways");
  EXPECT_EQ(problem({inner(1, 1), Node{}}), "node 1 is reached in two ways");
  EXPECT_EQ(problem({inner(1, -1), Node{}}), "a node has the child -1, and there are 2 nodes");
  EXPECT_EQ(problem({inner(1, 2), Node{}}), "a node has the child 2, and there are 2 nodes");
  EXPECT_EQ(problem({}), "a node has the child 0, and there are 0 nodes");
}

TEST(Arrange, OneListOfNodesMayHoldSeveralTrees) {
  const std::vector<Node> nodes = {inner(1, 2), Node{}, Node{}, inner(4, 1), Node{}};
  std::vector<bool> seen(nodes.size());
  EXPECT_TRUE(arrange(nodes, 0, {0}, kPlace, seen));
  EXPECT_FALSE(arrange(nodes, 3, {0}, kPlace, seen));  // it shares node 1
}

TEST(Categories, BecomeIntervals) {
  EXPECT_EQ(categories({3, 1, 2, 2, 7}, 100), (Set{1, 4, 7, 8}));
  EXPECT_EQ(categories({}, 100), Set{});
  EXPECT_EQ(categories({5, 99, 100, 4294967295u}, 100), (Set{5, 6, 99, 100}));
  EXPECT_EQ(categories({4294967295u}, 4294967297.0), (Set{4294967295.0, 4294967296.0}));
}

}  // namespace
}  // namespace edgescope::forest
