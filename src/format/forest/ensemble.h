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
  InSet,  // x, truncated towards zero, is a member of Ensemble::sets[Node::set]; negative numbers and those
          // too large for a category are no members
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
  int leaf = -1;  // leaves only: row of Tree::values

  bool is_leaf() const { return feature == kLeaf; }
};

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

struct Ensemble {
  std::string producer;  // "XGBoost 2.1.4", as the file says it
  bool classifier = false;
  int features = 0;                              // columns of a row
  std::vector<std::string> feature_names;        // empty, or one a feature
  std::vector<Tree> trees;                       // in the order in which they are summed
  std::vector<std::vector<std::uint32_t>> sets;  // categories, ascending

  int outputs = 1;                  // values that are aggregated for a row
  std::vector<double> base_values;  // empty, or one an output
  bool base_first = false;          // the sum starts from the base values (XGBoost), else they are added last
  Aggregate aggregate = Aggregate::Sum;
  double average_divisor = 1;  // Average: what the sum is divided by, before base values are added
  PostTransform post_transform = PostTransform::None;
  double alpha = 1;

  // Binary classifiers with one output p: the result of a row is [1 - p, p].
  bool complement = false;
  std::vector<std::string> labels;  // classifiers: one a column of the result, as text; empty where not told

  Precision input = Precision::Float64;   // a row's values are rounded to this before they are compared
  Precision sum = Precision::Float64;     // of leaf values, in the order of the trees
  Precision result = Precision::Float64;  // in which base values and the post-transform are computed

  // Columns of the result of a row.
  int columns() const { return post_transform == PostTransform::MaxIndex ? 1 : complement ? 2 * outputs : outputs; }
};

}  // namespace edgescope::forest
