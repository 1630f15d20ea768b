#include "forest/encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <tuple>

namespace edgescope::forest {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Numbers of the precision in which rows are compared.
class Numbers {
 public:
  explicit Numbers(Precision precision) : single_(precision == Precision::Float32) {}

  bool has(double x) const { return !single_ || static_cast<double>(static_cast<float>(x)) == x; }
  double at_most(double x) const {  // the largest that is not greater
    if (!single_ || std::isinf(x)) return x;
    if (x > std::numeric_limits<float>::max()) return std::numeric_limits<float>::max();
    if (x < std::numeric_limits<float>::lowest()) return -kInfinity;
    const float nearest = static_cast<float>(x);
    return nearest > x ? std::nextafter(nearest, -std::numeric_limits<float>::infinity()) : nearest;
  }
  double less_than(double x) const {  // the largest that is less; of no use for -inf, which has none
    if (!has(x)) return at_most(x);
    if (single_) return std::nextafter(static_cast<float>(x), -std::numeric_limits<float>::infinity());
    return std::nextafter(x, -kInfinity);
  }

 private:
  bool single_;
};

// What a node asks, as a question of one of three forms.
struct Question {
  enum class Form { Always, Above, Set } form = Form::Above;
  bool answer = false;             // Always: of all numbers
  double boundary = 0;             // Above: x > boundary
  std::vector<double> boundaries;  // Set: an odd number of them is less than x
  bool opposite = false;           // the node's true child is that of the answer no
};

Question always(bool answer) { return {.form = Question::Form::Always, .answer = answer, .boundaries = {}}; }
Question above(double boundary, bool opposite = false) {
  if (boundary == kInfinity) return always(opposite);
  return {.boundary = boundary == 0 ? 0 : boundary, .boundaries = {}, .opposite = opposite};  // no -0
}

Question equals(const Numbers& numbers, double x, bool opposite) {
  if (!numbers.has(x)) return always(opposite);
  if (x == kInfinity) return above(numbers.less_than(x), opposite);
  if (x == -kInfinity) return above(x, !opposite);
  return {.form = Question::Form::Set, .boundaries = {numbers.less_than(x), x}, .opposite = opposite};
}

Question question(const Ensemble& ensemble, const Node& node) {
  const Numbers numbers(ensemble.input);
  const double t = node.threshold;
  switch (node.comparison) {
    case Comparison::LessEqual:
      return above(numbers.at_most(t), true);
    case Comparison::Greater:
      return above(numbers.at_most(t));
    case Comparison::Less:
      return t == -kInfinity ? always(false) : above(numbers.less_than(t), true);
    case Comparison::GreaterEqual:
      return t == -kInfinity ? always(true) : above(numbers.less_than(t));
    case Comparison::Equal:
      return equals(numbers, t, false);
    case Comparison::NotEqual:
      return equals(numbers, t, true);
    case Comparison::InSet:
      break;
  }
  Question result{.form = Question::Form::Set, .boundaries = {}};
  for (const double boundary : ensemble.sets[static_cast<std::size_t>(node.set)])
    result.boundaries.push_back(numbers.less_than(boundary));
  return result.boundaries.empty() ? always(false) : result;
}

// Which numbers a search is for: a feature, and whether its zeros are missing numbers.
using Source = std::pair<int, bool>;

// A test that is no threshold; NaN's answer is part of it. Without boundaries it asks for NaN itself.
using Flag = std::tuple<Source, std::vector<double>, bool>;

class Maker {
 public:
  Maker(const Ensemble& ensemble, Cells cells) : ensemble_(ensemble), cells_(cells) {
    encoding_.tables.features = ensemble.features;
    encoding_.tables.cell_limit = cells.limit;
    encoding_.tables.in_float = ensemble.input == Precision::Float32;
    for (const Tree& tree : ensemble.trees) encoding_.tests.emplace_back(tree.nodes.size());
  }

  Encoding make() && {
    for_all([this](const Node& node, const Question& asked, NodeTest&) { collect(node, asked); });
    for (auto& [source, thresholds] : thresholds_) {
      merge(thresholds);
      place(source, thresholds);
    }
    for_all([this](const Node& node, const Question& asked, NodeTest& test) { test = answer(node, asked); });
    return std::move(encoding_);
  }

 private:
  struct Wanted {  // where nodes with this threshold send NaN, and where its test was put
    double threshold = 0;
    bool below = false, above = false;
    NodeTest test_below, test_above;
  };
  using Thresholds = std::vector<Wanted>;  // ascending, once merged

  template <typename Visit>
  void for_all(const Visit& visit) {
    for (std::size_t t = 0; t < ensemble_.trees.size(); ++t) {
      const Tree& tree = ensemble_.trees[t];
      for (std::size_t i = 0; i < tree.nodes.size(); ++i)
        if (!tree.nodes[i].is_leaf()) visit(tree.nodes[i], question(ensemble_, tree.nodes[i]), encoding_.tests[t][i]);
    }
  }

  static Source source(const Node& node) { return {node.feature, node.zero_missing}; }
  static bool nan_answer(const Node& node, const Question& asked) { return node.nan_true != asked.opposite; }

  void collect(const Node& node, const Question& asked) {
    if (asked.form != Question::Form::Above) return;
    const bool nan = nan_answer(node, asked);
    thresholds_[source(node)].push_back({.threshold = asked.boundary, .below = !nan, .above = nan});
  }

  static void merge(Thresholds& thresholds) {
    std::sort(thresholds.begin(), thresholds.end(),
              [](const Wanted& a, const Wanted& b) { return a.threshold < b.threshold; });
    std::size_t kept = 0;
    for (const Wanted wanted : thresholds) {  // a copy: its place may be written
      if (kept == 0 || thresholds[kept - 1].threshold != wanted.threshold)
        thresholds[kept++] = {.threshold = wanted.threshold};
      thresholds[kept - 1].below |= wanted.below;
      thresholds[kept - 1].above |= wanted.above;
    }
    thresholds.resize(kept);
  }
  Wanted& at(const Node& node, double threshold) {
    Thresholds& thresholds = thresholds_[source(node)];
    return *std::lower_bound(thresholds.begin(), thresholds.end(), threshold,
                             [](const Wanted& wanted, double value) { return wanted.threshold < value; });
  }

  // One search if NaN can have a rank at which it is above those that want it above and not above the others.
  void place(const Source& source, Thresholds& thresholds) {
    std::size_t wanted_above = 0;
    bool one = true, ended = false;
    for (const Wanted& wanted : thresholds) {
      if (wanted.above && (ended || wanted.below)) one = false;
      ended = ended || wanted.below;
      wanted_above += wanted.above ? 1 : 0;
    }
    if (one) {
      search(source, thresholds, static_cast<int>(wanted_above), [](const Wanted&) { return true; });
      return;
    }
    search(source, thresholds, 0, [](const Wanted& wanted) { return wanted.below; });
    search(source, thresholds, std::numeric_limits<int>::max(), [](const Wanted& wanted) { return wanted.above; });
  }

  template <typename Belongs>
  void search(const Source& source, Thresholds& thresholds, int missing_rank, const Belongs& belongs) {
    std::vector<double> boundaries;
    const auto members = std::count_if(thresholds.begin(), thresholds.end(), belongs);
    const bool wide = cells_.wide && members > cells_.limit;
    const int limit = wide ? Encoder::wide_limit(cells_.limit) : cells_.limit, step = wide ? 2 : 1;
    const int first_column = encoding_.tables.columns;
    for (Wanted& wanted : thresholds) {
      if (!belongs(wanted)) continue;
      const int index = static_cast<int>(boundaries.size());
      const NodeTest test{.column = first_column + step * (index / limit), .rank = index % limit, .wide = wide};
      (index < missing_rank ? wanted.test_above : wanted.test_below) = test;
      boundaries.push_back(wanted.threshold);
    }
    const int count = static_cast<int>(boundaries.size());
    add(source, boundaries, step * ((count + limit - 1) / limit), std::min(missing_rank, count)).wide = wide;
  }

  Encoder::Search& add(const Source& source, const std::vector<double>& boundaries, int columns, int missing_rank) {
    Encoder::Tables& tables = encoding_.tables;
    Encoder::Search search{.feature = source.first,
                           .steps = 0,
                           .first = static_cast<int>(tables.boundaries.size()),
                           .column = tables.columns,
                           .columns = columns,
                           .missing_rank = missing_rank,
                           .zero_missing = source.second};
    while ((std::size_t{1} << search.steps) - 1 < boundaries.size()) ++search.steps;
    tables.boundaries.insert(tables.boundaries.end(), boundaries.begin(), boundaries.end());
    tables.boundaries.resize(static_cast<std::size_t>(search.first) + (std::size_t{1} << search.steps) - 1, kInfinity);
    tables.columns += columns;
    return tables.searches.emplace_back(search);
  }

  int flag(const Node& node, std::vector<double> boundaries, bool nan_answer) {
    const auto [found, is_new] = flags_.try_emplace(Flag{source(node), boundaries, nan_answer}, 0);
    if (is_new) {
      Encoder::Search& search = add(source(node), boundaries, 1, nan_answer ? 1 : 0);
      search.parity = true;
      found->second = search.column;
    }
    return found->second;
  }

  NodeTest answer(const Node& node, const Question& asked) {
    const bool nan = nan_answer(node, asked);
    NodeTest test;
    switch (asked.form) {
      case Question::Form::Always:
        if (node.nan_true == asked.answer) return {.column = -1, .rank = asked.answer ? -1 : 0};
        return {.column = flag(node, {}, true), .rank = 0, .above_is_true = node.nan_true};
      case Question::Form::Above: {
        const Wanted& wanted = at(node, asked.boundary);
        test = nan ? wanted.test_above : wanted.test_below;
        break;
      }
      case Question::Form::Set:
        test = {.column = flag(node, asked.boundaries, nan), .rank = 0};
        break;
    }
    test.above_is_true = !asked.opposite;
    return test;
  }

  const Ensemble& ensemble_;
  const Cells cells_;
  Encoding encoding_;
  std::map<Source, Thresholds> thresholds_;
  std::map<Flag, int> flags_;
};

}  // namespace

Encoding encode(const Ensemble& ensemble, Cells cells) { return Maker(ensemble, cells).make(); }

}  // namespace edgescope::forest
