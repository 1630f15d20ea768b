// The timings that an experiment's questions are answered from: one point of its grid each, whether measured
// by ourselves or taken from a file of somebody's raw calls.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure/bootstrap.h"

namespace edgescope::experiment {

struct Series {
  base::Json spec;                             // what was varied and where it ran: {"on": "litert", "batch": 8, ...}
  std::vector<std::vector<double>> processes;  // microseconds in the order taken, one list a process
  base::Json facts = base::Json::object();     // what is not a time (store.h)
  std::string note;                            // why there is nothing, where there is nothing

  bool empty() const { return processes.empty(); }
};

// What a point is told in place of being timed: a law's interval, or somebody's figure (low and high are the same).
struct Told {
  measure::Interval us;
  std::string basis;     // "predicted", "published"
  std::string rests_on;  // the law and what it was given; the source

  double middle() const { return (us.low + us.high) / 2; }
};

// `told` of the facts: {"interval_us": [low, high], "basis": ..., "rests_on": ...}.
std::optional<Told> told(const Series& series);

// A figure made of one series of samples: the mean, or a quantile (type 7).
struct Statistic {
  std::optional<double> quantile;

  double operator()(const std::vector<double>& samples) const;
};

inline Statistic mean_of() { return {}; }
inline Statistic quantile_of(double p) { return {p}; }

// The statistic of each of many resamples: of the processes first (where there are several, since what differs
// between them is part of the doubt), of blocks of neighbours within each then.
//
// Resamples of few processes spread too little: by sqrt((n - 1) / n) for what they estimate of the processes, and by as
// much as a normal law is narrower than Student's. Their distances from the value() of all samples are widened by both,
// so that percentile intervals of few processes hold what they say.
std::vector<double> resampled(const Series& series, const Statistic& statistic,
                              const measure::BootstrapOptions& options = {});

// Several statistics of the same resamples, a list each: drawing them costs more than looking at them.
std::vector<std::vector<double>> resampled(const Series& series, const std::vector<Statistic>& statistics,
                                           const measure::BootstrapOptions& options = {});

// The statistic of each process, and of these the median: the process is the unit of all that is said (measuring.md).
double value(const Series& series, const Statistic& statistic);

// "litert, batch 8": the members of the spec that are not in `leave_out`, for people; the runtime first.
std::string describe(const base::Json& spec, const std::vector<std::string>& leave_out = {});

// Members that are there, and the same, in all specs: what need not be said of each.
std::vector<std::string> shared_members(const std::vector<base::Json>& specs);

}  // namespace edgescope::experiment
