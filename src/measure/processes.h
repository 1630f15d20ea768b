// What several processes say together, and whether one is faster than the other.
//
// Intervals from one process are falsely tight: within a process the median repeats to 0.3-0.8 %, while
// the medians of processes of the same program spread over 1.8-5 % and more. The unit of all that is
// said here is therefore the process: its median is one observation. Time is positive and its errors
// multiply, so the work is done on logarithms.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "measure/statistics.h"

namespace edgescope::measure {

// Interval of the true median of process medians, which contains the medians' own median; nothing for
// fewer than two. With two to five processes a Student t interval of the logarithms. From six on, order
// statistics interpolated after Hettmansperger and Sheather (1986), free of any assumption on the
// distribution: a disturbed process in five leaves it as narrow, which a t interval does not. For a
// fixed number of processes the coverage is nominal to within 3 points; sampling until the interval is
// narrow enough takes up to 4 points off 95 (docs/measuring.md; both simulated in the tests).
std::optional<Interval> process_interval(std::span<const double> medians, double confidence = 0.95);

// Width as a share of the middle of an interval.
double relative_width(const Interval& interval);

enum class Verdict { Faster, Slower, NoDifference, NotDecided };
std::string_view text(Verdict verdict);  // "faster", "slower", "no difference shown", "not decided"

struct Comparison {
  Verdict verdict = Verdict::NoDifference;
  double ratio = 1;   // time of `a` / time of `b`
  Interval interval;  // of the ratio; {0, infinity} where there are too few processes to say
};

// Is `a` faster or slower than `b`, both process medians? Welch's t interval of the difference of
// logarithms; the verdict is "no difference shown" wherever the interval holds 1.
Comparison compare(std::span<const double> a, std::span<const double> b, double confidence = 0.95);

// The same where process i of `a` was measured in turns with process i of `b`, so that what disturbed
// the machine disturbed both: process_interval() of the pairs' ratios. The spans are equally long.
Comparison compare_pairs(std::span<const double> a, std::span<const double> b, double confidence = 0.95);

}  // namespace edgescope::measure
