// The exact program by look-ups, computed by the reference interpreter. On OpenVINO: exact_test.cc.
#include "forest/traversal.h"

#include <gtest/gtest.h>

#include "forest/test_forests.h"
#include "forest/test_runs.h"
#include "graph/evaluate.h"

namespace edgescope::forest {
namespace {

TEST(Traversal, EveryRowOfEveryForestReachesItsLeaf) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind(51))
    for (const auto& [batch, height] : {std::pair{1, 0}, {16, 2}, {16, 0}}) {
      const auto program = exact_program(
          ensemble,
          {.form = ExactForm::Traversal, .format = graph::Format::OpenVinoIr, .batch = batch, .height = height});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
      const Rows rows = test_rows(ensemble, {.at_nodes = 40, .random = 10});
      const std::vector<std::byte> cells = test::encoded<std::int32_t>(*program, rows);
      const std::size_t run = 4 * program->input_cells;
      std::vector<std::byte> exits;
      for (std::size_t at = 0; at < cells.size(); at += run) {
        const auto first = cells.begin() + static_cast<std::ptrdiff_t>(at);
        const graph::Subgraph& graph = program->model.subgraphs.front();
        const auto made =
            graph::evaluate(graph, graph::Layout::ChannelsFirst,
                            std::vector<graph::Value>{{graph::ElementType::Int32,
                                                       {program->encoder.columns, batch},
                                                       {first, first + static_cast<std::ptrdiff_t>(run)}}});
        ASSERT_TRUE(made) << name << ": " << made.error().message();
        exits.insert(exits.end(), made->front().data.begin(), made->front().data.end());
      }
      EXPECT_EQ(test::mismatches<std::int32_t>(ensemble, *program, rows, exits), test::Mismatches{})
          << name << ", batch " << batch << ", height " << program->plan.height;
    }
}

// Taller pieces are fewer; tables that leave the cache cost more.
TEST(Traversal, WhatARowCosts) {
  EXPECT_GT(traversal_cost(400, 6), traversal_cost(100, 8));
  EXPECT_GT(traversal_cost(100, 9), traversal_cost(100, 8));
  EXPECT_GT(traversal_cost(1000, 10) / traversal_cost(100, 10), 10.5);
}

}  // namespace
}  // namespace edgescope::forest
