// What was measured of one model in one runtime, and what makes it believable: the samples of every
// process in the order taken, what the runtime said of itself, and whether the figure is valid (after
// MLPerf LoadGen: a result is VALID or INVALID with the reason).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "measure/processes.h"
#include "measure/statistics.h"
#include "measure/usb_count.h"
#include "runtime/session.h"

namespace edgescope::measure {

// One fresh process: loaded, warmed up, sampled, ended.
struct ProcessRun {
  std::size_t wave = 0;     // processes of the same wave were sampled in turns: see compare_waves()
  double load_us = 0;       // opening the library, reading and compiling the model
  double first_us = 0;      // the first inference after that
  std::size_t warm_up = 0;  // inferences after the first that are not among the samples
  bool stationary = true;   // warm-up ended because nothing changed any more, not at its limit
  std::vector<double> samples_us;
  double per_second = 0;  // inferences, of all workers together
  double seconds = 0;     // wall time, from start to end
};

struct Measurement {
  std::string on;
  bool valid = false;
  std::string reason;                     // why it is not valid; empty where it is
  std::optional<base::Error> error;       // what stopped it, where something did
  std::vector<ProcessRun> processes;      // complete ones
  std::optional<runtime::Loaded> loaded;  // of the first process
  std::vector<std::string> warnings;
  std::vector<runtime::OperatorTime> operators;  // of a run of its own, where it was asked for
  int workers = 1;                               // that infer at the same time
  double confidence = 0.95;
  std::optional<UsbCount> usb;  // of a simulated stick, in place of everything that is measured

  std::vector<double> process_medians() const;
  double median_us() const;                  // of process medians; 0 without processes
  std::optional<Interval> interval() const;  // process_interval() of them
  std::vector<double> rates() const;         // inferences per second, a process or group each
  Statistics statistics() const;             // of all samples
};

// Of the waves that both have, so that what disturbed one disturbed the other.
Comparison compare_waves(const Measurement& a, const Measurement& b, double confidence = 0.95);

// A histogram of bounded size for charts: equal bins from the least sample to the 99th percentile, or to
// four quartile ranges above the third quartile if that is less, and how many lie above.
// {low_us, width_us, counts, above}
base::Json distribution(const std::vector<std::vector<double>>& series);

// A member of the bench document's `runs`; `samples` adds every sample in the order taken.
base::Json to_json(const Measurement& measurement, bool samples);

}  // namespace edgescope::measure
