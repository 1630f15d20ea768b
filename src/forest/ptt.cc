// Perfect tree traversal: trees are filled up until all leaves lie on the last level. Then the places of a level are
// numbered through all trees, the children of place p are 2p and 2p + 1, and no child has to be looked up.
#include <fmt/format.h>

#include <string>

#include "forest/program_parts.h"

namespace edgescope::forest {
namespace {

using graph::Kind;
namespace attr = graph::attr;

constexpr std::int64_t kMostLeaves = std::int64_t{1} << 27;

}  // namespace

base::Status ptt(ProgramParts& parts) {
  const UniformForest& forest = parts.forest();
  graph::Builder& b = parts.builder();
  const int depth = std::max(1, forest.depth);
  const std::int64_t trees = parts.trees();
  if (depth > 26 || trees << depth > kMostLeaves)
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("as ptt {} trees are filled up to {} levels, 2^{} leaves each", trees, depth, depth),
         .remedy = "Take --strategy tt, whose tables hold the nodes that are there, or --strategy exact."});

  const int x = parts.columns(parts.tree_axis());
  int place = -1;
  // What stands at each place of the level: a node, or a leaf that waits for the last level.
  std::vector<int> standing;
  for (const UniformTree& tree : forest.trees) standing.push_back(tree.root);
  for (int level = 0; level < depth; ++level) {
    const auto count = static_cast<std::int64_t>(standing.size());
    std::vector<std::int32_t> columns(standing.size());
    std::vector<float> thresholds(standing.size());
    std::vector<int> next(2 * standing.size());
    for (std::size_t i = 0; i < standing.size(); ++i) {
      const int node = standing[i];
      UniformNode its{.yes = node, .no = node};
      if (node >= 0) its = forest.trees[i >> level].nodes[static_cast<std::size_t>(node)];
      columns[i] = its.column;
      thresholds[i] = its.threshold;
      next[2 * i] = its.no;
      next[2 * i + 1] = its.yes;
    }
    const std::string name = "level_" + std::to_string(level + 1);
    if (level == 0) {
      const int column =
          b.add(Kind::Gather, {x, parts.integers("root_columns", {count}, columns)}, {{attr::axis, parts.tree_axis()}});
      const int answer = parts.test(column, parts.numbers("root_thresholds", parts.per_tree(count), thresholds), true);
      std::vector<std::int32_t> first(standing.size());
      for (std::size_t i = 0; i < first.size(); ++i) first[i] = static_cast<std::int32_t>(2 * i);
      place = b.add(Kind::Add, {answer, parts.integers("root_children", parts.per_tree(count), first)}, {}, name);
      place = parts.places(place);
    } else {
      const int column = parts.pick(x, parts.look_up(parts.column_numbers(name + "_columns", columns), place));
      const int threshold = parts.look_up(parts.numbers(name + "_thresholds", {count}, thresholds), place);
      const int answer = parts.test(column, threshold, true);
      const int twice = b.add(Kind::Multiply, {place, parts.integers(name + "_two", {1}, {2})});
      place = b.add(Kind::Add, {twice, answer}, {}, name);
    }
    standing = std::move(next);
  }
  std::vector<ProgramParts::Row> rows(standing.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = {static_cast<int>(i >> depth), ~standing[i]};
  parts.finish(place, rows);
  return {};
}

}  // namespace edgescope::forest
