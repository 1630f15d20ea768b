#include "forest/uniform.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/half.h"

namespace edgescope::forest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

// y < t or y <= t, where NaN answers no.
struct Test {
  Column column;
  bool strict = true;
  double threshold = 0;
  bool swapped = false;  // its yes is the node's false side
};

// A node's comparison as such a test. Equal, NotEqual and InSet have been taken apart before.
Test test_of(const Node& node) {
  const bool greater = node.comparison == Comparison::Greater || node.comparison == Comparison::GreaterEqual;
  const bool strict = node.comparison == Comparison::Less || node.comparison == Comparison::Greater;
  Test test{.column = {node.zero_missing, greater, node.feature},
            .strict = strict,
            .threshold = greater ? -node.threshold : node.threshold};
  if (!node.nan_true) return test;
  // Where NaN takes the true side it must fail the test for the false one, which is the opposite comparison.
  test.column.negated = !test.column.negated;
  test.threshold = -test.threshold;
  test.strict = !test.strict;
  test.swapped = true;
  return test;
}

constexpr float kSmallest = std::numeric_limits<float>::min();

// The largest number that the device holds and that is not larger.
float below(double value, Number number) {
  if (number == Number::Float16) return base::half_below(value);
  const auto single = static_cast<float>(value);
  const float floor = static_cast<double>(single) > value ? std::nextafter(single, -kInfinite) : single;
  if (std::fabs(floor) >= kSmallest || floor == 0) return floor;
  return floor > 0 ? 0 : -kSmallest;
}
// The next one that it holds.
float after(float value, Number number) {
  if (number == Number::Float16) return base::half_after(value);
  if (value == 0) return kSmallest;
  return value == -kSmallest ? 0 : std::nextafter(value, kInfinite);
}

class Maker {
 public:
  Maker(const Ensemble& ensemble, const UniformPlan& plan) : ensemble_(ensemble), number_(plan.number) {
    for (int f = 0; f < std::max(1, ensemble.features); ++f) column({.feature = f});
    long strict = 0, inclusive = 0;
    for (const Tree& tree : ensemble.trees)
      for (const Node& node : tree.nodes)
        if (!node.is_leaf() && node.comparison != Comparison::InSet) (test_of(node).strict ? strict : inclusive) += 1;
    forest_.or_equal = plan.or_equal && inclusive > strict;
  }

  UniformForest run() {
    for (const Tree& tree : ensemble_.trees) {
      tree_ = {};
      std::vector<int> made(tree.nodes.size());
      for (std::size_t i = tree.nodes.size(); i-- > 0;) {
        const Node& node = tree.nodes[i];
        made[i] = node.is_leaf() ? ~node.leaf
                                 : add(node, made[static_cast<std::size_t>(node.on_true)],
                                       made[static_cast<std::size_t>(node.on_false)]);
      }
      tree_.root = made[0];
      forest_.depth = std::max(forest_.depth, depth_of(tree_, tree_.root));
      forest_.trees.push_back(std::move(tree_));
    }
    sort_columns();
    return std::move(forest_);
  }

 private:
  int column(const Column& column) {
    return columns_.try_emplace(column, static_cast<int>(columns_.size())).first->second;
  }

  void sort_columns() {
    std::vector<int> places(columns_.size());
    for (const auto& [column, number] : columns_) {
      places[static_cast<std::size_t>(number)] = static_cast<int>(forest_.columns.size());
      forest_.columns.push_back(column);
    }
    for (UniformTree& tree : forest_.trees)
      for (UniformNode& node : tree.nodes) node.column = places[static_cast<std::size_t>(node.column)];
  }

  int add(Node node, int on_true, int on_false) {
    if (on_true == on_false) return on_true;
    switch (node.comparison) {
      case Comparison::NotEqual:
        node.comparison = Comparison::Equal;
        node.nan_true = !node.nan_true;
        return add(node, on_false, on_true);
      case Comparison::Equal: {
        // Neither above nor below; NaN goes the same way at both.
        node.comparison = Comparison::GreaterEqual;
        const int not_below = add(node, on_true, on_false);
        node.comparison = Comparison::LessEqual;
        return add(node, not_below, on_false);
      }
      case Comparison::InSet:
        return in_set(node, on_true, on_false);
      default:
        break;
    }
    const Test test = test_of(node);
    return test.swapped ? add(test, on_false, on_true) : add(test, on_true, on_false);
  }

  // The boundaries from the last to the first: below the first is outside, from there to the second inside, ...
  int in_set(Node node, int inside, int outside) {
    const Set& set = ensemble_.sets[static_cast<std::size_t>(node.set)];
    const bool nan_inside = node.nan_true;
    node.comparison = Comparison::Less;
    int rest = outside;  // behind the last boundary
    for (std::size_t i = set.size(); i-- > 0;) {
      const bool below_is_inside = i % 2 == 1;
      node.threshold = set[i];
      // NaN leaves the chain at the first test whose true side it belongs to.
      node.nan_true = below_is_inside == nan_inside;
      rest = add(node, below_is_inside ? inside : outside, rest);
    }
    return rest;
  }

  int add(const Test& test, int yes, int no) {
    // The largest number at which `<=` says yes, and the first at which `<` says no, as the format holds them.
    const float last = below(test.threshold, number_), first = -below(-test.threshold, number_);
    float threshold = 0;
    if (forest_.or_equal) {
      if (test.strict && test.threshold == -kInfinity) return no;
      threshold = test.strict ? -after(-first, number_) : last;
    } else {
      if (!test.strict && test.threshold == kInfinity) {
        // All numbers; the largest of all fails the first test and is known by its sign.
        Column negated = test.column;
        negated.negated = !negated.negated;
        no = push({column(negated), 0, yes, no});
        threshold = kInfinite;
      } else {
        threshold = test.strict ? first : after(last, number_);
      }
    }
    return push({column(test.column), threshold, yes, no});
  }

  int push(UniformNode node) {
    if (node.yes == node.no) return node.yes;
    tree_.nodes.push_back(node);
    return static_cast<int>(tree_.nodes.size()) - 1;
  }

  const Ensemble& ensemble_;
  Number number_;
  UniformForest forest_;
  UniformTree tree_;
  std::map<Column, int> columns_;
};

}  // namespace

UniformForest uniform(const Ensemble& ensemble, const UniformPlan& plan) { return Maker(ensemble, plan).run(); }

int depth_of(const UniformTree& tree, int node) {
  std::vector<int> depths(tree.nodes.size());
  const auto of = [&](int child) { return child < 0 ? 0 : depths[static_cast<std::size_t>(child)]; };
  for (std::size_t i = 0; i < tree.nodes.size(); ++i)
    depths[i] = 1 + std::max(of(tree.nodes[i].yes), of(tree.nodes[i].no));
  return of(node);
}

}  // namespace edgescope::forest
