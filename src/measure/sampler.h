// Samples several runtimes side by side until their figures are narrow enough to be believed.
//
// The work comes in waves. A wave starts one fresh process of every runtime that still needs one, in
// random order; each loads, infers once and warms up until stationary. Then blocks of samples are taken
// from the wave's processes in turns, in random order, one process at a time: those that wait sleep. So
// a slow minute of the machine hits all runtimes alike, and every process is another draw of what
// differs between processes. A runtime is done when the interval of its median of process medians is
// narrower than the target, or its time is used up.
//
// Clock, processes and interruption are given by the caller: tests run without either.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "measure/measurement.h"

namespace edgescope::measure {

struct Started {
  runtime::Loaded loaded;
  double load_us = 0;
};

struct Batch {
  std::vector<double> us;  // a fresh input each, the very first inference after loading not among them
  double first_us = 0;     // that one, in the first batch
  double per_second = 0;
};

// One process (or several that infer at the same time, see crowd.h) with one model in one runtime.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual base::Result<Started> load() = 0;
  // At least one inference; ends after `count` or `max_seconds`, whichever is first.
  virtual base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) = 0;
};

struct Contender {
  std::string on;
  std::function<base::Result<std::unique_ptr<Subject>>()> start;  // a fresh process each time
  int workers = 1;
};

struct Plan {
  std::size_t processes = 5;        // at least, of each runtime
  std::size_t most_processes = 40;  // more add little that time would not
  double time_limit = 30;           // seconds of each runtime, waiting for the others not counted
  double target_width = 0.02;       // of the interval, as a share of its middle
  double confidence = 0.95;
  std::uint64_t seed = 1;
  double sample_seconds = 0.5;  // of each process, in `blocks` blocks
  std::size_t blocks = 5;
  double warm_up_seconds = 2;  // at most
};

struct Hooks {
  std::function<double()> now;  // seconds, steady
  std::function<bool()> interrupted = [] { return false; };
  std::function<void(const std::string& text, double fraction)> progress = [](const std::string&, double) {};
};

Hooks system_hooks();  // the steady clock; nobody interrupts or watches

// One measurement a contender, in their order. A contender that fails is invalid with its error and the
// others go on; the one error of the whole is Fault::interrupted.
base::Result<std::vector<Measurement>> sample(const std::vector<Contender>& contenders, const Plan& plan,
                                              const Hooks& hooks);

}  // namespace edgescope::measure
