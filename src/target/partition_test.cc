#include "target/partition.h"

#include <gtest/gtest.h>

namespace edgescope::target {
namespace {

using graph::ElementType;
using graph::Subgraph;

class Net {
 public:
  int tensor(std::int64_t bytes) {
    graph.tensors.push_back({.name = "t", .type = ElementType::Int8, .shape = {.dims = {1, bytes}}});
    return static_cast<int>(graph.tensors.size()) - 1;
  }
  int op(std::vector<int> inputs, std::int64_t bytes) {
    const int result = tensor(bytes);
    graph.operators.push_back({.inputs = std::move(inputs), .outputs = {result}});
    return result;
  }
  Subgraph graph;
};

TEST(Partition, AHoleChangesSidesTwice) {
  Net net;
  const int x = net.tensor(10);
  const int a = net.op({x}, 20);
  const int b = net.op({a}, 30);  // stays on the CPU
  const int c = net.op({b}, 40);
  net.graph.inputs = {x};
  net.graph.outputs = {c};
  const Placement placement = place(net.graph, {true, false, true});
  ASSERT_EQ(placement.partitions.size(), 3u);
  EXPECT_EQ(placement.transitions, 2);
  EXPECT_EQ(placement.crossings[1].bytes_in, 20u);
  EXPECT_EQ(placement.crossings[1].bytes_out, 30u);
  EXPECT_EQ(placement.crossings[1].transitions, 2);
  EXPECT_EQ(placement.boundary_bytes, 10u + 20 + 30 + 40);
}

// The file's order goes to and fro; a schedule that keeps sides together does not.
TEST(Partition, IndependentOperatorsAreKeptTogether) {
  Net net;
  const int x = net.tensor(8);
  for (int i = 0; i < 6; ++i) net.op({x}, 8);
  net.graph.inputs = {x};
  const Placement placement = place(net.graph, {true, false, true, false, true, false});
  EXPECT_EQ(placement.transitions, 1);
  EXPECT_EQ(placement.partitions[0].operators.size(), 3u);
}

TEST(Partition, WhatSeveralReadersOfOneSideNeedCrossesOnce) {
  Net net;
  const int x = net.tensor(8);
  const int a = net.op({x}, 100);
  net.op({a, a}, 8);
  net.op({a}, 8);
  net.graph.inputs = {x};
  const Placement placement = place(net.graph, {true, false, false});
  EXPECT_EQ(placement.boundary_bytes, 8u + 100);
  EXPECT_EQ(placement.partitions[1].bytes_in, 100u);
}

}  // namespace
}  // namespace edgescope::target
