// What one series of timings says: quantiles, spread, outliers, dependence between neighbours.
//
// Timings of one process are skewed, have outliers and depend on their neighbours, so that the usual
// standard error is too small: the effective sample size says how many independent samples a series is
// worth. What several processes say together is in processes.h.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace edgescope::measure {

struct Interval {
  double low = 0, high = 0;
};

struct Statistics {
  std::size_t count = 0;
  double min = 0, p5 = 0, p25 = 0, median = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;
  double mean = 0;
  double sd = 0;              // of the sample: divided by n - 1
  double cv = 0;              // coefficient of variation, sd / mean
  double mad = 0;             // median absolute deviation from the median, not scaled
  std::size_t outliers = 0;   // see outliers()
  double lag1 = 0;            // autocorrelation of neighbours
  double effective_size = 0;  // independent samples that the series is worth
};

// Everything above, of a series in the order taken; all zero for an empty one.
Statistics describe(std::span<const double> series);

// Several series of the same quantity: quantiles and spread of all samples together; lag1 is the median
// over the series and effective_size their sum, since neighbours exist only within a series.
Statistics describe(const std::vector<std::vector<double>>& series);

// Hyndman and Fan's type 7: linear between the order statistics at (n - 1) * p, as numpy, R and Excel
// take it. `sorted` ascends and is not empty.
double quantile(std::span<const double> sorted, double p);

double median(std::vector<double> values);  // 0 for none

// Iglewicz and Hoaglin's rule: the modified z-score |0.6745 (x - median) / MAD| exceeds 3.5. Where more
// than half of the samples are equal (a coarse clock) the MAD is 0 and the mean absolute deviation,
// times 1.2533, stands in for MAD / 0.6745.
std::size_t outliers(std::span<const double> values);

// Autocorrelation at lags 0..max_lag (fewer where the series is shorter), about the mean, divided by n
// (the biased estimator); 1, 0, 0, ... for a constant series.
std::vector<double> autocorrelation(std::span<const double> series, std::size_t max_lag);

// n / (1 + 2 sum of rho), the sum over Geyer's initial positive pairs of lags; never above n.
double effective_sample_size(std::span<const double> series);

}  // namespace edgescope::measure
