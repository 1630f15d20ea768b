// Random forests as the user trains them (100 to 512 trees on 1,500 samples of 8 features in 4 classes), grown here
// without scikit-learn: each tree on a sample with replacement, at each node the best of some random splits, until a
// node holds one class or the depth is reached. So trees of depth 16 are as ragged as trained ones, and thresholds lie
// halfway between two samples, in 64 bits.
#pragma once

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "format/forest/ensemble.h"

namespace edgescope::forest::test {

// Trees and depth.
inline constexpr std::pair<int, int> kWorkload[] = {{1, 1}, {16, 4}, {32, 4}, {64, 8}, {128, 8}, {256, 16}, {512, 16}};

class WorkloadMaker {
 public:
  static constexpr std::size_t kSamples = 1500, kFeatures = 8, kClasses = 4;

  explicit WorkloadMaker(std::uint64_t seed) : random_(seed) {
    // Two clouds a class.
    std::array<std::array<double, kFeatures>, 2 * kClasses> centres{};
    for (auto& centre : centres)
      for (double& x : centre) x = 3 * unit() - 1.5;
    for (std::size_t i = 0; i < kSamples; ++i) {
      const std::size_t cloud = below(2 * kClasses);
      classes_[i] = cloud % kClasses;
      for (std::size_t f = 0; f < kFeatures; ++f)
        samples_[i][f] = centres[cloud][f] + 2 * (unit() + unit() + unit() - 1.5);
    }
  }

  Ensemble make(int trees, int depth) {
    Ensemble ensemble;
    ensemble.producer = "a test";
    ensemble.classifier = true;
    ensemble.features = kFeatures;
    ensemble.outputs = kClasses;
    ensemble.aggregate = Aggregate::Average;
    ensemble.divisors.assign(kClasses, trees);
    for (int t = 0; t < trees; ++t) {
      Tree tree{.nodes = {}, .outputs = {0, 1, 2, 3}, .values = {}};
      std::vector<std::size_t> chosen(kSamples);
      for (std::size_t& i : chosen) i = below(kSamples);
      grow(tree, chosen, depth);
      ensemble.trees.push_back(std::move(tree));
    }
    return ensemble;
  }

 private:
  using Counts = std::array<double, kClasses>;
  using Chosen = std::vector<std::size_t>;

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  static double impurity(const Counts& counts) {
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    return total - std::inner_product(counts.begin(), counts.end(), counts.begin(), 0.0) / std::max(total, 1.0);
  }

  void grow(Tree& tree, const Chosen& chosen, int levels) {
    Counts counts{};
    for (const std::size_t i : chosen) ++counts[classes_[i]];
    Node best;
    double least = impurity(counts);
    for (int tried = 0; levels > 0 && least > 0 && tried < 12; ++tried) {
      const std::size_t f = below(kFeatures);
      const double a = samples_[chosen[below(chosen.size())]][f], b = samples_[chosen[below(chosen.size())]][f];
      const double threshold = (a + b) / 2;
      Counts left{}, right = counts;
      for (const std::size_t i : chosen)
        if (samples_[i][f] <= threshold) {
          ++left[classes_[i]];
          --right[classes_[i]];
        }
      if (const double now = impurity(left) + impurity(right); now < least - 1e-9) {
        least = now;
        best = {.feature = static_cast<int>(f), .threshold = threshold};
      }
    }
    const std::size_t self = tree.nodes.size();
    tree.nodes.push_back(best);
    if (best.is_leaf()) {
      tree.nodes[self].leaf = tree.leaves();
      for (const double count : counts) tree.values.push_back(count / static_cast<double>(chosen.size()));
      return;
    }
    Chosen left, right;
    for (const std::size_t i : chosen)
      (samples_[i][static_cast<std::size_t>(best.feature)] <= best.threshold ? left : right).push_back(i);
    tree.nodes[self].on_true = static_cast<int>(tree.nodes.size());
    grow(tree, left, levels - 1);
    tree.nodes[self].on_false = static_cast<int>(tree.nodes.size());
    grow(tree, right, levels - 1);
  }

  std::mt19937_64 random_;
  std::array<std::array<double, kFeatures>, kSamples> samples_{};
  std::array<std::size_t, kSamples> classes_{};
};

inline Ensemble workload_forest(int trees, int depth) { return WorkloadMaker(1).make(trees, depth); }

}  // namespace edgescope::forest::test
