// What the answers to all questions share: series that differ along one axis only, and how their figures are said.
#pragma once

#include <string>
#include <vector>

#include "experiment/scaling.h"
#include "experiment/series.h"

namespace edgescope::experiment {

// Series that differ only along one axis, in its order; those that are neither timed nor told, or without the axis,
// are left out. The label says what the others have in common.
struct Group {
  std::string label;
  std::vector<Series> series;

  bool timed() const { return !series.front().empty(); }  // groups hold one kind: measured, predicted or published
};

std::vector<Group> groups(const std::vector<Series>& series, const std::string& along);

// Without what all series share; a series that shares everything is called by all that it is.
std::string label_of(const base::Json& spec, const std::vector<Series>& series, std::vector<std::string> leave_out);

std::string us(double microseconds);                     // "-3.20 us"
std::string between(const measure::Interval& interval);  // "1.20 us to 3.40 us"
base::Json interval_json(const measure::Interval& interval);

// Adds NAME_us and NAME_interval_us to a row.
void put(base::Json& row, const std::string& name, const Figure& figure);

// "a, b and c"; of many the first ones and how many more.
std::string listed(const std::vector<std::string>& words, std::size_t most = 4);

}  // namespace edgescope::experiment
