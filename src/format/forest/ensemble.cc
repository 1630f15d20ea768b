#include "format/forest/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace edgescope::forest {
namespace {

base::Status broken(std::string what) { return base::fail({.fault = base::Fault::input, .what = std::move(what)}); }

base::Status validate_node(const Ensemble& ensemble, const Tree& tree, int index, std::vector<bool>& is_child,
                           int& leaves) {
  const Node& node = tree.nodes[static_cast<std::size_t>(index)];
  if (index > 0 && !is_child[static_cast<std::size_t>(index)])
    return broken(fmt::format("node {} has no parent before it", index));
  if (node.is_leaf()) {
    if (node.leaf != leaves++) return broken(fmt::format("leaf {} is not numbered in order", index));
    return {};
  }
  if (node.feature < 0 || node.feature >= ensemble.features)
    return broken(fmt::format("node {} tests feature {} of {}", index, node.feature, ensemble.features));
  if (node.comparison == Comparison::InSet) {
    if (node.set < 0 || static_cast<std::size_t>(node.set) >= ensemble.sets.size())
      return broken(fmt::format("node {} tests set {} of {}", index, node.set, ensemble.sets.size()));
  } else if (std::isnan(node.threshold)) {
    return broken(fmt::format("node {} has a threshold that is not a number", index));
  }
  for (const int child : {node.on_true, node.on_false}) {
    if (child <= index || static_cast<std::size_t>(child) >= tree.nodes.size())
      return broken(fmt::format("node {} has the child {}", index, child));
    if (is_child[static_cast<std::size_t>(child)]) return broken(fmt::format("node {} has two parents", child));
    is_child[static_cast<std::size_t>(child)] = true;
  }
  return {};
}

base::Status validate_tree(const Ensemble& ensemble, const Tree& tree) {
  if (tree.nodes.empty()) return broken("it has no nodes");
  if (!std::is_sorted(tree.outputs.begin(), tree.outputs.end(), std::less_equal<>()) || tree.outputs.empty() ||
      tree.outputs.front() < 0 || tree.outputs.back() >= ensemble.outputs)
    return broken("its outputs are not ascending numbers of the ensemble's outputs");
  std::vector<bool> is_child(tree.nodes.size());
  int leaves = 0;
  for (int i = 0; static_cast<std::size_t>(i) < tree.nodes.size(); ++i)
    EDGESCOPE_CHECK(validate_node(ensemble, tree, i, is_child, leaves));
  if (tree.values.size() != static_cast<std::size_t>(leaves) * tree.outputs.size())
    return broken(fmt::format("it has {} values for {} leaves", tree.values.size(), leaves));
  return {};
}

bool is_set(const Set& set) {
  return set.size() % 2 == 0 && std::is_sorted(set.begin(), set.end(), std::less_equal<>()) &&
         std::all_of(set.begin(), set.end(), [](double b) { return std::isfinite(b); });
}

}  // namespace

bool contains(const Set& set, double x) { return (std::upper_bound(set.begin(), set.end(), x) - set.begin()) % 2 != 0; }

bool takes_true(const Ensemble& ensemble, const Node& node, double x) {
  constexpr double kZero = 1e-35f;
  if (std::isnan(x) || (node.zero_missing && std::abs(x) <= kZero)) return node.nan_true;
  switch (node.comparison) {
    case Comparison::Less:
      return x < node.threshold;
    case Comparison::LessEqual:
      return x <= node.threshold;
    case Comparison::Greater:
      return x > node.threshold;
    case Comparison::GreaterEqual:
      return x >= node.threshold;
    case Comparison::Equal:
      return x == node.threshold;
    case Comparison::NotEqual:
      return x != node.threshold;
    case Comparison::InSet:
      return contains(ensemble.sets[static_cast<std::size_t>(node.set)], x);
  }
  return false;
}

int depth(const Tree& tree) {
  std::vector<int> depths(tree.nodes.size());
  int deepest = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    deepest = std::max(deepest, depths[i]);
    if (tree.nodes[i].is_leaf()) continue;
    depths[static_cast<std::size_t>(tree.nodes[i].on_true)] = depths[i] + 1;
    depths[static_cast<std::size_t>(tree.nodes[i].on_false)] = depths[i] + 1;
  }
  return deepest;
}

base::Status validate(const Ensemble& ensemble) {
  if (ensemble.outputs < 1) return broken("the ensemble has no output");
  const auto outputs = static_cast<std::size_t>(ensemble.outputs);
  if (ensemble.features < 0) return broken("the ensemble has a negative number of features");
  if (!ensemble.feature_names.empty() && ensemble.feature_names.size() != static_cast<std::size_t>(ensemble.features))
    return broken(fmt::format("{} features have {} names", ensemble.features, ensemble.feature_names.size()));
  for (const auto* list : {&ensemble.base_values, &ensemble.divisors})
    if (!list->empty() && list->size() != outputs)
      return broken(fmt::format("{} outputs have {} base values and {} divisors", outputs, ensemble.base_values.size(),
                                ensemble.divisors.size()));
  if ((ensemble.aggregate == Aggregate::Average) == ensemble.divisors.empty())
    return broken("divisors belong to an average");
  if (ensemble.second_class != SecondClass::None && outputs != 1)
    return broken("a second class belongs to a single output");
  if (!std::isfinite(ensemble.factor)) return broken("results are multiplied by no number");
  const std::size_t labels =
      ensemble.post_transform == PostTransform::MaxIndex ? outputs : static_cast<std::size_t>(ensemble.columns());
  if (!ensemble.labels.empty() && ensemble.labels.size() != labels)
    return broken(fmt::format("{} classes have {} labels", labels, ensemble.labels.size()));
  if (!std::all_of(ensemble.sets.begin(), ensemble.sets.end(), is_set))
    return broken("a set of categories has boundaries that do not ascend");
  for (std::size_t i = 0; i < ensemble.trees.size(); ++i) {
    const base::Status valid = validate_tree(ensemble, ensemble.trees[i]);
    if (!valid) return broken(fmt::format("tree {}: {}", i, valid.error().what));
  }
  return {};
}

}  // namespace edgescope::forest
