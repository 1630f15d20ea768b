#include "forest/evaluator.h"

#include <algorithm>
#include <cmath>

namespace edgescope::forest {
namespace {

double rounded(Precision precision, double x) { return precision == Precision::Float32 ? static_cast<float>(x) : x; }

std::size_t leaf_of(const Ensemble& ensemble, const Tree& tree, std::span<const double> row) {
  std::size_t at = 0;
  while (!tree.nodes[at].is_leaf()) {
    const Node& node = tree.nodes[at];
    const double x = rounded(ensemble.input, row[static_cast<std::size_t>(node.feature)]);
    at = static_cast<std::size_t>(takes_true(ensemble, node, x) ? node.on_true : node.on_false);
  }
  return static_cast<std::size_t>(tree.nodes[at].leaf);
}

// ONNX's own approximation of the inverse error function (Winitzki's, with a = 0.147; off by up to 0.002): its
// reference implementation and ONNX Runtime both compute it so.
template <typename T>
T probit(T p) {
  const T x = 2 * p - 1, a = T(0.147);
  const T log = std::log((1 - x) * (1 + x));
  const T v = 2 / (static_cast<T>(M_PI) * a) + T(0.5) * log;
  const T root = std::sqrt(-v + std::sqrt(v * v - log / a));
  return static_cast<T>(M_SQRT2) * (x < 0 ? -root : root);
}

template <typename T>
void softmax(std::vector<T>& row, bool leave_zeros) {
  const T largest = *std::max_element(row.begin(), row.end());
  double sum = 0;  // as XGBoost and LightGBM sum, whatever the precision of the rest
  for (T& x : row) {
    if (leave_zeros && std::abs(x) <= T(1e-7)) {
      x *= std::exp(-largest);
      continue;
    }
    x = std::exp(x - largest);
    sum += static_cast<double>(x);
  }
  for (T& x : row) x /= static_cast<T>(sum);
}

template <typename T>
T each(const Ensemble& ensemble, T x) {
  const T alpha = static_cast<T>(ensemble.alpha);
  switch (ensemble.post_transform) {
    case PostTransform::Logistic:
      return 1 / (1 + std::exp(-alpha * x));
    case PostTransform::Probit:
      return probit(x);
    case PostTransform::Exp:
      return std::exp(x);
    case PostTransform::ExpStandardRatio:
      return std::exp2(-x / alpha);
    case PostTransform::LogOnePlusExp:
      return std::log1p(std::exp(x));
    case PostTransform::SignedSquare:
      return std::copysign(x * x, x);
    case PostTransform::Hinge:
      return x > 0 ? 1 : 0;
    default:
      return x;
  }
}

template <typename T>
void normalise(Norm norm, std::vector<T>& row) {
  T size = 0;
  for (const T x : row) {
    if (norm == Norm::L1) size += std::abs(x);
    if (norm == Norm::L2) size += x * x;
  }
  if (norm == Norm::L2) size = std::sqrt(size);
  if (norm == Norm::Max) size = *std::max_element(row.begin(), row.end());
  if (norm == Norm::None || size == 0) return;
  for (T& x : row) x /= size;
}

template <typename T>
std::vector<double> transform_in(const Ensemble& ensemble, std::span<const double> outputs) {
  std::vector<T> row;
  for (const double x : outputs) row.push_back(static_cast<T>(x));
  switch (ensemble.post_transform) {
    case PostTransform::MaxIndex:
      return {static_cast<double>(std::max_element(row.begin(), row.end()) - row.begin())};
    case PostTransform::Softmax:
    case PostTransform::SoftmaxZero:
      softmax(row, ensemble.post_transform == PostTransform::SoftmaxZero);
      break;
    default:
      if (ensemble.second_class == SecondClass::Negated) row.insert(row.begin(), -row.front());
      for (T& x : row) x = each(ensemble, x);
  }
  if (ensemble.second_class == SecondClass::OneMinus) row.insert(row.begin(), 1 - row.front());
  if (ensemble.factor != 1)
    for (T& x : row) x *= static_cast<T>(ensemble.factor);
  normalise(ensemble.norm, row);
  return {row.begin(), row.end()};
}

}  // namespace

std::vector<int> leaves_of(const Ensemble& ensemble, std::span<const double> row) {
  std::vector<int> leaves;
  leaves.reserve(ensemble.trees.size());
  for (const Tree& tree : ensemble.trees) leaves.push_back(static_cast<int>(leaf_of(ensemble, tree, row)));
  return leaves;
}

std::vector<double> aggregate(const Ensemble& ensemble, std::span<const int> leaves) {
  const auto outputs = static_cast<std::size_t>(ensemble.outputs);
  const bool sums = ensemble.aggregate == Aggregate::Sum || ensemble.aggregate == Aggregate::Average;
  std::vector<double> total(outputs);
  std::vector<bool> fed(outputs);
  // A float32 sum, quotient or product of float32 numbers that is computed in float64 and rounded once more is
  // the same number (more than twice as many bits).
  const auto step = [&](double x) { return rounded(ensemble.sum, x); };
  const auto add_base = [&] {
    for (std::size_t k = 0; k < ensemble.base_values.size(); ++k) total[k] = step(total[k] + ensemble.base_values[k]);
  };
  if (ensemble.base_first) add_base();
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t) {
    const Tree& tree = ensemble.trees[t];
    const double* values = tree.values.data() + static_cast<std::size_t>(leaves[t]) * tree.outputs.size();
    for (std::size_t k = 0; k < tree.outputs.size(); ++k) {
      const auto output = static_cast<std::size_t>(tree.outputs[k]);
      if (sums)
        total[output] = step(total[output] + values[k]);
      else if (!fed[output])
        total[output] = values[k];
      else
        total[output] = ensemble.aggregate == Aggregate::Min ? std::min(total[output], values[k])
                                                             : std::max(total[output], values[k]);
      fed[output] = true;
    }
  }
  for (std::size_t k = 0; k < ensemble.divisors.size(); ++k) total[k] = step(total[k] / ensemble.divisors[k]);
  if (!ensemble.base_first) add_base();
  return total;
}

std::vector<double> transform(const Ensemble& ensemble, std::span<const double> outputs) {
  return ensemble.result == Precision::Float32 ? transform_in<float>(ensemble, outputs)
                                               : transform_in<double>(ensemble, outputs);
}

Evaluation evaluate(const Ensemble& ensemble, std::span<const double> row) {
  Evaluation evaluation{.leaves = leaves_of(ensemble, row), .outputs = {}, .result = {}};
  evaluation.outputs = aggregate(ensemble, evaluation.leaves);
  evaluation.result = transform(ensemble, evaluation.outputs);
  return evaluation;
}

int class_of(const Ensemble& ensemble, std::span<const double> result) {
  if (ensemble.post_transform == PostTransform::MaxIndex) return static_cast<int>(result.front());
  return static_cast<int>(std::max_element(result.begin(), result.end()) - result.begin());
}

}  // namespace edgescope::forest
