// Tree traversal: each row stands at one place in each tree, and all of them take one step a level.
//
// The nodes of all trees stand in one table; the two children of a node are neighbours, no before yes, so that a
// step is "first child + answer". A leaf that is reached early leads to two copies of itself, which lead to
// themselves. The first level's nodes are known, so their columns and thresholds are constants.
#include <deque>
#include <map>
#include <string>

#include "forest/program_parts.h"

namespace edgescope::forest {
namespace {

using graph::Kind;
namespace attr = graph::attr;

// Places of the table, in the order of the walk.
struct Table {
  std::vector<std::int32_t> columns, first_child;
  std::vector<float> thresholds;
  std::vector<ProgramParts::Row> rows;
};

class Layout {
 public:
  explicit Layout(const UniformForest& forest) : forest_(forest) {}

  Table run(std::vector<std::int32_t>& root_children) {
    for (std::size_t t = 0; t < forest_.trees.size(); ++t) {
      tree_ = static_cast<int>(t);
      pairs_.assign(forest_.trees[t].nodes.size(), -1);
      leaf_pairs_.clear();
      root_children.push_back(children(forest_.trees[t].root));
      for (; !waiting_.empty(); waiting_.pop_front()) {
        const auto [place, node] = waiting_.front();
        table_.first_child[static_cast<std::size_t>(place)] = children(node);
      }
    }
    return std::move(table_);
  }

 private:
  // The place of a node's children, which are laid down when they are first asked for.
  std::int32_t children(int node) {
    int& pair = node < 0 ? leaf_pairs_.try_emplace(node, -1).first->second : pairs_[static_cast<std::size_t>(node)];
    if (pair >= 0) return pair;
    pair = static_cast<int>(table_.columns.size());
    const int place = pair;
    if (node < 0) {
      put(node, place);
      put(node, place);
      return place;
    }
    const UniformNode& its = forest_.trees[static_cast<std::size_t>(tree_)].nodes[static_cast<std::size_t>(node)];
    put(its.no, -1);
    put(its.yes, -1);
    return place;
  }

  void put(int node, std::int32_t first_child) {
    const auto place = static_cast<std::int32_t>(table_.columns.size());
    const bool leaf = node < 0;
    const UniformNode its =
        leaf ? UniformNode{} : forest_.trees[static_cast<std::size_t>(tree_)].nodes[static_cast<std::size_t>(node)];
    table_.columns.push_back(its.column);
    table_.thresholds.push_back(its.threshold);
    table_.first_child.push_back(first_child);
    table_.rows.push_back(leaf ? ProgramParts::Row{tree_, ~node} : ProgramParts::Row{});
    if (first_child < 0) waiting_.emplace_back(place, node);
  }

  const UniformForest& forest_;
  Table table_;
  int tree_ = 0;
  std::vector<int> pairs_;         // of nodes: the place of their children
  std::map<int, int> leaf_pairs_;  // of leaves: the place of their copies
  std::deque<std::pair<std::int32_t, int>> waiting_;
};

}  // namespace

base::Status tt(ProgramParts& parts) {
  const UniformForest& forest = parts.forest();
  graph::Builder& b = parts.builder();
  std::vector<std::int32_t> root_columns, root_children;
  std::vector<float> root_thresholds;
  for (const UniformTree& tree : forest.trees) {
    const UniformNode root = tree.root < 0 ? UniformNode{} : tree.nodes[static_cast<std::size_t>(tree.root)];
    root_columns.push_back(root.column);
    root_thresholds.push_back(root.threshold);
  }
  const Table table = Layout(forest).run(root_children);
  const std::int64_t trees = parts.trees(), count = static_cast<std::int64_t>(table.columns.size());

  const int x = parts.columns();
  int column = b.add(Kind::Gather, {x, parts.integers("root_columns", {trees}, root_columns)}, {{attr::axis, 1}});
  int answer = parts.test(column, parts.numbers("root_thresholds", {1, trees}, root_thresholds), true);
  int place = b.add(Kind::Add, {answer, parts.integers("root_children", {1, trees}, root_children)}, {}, "level_1");
  if (forest.depth > 1) {
    const int columns = parts.integers("columns", {count}, table.columns);
    const int thresholds = parts.numbers("thresholds", {count}, table.thresholds);
    const int children = parts.integers("children", {count}, table.first_child);
    const auto at = [&](int list) { return b.add(Kind::Gather, {list, place}, {{attr::axis, 0}}); };
    for (int level = 2; level <= forest.depth; ++level) {
      column = b.add(Kind::GatherElements, {x, at(columns)}, {{attr::axis, 1}});
      answer = parts.test(column, at(thresholds), true);
      place = b.add(Kind::Add, {at(children), answer}, {}, "level_" + std::to_string(level));
    }
  }
  parts.finish(place, table.rows);
  return {};
}

}  // namespace edgescope::forest
