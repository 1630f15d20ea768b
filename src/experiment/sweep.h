// Visits every point of a plan `rounds` times, in an order that is shuffled anew in each round, so that what
// disturbs the machine for a while disturbs all points alike; each visit is a fresh process and is in the store
// before the next begins. A sweep that was killed goes on where it was.
#pragma once

#include <functional>
#include <utility>

#include "experiment/store.h"
#include "measure/sampler.h"

namespace edgescope::experiment {

// Measures one point once. A failure belongs to the point and is stored; what ends the sweep is Fault::interrupted,
// and Fault::usage: the plan's own mistake.
using Measure = std::function<base::Result<Visit>(const base::Json& spec, std::uint64_t seed)>;

// (index of the point, round), every pair once, round by round.
std::vector<std::pair<std::size_t, std::size_t>> visiting_order(std::size_t points, std::size_t rounds,
                                                                std::uint64_t seed);

struct Sweep {
  std::int64_t run = 0;
  bool resumed = false;
  std::size_t visited = 0;  // now, not counting those that were in the store already
};

base::Result<Sweep> sweep(Store& store, const Plan& plan, const base::Json& environment, const std::string& program,
                          const Measure& measure, const measure::Hooks& hooks);

}  // namespace edgescope::experiment
