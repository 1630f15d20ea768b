// Random ensembles of every kind that the formats can hold, for property tests: what a reader may give, a program,
// an encoder or a decoder must take. Rows to hold them against each other with are in rows.h.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "format/forest/ensemble.h"

namespace edgescope::forest::test {

struct ForestOptions {
  std::uint64_t seed = 1;
  int trees = 5;
  int depth = 5;
  int features = 4;
  int outputs = 1;
  std::vector<Comparison> comparisons = {Comparison::LessEqual};
  bool nan = false;                          // NaN takes either side, else always the false one
  bool zero_missing = false;                 // on some nodes
  bool perfect = false;                      // all leaves at the same depth
  bool skewed = false;                       // one long path with a leaf at each step
  int distinct_thresholds = 0;               // of all features together; 0: as many as nodes
  bool vector_leaves = false;                // each leaf has a value for each output; else trees take turns
  bool wide_thresholds = false;              // from denormals to the largest numbers, infinities among them
  Precision precision = Precision::Float64;  // of input, sum and result
};

class ForestMaker {
 public:
  explicit ForestMaker(const ForestOptions& options) : options_(options), random_(options.seed) {}

  Ensemble make() {
    ensemble_.producer = "a test";
    ensemble_.features = options_.features;
    ensemble_.outputs = options_.outputs;
    ensemble_.input = ensemble_.sum = ensemble_.result = options_.precision;
    for (int i = 0; i < options_.distinct_thresholds; ++i) pool_.push_back(threshold(kAnywhere));
    for (int t = 0; t < options_.trees; ++t) {
      Tree tree;
      if (options_.vector_leaves)
        for (int k = 0; k < options_.outputs; ++k) tree.outputs.push_back(k);
      else
        tree.outputs = {t % options_.outputs};
      grow(tree, 0, Ranges(static_cast<std::size_t>(options_.features), kAnywhere));
      ensemble_.trees.push_back(std::move(tree));
    }
    return std::move(ensemble_);
  }

 private:
  int below(int count) { return static_cast<int>(random_() % static_cast<std::uint64_t>(count)); }
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  double rounded(double x) const { return options_.precision == Precision::Float32 ? static_cast<float>(x) : x; }

  // Where a row can still be when it comes to a node, for each feature: trained trees ask nothing else.
  struct Range {
    double low, high;
  };
  static constexpr Range kAnywhere = {-10, 10};
  using Ranges = std::vector<Range>;

  static void narrow(Ranges& ranges, const Node& node, bool side) {
    Range& range = ranges[static_cast<std::size_t>(node.feature)];
    if (node.comparison == Comparison::Less || node.comparison == Comparison::LessEqual)
      (side ? range.high : range.low) = node.threshold;
    if (node.comparison == Comparison::Greater || node.comparison == Comparison::GreaterEqual)
      (side ? range.low : range.high) = node.threshold;
  }

  double threshold(Range range) {
    if (!options_.wide_thresholds) return rounded(range.low + (range.high - range.low) * unit());
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (below(12)) {
      case 0:
        return kInfinity;
      case 1:
        return -kInfinity;
      case 2:
        return 0;
      case 3:
        return -0.0;
      case 4:
        return options_.precision == Precision::Float32 ? double{std::numeric_limits<float>::denorm_min()}
                                                        : std::numeric_limits<double>::denorm_min();
      case 5:
        return options_.precision == Precision::Float32 ? double{std::numeric_limits<float>::max()}
                                                        : std::numeric_limits<double>::max();
      default:
        return rounded(std::ldexp(unit() - 0.5, below(200) - 100));
    }
  }

  // Categories as the formats say them: whole numbers that truncate, LightGBM's first one, single numbers.
  int set() {
    Set set;
    if (below(3) == 0) {
      set = {std::nextafter(-1, 0), 1};
    } else if (below(3) == 0) {
      const double number = rounded(below(10) + 0.5);
      set = {number, std::nextafter(number, 100)};
    }
    int at = set.empty() ? 0 : static_cast<int>(std::ceil(set.back()));
    for (int run = 1 + below(3); run > 0; --run) {
      const int first = at + 1 + below(4);
      at = first + 1 + below(3);
      set.push_back(first);
      set.push_back(at);
    }
    ensemble_.sets.push_back(std::move(set));
    return static_cast<int>(ensemble_.sets.size()) - 1;
  }

  Node inner(const Ranges& ranges) {
    Node node{.feature = below(options_.features)};
    node.comparison =
        options_.comparisons[static_cast<std::size_t>(below(static_cast<int>(options_.comparisons.size())))];
    node.nan_true = options_.nan && below(2) == 0;
    if (node.comparison == Comparison::InSet)
      node.set = set();
    else
      node.threshold = pool_.empty() ? threshold(ranges[static_cast<std::size_t>(node.feature)])
                                     : pool_[static_cast<std::size_t>(below(static_cast<int>(pool_.size())))];
    // LightGBM has it on its own comparison alone.
    node.zero_missing = options_.zero_missing && node.comparison == Comparison::LessEqual && below(2) == 0;
    return node;
  }

  void leaf(Tree& tree) {
    tree.nodes.push_back({.leaf = leaves(tree)});
    for (std::size_t k = 0; k < tree.outputs.size(); ++k) tree.values.push_back(rounded(unit() - 0.3));
  }
  static int leaves(const Tree& tree) { return static_cast<int>(tree.values.size() / tree.outputs.size()); }

  void grow(Tree& tree, int level, Ranges ranges) {
    const bool stops = !options_.perfect && !options_.skewed && level > 0 && below(5) == 0;
    if (level >= options_.depth || stops) return leaf(tree);
    const std::size_t self = tree.nodes.size();
    const Node node = inner(ranges);
    tree.nodes.push_back(node);
    Ranges others = ranges;
    narrow(ranges, node, true);
    narrow(others, node, false);
    const bool leaf_first = options_.skewed && below(2) == 0;
    tree.nodes[self].on_true = static_cast<int>(tree.nodes.size());
    leaf_first ? leaf(tree) : grow(tree, level + 1, std::move(ranges));
    tree.nodes[self].on_false = static_cast<int>(tree.nodes.size());
    options_.skewed && !leaf_first ? leaf(tree) : grow(tree, level + 1, std::move(others));
  }

  const ForestOptions options_;
  std::mt19937_64 random_;
  std::vector<double> pool_;
  Ensemble ensemble_;
};

inline Ensemble random_forest(const ForestOptions& options) { return ForestMaker(options).make(); }

struct NamedForest {
  std::string name;
  Ensemble ensemble;
};

// One of every kind; another seed gives others.
inline std::vector<NamedForest> forests_of_every_kind(std::uint64_t seed = 1) {
  using enum Comparison;
  const std::vector<Comparison> all = {Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, InSet};
  std::vector<NamedForest> list;
  const auto add = [&](std::string name, ForestOptions options) {
    options.seed = seed * 1000 + list.size();
    list.push_back({std::move(name), random_forest(options)});
    return &list.back().ensemble;
  };
  add("plain", {});
  add("float32", {.precision = Precision::Float32});
  add("strict float32, NaN either way", {.comparisons = {Less}, .nan = true, .precision = Precision::Float32});
  add("all comparisons", {.comparisons = all});
  add("all comparisons, NaN either way", {.comparisons = all, .nan = true});
  add("all comparisons in float32", {.comparisons = all, .nan = true, .precision = Precision::Float32});
  add("sets", {.comparisons = {InSet}, .nan = true});
  add("zero is missing", {.nan = true, .zero_missing = true, .distinct_thresholds = 6, .wide_thresholds = true});
  add("wide thresholds", {.trees = 10, .comparisons = all, .wide_thresholds = true});
  add("wide thresholds in float32",
      {.trees = 10, .comparisons = all, .nan = true, .wide_thresholds = true, .precision = Precision::Float32});
  add("duplicate thresholds", {.trees = 12, .features = 3, .distinct_thresholds = 7});
  add("one feature, more thresholds than a byte counts",
      {.trees = 40, .depth = 6, .features = 1, .nan = true, .perfect = true});
  add("perfect", {.trees = 4, .depth = 6, .perfect = true});
  add("skewed", {.trees = 4, .depth = 14, .skewed = true});
  add("deep, more leaves than a byte counts", {.trees = 2, .depth = 9, .features = 6, .perfect = true});
  add("single leaves", {.trees = 3, .depth = 0});
  add("a single leaf beside trees", {.trees = 3})->trees[1] = random_forest({.trees = 1, .depth = 0}).trees[0];
  add("stumps", {.trees = 20, .depth = 1, .comparisons = all, .nan = true});
  add("many features, few used", {.trees = 3, .depth = 2, .features = 300});
  add("no trees", {.trees = 0})->base_values = {0.25};

  // Multi-class: trees that take turns (XGBoost, LightGBM) and leaves with a value a class (scikit-learn).
  Ensemble* boosted = add("boosted classes", {.trees = 9, .outputs = 3, .precision = Precision::Float32});
  boosted->classifier = boosted->base_first = true;
  boosted->base_values = {0.5, 0.5, 0.5};
  boosted->post_transform = PostTransform::Softmax;
  Ensemble* averaged = add("averaged classes", {.trees = 7, .outputs = 4, .vector_leaves = true});
  averaged->classifier = true;
  averaged->aggregate = Aggregate::Average;
  averaged->divisors = {7, 7, 7, 7};
  averaged->labels = {"a", "b", "c", "d"};
  Ensemble* binary = add("binary", {.trees = 8, .comparisons = {Less}, .nan = true, .precision = Precision::Float32});
  binary->classifier = binary->base_first = true;
  binary->base_values = {-0.25};
  binary->post_transform = PostTransform::Logistic;
  binary->second_class = SecondClass::OneMinus;
  Ensemble* negated = add("binary, mixed weights", {.trees = 8});
  negated->classifier = true;
  negated->second_class = SecondClass::Negated;
  Ensemble* index = add("index of the class", {.trees = 8, .outputs = 4, .precision = Precision::Float32});
  index->classifier = true;
  index->post_transform = PostTransform::MaxIndex;
  add("least", {.trees = 6})->aggregate = Aggregate::Min;
  add("largest", {.trees = 6, .outputs = 2, .vector_leaves = true})->aggregate = Aggregate::Max;
  return list;
}

}  // namespace edgescope::forest::test
