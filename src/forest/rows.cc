#include "forest/rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace edgescope::forest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

constexpr double kSpecial[] = {
    -kInfinity,
    kInfinity,
    std::numeric_limits<double>::quiet_NaN(),
    0.0,
    -0.0,
    std::numeric_limits<double>::denorm_min(),
    -std::numeric_limits<double>::denorm_min(),
    std::numeric_limits<float>::denorm_min(),
    -std::numeric_limits<float>::denorm_min(),
    1e-35f,  // LightGBM's zero ends here
    -1e-35f,
    std::numeric_limits<double>::max(),
    std::numeric_limits<double>::lowest(),
    std::numeric_limits<float>::max(),
    std::numeric_limits<float>::lowest(),
    2147483648.0,  // categories end somewhere here
    4294967296.0,
    -1.0,
    -0.5,
    1.0,
};

// What stands at a node's boundary and beside it, in the precision in which rows are compared; where that is
// float32, also what lies beside it in float64 and is rounded first.
void add_around(std::vector<double>& values, Precision precision, double boundary) {
  values.push_back(boundary);
  for (const double towards : {-kInfinity, kInfinity}) {
    values.push_back(std::nextafter(boundary, towards));
    if (precision == Precision::Float32)
      values.push_back(std::nextafter(static_cast<float>(boundary), static_cast<float>(towards)));
  }
}

std::vector<double> around(const Ensemble& ensemble, const Node& node) {
  std::vector<double> values;
  if (node.comparison != Comparison::InSet) {
    add_around(values, ensemble.input, node.threshold);
    return values;
  }
  for (const double boundary : ensemble.sets[static_cast<std::size_t>(node.set)])
    add_around(values, ensemble.input, boundary);
  return values;
}

class Builder {
 public:
  Builder(const Ensemble& ensemble, const RowPlan& plan) : ensemble_(ensemble), plan_(plan), random_(plan.seed) {
    const auto features = static_cast<std::size_t>(ensemble.features);
    rows_.columns = features;
    boundaries_.resize(features);
    for (const Tree& tree : ensemble.trees)
      for (const Node& node : tree.nodes) {
        if (node.is_leaf()) continue;
        auto& list = boundaries_[static_cast<std::size_t>(node.feature)];
        if (node.comparison != Comparison::InSet) {
          list.push_back(node.threshold);
        } else {
          const Set& set = ensemble.sets[static_cast<std::size_t>(node.set)];
          list.insert(list.end(), set.begin(), set.end());
        }
      }
    for (auto& list : boundaries_) {
      std::sort(list.begin(), list.end());
      list.erase(std::unique(list.begin(), list.end()), list.end());
    }
  }

  Rows build() && {
    at_nodes();
    special();
    for (std::size_t i = 0; i < plan_.random; ++i) add(random_row());
    return std::move(rows_);
  }

 private:
  struct Step {  // a test on the way to a node, and the side that leads there
    const Node* node;
    bool to_true;
  };

  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  template <typename List>
  double any(const List& list) {
    return std::data(list)[below(std::size(list))];
  }
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  // Between two boundaries, beyond them, on one of them, or special.
  double value(std::size_t feature) {
    const std::vector<double>& list = boundaries_[feature];
    const std::size_t kind = below(16);
    if (kind == 0) return any(kSpecial);
    if (list.empty()) return 20 * unit() - 10;
    const double a = any(list), b = any(list);
    if (kind < 4) return a;
    if (kind < 6) return a + (unit() - 0.5) * (1 + std::abs(a));
    return a + unit() * (b - a);
  }

  std::vector<double> random_row() {
    std::vector<double> row(rows_.columns);
    for (std::size_t f = 0; f < row.size(); ++f) row[f] = value(f);
    return row;
  }

  void add(const std::vector<double>& row) { rows_.values.insert(rows_.values.end(), row.begin(), row.end()); }

  double compared(double x) const { return ensemble_.input == Precision::Float32 ? static_cast<float>(x) : x; }

  bool leads(const std::vector<Step>& path, int feature, double x) const {
    return std::all_of(path.begin(), path.end(), [&](const Step& step) {
      return step.node->feature != feature || takes_true(ensemble_, *step.node, compared(x)) == step.to_true;
    });
  }

  // Sets the features that the path tests to values that lead along it; false where nothing tried does.
  bool lead(std::vector<double>& row, const std::vector<Step>& path, int except) {
    for (const Step& step : path) {
      const int feature = step.node->feature;
      const auto f = static_cast<std::size_t>(feature);
      if (feature == except || leads(path, feature, row[f])) continue;
      std::vector<double> tried(std::begin(kSpecial), std::end(kSpecial));
      for (const Step& other : path)
        if (other.node->feature == feature) {
          const auto more = around(ensemble_, *other.node);
          tried.insert(tried.end(), more.begin(), more.end());
        }
      std::vector<double> good;
      std::copy_if(tried.begin(), tried.end(), std::back_inserter(good),
                   [&](double x) { return leads(path, feature, x); });
      if (good.empty()) return false;
      row[f] = any(good);
    }
    return true;
  }

  void at_node(const Tree& tree, const std::vector<int>& parents, int index) {
    std::vector<Step> path;
    for (int child = index; child != 0; child = parents[static_cast<std::size_t>(child)]) {
      const Node& parent = tree.nodes[static_cast<std::size_t>(parents[static_cast<std::size_t>(child)])];
      path.push_back({&parent, parent.on_true == child});
    }
    const Node& node = tree.nodes[static_cast<std::size_t>(index)];
    std::vector<double> values = around(ensemble_, node);
    // By hand, since std::shuffle differs between libraries.
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    if (values.size() > kMostOfASet) values.resize(kMostOfASet);
    for (const double x : values) {
      if (!leads(path, node.feature, x)) continue;
      std::vector<double> row = random_row();
      row[static_cast<std::size_t>(node.feature)] = x;
      if (lead(row, path, node.feature)) add(row);
    }
  }

  void at_nodes() {
    std::size_t inner = 0;
    for (const Tree& tree : ensemble_.trees)
      inner += static_cast<std::size_t>(
          std::count_if(tree.nodes.begin(), tree.nodes.end(), [](const Node& node) { return !node.is_leaf(); }));
    const std::size_t wanted = std::max<std::size_t>(plan_.at_nodes / 3, 1);
    const std::size_t every = (inner + wanted - 1) / wanted;
    std::size_t seen = 0;
    for (const Tree& tree : ensemble_.trees) {
      std::vector<int> parents(tree.nodes.size());
      for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        const Node& node = tree.nodes[i];
        if (node.is_leaf()) continue;
        parents[static_cast<std::size_t>(node.on_true)] = parents[static_cast<std::size_t>(node.on_false)] =
            static_cast<int>(i);
        if (seen++ % every == 0 && rows_.size() < plan_.at_nodes) at_node(tree, parents, static_cast<int>(i));
      }
    }
  }

  void special() {
    for (std::size_t f = 0; f < rows_.columns; ++f)
      for (const double x : kSpecial) {
        std::vector<double> row = random_row();
        row[f] = x;
        add(row);
      }
  }

  static constexpr std::size_t kMostOfASet = 12;

  const Ensemble& ensemble_;
  const RowPlan& plan_;
  std::mt19937_64 random_;
  std::vector<std::vector<double>> boundaries_;  // of each feature, ascending
  Rows rows_;
};

}  // namespace

Rows test_rows(const Ensemble& ensemble, const RowPlan& plan) {
  if (ensemble.features == 0) return {};
  return Builder(ensemble, plan).build();
}

}  // namespace edgescope::forest
