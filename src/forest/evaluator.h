// What an ensemble answers to a row, computed as plainly as it can be said: the reference that every program,
// encoder and decoder is held against. Comparisons are exact; sums and post-transforms are computed in the
// ensemble's own precisions and order, so that they equal the training library's where that has a defined order.
//
// Transcendental functions are the C library's. Libraries that bring their own (ONNX Runtime, scikit-learn's
// vectorised ones) differ from it by a few units in the last place.
#pragma once

#include <span>
#include <vector>

#include "format/forest/ensemble.h"

namespace edgescope::forest {

struct Evaluation {
  std::vector<int> leaves;      // one a tree: the row of Tree::values
  std::vector<double> outputs;  // aggregated, averaged, base values added: what is transformed
  std::vector<double> result;   // Ensemble::columns()
};

// `row` has a value for each feature.
Evaluation evaluate(const Ensemble& ensemble, std::span<const double> row);

// The steps of it.
std::vector<int> leaves_of(const Ensemble& ensemble, std::span<const double> row);
std::vector<double> aggregate(const Ensemble& ensemble, std::span<const int> leaves);
std::vector<double> transform(const Ensemble& ensemble, std::span<const double> outputs);

// Of a classifier: the class of a result, the first of several with the same value.
int class_of(const Ensemble& ensemble, std::span<const double> result);

}  // namespace edgescope::forest
