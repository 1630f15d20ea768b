// The documents of the commands on experiments: a run with its points and answers, the list of runs, two runs
// against each other.
#pragma once

#include <cstdint>
#include <vector>

#include "experiment/answers.h"
#include "experiment/store.h"
#include "measure/processes.h"

namespace edgescope::experiment {

// Of a point's visits.
Series series_of(const Point& point, const std::vector<Visit>& visits);

// Adds `run`, `points` and `answers` to a document (docs/sweep.md).
base::Status add_run(base::Json& document, Store& store, std::int64_t run);

base::Json to_json(const Run& run);

// Points that both runs have, by their spec. Each comparison is at 1 - (1 - confidence) / points (Bonferroni), so
// that a whole run without any change is called changed no more often than the confidence says.
struct Change {
  base::Json spec;
  double before_us = 0, after_us = 0;  // medians of process medians
  measure::Comparison comparison;      // after / before
};

struct Comparison {
  std::vector<Change> changes;
  std::size_t only_before = 0, only_after = 0;  // points without a partner that has times
  double confidence = 0.95;                     // of all together

  bool regressed() const;  // any shown to be slower
};

base::Result<Comparison> compare(Store& store, std::int64_t before, std::int64_t after, double confidence = 0.95);

base::Json to_json(const Comparison& comparison);

}  // namespace edgescope::experiment
