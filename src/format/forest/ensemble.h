// A tree ensemble as every reader gives it and every strategy, encoder and evaluator takes it, whatever
// library trained it.
//
// One meaning for all formats: a row of features goes down each tree; the values of the leaf that it reaches
// are added to the ensemble's outputs; base values, averaging and the post-transform follow. What the formats
// do differently (strict comparisons, where NaN goes, sets of categories, the precision and the order of the
// sum) is said in fields, not left to the reader of this header. Readers refuse what these fields cannot say.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::forest {

// The test of an inner node is "x comparison threshold", IEEE 754 semantics for numbers. What NaN does is
// said by Node::nan_true alone.
enum class Comparison : std::uint8_t {
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  Equal,
  NotEqual,
  InSet,  // x lies in Ensemble::sets[Node::set]
};

struct Node {
  static constexpr int kLeaf = -1;

  int feature = kLeaf;  // column of the row, or kLeaf
  Comparison comparison = Comparison::LessEqual;
  bool nan_true = false;      // NaN takes the true child
  bool zero_missing = false;  // LightGBM: |x| <= 1e-35f is treated as NaN is
  double threshold = 0;       // inner nodes but InSet's; float32 thresholds are exact here
  int set = -1;               // InSet only
  int on_true = -1;           // indices into Tree::nodes, larger than this node's own
  int on_false = -1;
  int leaf = -1;  // leaves only: row of Tree::values; leaves are numbered as they stand in Tree::nodes

  bool is_leaf() const { return feature == kLeaf; }
};

// A set of categories as ascending boundaries b: the union of [b0, b1), [b2, b3), ... So every format's own
// rule of what belongs to category c is said by intervals: most truncate ([c, c + 1)), LightGBM's category 0
// begins behind -1, ONNX compares for equality ([c, the next number)). An even number of finite boundaries.
using Set = std::vector<double>;

bool contains(const Set& set, double x);

struct Tree {
  std::vector<Node> nodes;     // nodes[0] is the root, parents stand before children; never empty
  std::vector<int> outputs;    // which of the ensemble's outputs a leaf's values are added to, ascending
  std::vector<double> values;  // [leaves, outputs.size()], row major

  int leaves() const { return outputs.empty() ? 0 : static_cast<int>(values.size() / outputs.size()); }
};

enum class Precision : std::uint8_t { Float32, Float64 };

enum class Aggregate : std::uint8_t { Sum, Average, Min, Max };

// Applied to the aggregated outputs of a row. a is Ensemble::alpha.
enum class PostTransform : std::uint8_t {
  None,
  Logistic,          // 1 / (1 + exp(-a x)), each output by itself
  Softmax,           // over the outputs of a row
  SoftmaxZero,       // ONNX: softmax that leaves zeros zero
  Probit,            // ONNX: inverse of the normal distribution's cumulative function
  Exp,               // XGBoost count:poisson, reg:gamma, reg:tweedie; LightGBM poisson, gamma, tweedie
  ExpStandardRatio,  // Treelite, isolation forests: 2^(-x / a)
  LogOnePlusExp,     // LightGBM cross_entropy_lambda
  SignedSquare,      // LightGBM reg_sqrt: sign(x) x^2
  Hinge,             // XGBoost binary:hinge: 1 where x > 0, else 0
  MaxIndex,          // XGBoost multi:softmax: the index of the largest output
};

// What the columns of a classifier with one output are.
enum class SecondClass : std::uint8_t {
  None,      // there is one column
  OneMinus,  // [1 - p, p] of the transformed output p
  Negated,   // ONNX, weights of both signs: the transforms of [-s, s]
};

// ONNX's Normalizer behind the ensemble: each row is divided by the sum of its absolute values, by its Euclidean
// length or by its largest value, unless that is 0.
enum class Norm : std::uint8_t { None, L1, L2, Max };

struct Ensemble {
  std::string producer;  // "XGBoost 2.1.4", as the file says it
  bool classifier = false;
  int features = 0;                        // columns of a row
  std::vector<std::string> feature_names;  // empty, or one a feature
  std::vector<Tree> trees;                 // in the order in which they are summed
  std::vector<Set> sets;

  int outputs = 1;                  // values that are aggregated for a row
  std::vector<double> base_values;  // empty, or one an output
  bool base_first = false;          // the sum starts from the base values (XGBoost), else they are added last
  Aggregate aggregate = Aggregate::Sum;
  std::vector<double> divisors;  // Average: one an output; the sum is divided by it before base values are added
  PostTransform post_transform = PostTransform::None;
  double alpha = 1;
  SecondClass second_class = SecondClass::None;
  double factor = 1;  // multiplies the columns, second class included (ONNX, behind the ensemble)
  Norm norm = Norm::None;

  // Classifiers: one a column of the result (MaxIndex: one an output), as text; empty where not told. A row's
  // label is that of its largest column, the first of several.
  std::vector<std::string> labels;

  Precision input = Precision::Float64;   // a row's values are rounded to this before they are compared
  Precision sum = Precision::Float64;     // of leaf values in the order of the trees, of divisors and base values
  Precision result = Precision::Float64;  // sums are rounded to this, and what follows is computed in it

  // Columns of the result of a row.
  int columns() const {
    if (post_transform == PostTransform::MaxIndex) return 1;
    return second_class == SecondClass::None ? outputs : 2;
  }
};

// Whether x takes the node's true child; x is rounded to Ensemble::input already.
bool takes_true(const Ensemble& ensemble, const Node& node, double x);

// Edges from the root to the deepest leaf.
int depth(const Tree& tree);

// What everything behind the readers relies on: indices in range, each node but the root the child of one that
// stands before it, leaves numbered in order, as many values as leaves times outputs, finite thresholds but for
// infinities, sets of ascending boundaries, one base value, divisor and label each. The error says what is not so.
base::Status validate(const Ensemble& ensemble);

}  // namespace edgescope::forest
