// How a time grows with a number (batch, width, trees): us = fixed + each * n, both with intervals.
//
// A ratio of two times says nothing about scaling: of two affine functions the one with the larger fixed part
// grows by the smaller factor, however slow it is. So both terms are fitted and reported, and the factor is
// explained by them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/series.h"

namespace edgescope::experiment {

struct Figure {
  double value = 0;
  measure::Interval interval;
};

struct AffineFit {
  struct Place {
    double n = 0;
    Figure floor_us;  // what is fitted
    double median_us = 0, mean_us = 0;
  };
  Figure fixed_us, each_us;
  double minimum_fixed_us = 0, minimum_each_us = 0;  // the same line through the least samples: no interval has a
                                                     // least sample's doubt in it
  double worst_residual = 0;  // relative, of the 5th percentiles: large where the line is no line
  double factor = 0;          // of the medians: time at the largest n over time at the smallest
  std::vector<double> n;
  std::vector<Place> places;
};

// Weighted least squares with weights 1 / us^2: timing errors are relative. `n` and `us` are equally long, at
// least two, and not all `n` are equal.
struct Line {
  double fixed = 0, each = 0;
};
Line fit_line(const std::vector<double>& n, const std::vector<double>& us);

// On 5th percentiles, which neither the slow tail nor the number of samples moves; intervals by resampling
// every series. Series without samples are left out; nothing where fewer than two different n are left.
std::optional<AffineFit> fit(const std::vector<Series>& series, const std::string& along, double confidence = 0.95);

}  // namespace edgescope::experiment
