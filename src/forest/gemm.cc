// GEMM: every node of every tree is tested, and the leaf that is reached is the one whose whole path says so.
//
// The paper picks the nodes' columns by a matrix product as well. Here they are gathered: 0 times an infinity is
// NaN, so a product would let one feature spoil the tests of all others. And the last product sums over the leaves
// of all trees at once, so that no sum over trees follows.
#include <fmt/format.h>

#include <algorithm>

#include "forest/program_parts.h"

namespace edgescope::forest {
namespace {

using graph::Kind;
namespace attr = graph::attr;

constexpr std::uint64_t kMostElements = std::uint64_t{1} << 29;  // of one matrix

// The way to a leaf: nodes, and what they have to say.
struct Path {
  std::vector<std::pair<int, bool>> steps;
  int leaf = 0;
};

// False where there are more than `most`: chains of tests for sets share what follows them.
bool walk(const UniformTree& tree, int node, Path& way, std::vector<Path>& paths, std::size_t most) {
  if (node < 0) {
    paths.push_back(way);
    paths.back().leaf = ~node;
    return paths.size() <= most;
  }
  const UniformNode& its = tree.nodes[static_cast<std::size_t>(node)];
  for (const bool yes : {true, false}) {
    way.steps.emplace_back(node, yes);
    if (!walk(tree, yes ? its.yes : its.no, way, paths, most)) return false;
    way.steps.pop_back();
  }
  return true;
}

base::Status too_large(std::string what) {
  return base::fail({.fault = base::Fault::usage,
                     .what = "as gemm " + std::move(what),
                     .remedy = "Take --strategy tt, which grows with the nodes alone, or --strategy exact."});
}

}  // namespace

base::Status gemm(ProgramParts& parts) {
  const UniformForest& forest = parts.forest();
  graph::Builder& b = parts.builder();
  const auto trees = static_cast<std::size_t>(parts.trees()), outputs = static_cast<std::size_t>(parts.outputs());
  std::size_t nodes = 1, leaves = 1;
  std::vector<std::vector<Path>> paths(trees);
  for (std::size_t t = 0; t < trees; ++t) {
    Path way;
    if (!walk(forest.trees[t], forest.trees[t].root, way, paths[t], std::size_t{1} << 17))
      return too_large(fmt::format("tree {} has more than {} ways to its leaves", t, 1 << 17));
    nodes = std::max(nodes, forest.trees[t].nodes.size());
    leaves = std::max(leaves, paths[t].size());
  }
  if (trees * nodes * leaves > kMostElements)
    return too_large(fmt::format("{} trees of up to {} nodes and {} leaves take a matrix of {} elements", trees, nodes,
                                 leaves, trees * nodes * leaves));

  std::vector<std::int32_t> columns(trees * nodes);
  std::vector<float> thresholds(trees * nodes), ways(trees * leaves * nodes), wanted(trees * leaves, -1);
  for (std::size_t t = 0; t < trees; ++t) {
    for (std::size_t n = 0; n < forest.trees[t].nodes.size(); ++n) {
      columns[t * nodes + n] = forest.trees[t].nodes[n].column;
      thresholds[t * nodes + n] = forest.trees[t].nodes[n].threshold;
    }
    for (std::size_t l = 0; l < paths[t].size(); ++l) {
      float yes = 0;
      for (const auto& [node, answer] : paths[t][l].steps) {
        ways[(t * leaves + l) * nodes + static_cast<std::size_t>(node)] = answer ? 1 : -1;
        yes += answer ? 1 : 0;
      }
      wanted[t * leaves + l] = yes;
    }
  }
  const auto T = parts.trees(), N = static_cast<std::int64_t>(nodes), L = static_cast<std::int64_t>(leaves),
             B = parts.batch();
  // Rows stand side by side, so that constants are the left factors.
  const int picked =
      b.add(Kind::Gather, {parts.columns(0), parts.integers("columns", {T * N}, columns)}, {{attr::axis, 0}});
  const int answers = parts.test(picked, parts.numbers("thresholds", {T * N, 1}, thresholds), false);
  const int by_tree = b.add(Kind::Reshape, {answers}, {{attr::shape, {T, N, B}}});
  const int counts = b.add(Kind::Matmul, {parts.numbers("ways", {T, L, N}, ways), by_tree}, {}, "counts");
  const int reached = b.add(Kind::Equal, {counts, parts.numbers("wanted", {T, L, 1}, wanted)});
  const int hits = b.add(Kind::Cast, {reached}, {{attr::to, parts.number()}}, "hits");

  if (parts.leaves_wanted() || !parts.sums()) {
    // One answer a tree: the number or the values of the leaf that is hit.
    const std::size_t width = parts.leaves_wanted() ? 1 : outputs;
    std::vector<float> table(trees * width * leaves), values(width);
    for (std::size_t t = 0; t < trees; ++t)
      for (std::size_t l = 0; l < paths[t].size(); ++l) {
        values[0] = static_cast<float>(paths[t][l].leaf);
        if (!parts.leaves_wanted()) parts.values(t, paths[t][l].leaf, values);
        // An output that the tree does not have is infinite, which times 0 would be NaN.
        for (std::size_t k = 0; k < width; ++k)
          table[(t * width + k) * leaves + l] = std::clamp(values[k], -parts.largest(), parts.largest());
      }
    const auto W = static_cast<std::int64_t>(width);
    int each = b.add(Kind::Matmul, {parts.numbers("leaf_table", {T, W, L}, table), hits});
    if (parts.leaves_wanted()) {
      each = b.add(Kind::Reshape, {each}, {{attr::shape, {T, B}}});
      b.output(b.add(Kind::Transpose, {each}, {{attr::permutation, {1, 0}}}), "leaves");
    } else {
      b.output(b.add(Kind::Transpose, {parts.aggregate(each, 0)}, {{attr::permutation, {1, 0}}}), "scores");
    }
    return {};
  }
  std::vector<float> table(outputs * trees * leaves), values(outputs);
  const float share = parts.means() ? 1.0F / static_cast<float>(trees) : 1.0F;
  for (std::size_t t = 0; t < trees; ++t)
    for (std::size_t l = 0; l < paths[t].size(); ++l) {
      parts.values(t, paths[t][l].leaf, values);
      for (std::size_t k = 0; k < outputs; ++k) table[k * trees * leaves + t * leaves + l] = values[k] * share;
    }
  const int flat = b.add(Kind::Reshape, {hits}, {{attr::shape, {T * L, B}}});
  const int scores = b.add(Kind::Matmul, {parts.numbers("leaf_values", {parts.outputs(), T * L}, table), flat});
  b.output(b.add(Kind::Transpose, {scores}, {{attr::permutation, {1, 0}}}), "scores");
  return {};
}

}  // namespace edgescope::forest
