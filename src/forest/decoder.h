// From what a device answers for a row to the ensemble's prediction: the part of a forest that runs on the host
// after the device.
//
// The device knows trees as pieces, each a perfect tree of one height (pieces.h), and answers for each the
// number of the exit that the row takes. An exit is a leaf or the next piece. The leaves' values are added in
// the ensemble's own precision and order, so that the sum is the training library's to the last bit where that
// library adds in a defined order; then come divisors, base values and the post-transform.
//
// C++17 and the standard library alone: this file is part of the headers that `edgescope forest --emit-header`
// writes. pieces.h makes the tables of an ensemble.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace edgescope::forest {

class Decoder {
 public:
  enum class Combine { Sum, Average, Min, Max };
  enum class Transform {
    None,
    Logistic,
    Softmax,
    SoftmaxZero,
    Probit,
    Exp,
    ExpStandardRatio,
    LogOnePlusExp,
    SignedSquare,
    Hinge,
    MaxIndex
  };
  enum class Second { None, OneMinus, Negated };
  enum class Norm { None, L1, L2, Max };

  struct Tree {
    int root = 0;          // as an exit
    int hops = 0;          // pieces on the longest way down
    int first_value = 0;   // of its first leaf, in Tables::values
    int outputs = 1;       // values of a leaf
    int first_output = 0;  // in Tables::outputs
    bool adjacent = true;  // its outputs are neighbours
  };

  struct Tables {
    int height = 1;              // of a piece, which has 2^height exits
    std::vector<Tree> trees;     // in the order of the sum
    std::vector<int> exits;      // [pieces, 2^height]: a leaf of the tree, or ~ the next piece
    std::vector<int> outputs;    // of each tree
    std::vector<double> values;  // [leaves of all trees, outputs of the tree]
    int output_count = 1;
    std::vector<double> base_values;  // empty, or one an output
    std::vector<double> divisors;     // empty, or one an output
    bool base_first = false;
    bool sum_in_float = false;     // leaf values, divisors and base values; else in double
    bool result_in_float = false;  // what follows; else in double
    Combine combine = Combine::Sum;
    Transform transform = Transform::None;
    double alpha = 1;
    Second second = Second::None;
    double factor = 1;
    Norm norm = Norm::None;
  };

  explicit Decoder(Tables tables) : tables_(std::move(tables)) {
    if (tables_.sum_in_float) narrow_.assign(tables_.values.begin(), tables_.values.end());
    starts_.resize(static_cast<std::size_t>(tables_.output_count));
    if (tables_.base_first) std::copy(tables_.base_values.begin(), tables_.base_values.end(), starts_.begin());
    if (tables_.combine != Combine::Min && tables_.combine != Combine::Max) return;
    const double infinity = std::numeric_limits<double>::infinity();
    for (const int output : tables_.outputs)
      starts_[static_cast<std::size_t>(output)] = tables_.combine == Combine::Min ? infinity : -infinity;
  }

  int trees() const { return static_cast<int>(tables_.trees.size()); }
  // Numbers of a row's result.
  int columns() const {
    if (tables_.transform == Transform::MaxIndex) return 1;
    return tables_.second == Second::None ? tables_.output_count : 2;
  }

  // The answer for a row's piece is cells[row * row_stride + piece * piece_stride]:
  //   std::int8_t    the exit in the upper bits of the cell plus 128; the lower ones are room for rounding
  //   std::uint16_t  the bits of a half-precision float
  //   float          the exit
  //   std::int32_t   the exit in its lower bits
  template <typename Cell, typename Result>
  void decode(const Cell* cells, std::size_t rows, std::size_t row_stride, std::size_t piece_stride,
              Result* results) const {
    if (tables_.sum_in_float)
      decode_in<float>(narrow_.data(), cells, rows, row_stride, piece_stride, results);
    else
      decode_in<double>(tables_.values.data(), cells, rows, row_stride, piece_stride, results);
  }

  // The leaf that each row reaches in each tree, [rows, trees], numbered within the tree.
  template <typename Cell>
  void leaves(const Cell* cells, std::size_t rows, std::size_t row_stride, std::size_t piece_stride,
              int* leaves) const {
    int some[kLanes];
    for (std::size_t done = 0; done < rows; done += kLanes) {
      const std::size_t lanes = std::min(kLanes, rows - done);
      for (std::size_t t = 0; t < tables_.trees.size(); ++t) {
        walk(tables_.trees[t], cells + done * row_stride, lanes, row_stride, piece_stride, some);
        for (std::size_t i = 0; i < lanes; ++i) leaves[(done + i) * tables_.trees.size() + t] = some[i];
      }
    }
  }

  // Outputs that were summed already, as a row's result: what follows the sum.
  template <typename Result>
  void finish(double* outputs, Result* result) const {
    if (tables_.result_in_float)
      finish_in<float>(outputs, result);
    else
      finish_in<double>(outputs, result);
  }

 private:
  static constexpr std::size_t kLanes = 16;  // rows that go down a tree together: their answers stay in the first cache

  int exit_of(std::int8_t cell) const { return (cell + 128) >> (8 - tables_.height); }
  // NOLINTNEXTLINE(bugprone-incorrect-roundings): it is not negative
  int exit_of(float cell) const { return static_cast<int>(cell + 0.5f); }
  int exit_of(std::int32_t cell) const { return cell & ((1 << tables_.height) - 1); }
  int exit_of(std::uint16_t cell) const {
    const int exponent = (cell >> 10) - 15;
    if (exponent < -1) return 0;
    const int mantissa = (cell & 0x3ff) | 0x400;  // in units of 2^(exponent - 10); rounded to the nearest
    return ((mantissa << (exponent + 1)) + 0x400) >> 11;
  }

  template <typename Cell>
  void walk(const Tree& tree, const Cell* cells, std::size_t lanes, std::size_t row_stride, std::size_t piece_stride,
            int* leaf) const {
    const int height = tables_.height;
    const int* exits = tables_.exits.data();
    if (tree.root >= 0) {
      std::fill(leaf, leaf + lanes, tree.root);
      return;
    }
    const auto cell_of = [piece_stride](int piece) { return static_cast<std::size_t>(piece) * piece_stride; };
    const int root = ~tree.root;
    const Cell* cell = cells + cell_of(root);
    const int* exit = exits + (static_cast<std::size_t>(root) << height);
    for (std::size_t i = 0; i < lanes; ++i) leaf[i] = exit[exit_of(cell[i * row_stride])];
    for (int hop = 1; hop < tree.hops; ++hop)
      for (std::size_t i = 0; i < lanes; ++i) {
        if (leaf[i] >= 0) continue;
        const int piece = ~leaf[i];
        leaf[i] = exits[(static_cast<std::size_t>(piece) << height) +
                        static_cast<std::size_t>(exit_of(cells[cell_of(piece) + i * row_stride]))];
      }
  }

  template <typename Sum, typename Cell, typename Result>
  void decode_in(const Sum* values, const Cell* cells, std::size_t rows, std::size_t row_stride,
                 std::size_t piece_stride, Result* results) const {
    const auto outputs = static_cast<std::size_t>(tables_.output_count), width = static_cast<std::size_t>(columns());
    std::vector<Sum> sums(std::min(kLanes, rows) * outputs);
    std::vector<double> row(outputs);
    for (std::size_t done = 0; done < rows; done += kLanes) {
      const std::size_t lanes = std::min(kLanes, rows - done);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<Sum>(starts_[i % outputs]);
      for (const Tree& tree : tables_.trees) {
        int leaf[kLanes];
        walk(tree, cells + done * row_stride, lanes, row_stride, piece_stride, leaf);
        add(tree, values + tree.first_value, leaf, lanes, sums.data());
      }
      for (std::size_t i = 0; i < lanes; ++i) {
        complete(sums.data() + i * outputs);
        std::copy_n(sums.data() + i * outputs, outputs, row.data());
        finish(row.data(), results + (done + i) * width);
      }
    }
  }

  template <typename Sum>
  void add(const Tree& tree, const Sum* values, const int* leaf, std::size_t lanes, Sum* sums) const {
    const auto outputs = static_cast<std::size_t>(tables_.output_count), own = static_cast<std::size_t>(tree.outputs);
    const int* which = tables_.outputs.data() + tree.first_output;
    if (tables_.combine == Combine::Min || tables_.combine == Combine::Max) {
      for (std::size_t i = 0; i < lanes; ++i)
        for (std::size_t k = 0; k < own; ++k) {
          Sum& sum = sums[i * outputs + static_cast<std::size_t>(which[k])];
          const Sum value = values[static_cast<std::size_t>(leaf[i]) * own + k];
          sum = tables_.combine == Combine::Min ? std::min(sum, value) : std::max(sum, value);
        }
    } else if (own == 1) {
      Sum* sum = sums + which[0];
      for (std::size_t i = 0; i < lanes; ++i) sum[i * outputs] += values[leaf[i]];
    } else if (tree.adjacent) {
      Sum* sum = sums + which[0];
      for (std::size_t i = 0; i < lanes; ++i)
        for (std::size_t k = 0; k < own; ++k)
          sum[i * outputs + k] += values[static_cast<std::size_t>(leaf[i]) * own + k];
    } else {
      for (std::size_t i = 0; i < lanes; ++i)
        for (std::size_t k = 0; k < own; ++k)
          sums[i * outputs + static_cast<std::size_t>(which[k])] += values[static_cast<std::size_t>(leaf[i]) * own + k];
    }
  }

  template <typename Sum>
  void complete(Sum* sums) const {
    const auto outputs = static_cast<std::size_t>(tables_.output_count);
    for (std::size_t k = 0; k < outputs; ++k) {
      if (!tables_.divisors.empty()) sums[k] /= static_cast<Sum>(tables_.divisors[k]);
      if (!tables_.base_first && !tables_.base_values.empty()) sums[k] += static_cast<Sum>(tables_.base_values[k]);
    }
  }

  template <typename Number, typename Result>
  void finish_in(double* outputs, Result* result) const {
    const auto count = static_cast<std::size_t>(tables_.output_count);
    if (tables_.transform == Transform::MaxIndex) {
      result[0] = static_cast<Result>(std::max_element(outputs, outputs + count) - outputs);
      return;
    }
    const std::size_t width = static_cast<std::size_t>(columns());
    double one[2] = {outputs[0], 0};  // where there is a second class
    double* row = tables_.second == Second::None ? outputs : one;
    if (tables_.second == Second::Negated) {
      one[0] = -outputs[0];
      one[1] = outputs[0];
    }
    transform<Number>(row, tables_.second == Second::OneMinus ? 1 : width);
    if (tables_.second == Second::OneMinus) {
      one[1] = one[0];
      one[0] = static_cast<double>(static_cast<Number>(1) - static_cast<Number>(one[0]));
    }
    if (tables_.factor != 1)
      for (std::size_t k = 0; k < width; ++k)
        row[k] = static_cast<double>(static_cast<Number>(row[k]) * static_cast<Number>(tables_.factor));
    normalise<Number>(row, width);
    for (std::size_t k = 0; k < width; ++k) result[k] = static_cast<Result>(row[k]);
  }

  template <typename Number>
  void transform(double* row, std::size_t count) const {
    if (tables_.transform == Transform::Softmax || tables_.transform == Transform::SoftmaxZero) {
      softmax<Number>(row, count);
      return;
    }
    for (std::size_t k = 0; k < count; ++k) row[k] = static_cast<double>(transformed(static_cast<Number>(row[k])));
  }

  template <typename Number>
  Number transformed(Number x) const {
    const auto alpha = static_cast<Number>(tables_.alpha);
    switch (tables_.transform) {
      case Transform::Logistic:
        return 1 / (1 + std::exp(-alpha * x));
      case Transform::Probit:
        return probit(x);
      case Transform::Exp:
        return std::exp(x);
      case Transform::ExpStandardRatio:
        return std::exp2(-x / alpha);
      case Transform::LogOnePlusExp:
        return std::log1p(std::exp(x));
      case Transform::SignedSquare:
        return std::copysign(x * x, x);
      case Transform::Hinge:
        return x > 0 ? Number(1) : Number(0);
      default:
        return x;
    }
  }

  template <typename Number>
  void softmax(double* row, std::size_t count) const {
    const auto largest = static_cast<Number>(*std::max_element(row, row + count));
    double sum = 0;  // as XGBoost and LightGBM sum, whatever the precision of the rest
    for (std::size_t k = 0; k < count; ++k) {
      const auto x = static_cast<Number>(row[k]);
      const bool stays = tables_.transform == Transform::SoftmaxZero && std::abs(x) <= Number(1e-7);
      const Number power = stays ? x * std::exp(-largest) : std::exp(x - largest);
      if (!stays) sum += static_cast<double>(power);
      row[k] = static_cast<double>(power);
    }
    for (std::size_t k = 0; k < count; ++k)
      row[k] = static_cast<double>(static_cast<Number>(row[k]) / static_cast<Number>(sum));
  }

  template <typename Number>
  void normalise(double* row, std::size_t count) const {
    if (tables_.norm == Norm::None) return;
    Number length = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const auto x = static_cast<Number>(row[k]);
      if (tables_.norm == Norm::L1) length += std::abs(x);
      if (tables_.norm == Norm::L2) length += x * x;
      if (tables_.norm == Norm::Max) length = k == 0 ? x : std::max(length, x);
    }
    if (tables_.norm == Norm::L2) length = std::sqrt(length);
    for (std::size_t k = 0; k < count && length != 0; ++k)
      row[k] = static_cast<double>(static_cast<Number>(row[k]) / length);
  }

  // As ONNX defines it: by Winitzki's approximation of the inverse error function.
  template <typename Number>
  static Number probit(Number p) {
    const Number x = 2 * p - 1, a = Number(0.147);
    const Number log = std::log((1 - x) * (1 + x));
    const Number v = 2 / (static_cast<Number>(3.14159265358979323846) * a) + Number(0.5) * log;
    const Number root = std::sqrt(-v + std::sqrt(v * v - log / a));
    return static_cast<Number>(1.41421356237309504880) * (x < 0 ? -root : root);
  }

  Tables tables_;
  std::vector<float> narrow_;   // the values, where sums are in float
  std::vector<double> starts_;  // what the sum of each output starts from
};

}  // namespace edgescope::forest
