// A predicted cost: always an interval, always with the model that it comes from and its terms. One
// interface for all devices; the models behind it may be replaced by better ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace edgescope::target {

struct Interval {
  double low = 0, high = 0;

  Interval& operator+=(const Interval& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  friend Interval operator+(Interval a, const Interval& b) { return a += b; }
};

// One part of the cost, so that a reader sees what dominates.
struct CostTerm {
  std::string name;               // "floor", "instructions", "compute", ...
  std::uint64_t amount = 0;       // bytes, MACs for compute, calls for the floor
  std::uint64_t amount_high = 0;  // where the amount itself is a prediction; else the same
  Interval microseconds;
  std::string source;  // where the constant comes from
};

struct Prediction {
  Interval microseconds;  // of one inference, steady state
  std::string basis;      // "predicted(link law)"
  std::vector<CostTerm> terms;
  std::vector<std::string> assumptions;
  std::optional<Interval> millijoules;
};

}  // namespace edgescope::target
