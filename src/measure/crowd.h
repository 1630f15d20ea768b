// Several processes with the same model that infer at the same time: throughput instead of latency.
//
// Each worker runs on its own; what counts is the time in which all of them were busy. Inputs are filled
// outside the timing, as for one worker, so the rate is that of inferences whose inputs are ready.
#pragma once

#include <memory>
#include <vector>

#include "measure/sampler.h"

namespace edgescope::measure {

class Crowd : public Subject {
 public:
  explicit Crowd(std::vector<std::unique_ptr<Subject>> members) : members_(std::move(members)) {}

  // One after the other; the time of the slowest, the facts of the first.
  base::Result<Started> load() override;
  // `count` is shared among the members. The samples of all, as long as the first one to end was at it.
  base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) override;

 private:
  std::vector<std::unique_ptr<Subject>> members_;
};

// `contender` with `workers` processes for each one.
Contender crowd_of(const Contender& contender, int workers);

}  // namespace edgescope::measure
