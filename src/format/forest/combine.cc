#include "format/forest/combine.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace edgescope::forest {
namespace {

tl::unexpected<base::Error> no(std::string why) { return base::fail({.what = std::move(why)}); }

// Each column is made of its own sum alone.
bool element_wise(PostTransform transform) {
  return transform != PostTransform::Softmax && transform != PostTransform::SoftmaxZero &&
         transform != PostTransform::MaxIndex;
}

bool is_sum(const Ensemble& ensemble) {
  return ensemble.aggregate == Aggregate::Sum || ensemble.aggregate == Aggregate::Average;
}

void scale(Ensemble& ensemble, const std::vector<double>& by) {
  for (Tree& tree : ensemble.trees)
    for (std::size_t i = 0; i < tree.values.size(); ++i)
      tree.values[i] *= by[static_cast<std::size_t>(tree.outputs[i % tree.outputs.size()])];
  for (std::size_t k = 0; k < ensemble.base_values.size(); ++k) ensemble.base_values[k] *= by[k];
}

// The one output's negative as a first one beside it.
void spread(Ensemble& ensemble, double offset) {
  for (Tree& tree : ensemble.trees) {
    std::vector<double> values;
    for (const double value : tree.values) values.insert(values.end(), {-value, value});
    tree.values = std::move(values);
    tree.outputs = {0, 1};
  }
  const double base = ensemble.base_values.empty() ? 0 : ensemble.base_values.front();
  ensemble.base_values = {offset - base, base};
  ensemble.outputs = 2;
  ensemble.second_class = SecondClass::None;
}

// Sums of leaf values and base values, one a column of the result, in float64; a post-transform of each by itself
// stays.
base::Result<Ensemble> plain(const Ensemble& source) {
  if (!is_sum(source)) return no("of the least or largest of leaf values");
  if (source.norm != Norm::None) return no("of normalised scores");
  if (!element_wise(source.post_transform)) return no("of scores that were transformed together");
  if (source.second_class == SecondClass::OneMinus && source.post_transform != PostTransform::None)
    return no("of a transformed score and what it lacks of 1");
  Ensemble ensemble = source;
  ensemble.sum = Precision::Float64;
  ensemble.base_first = false;
  if (ensemble.aggregate == Aggregate::Average) {
    std::vector<double> share;
    for (const double divisor : ensemble.divisors) share.push_back(1 / divisor);
    const std::vector<double> base = std::exchange(ensemble.base_values, {});
    scale(ensemble, share);
    ensemble.base_values = base;
    ensemble.aggregate = Aggregate::Sum;
    ensemble.divisors.clear();
  }
  if (ensemble.second_class != SecondClass::None)
    spread(ensemble, ensemble.second_class == SecondClass::OneMinus ? 1 : 0);
  if (ensemble.post_transform == PostTransform::None)
    scale(ensemble, std::vector<double>(static_cast<std::size_t>(ensemble.outputs), std::exchange(ensemble.factor, 1)));
  return ensemble;
}

base::Result<Ensemble> linear(const Ensemble& source) {
  if (source.post_transform != PostTransform::None) return no("of transformed scores");
  return plain(source);
}

// The trees of the second behind those of the first, their outputs moved up.
base::Status append(Ensemble& into, Ensemble more, int shift) {
  if (more.input != into.input) return no("of trees that read rows in different precisions");
  const int sets = static_cast<int>(into.sets.size());
  for (Tree& tree : more.trees) {
    for (int& output : tree.outputs) output += shift;
    for (Node& node : tree.nodes)
      if (node.set >= 0) node.set += sets;
    into.trees.push_back(std::move(tree));
  }
  into.sets.insert(into.sets.end(), std::make_move_iterator(more.sets.begin()),
                   std::make_move_iterator(more.sets.end()));
  into.base_values.resize(static_cast<std::size_t>(std::max(into.outputs, shift + more.outputs)));
  for (std::size_t k = 0; k < more.base_values.size(); ++k)
    into.base_values[static_cast<std::size_t>(shift) + k] += more.base_values[k];
  into.outputs = static_cast<int>(into.base_values.size());
  into.features = std::max(into.features, more.features);
  into.classifier = into.classifier || more.classifier;
  return {};
}

}  // namespace

base::Result<Ensemble> multiplied(const Ensemble& source, double by) {
  if (by == 1) return source;
  if (source.norm != Norm::None) return no("of normalised scores");
  if (source.post_transform == PostTransform::MaxIndex) return no("of the number of a class");
  Ensemble ensemble = source;
  ensemble.factor *= by;
  return ensemble;
}

base::Result<Ensemble> divided(const Ensemble& source, double by) {
  const bool sum = source.aggregate == Aggregate::Sum && source.post_transform == PostTransform::None &&
                   source.second_class == SecondClass::None && source.norm == Norm::None && source.factor == 1 &&
                   std::all_of(source.base_values.begin(), source.base_values.end(), [](double b) { return b == 0; });
  if (!sum) return multiplied(source, 1 / by);
  Ensemble ensemble = source;
  ensemble.aggregate = Aggregate::Average;
  ensemble.divisors.assign(static_cast<std::size_t>(ensemble.outputs), by);
  return ensemble;
}

base::Result<Ensemble> increased(const Ensemble& source, const std::vector<double>& by) {
  EDGESCOPE_TRY(ensemble, linear(source));
  const auto outputs = static_cast<std::size_t>(ensemble.outputs);
  if (by.size() != 1 && by.size() != outputs)
    return no(fmt::format("of {} constants and {} columns", by.size(), outputs));
  ensemble.base_values.resize(outputs);
  for (std::size_t k = 0; k < outputs; ++k) ensemble.base_values[k] += by[by.size() == 1 ? 0 : k];
  return ensemble;
}

base::Result<Ensemble> added(const std::vector<Shared>& members) {
  EDGESCOPE_TRY(sum, linear(*members.front()));
  for (std::size_t i = 1; i < members.size(); ++i) {
    EDGESCOPE_TRY(more, linear(*members[i]));
    if (more.outputs != sum.outputs) return no(fmt::format("of {} and {} columns", sum.outputs, more.outputs));
    if (more.labels != sum.labels) sum.labels.clear();
    EDGESCOPE_CHECK(append(sum, std::move(more), 0));
  }
  return sum;
}

base::Result<Ensemble> averaged(const std::vector<Shared>& members) {
  EDGESCOPE_TRY(mean, added(members));
  const auto count = static_cast<double>(members.size());
  mean.aggregate = Aggregate::Average;
  mean.divisors.assign(static_cast<std::size_t>(mean.outputs), count);
  for (double& base : mean.base_values) base /= count;
  return mean;
}

base::Result<Ensemble> side_by_side(const std::vector<Shared>& members) {
  if (members.size() == 1) return *members.front();
  EDGESCOPE_TRY(all, plain(*members.front()));
  all.labels.clear();
  for (std::size_t i = 1; i < members.size(); ++i) {
    EDGESCOPE_TRY(more, plain(*members[i]));
    if (more.post_transform != all.post_transform || more.alpha != all.alpha || more.factor != all.factor)
      return no("of scores that were transformed differently");
    EDGESCOPE_CHECK(append(all, std::move(more), all.outputs));
  }
  return all;
}

base::Result<Ensemble> columns_of(const Ensemble& source, const std::vector<int>& columns) {
  std::vector<int> every(static_cast<std::size_t>(source.columns()));
  std::iota(every.begin(), every.end(), 0);
  if (columns == every) return source;
  std::vector<int> place(every.size(), -1);  // in the new order
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (columns[k] < 0 || static_cast<std::size_t>(columns[k]) >= every.size())
      return no(fmt::format("of column {} of {}", columns[k], every.size()));
    int& at = place[static_cast<std::size_t>(columns[k])];
    if (at >= 0) return no(fmt::format("of column {} twice", columns[k]));
    at = static_cast<int>(k);
  }
  if (columns.empty()) return no("of no column");
  if (columns == std::vector<int>{1} && source.second_class != SecondClass::None && source.norm == Norm::None) {
    Ensemble second = source;
    second.second_class = SecondClass::None;
    second.labels.clear();
    return second;
  }
  EDGESCOPE_TRY(ensemble, plain(source));
  std::vector<double> base(columns.size());
  for (std::size_t k = 0; k < ensemble.base_values.size(); ++k)
    if (place[k] >= 0) base[static_cast<std::size_t>(place[k])] = ensemble.base_values[k];
  std::vector<Tree> trees;
  for (Tree& tree : ensemble.trees) {
    std::vector<std::pair<int, std::size_t>> kept;  // new output, and its place among the tree's
    for (std::size_t i = 0; i < tree.outputs.size(); ++i)
      if (const int to = place[static_cast<std::size_t>(tree.outputs[i])]; to >= 0) kept.emplace_back(to, i);
    if (kept.empty()) continue;
    std::sort(kept.begin(), kept.end());
    std::vector<double> values;
    for (std::size_t first = 0; first < tree.values.size(); first += tree.outputs.size())
      for (const auto& [to, i] : kept) values.push_back(tree.values[first + i]);
    tree.outputs.clear();
    for (const auto& [to, i] : kept) tree.outputs.push_back(to);
    tree.values = std::move(values);
    trees.push_back(std::move(tree));
  }
  ensemble.trees = std::move(trees);
  ensemble.base_values = std::move(base);
  ensemble.outputs = static_cast<int>(columns.size());
  ensemble.labels.clear();
  return ensemble;
}

}  // namespace edgescope::forest
