// An ensemble whose tests are all the same operation, as the classical tensor programs take it.
//
// A tensor program asks every test of a level with one comparison, and NaN fails every comparison. So each test of
// an ensemble is said as "column < threshold" (or <= for all), where NaN answers no: by taking the negated feature,
// by exchanging the children, by taking the next number as threshold. Never as >, which OpenVINO's kernels answer
// with yes for NaN (2026.4). For numbers that the device's format holds
// nothing is lost: a 64-bit threshold is rounded towards the side on which all of them still answer alike.
// Equality and sets of categories become chains of such tests.
#pragma once

#include <compare>
#include <vector>

#include "base/error.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

// What a device compares in. Runtimes for CPUs take the denormals of 32-bit floats (|x| < 1.2e-38) for zeros, so
// these are no numbers that it holds; those of 16-bit floats begin at 6.1e-5 and are.
enum class Number : std::uint8_t { Float32, Float16 };

// What a test reads: a feature, or one in which zeros are made NaN before, or the negative of either.
struct Column {
  bool zero_missing = false;
  bool negated = false;
  int feature = 0;
  auto operator<=>(const Column&) const = default;
};

struct UniformNode {
  int column = 0;
  float threshold = 0;
  // A node's index, or ~leaf for a leaf. Several nodes may lead to one.
  int yes = 0, no = 0;
};

struct UniformTree {
  std::vector<UniformNode> nodes;  // children stand before parents
  int root = 0;
};

struct UniformForest {
  bool or_equal = false;        // the test is <=, else <
  std::vector<Column> columns;  // the features as they are, then what else tests read, ascending
  std::vector<UniformTree> trees;
  int depth = 0;  // tests on the longest way
};

struct UniformPlan {
  Number number = Number::Float32;
  bool or_equal = true;  // the device has <=; it is used where the ensemble mostly does
};

// A valid ensemble.
UniformForest uniform(const Ensemble& ensemble, const UniformPlan& plan);

// Tests on the longest way from `node` of the tree to a leaf.
int depth_of(const UniformTree& tree, int node);

}  // namespace edgescope::forest
