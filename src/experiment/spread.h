// How much the times at one point vary, and what kind of variation that is.
//
// What computes takes the same time again; what waits (for the host's scheduler, the bus, another process, a
// clock that changes) does not. A stable floor under a long tail of neighbours that resemble each other is
// waiting; a spread that one call in a hundred makes alone is interruptions (another program had the core);
// processes that differ from each other while each is steady are placement (memory, cores).
#pragma once

#include "experiment/series.h"

namespace edgescope::experiment {

struct Spread {
  double cv = 0;            // coefficient of variation, within processes
  double lag1 = 0;          // autocorrelation of neighbours, median of the processes
  double floor_us = 0;      // 5th percentile
  double floor_spread = 0;  // (10th - 1st percentile) / 5th: narrow where the floor is stable
  double tail = 0;          // (95th percentile - median) / (median - 5th): 1 for a symmetric spread
  double cv99 = 0;          // as `cv`, without each process's slowest hundredth
  double between = 0;       // coefficient of variation of the processes' medians; 0 for one process

  enum class Cause {
    Little,         // less than kLittle in all
    Interruptions,  // less than kLittle but for the slowest hundredth
    Waiting,        // a stable floor, a long or dependent tail
    Processes,      // processes differ more than their own samples do
    Noise,          // symmetric and independent: no cause can be told from the times alone
  };
  Cause cause = Cause::Little;
};

inline constexpr double kLittle = 0.10;  // cv

Spread spread(const Series& series);  // of a series that is not empty

std::string_view text(Spread::Cause cause);  // "little", "interruptions", "waiting", "processes", "noise"

}  // namespace edgescope::experiment
