#include "experiment/families.h"

#include <gtest/gtest.h>

#include <set>

#include "experiment/built_in.h"
#include "experiment/plan.h"
#include "format/format.h"
#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

using base::Json;

class Families : public ::testing::Test {
 protected:
  graph::Model made(const Json& spec) {
    const auto path = model_of(spec, scratch_.path().string());
    EXPECT_TRUE(path) << path.error().message();
    auto model = format::read_model(*path);
    EXPECT_TRUE(model) << model.error().message();
    return std::move(*model);
  }
  std::string refused(const Json& spec) {
    const auto path = model_of(spec, scratch_.path().string());
    if (path) return "made";
    EXPECT_EQ(path.error().fault, base::Fault::usage);
    return path.error().message();
  }

  testing_support::Scratch scratch_;
};

std::vector<graph::Kind> kinds(const graph::Model& model) {
  std::vector<graph::Kind> result;
  for (const graph::Operator& op : model.subgraphs[0].operators) result.push_back(op.kind);
  return result;
}

TEST_F(Families, Dense) {
  const graph::Model model = made({{"family", "dense"}, {"width", 16}, {"depth", 3}, {"batch", 4}, {"on", "litert"}});
  EXPECT_EQ(kinds(model), std::vector<graph::Kind>(3, graph::Kind::FullyConnected));
  const graph::Subgraph& graph = model.subgraphs[0];
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.inputs[0])].shape.text(), "4x16");
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].type, graph::ElementType::Int8);
}

TEST_F(Families, Convolutions) {
  const graph::Model model = made({{"family", "conv"}, {"width", 8}, {"depth", 2}, {"size", 10}});
  EXPECT_EQ(kinds(model), std::vector<graph::Kind>(2, graph::Kind::Convolution));
  const graph::Subgraph& graph = model.subgraphs[0];
  EXPECT_EQ(graph.tensors[static_cast<std::size_t>(graph.outputs[0])].shape.text(), "1x10x10x8");
}

TEST_F(Families, LadderGrowsAndLeavesOneOut) {
  using graph::Kind;
  const graph::Model branch = made({{"family", "branch"}, {"width", 8}, {"depth", 2}});
  EXPECT_EQ(kinds(branch), (std::vector{graph::Kind::FullyConnected, graph::Kind::FullyConnected, graph::Kind::Logistic,
                                        graph::Kind::Equal, graph::Kind::Cast}));
  EXPECT_EQ(kinds(made({{"family", "ladder"}, {"width", 8}, {"operators", 3}})),
            (std::vector<Kind>{Kind::Transpose, Kind::FullyConnected, Kind::Transpose}));
  EXPECT_EQ(kinds(made({{"family", "ladder"}, {"width", 8}, {"operators", 3}, {"without", 1}})),
            (std::vector<Kind>{Kind::FullyConnected, Kind::Transpose}));
}

TEST_F(Families, ForestsAsEachProgram) {
  std::set<std::size_t> sizes;
  for (const char* strategy : {"gemm", "tt", "ptt", "exact"}) {
    const graph::Model model =
        made({{"family", "forest"}, {"strategy", strategy}, {"trees", 3}, {"depth", 2}, {"batch", 5}});
    sizes.insert(model.subgraphs[0].operators.size());
  }
  EXPECT_EQ(sizes.size(), 4u) << "four programs";
}

TEST_F(Families, MistakesAreNamed) {
  EXPECT_NE(refused({{"family", "dense"}, {"width", 16}}).find("needs `depth`"), std::string::npos);
  EXPECT_NE(refused({{"family", "dense"}, {"width", 16}, {"depth", 1}, {"bacth", 2}}).find("`bacth`"),
            std::string::npos);
  EXPECT_NE(refused({{"family", "dense"}, {"width", -1}, {"depth", 1}}).find("`width`"), std::string::npos);
  EXPECT_NE(refused({{"family", "dens"}}).find("known `family`"), std::string::npos);
}

TEST_F(Families, EveryBuiltInPlanIsOneThatCanBeMeasured) {
  for (const auto& [name, about] : built_in_plans()) {
    const auto plan = parse_plan(*built_in_plan(name), std::string(name));
    ASSERT_TRUE(plan) << plan.error().message();
    EXPECT_FALSE(plan->questions.empty()) << name;
    for (const Json& spec : points(*plan)) {
      const auto path = model_of(spec, scratch_.path().string());
      EXPECT_TRUE(path) << path.error().message();
    }
  }
  EXPECT_FALSE(built_in_plan("notebook/else"));
}

}  // namespace
}  // namespace edgescope::experiment
