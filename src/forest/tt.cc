// Tree traversal: each row stands at one place in each tree, and all of them take one step a level.
//
// The nodes of all trees stand in one table; the two children of a node are neighbours, no before yes, so that a
// step is "first child + answer". A leaf that is reached early asks what nobody answers with yes, and leads to
// itself.
//
// Two forms. Step by step, a level looks up its nodes' columns, thresholds and children: six operations. Ahead, the
// steps of all nodes are worked out first, and a level is one look-up of where the step leads; that is less work to
// start and more to compute, which pays for few nodes.
#include <deque>
#include <limits>
#include <string>

#include "forest/program_parts.h"

namespace edgescope::forest {
namespace {

using graph::Kind;
namespace attr = graph::attr;

// The roots of all trees, then pairs of children.
struct Table {
  std::vector<std::int32_t> columns, first_child;
  std::vector<float> thresholds;
  std::vector<ProgramParts::Row> rows;

  std::int64_t size() const { return static_cast<std::int64_t>(columns.size()); }
};

class Layout {
 public:
  explicit Layout(const UniformForest& forest) : forest_(forest) {}

  Table run() {
    pairs_.resize(forest_.trees.size());
    for (std::size_t t = 0; t < forest_.trees.size(); ++t) {
      pairs_[t].assign(forest_.trees[t].nodes.size(), -1);
      put(t, forest_.trees[t].root);
    }
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const auto [place, tree, node] = waiting_.front();
      table_.first_child[place] = children(tree, node);
    }
    return std::move(table_);
  }

 private:
  struct Waiting {
    std::size_t place, tree;
    int node;
  };

  // The place of a node's children, which are laid down when they are first asked for.
  std::int32_t children(std::size_t tree, int node) {
    std::int32_t& pair = pairs_[tree][static_cast<std::size_t>(node)];
    if (pair >= 0) return pair;
    pair = static_cast<std::int32_t>(table_.columns.size());
    const UniformNode& its = forest_.trees[tree].nodes[static_cast<std::size_t>(node)];
    put(tree, its.no);
    put(tree, its.yes);
    return pair;
  }

  void put(std::size_t tree, int node) {
    const std::size_t place = table_.columns.size();
    const bool leaf = node < 0;
    UniformNode its{.threshold = forest_.or_equal ? std::numeric_limits<float>::quiet_NaN()
                                                  : -std::numeric_limits<float>::infinity()};
    if (!leaf) its = forest_.trees[tree].nodes[static_cast<std::size_t>(node)];
    table_.columns.push_back(its.column);
    table_.thresholds.push_back(its.threshold);
    table_.first_child.push_back(static_cast<std::int32_t>(place));
    table_.rows.push_back(leaf ? ProgramParts::Row{static_cast<int>(tree), ~node} : ProgramParts::Row{});
    if (!leaf) waiting_.push_back({place, tree, node});
  }

  const UniformForest& forest_;
  Table table_;
  std::vector<std::vector<std::int32_t>> pairs_;  // per tree and node: the place of its children
  std::deque<Waiting> waiting_;
};

template <typename T>
std::vector<T> first(const std::vector<T>& values, std::int64_t count) {
  return {values.begin(), values.begin() + count};
}

std::string level_name(int level) { return "level_" + std::to_string(level); }

int step_by_step(ProgramParts& parts, const Table& table, int x) {
  graph::Builder& b = parts.builder();
  const std::int64_t trees = parts.trees(), count = table.size();
  // The first level's nodes are the roots.
  int column = b.add(Kind::Gather, {x, parts.integers("root_columns", {trees}, first(table.columns, trees))},
                     {{attr::axis, parts.tree_axis()}});
  int answer =
      parts.test(column, parts.numbers("root_thresholds", parts.per_tree(trees), first(table.thresholds, trees)), true);
  const int roots = parts.integers("root_children", parts.per_tree(trees), first(table.first_child, trees));
  int place = parts.places(b.add(Kind::Add, {answer, roots}, {}, level_name(1)));
  if (parts.forest().depth < 2) return place;
  const int columns = parts.column_numbers("columns", table.columns);
  const int thresholds = parts.numbers("thresholds", {count}, table.thresholds);
  const int children = parts.integers("children", {count}, table.first_child);
  for (int level = 2; level <= parts.forest().depth; ++level) {
    column = parts.pick(x, parts.look_up(columns, place));
    answer = parts.test(column, parts.look_up(thresholds, place), true);
    place = b.add(Kind::Add, {parts.look_up(children, place), answer}, {}, level_name(level));
  }
  return place;
}

int ahead(ProgramParts& parts, const Table& table, int x) {
  graph::Builder& b = parts.builder();
  const std::int64_t count = table.size();
  const int columns =
      b.add(Kind::Gather, {x, parts.integers("columns", {count}, table.columns)}, {{attr::axis, parts.tree_axis()}});
  const int answers = parts.test(columns, parts.numbers("thresholds", parts.per_tree(count), table.thresholds), true);
  const int children = parts.integers("children", parts.per_tree(count), table.first_child);
  const int steps = b.add(Kind::Add, {answers, children}, {}, "steps");
  ProgramParts::Dims roots = b.dims(steps);
  roots[static_cast<std::size_t>(parts.tree_axis())] = parts.trees();
  int place = parts.places(
      b.add(Kind::Slice, {steps}, {{attr::begin, {0, 0}}, {attr::sizes, std::move(roots)}}, level_name(1)));
  for (int level = 2; level <= parts.forest().depth; ++level)
    place = parts.pick(steps, parts.column_numbers(place), level_name(level));
  return place;
}

}  // namespace

base::Status tt(ProgramParts& parts) {
  const Table table = Layout(parts.forest()).run();
  const int x = parts.columns(parts.tree_axis());
  parts.finish(parts.ahead(table.size()) ? ahead(parts, table, x) : step_by_step(parts, table, x), table.rows);
  return {};
}

}  // namespace edgescope::forest
