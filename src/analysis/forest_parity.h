// Does a forest's program predict what the forest says? Each strategy on each runtime against the reference
// evaluator (forest/evaluator.h), leaf by leaf, and against predictions that the training library made, where the
// user has them. What differs is explained as far as it can be: programs in floats read a row's numbers rounded.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/forest_run.h"
#include "base/json.h"
#include "base/npy.h"
#include "forest/rows.h"

namespace edgescope::analysis {

struct ForestParityRequest {
  std::vector<base::Result<runtime::Found>> runtimes;  // those that are missing are reported with the reason
  std::vector<std::string> names;                      // of each
  std::vector<ForestStrategy> strategies = {ForestStrategy::Exact};
  ForestTarget target = ForestTarget::Cpu;  // whose programs
  forest::Rows rows;
  std::optional<base::NpyArray> expected;  // of the rows, as check_expected() takes them
  // Results may differ by this much of the reference's value, or of 1 where that is smaller. Leaves and labels may
  // not differ at all.
  double tolerance = 1e-6;
  int threads = 1;
  std::map<std::string, std::string> properties;
  std::function<bool(const std::string& what, double done)> started;  // before each run; false stops
};

// Whether the user's predictions can be those of the rows: as many, with the columns of a result; of two classes one
// column is the second one's.
base::Status check_expected(const forest::Ensemble& ensemble, const forest::Rows& rows, const base::NpyArray& expected,
                            const std::string& path);

// What one run's answers are worth.
struct ForestDifference {
  std::uint64_t leaves = 0, leaf_mismatches = 0;
  // Of the mismatches: rows whose numbers the program's floats round across a threshold, or take for zero.
  std::uint64_t rounded = 0, denormal = 0;
  std::uint64_t label_flips = 0;
  std::uint64_t results = 0, result_mismatches = 0;  // beyond the tolerance
  double max_difference = 0;                         // absolute, of results that are finite on both sides
  std::uint64_t not_finite = 0;                      // on one side only

  bool equal() const { return leaf_mismatches == 0 && label_flips == 0 && result_mismatches == 0; }
};
ForestDifference forest_difference(const forest::Ensemble& ensemble, const ForestParityRequest& request,
                                   const ForestAnswers& answers);

// The members `rows`, `reference`, `tolerance` and `runs` of a document of `compare`.
base::Json forest_parity(const forest::Ensemble& ensemble, const ForestParityRequest& request);

}  // namespace edgescope::analysis
