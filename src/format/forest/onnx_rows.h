// What stands between a graph's input and its trees: columns are chosen, and changed one by one by steps that keep or
// reverse the order of numbers, as scalers do. A test of such a column is a test of the input's: its boundary is found
// by bisection over all floats, so that whatever the steps round is part of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/forest/ensemble.h"
#include "graph/model.h"

namespace edgescope::forest {

class OnnxRows {
 public:
  // The graph's input, of as many columns where that is known.
  OnnxRows(graph::ElementType type, std::optional<int> width);

  // The rows behind an operator that reads these alone. The error says only what stands in the way.
  base::Result<OnnxRows> through(const graph::Model& model, const graph::Operator& op) const;
  static base::Result<OnnxRows> side_by_side(const std::vector<const OnnxRows*>& parts);

  // The trees of an operator that reads these rows, as trees that read the input.
  base::Status rewrite(Ensemble& ensemble) const;

 private:
  // x becomes (x - offset) * scale, ...; in float32 or float64.
  struct Step {
    enum class Kind : std::uint8_t { Round, Add, Subtract, Multiply, Divide, Scale, Impute } kind = Kind::Round;
    bool single = true;
    double value = 0, scale = 1;

    double of(double x) const;
    bool reverses() const;
  };
  struct Column {
    int feature = 0;
    std::vector<Step> steps;

    double of(double x) const;
  };
  class Test;

  base::Result<OnnxRows> chosen(const std::vector<std::int64_t>& columns) const;
  base::Result<OnnxRows> stepped(Step::Kind kind, const std::vector<double>& values,
                                 const std::vector<double>& scales = {}) const;
  base::Result<OnnxRows> cast(graph::ElementType to) const;

  std::optional<std::vector<Column>> columns_;  // nothing: the input's, however many they are
  bool rounded_ = false;                        // all of them, first of all; kept apart since it is usual
  bool single_ = true;                          // the numbers are float32 now
  bool whole_ = false;                          // or whole numbers, which trees take as float32
  bool from_double_ = false;                    // the input holds float64
};

}  // namespace edgescope::forest
